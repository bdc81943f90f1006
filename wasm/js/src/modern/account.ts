import { Account as ClassicAccount, listSize, mostKeys } from "../classic/account.js";
import { decrypt, Session as ClassicSession } from "../classic/session.js";
import { copy, random, room, text, x, type Data } from "../core/memory.js";
import { call, check, count as counted } from "../core/native.js";
import { unpadded } from "./base64.js";
import { number } from "./number.js";
import { made, Storable, unpickled, wrap } from "./object.js";
import { parts, Session, type OlmMessage } from "./session.js";

/** The public keys by which others know a device. */
export interface IdentityKeys {
	/** What sessions are begun with. */
	readonly curve25519: string;
	/** What the device's signatures are verified with. */
	readonly ed25519: string;
}

/** A public key to publish, and the id under which to publish it. */
export interface PublicKey {
	/** The number of the key in its account, as base64. */
	readonly id: string;
	/** The Curve25519 key, as base64. */
	readonly key: string;
}

/** A session that somebody else has begun, and what its first message said. */
export interface InboundSession {
	/** The session. Its `id` is that of the message: see `Session.idOf`. */
	readonly session: Session;
	/** The message, decrypted. */
	readonly plaintext: Uint8Array;
}

/** A device's long-term identity, its one-time keys and its fallback keys. */
export class Account extends Storable<ClassicAccount> {
	/** How many one-time keys an account keeps: when there are more, the oldest give way. */
	static readonly maxOneTimeKeys = 100;

	/** Makes a new identity. */
	constructor() {
		super(made(ClassicAccount, (native) => native.create()));
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): Account {
		return wrap(Account, unpickled(ClassicAccount, pickle, key));
	}

	/** The public identity keys. */
	get identityKeys(): IdentityKeys {
		return JSON.parse(this.native.identity_keys());
	}

	/** Signs with the Ed25519 identity key. */
	sign(message: Data): string {
		return this.native.sign(message);
	}

	/**
	 * Makes one-time keys, and returns those that gave way to them, oldest first: the account keeps `maxOneTimeKeys`, and
	 * does not know which of them a server still hands out. A message that is made with a key that gave way can never be
	 * decrypted, so nothing should: first upload again what `oneTimeKeys` still lists, since an upload that failed may have
	 * arrived; then make as many as are missing from half of `maxOneTimeKeys` by the server's own count, which it tells in the
	 * answer to an upload and in every sync (in Matrix `one_time_key_counts.signed_curve25519`).
	 */
	generateOneTimeKeys(count: number): PublicKey[] {
		const n = counted(number(count, "number of keys"), mostKeys, "number of keys");
		return call(this.native, ClassicAccount, (p) => {
			const dropped = list(text(check(x.account_dropped_keys(p, n, room(listSize), listSize))));
			check(x.account_generate_one_time_keys(p, n, random(32 * n), 32 * n));
			return dropped;
		});
	}

	/** The one-time keys that are not published, newest first. */
	get oneTimeKeys(): PublicKey[] {
		return list(this.native.one_time_keys());
	}

	/** Makes a new fallback key and keeps the one before. */
	generateFallbackKey(): void {
		this.native.generate_fallback_key();
	}

	/** The current fallback key, if it is not published. */
	get fallbackKey(): PublicKey | undefined {
		return list(this.native.unpublished_fallback_key())[0];
	}

	/** Drops the fallback key before the current one. */
	forgetOldFallbackKey(): void {
		this.native.forget_old_fallback_key();
	}

	/** To be called when the one-time keys and the fallback key are on the server. */
	markKeysAsPublished(): void {
		this.native.mark_keys_as_published();
	}

	/** Begins a session with the owner of these keys. */
	createOutboundSession(identityKey: Data, oneTimeKey: Data): Session {
		const [identity, oneTime] = [unpadded(identityKey), unpadded(oneTimeKey)];
		return wrap(
			Session,
			made(ClassicSession, (native) => native.create_outbound(this.native, identity, oneTime)),
		);
	}

	/**
	 * Begins the session that a pre-key message asks for, and decrypts the message. Only when that succeeds the one-time
	 * key is dropped.
	 *
	 * A fallback key is not dropped, so that whoever delivers a message that was made with one can deliver it again: it is
	 * decrypted again, and the session is again at its beginning. In the place of the live one, which has the same `id`, it
	 * could not decrypt what comes next. So first look for a session whose id is `Session.idOf(message)`, and
	 * if there is one, give it the message.
	 */
	createInboundSession(message: OlmMessage): InboundSession;
	/** Does the same for a message that must come from the owner of a Curve25519 identity key. */
	createInboundSession(message: OlmMessage, from: Data): InboundSession;
	createInboundSession(message: OlmMessage, ...from: Data[]): InboundSession {
		const { type, body } = parts(message);
		const sender = from.map(unpadded);
		let result: InboundSession;
		made(ClassicSession, (native) => {
			const session = wrap(Session, native);
			if (sender.length) native.create_inbound_from(this.native, sender[0], body);
			else native.create_inbound(this.native, body);
			result = { session, plaintext: decrypt(native, type, body, copy) };
			// Last, as nothing can be undone from here on. A fallback key stays.
			this.native.remove_one_time_keys(native);
		});
		return result!;
	}
}

function list(json: string): PublicKey[] {
	return Object.entries<string>(JSON.parse(json).curve25519).map(([id, key]) => ({ id, key }));
}
