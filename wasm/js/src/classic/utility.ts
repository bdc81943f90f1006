import { check, kinds, Native, read, transform } from "../core/native.js";
import { put, size, x, type Data } from "../core/memory.js";

/** Hashes, and checks signatures. */
export class Utility extends Native {
	constructor() {
		super(Utility);
	}

	sha256(input: Data): string {
		return transform(this, Utility, x.sha256, input, "input", 43);
	}

	/** Throws if the signature is wrong. */
	ed25519_verify(key: Data, message: Data, signature: Data): void {
		read(this, Utility, (p) => check(x.ed25519_verify(p, put(key, "key"), size, put(message, "message"), size, put(signature, "signature"), size)));
	}
}

kinds.set(Utility, "utility");
