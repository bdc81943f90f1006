import { Account as ClassicAccount } from "../classic/account.js";
import { Session as ClassicSession } from "../classic/session.js";
import type { Data } from "../core/memory.js";
import { made, Storable, unpickled } from "./object.js";
import { bodyOf, Session, type OlmMessage } from "./session.js";

/** The public keys by which others know a device. */
export interface IdentityKeys {
	readonly curve25519: string;
	readonly ed25519: string;
}

/** A public key to publish, and the id under which to publish it. */
export interface PublicKey {
	readonly id: string;
	readonly key: string;
}

/** A device's long-term identity, its one-time keys and its fallback keys. */
export class Account extends Storable<ClassicAccount> {
	/** How many one-time keys an account keeps: when there are more, the oldest give way. */
	static readonly maxOneTimeKeys = 100;

	/** Makes a new identity. */
	constructor();
	/** @internal */
	constructor(native?: ClassicAccount);
	constructor(native?: ClassicAccount) {
		super(native ?? new ClassicAccount());
		if (!native) this.native.create();
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): Account {
		return new (Account as new (native: ClassicAccount) => Account)(unpickled(new ClassicAccount(), pickle, key));
	}

	get identityKeys(): IdentityKeys {
		return JSON.parse(this.native.identity_keys());
	}

	/** Signs with the Ed25519 identity key. */
	sign(message: Data): string {
		return this.native.sign(message);
	}

	generateOneTimeKeys(count: number): void {
		this.native.generate_one_time_keys(count);
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
		const native = new ClassicSession();
		return Session.of(made(native, () => native.create_outbound(this.native, identityKey, oneTimeKey)));
	}

	/**
	 * Begins the session that a pre-key message asks for, and decrypts the message. Only when that
	 * succeeds the one-time key is dropped. With `from` the message must come from the owner of that
	 * Curve25519 identity key.
	 */
	createInboundSession(message: OlmMessage, from?: Data): { session: Session; plaintext: Uint8Array } {
		const body = bodyOf(message);
		const native = new ClassicSession();
		let plaintext: Uint8Array;
		made(native, () => {
			if (from === undefined) native.create_inbound(this.native, body);
			else native.create_inbound_from(this.native, from, body);
			plaintext = Session.of(native).decrypt(message);
			this.native.remove_one_time_keys(native); // a fallback key stays
		});
		return { session: Session.of(native), plaintext: plaintext! };
	}
}

function list(json: string): PublicKey[] {
	return Object.entries<string>(JSON.parse(json).curve25519).map(([id, key]) => ({ id, key }));
}
