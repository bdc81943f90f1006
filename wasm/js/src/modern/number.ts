import { errors } from "./errors.js";

/** Refuses what is not a number. The classic API takes `null` and empty text for 0, as libolm does, but an export from 0 on gives everything away. */
export function number(n: number, what: string): number {
	if (typeof n !== "number") throw errors.range(what + " must be a number");
	return n;
}
