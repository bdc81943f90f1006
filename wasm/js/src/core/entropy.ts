import { errors } from "./errors.js";

/** What getRandomValues gives at once, at most. */
const most = 65536;

/** Fills bytes with random ones. */
export type Entropy = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Returns where random bytes come from, and from nowhere else, or throws. */
export function entropy(): Entropy {
	const source = globalThis.crypto ?? builtin("node:crypto")?.webcrypto;
	if (typeof source?.getRandomValues !== "function") throw errors.state("crypto.getRandomValues is missing");
	return (bytes) => {
		for (let i = 0; i < bytes.length; i += most) source.getRandomValues(bytes.subarray(i, i + most));
	};
}

/** A module of Node, of Deno or of Bun, without an import that a bundler for browsers would follow. */
export function builtin(name: string): any {
	return typeof process === "object" ? process.getBuiltinModule?.(name) : undefined;
}
