import type { Errors } from "../core/errors.js";

/** Why something failed. */
export type OlmErrorCode =
	/** The message has an unknown version. */
	| "BAD_MESSAGE_VERSION"
	/** The message is malformed. */
	| "BAD_MESSAGE_FORMAT"
	/** The message or the signature is not authentic, or the message's key is gone. */
	| "BAD_MESSAGE_MAC"
	/** The account does not have the key that the message was made with, or the message comes from somebody else. */
	| "BAD_MESSAGE_KEY_ID"
	/** The text is not base64, or has the wrong length. */
	| "INVALID_BASE64"
	/** The pickle was encrypted under another key, or was damaged. */
	| "BAD_ACCOUNT_KEY"
	/** The pickle has an unknown version, or holds another kind of object. */
	| "UNKNOWN_PICKLE_VERSION"
	/** The pickle ends too early, or holds an impossible value. */
	| "CORRUPTED_PICKLE"
	/** The session key is malformed. */
	| "BAD_SESSION_KEY"
	/** The message was sent before the first one that the session can decrypt. */
	| "UNKNOWN_MESSAGE_INDEX"
	/** The account was written by an old libolm that made unsafe keys, or the pickle does not hold an account. */
	| "BAD_LEGACY_ACCOUNT_PICKLE"
	/** The signature is wrong. */
	| "BAD_SIGNATURE"
	/** A key is too short. */
	| "INPUT_BUFFER_TOO_SMALL"
	/** A buffer for a result is too small. No call of this package causes this. */
	| "OUTPUT_BUFFER_TOO_SMALL"
	/** There are too few random bytes. No call of this package causes this. */
	| "NOT_ENOUGH_RANDOM"
	/** The other side's key is not known yet. */
	| "SAS_THEIR_KEY_NOT_SET"
	/** The pickle has extra data at its end. */
	| "PICKLE_EXTRA_DATA"
	/** The module failed. Nothing has changed. */
	| "UNKNOWN_ERROR"
	/** An argument is of the wrong type. */
	| "INVALID_ARGUMENT"
	/** A number or a length is out of bounds. */
	| "OUT_OF_RANGE"
	/** `init` has not finished, or has failed; the object was freed; another call is going on; or there is no source of random bytes. */
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
	BAD_MESSAGE_VERSION: "the message has an unknown version",
	BAD_MESSAGE_FORMAT: "the message is malformed",
	BAD_MESSAGE_MAC: "the message or the signature is not authentic, or the message's key is gone",
	BAD_MESSAGE_KEY_ID: "the account does not have the key that the message was made with, or the message comes from somebody else",
	INVALID_BASE64: "the text is not base64, or has the wrong length",
	BAD_ACCOUNT_KEY: "the pickle was encrypted under another key, or was damaged",
	UNKNOWN_PICKLE_VERSION: "the pickle has an unknown version, or holds another kind of object",
	CORRUPTED_PICKLE: "the pickle ends too early, or holds an impossible value",
	BAD_SESSION_KEY: "the session key is malformed",
	UNKNOWN_MESSAGE_INDEX: "the message was sent before the first one that the session can decrypt",
	BAD_LEGACY_ACCOUNT_PICKLE: "the account was written by an old libolm that made unsafe keys, or the pickle does not hold an account",
	BAD_SIGNATURE: "the signature is wrong",
	INPUT_BUFFER_TOO_SMALL: "a key is too short",
	SAS_THEIR_KEY_NOT_SET: "the other side's key is not known yet",
	PICKLE_EXTRA_DATA: "the pickle has extra data at its end",
	UNKNOWN_ERROR: "the module failed, and nothing has changed",
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
