import { call, check, Native, transform } from "../core/native.js";
import { put, size, x, type Data } from "../core/memory.js";

/** Hashes, and checks signatures. */
export class Utility extends Native {
	constructor() {
		super("utility");
	}

	sha256(input: Data): string {
		return transform(this, x.sha256, input, "input", 43);
	}

	/** Throws if the signature is wrong. */
	ed25519_verify(key: Data, message: Data, signature: Data): void {
		call(this, (p) => {
			const k = put(key, "key");
			const kn = size;
			const m = put(message, "message");
			const mn = size;
			check(this, x.ed25519_verify(p, k, kn, m, mn, put(signature, "signature"), size));
		});
	}
}
