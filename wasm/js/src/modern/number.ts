import { errors } from "./errors.js";

/** A number that is one. The classic API takes `null` and empty text for 0, as libolm does: an export from 0 on gives away everything. */
export function number(n: number, what: string): number {
	if (typeof n !== "number") throw errors.range(what + " must be a number");
	return n;
}
