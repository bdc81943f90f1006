import { stateError } from "./errors.js";
import { builtin, host } from "./host.js";
import { part } from "./views.js";

/** The most bytes that getRandomValues gives at once. */
const most = 65536;

/** Fills bytes with random ones. */
export type Entropy = (bytes: Uint8Array<ArrayBuffer>) => void;

/** Returns the only source of random bytes, crypto.getRandomValues. Throws if there is none. */
export function entropy(): Entropy {
	const source = host.crypto ?? builtin("node:crypto")?.webcrypto;
	if (typeof source?.getRandomValues !== "function") throw stateError("crypto.getRandomValues is missing");
	return (bytes) => {
		for (let i = 0; i < bytes.length; i += most) source.getRandomValues(part(bytes, i, Math.min(i + most, bytes.length)));
	};
}
