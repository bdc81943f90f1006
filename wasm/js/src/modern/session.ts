import { decrypt, describe, Session as ClassicSession } from "../classic/session.js";
import { errors } from "../core/errors.js";
import { copy, text, type Data } from "../core/memory.js";
import { Storable, unpickled } from "./object.js";

/** A message of a one-to-one session, as it stands in Matrix's events. */
export interface OlmMessage {
	/** 0 for a pre-key message, which can begin a session, 1 for a normal one. */
	readonly type: 0 | 1;
	/** Base64. */
	readonly body: string;
}

/** A one-to-one session. Begun by an account, or read from a pickle. */
export class Session extends Storable<ClassicSession> {
	/** @internal */
	static of(native: ClassicSession): Session {
		return new Session(native);
	}

	private constructor(native: ClassicSession) {
		super(native);
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): Session {
		return new Session(unpickled(new ClassicSession(), pickle, key));
	}

	/** The same on both sides. */
	get id(): string {
		return this.native.session_id();
	}

	/** Whether a message has been decrypted. As long as none has, pre-key messages are sent. */
	get hasReceivedMessage(): boolean {
		return this.native.has_received_message();
	}

	encrypt(plaintext: Data): OlmMessage {
		return this.native.encrypt(plaintext);
	}

	/** Authenticates and decrypts a message. If that fails, the session stays what it was. */
	decrypt(message: OlmMessage): Uint8Array {
		const body = bodyOf(message);
		return decrypt(this.native, message.type, body, copy);
	}

	/** Decrypts a message that is text. */
	decryptText(message: OlmMessage): string {
		const body = bodyOf(message);
		return decrypt(this.native, message.type, body, text);
	}

	/** Whether a pre-key message belongs to this session. */
	matches(message: OlmMessage, from?: Data): boolean {
		const body = bodyOf(message);
		return from === undefined ? this.native.matches_inbound(body) : this.native.matches_inbound_from(from, body);
	}

	/** The indices of the chains and of the skipped keys, for a log. */
	describe(): string {
		return describe(this.native, 600);
	}
}

export function bodyOf(message: OlmMessage): string {
	if (typeof message?.body !== "string") throw errors.type("message must be { type, body }");
	return message.body;
}
