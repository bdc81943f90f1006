import { argument, call, check, failure, input, kinds, output, read, Storable } from "../core/native.js";
import { numberOf } from "../core/views.js";
import { at, cString, message, put, room, size, text, x, random as randomBytes, type Data } from "../core/memory.js";
import { typeError } from "../core/errors.js";
import type { Account } from "./account.js";

/** A one-to-one session. */
export class Session extends Storable {
	constructor() {
		super(Session);
	}

	create_outbound(account: Account, their_identity_key: Data, their_one_time_key: Data): void {
		const id = account?.place;
		call(this, Session, (p) => check(x.create_outbound_session(p, argument(id, "account"), put(their_identity_key, "identity key"), size, put(their_one_time_key, "one-time key"), size, randomBytes(64), 64)));
	}

	create_inbound(account: Account, one_time_key_message: Data): void {
		const id = account?.place;
		call(this, Session, (p) => check(x.create_inbound_session(p, argument(id, "account"), put(one_time_key_message, "message"), size)));
	}

	create_inbound_from(account: Account, identity_key: Data, one_time_key_message: Data): void {
		const id = account?.place;
		call(this, Session, (p) => check(x.create_inbound_session_from(p, argument(id, "account"), put(identity_key, "identity key"), size, put(one_time_key_message, "message"), size)));
	}

	session_id(): string {
		return output(this, Session, x.session_id, 43);
	}

	has_received_message(): boolean {
		return !!read(this, Session, x.session_has_received_message);
	}

	matches_inbound(one_time_key_message: Data): boolean {
		return !!input(this, Session, x.matches_inbound_session, one_time_key_message, "message");
	}

	matches_inbound_from(identity_key: Data, one_time_key_message: Data): boolean {
		return !!read(this, Session, (p) => check(x.matches_inbound_session_from(p, put(identity_key, "identity key"), size, put(one_time_key_message, "message"), size)));
	}

	encrypt(plaintext: Data): { type: 0 | 1; body: string } {
		return call(this, Session, (p) => {
			const type = x.encrypt_message_type(p) as 0 | 1;
			const r = x.encrypt_random_length(p);
			const from = put(plaintext, "plaintext");
			const length = size;
			const n = x.encrypt_message_length(p, length);
			check(x.encrypt(p, from, length, randomBytes(r), r, room(n), n));
			return { type, body: text() };
		});
	}

	decrypt(message_type: number, message: Data): string {
		return decrypt(this, message_type, message, (n) => text(n));
	}

	describe(): string {
		return describe(this, 256);
	}
}

kinds.set(Session, "session");

/** Decrypts a message and hands the length of the plaintext, which lies in the scratch buffer, to `read`. */
export function decrypt<T>(session: Session, type: number, body: Data, read: (size: number) => T): T {
	// Callers pass what they found in JSON, which may be a string. libolm takes everything but 1 for a pre-key message.
	type = type === null ? NaN : numberOf(type);
	if (!(type >= 0)) throw typeError("message_type must be 0 or 1");
	return call(session, Session, (p) => {
		const n = x.decrypt(p, type, message(body), size, room(size), size);
		if (n === -1) {
			// libolm's callers ask for the length first. So if that fails, its error is the one that they know.
			const reason = failure();
			check(x.decrypt_max_plaintext_length(p, type, message(body), size));
			throw reason;
		}
		return read(n);
	});
}

/** The indices of a session's chains and of its skipped keys, as text of less than `most` bytes. */
export function describe(session: Session, most: number): string {
	return read(session, Session, (p) => {
		x.session_describe(p, room(most), most);
		return cString(at);
	});
}
