import { Utility } from "../classic/utility.js";
import type { Data } from "../core/memory.js";
import { unpadded } from "./base64.js";
import { OlmError } from "./errors.js";
import { made } from "./object.js";

export { Utility };

let utility: Utility | undefined;

/** The one object for what needs none. */
export function theUtility(): Utility {
	return (utility ??= made(Utility));
}

/** The SHA-256 of text or bytes, as base64. */
export function sha256(input: Data): string {
	return theUtility().sha256(input);
}

/** Whether an Ed25519 signature is that of a message, by the owner of a key. */
export function verifySignature(key: Data, message: Data, signature: Data): boolean {
	const native = theUtility();
	const [k, s] = [unpadded(key), unpadded(signature)];
	try {
		native.ed25519_verify(k, message, s);
		return true;
	} catch (error) {
		if (error instanceof OlmError && (error.code === "BAD_MESSAGE_MAC" || error.code === "INVALID_BASE64")) return false;
		throw error;
	}
}
