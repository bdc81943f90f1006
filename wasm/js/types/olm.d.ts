// Types of the classic API, as @matrix-org/olm has them, with what this package adds: bytes wherever
// text is taken, `is_their_key_set`, and return types that are true.

export = Olm;
export as namespace Olm;

declare namespace Olm {
	/** Text, which is passed as UTF-8, or bytes. The bytes stay as they are. */
	type Data = string | Uint8Array;

	interface InitOptions {
		/** Says where a file of the package is, of which there is one: `olm.wasm`. */
		locateFile?: (path: string, directory: string) => string;
		/** The module itself, if it need not be fetched. */
		wasmBinary?: ArrayBuffer | ArrayBufferView;
	}

	/** Loads the module. Every call returns the same promise; the first call's options count. */
	function init(options?: InitOptions): Promise<void>;

	/** The version of libolm whose interface this is. */
	function get_library_version(): [number, number, number];

	/** Bytes of the private key of a PkDecryption. Set by `init`. */
	const PRIVATE_KEY_LENGTH: number;

	interface EncryptedMessage {
		/** 0 for a pre-key message, 1 for a normal one. */
		type: 0 | 1;
		body: string;
	}

	/** A device's long-term identity, its one-time keys and its fallback keys. */
	class Account {
		constructor();
		free(): void;
		create(): void;
		/** JSON: the public keys by algorithm. */
		identity_keys(): string;
		sign(message: Data): string;
		/** JSON: `curve25519` has the keys that are not published, by id, newest first. */
		one_time_keys(): string;
		mark_keys_as_published(): void;
		max_number_of_one_time_keys(): number;
		generate_one_time_keys(number_of_keys: number): void;
		/** Removes the one-time key that a session was made with. */
		remove_one_time_keys(session: Session): void;
		generate_fallback_key(): void;
		/** @deprecated Use unpublished_fallback_key. */
		fallback_key(): string;
		unpublished_fallback_key(): string;
		forget_old_fallback_key(): void;
		pickle(key: Data): string;
		unpickle(key: Data, pickle: Data): void;
	}

	/** A one-to-one session. */
	class Session {
		constructor();
		free(): void;
		pickle(key: Data): string;
		unpickle(key: Data, pickle: Data): void;
		create_outbound(account: Account, their_identity_key: Data, their_one_time_key: Data): void;
		create_inbound(account: Account, one_time_key_message: Data): void;
		create_inbound_from(account: Account, identity_key: Data, one_time_key_message: Data): void;
		session_id(): string;
		has_received_message(): boolean;
		matches_inbound(one_time_key_message: Data): boolean;
		matches_inbound_from(identity_key: Data, one_time_key_message: Data): boolean;
		encrypt(plaintext: Data): EncryptedMessage;
		decrypt(message_type: number, message: Data): string;
		/** The indices of the chains and of the skipped keys, at most 255 characters. */
		describe(): string;
	}

	/** Hashes, and checks signatures. */
	class Utility {
		constructor();
		free(): void;
		sha256(input: Data): string;
		/** Throws if the signature is wrong. */
		ed25519_verify(key: Data, message: Data, signature: Data): void;
	}

	interface DecryptedGroupMessage {
		plaintext: string;
		message_index: number;
	}

	/** The receiving end of a group session. */
	class InboundGroupSession {
		constructor();
		free(): void;
		pickle(key: Data): string;
		unpickle(key: Data, pickle: Data): void;
		create(session_key: Data): void;
		import_session(session_key: Data): void;
		decrypt(message: Data): DecryptedGroupMessage;
		session_id(): string;
		first_known_index(): number;
		export_session(message_index: number): string;
	}

	/** The sending end of a group session. */
	class OutboundGroupSession {
		constructor();
		free(): void;
		pickle(key: Data): string;
		unpickle(key: Data, pickle: Data): void;
		create(): void;
		encrypt(plaintext: Data): string;
		session_id(): string;
		session_key(): string;
		message_index(): number;
	}

	interface PkEncryptedMessage {
		ciphertext: string;
		mac: string;
		ephemeral: string;
	}

	/** Encrypts to a public key. */
	class PkEncryption {
		constructor();
		free(): void;
		set_recipient_key(key: Data): void;
		encrypt(plaintext: Data): PkEncryptedMessage;
	}

	/** Decrypts what was encrypted to its key. */
	class PkDecryption {
		constructor();
		free(): void;
		/** Returns the public key. */
		init_with_private_key(key: Uint8Array | number[]): string;
		/** Returns the public key. */
		generate_key(): string;
		get_private_key(): Uint8Array;
		pickle(key: Data): string;
		/** Returns the public key. */
		unpickle(key: Data, pickle: Data): string;
		decrypt(ephemeral_key: Data, mac: Data, ciphertext: Data): string;
	}

	/** Signs with a key made of a seed. */
	class PkSigning {
		constructor();
		free(): void;
		/** Returns the public key. */
		init_with_seed(seed: Uint8Array | number[]): string;
		generate_seed(): Uint8Array;
		sign(message: Data): string;
	}

	/** One side of a verification with short authentication strings. */
	class SAS {
		constructor();
		free(): void;
		get_pubkey(): string;
		set_their_key(their_key: Data): void;
		is_their_key_set(): boolean;
		generate_bytes(info: Data, length: number): Uint8Array;
		calculate_mac(input: Data, info: Data): string;
		calculate_mac_fixed_base64(input: Data, info: Data): string;
		calculate_mac_long_kdf(input: Data, info: Data): string;
	}
}
