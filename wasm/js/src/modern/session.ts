import { decrypt, describe, Session as ClassicSession } from "../classic/session.js";
import { errors } from "./errors.js";
import { copy, message as putMessage, room, size, text, x, type Data } from "../core/memory.js";
import { check, read } from "../core/native.js";
import { unpadded } from "./base64.js";
import { Storable, unpickled, wrap } from "./object.js";
import { theUtility, Utility } from "./utility.js";

/** A message of a one-to-one session, as it stands in Matrix's events. */
export interface OlmMessage {
	/** 0 for a pre-key message, which can begin a session, 1 for a normal one. */
	readonly type: 0 | 1;
	/** Base64. */
	readonly body: string;
}

/** A one-to-one session. Begun by an account, or read from a pickle. */
export class Session extends Storable<ClassicSession> {
	/** Throws: an account begins sessions. */
	private constructor() {
		super(nothing());
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): Session {
		return wrap(Session, unpickled(ClassicSession, pickle, key));
	}

	/**
	 * The `id` of the session that a pre-key message belongs to, whether there is such a session yet or not. This does not
	 * authenticate the message.
	 */
	static idOf(message: OlmMessage): string {
		const { body } = parts(message);
		return read(theUtility(), Utility, (p) => {
			const from = putMessage(body);
			check(x.pre_key_session_id(p, from, size, room(43), 43));
			return text();
		});
	}

	/** The same on both sides. */
	get id(): string {
		return this.native.session_id();
	}

	/** Whether a message has been decrypted. As long as none has, pre-key messages are sent. */
	get hasReceivedMessage(): boolean {
		return this.native.has_received_message();
	}

	/** Encrypts text or bytes. */
	encrypt(plaintext: Data): OlmMessage {
		return this.native.encrypt(plaintext);
	}

	/** Authenticates and decrypts a message. If that fails, the session stays what it was. */
	decrypt(message: OlmMessage): Uint8Array {
		const { type, body } = parts(message);
		return decrypt(this.native, type, body, copy);
	}

	/** Decrypts a message that is text. */
	decryptText(message: OlmMessage): string {
		const { type, body } = parts(message);
		return decrypt(this.native, type, body, text);
	}

	/** Whether a pre-key message belongs to this session. */
	matches(message: OlmMessage): boolean;
	/** Whether a pre-key message belongs to this session, and comes from the owner of a Curve25519 identity key. */
	matches(message: OlmMessage, from: Data): boolean;
	matches(message: OlmMessage, ...from: Data[]): boolean {
		const { body } = parts(message);
		return from.length ? this.native.matches_inbound_from(unpadded(from[0]), body) : this.native.matches_inbound(body);
	}

	/** The indices of the chains and of the skipped keys, for a log. */
	describe(): string {
		return describe(this.native, 600);
	}
}

function nothing(): never {
	throw errors.type("a session is begun by an account, or read from a pickle");
}

/** The parts of a message. Each is read once, since a getter could give two answers. */
export function parts(message: OlmMessage): { type: 0 | 1; body: Data } {
	const body: unknown = message?.body;
	if (typeof body !== "string") throw errors.type("message must be { type, body }");
	return { type: message.type, body: unpadded(body) };
}
