import type { Errors } from "../core/errors.js";

/** Why something failed. */
export type OlmErrorCode =
	/** The message is of another version. */
	| "BAD_MESSAGE_VERSION"
	/** The message has not the form of one. */
	| "BAD_MESSAGE_FORMAT"
	/** The message, or the signature, is not authentic, or its key is not known any more. */
	| "BAD_MESSAGE_MAC"
	/** The account has not, or no longer, the key that the message was made with, or it comes from somebody else. */
	| "BAD_MESSAGE_KEY_ID"
	/** The text is no base64, or of the wrong length. */
	| "INVALID_BASE64"
	/** The pickle was encrypted under another key, or was damaged. */
	| "BAD_ACCOUNT_KEY"
	/** The pickle is of another version, or of an object of another kind. */
	| "UNKNOWN_PICKLE_VERSION"
	/** The pickle ends too early, or what is in it can't be. */
	| "CORRUPTED_PICKLE"
	/** The session key has not the form of one. */
	| "BAD_SESSION_KEY"
	/** The message was sent before those that the session can decrypt. */
	| "UNKNOWN_MESSAGE_INDEX"
	/** The account was written by a libolm with a fault that made its keys unsafe. */
	| "BAD_LEGACY_ACCOUNT_PICKLE"
	/** The signature is wrong. */
	| "BAD_SIGNATURE"
	/** A key is too short. */
	| "INPUT_BUFFER_TOO_SMALL"
	/** A result has no room, which no call of this package brings about. */
	| "OUTPUT_BUFFER_TOO_SMALL"
	/** There are too few random bytes, which no call of this package brings about. */
	| "NOT_ENOUGH_RANDOM"
	/** The other side's key is not known yet. */
	| "SAS_THEIR_KEY_NOT_SET"
	/** Something stands behind the end of what the pickle should hold. */
	| "PICKLE_EXTRA_DATA"
	/** The module broke off. Nothing has changed. */
	| "UNKNOWN_ERROR"
	/** An argument is of the wrong type. */
	| "INVALID_ARGUMENT"
	/** A number or a length is out of bounds. */
	| "OUT_OF_RANGE"
	/** `init` has not finished or found no module, the object was freed, another call is going on, or there is no source of random bytes. */
	| "INVALID_STATE";

/** What this package throws. */
export class OlmError extends Error {
	/** "OlmError". */
	override readonly name = "OlmError";

	/** An error with a code and a text. */
	constructor(
		/** Why it failed: compare this, not the text. */
		readonly code: OlmErrorCode,
		text: string,
	) {
		super(text);
	}
}

const texts: Partial<Record<OlmErrorCode, string>> = {
	BAD_MESSAGE_VERSION: "the message is of another version",
	BAD_MESSAGE_FORMAT: "the message has not the form of one",
	BAD_MESSAGE_MAC: "the message, or the signature, is not authentic, or its key is not known any more",
	BAD_MESSAGE_KEY_ID: "the account has not, or no longer, the key that the message was made with, or it comes from somebody else",
	INVALID_BASE64: "the text is no base64, or of the wrong length",
	BAD_ACCOUNT_KEY: "the pickle was encrypted under another key, or was damaged",
	UNKNOWN_PICKLE_VERSION: "the pickle is of another version, or of an object of another kind",
	CORRUPTED_PICKLE: "the pickle ends too early, or what is in it can't be",
	BAD_SESSION_KEY: "the session key has not the form of one",
	UNKNOWN_MESSAGE_INDEX: "the message was sent before those that the session can decrypt",
	BAD_LEGACY_ACCOUNT_PICKLE: "the account was written by a libolm with a fault that made its keys unsafe, or the pickle is not of an account",
	BAD_SIGNATURE: "the signature is wrong",
	INPUT_BUFFER_TOO_SMALL: "a key is too short",
	SAS_THEIR_KEY_NOT_SET: "the other side's key is not known yet",
	PICKLE_EXTRA_DATA: "something stands behind the end of what the pickle should hold",
	UNKNOWN_ERROR: "the module broke off, and nothing has changed",
};

/** Makes the errors of this API, in the core too. */
export const errors: Errors = {
	olm(name) {
		const code = name.replace(/^OLM_/, "") as OlmErrorCode;
		return new OlmError(code, texts[code] ?? code);
	},
	type: (text) => new OlmError("INVALID_ARGUMENT", text),
	range: (text) => new OlmError("OUT_OF_RANGE", text),
	state: (text) => new OlmError("INVALID_STATE", text),
};
