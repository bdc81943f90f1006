import { Utility } from "../classic/utility.js";
import type { Data } from "../core/memory.js";
import { OlmError } from "./errors.js";

let utility: Utility;

/** The SHA-256 of text or bytes, as base64. */
export function sha256(input: Data): string {
	return (utility ??= new Utility()).sha256(input);
}

/** Whether an Ed25519 signature is that of a message, by the owner of a key. */
export function verifySignature(key: Data, message: Data, signature: Data): boolean {
	try {
		(utility ??= new Utility()).ed25519_verify(key, message, signature);
		return true;
	} catch (error) {
		if (error instanceof OlmError && (error.code === "BAD_MESSAGE_MAC" || error.code === "INVALID_BASE64")) return false;
		throw error;
	}
}
