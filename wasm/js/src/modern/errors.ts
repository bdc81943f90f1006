import { errors } from "../core/errors.js";

/** Why something failed. */
export type OlmErrorCode =
	| "BAD_MESSAGE_VERSION"
	| "BAD_MESSAGE_FORMAT"
	| "BAD_MESSAGE_MAC"
	| "BAD_MESSAGE_KEY_ID"
	| "INVALID_BASE64"
	| "BAD_ACCOUNT_KEY"
	| "UNKNOWN_PICKLE_VERSION"
	| "CORRUPTED_PICKLE"
	| "BAD_SESSION_KEY"
	| "UNKNOWN_MESSAGE_INDEX"
	| "BAD_LEGACY_ACCOUNT_PICKLE"
	| "BAD_SIGNATURE"
	| "INPUT_BUFFER_TOO_SMALL"
	| "OUTPUT_BUFFER_TOO_SMALL"
	| "NOT_ENOUGH_RANDOM"
	| "SAS_THEIR_KEY_NOT_SET"
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

	/** An error with a code. */
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
	BAD_MESSAGE_KEY_ID: "the account has not, or no longer, the key that the message was made with",
	INVALID_BASE64: "the text is no base64, or of the wrong length",
	BAD_ACCOUNT_KEY: "the pickle was encrypted under another key, or was damaged",
	UNKNOWN_PICKLE_VERSION: "the pickle is of another version, or of an object of another kind",
	CORRUPTED_PICKLE: "the pickle ends too early",
	BAD_SESSION_KEY: "the session key has not the form of one",
	UNKNOWN_MESSAGE_INDEX: "the message was sent before those that the session can decrypt",
	BAD_SIGNATURE: "the signature is wrong",
	SAS_THEIR_KEY_NOT_SET: "the other side's key is not known yet",
};

errors.olm = (name) => {
	const code = name.replace(/^OLM_/, "") as OlmErrorCode;
	return new OlmError(code, texts[code] ?? code);
};
errors.type = (text) => new OlmError("INVALID_ARGUMENT", text);
errors.range = (text) => new OlmError("OUT_OF_RANGE", text);
errors.state = (text) => new OlmError("INVALID_STATE", text);
