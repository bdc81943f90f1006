import { call, check, input, Native, replace, Storable, transform } from "../core/native.js";
import { copy, message, put, room, size, text, x, random as randomBytes, type Data } from "../core/memory.js";
import { errors } from "../core/errors.js";

/** Encrypts to a public key. */
export class PkEncryption extends Native {
	constructor() {
		super("pk_encryption");
	}

	set_recipient_key(key: Data): void {
		input(this, x.pk_encryption_set_recipient_key, key, "key");
	}

	encrypt(plaintext: Data): { ciphertext: string; mac: string; ephemeral: string } {
		return call(this, (p) => {
			const from = put(plaintext, "plaintext");
			const length = size;
			const macAt = room(11);
			const keyAt = room(43);
			const random = randomBytes(32);
			const n = x.pk_ciphertext_length(p, length);
			const out = room(n);
			check(this, x.pk_encrypt(p, from, length, out, n, macAt, 11, keyAt, 43, random, 32));
			return { ciphertext: text(), mac: text(11, macAt), ephemeral: text(43, keyAt) };
		});
	}
}

/** Decrypts what was encrypted to its key. */
export class PkDecryption extends Storable {
	constructor() {
		super("pk_decryption");
	}

	/** Returns the public key. */
	init_with_private_key(key: Uint8Array | ArrayLike<number>): string {
		return call(this, (p) => fromPrivate(this, p, put(octets(key), "key"), size));
	}

	/** Returns the public key. */
	generate_key(): string {
		return call(this, (p) => fromPrivate(this, p, randomBytes(32), 32));
	}

	get_private_key(): Uint8Array {
		return call(this, (p) => {
			check(this, x.pk_get_private_key(p, room(32), 32));
			return copy();
		});
	}

	/** Returns the public key. */
	override unpickle(key: Data, pickle: Data): string {
		return replace(
			this,
			(p, unpickle) => {
				const k = put(key, "key");
				const kn = size;
				return unpickle(p, k, kn, put(pickle, "pickle"), size, room(43), 43);
			},
			() => text(),
		) as string;
	}

	decrypt(ephemeral_key: Data, mac: Data, ciphertext: Data): string {
		return decryptPk(this, ephemeral_key, mac, ciphertext, (n) => text(n));
	}
}

function fromPrivate(object: PkDecryption, p: number, key: number, size: number): string {
	check(object, x.pk_key_from_private(p, room(43), 43, key, size));
	return text();
}

/** Decrypts a message and hands the length of the plaintext, which lies on the desk, to `read`. */
export function decryptPk<T>(object: PkDecryption, ephemeral: Data, mac: Data, ciphertext: Data, read: (size: number) => T): T {
	return call(object, (p) => {
		const e = put(ephemeral, "ephemeral key");
		const en = size;
		const m = put(mac, "mac");
		const mn = size;
		const c = message(ciphertext, "ciphertext");
		const cn = size;
		const n = x.pk_max_plaintext_length(p, cn);
		if (n < 0) throw errors.olm("INVALID_BASE64"); // for this the module has no object to leave an error in
		return read(check(object, x.pk_decrypt(p, e, en, m, mn, c, cn, room(n), n)));
	});
}

/** Signs with a key made of a seed. */
export class PkSigning extends Native {
	constructor() {
		super("pk_signing");
	}

	/** Returns the public key. */
	init_with_seed(seed: Uint8Array | ArrayLike<number>): string {
		return call(this, (p) => {
			const from = put(octets(seed), "seed");
			const length = size;
			check(this, x.pk_signing_key_from_seed(p, room(43), 43, from, length));
			return text();
		});
	}

	generate_seed(): Uint8Array {
		return call(this, () => {
			randomBytes(32);
			return copy();
		});
	}

	sign(message: Data): string {
		return transform(this, x.pk_sign, message, "message", 86);
	}
}

/** Arrays of numbers pass for bytes here, as in libolm; text does not. */
function octets(value: unknown): Data {
	return Array.isArray(value) ? Uint8Array.from(value) : typeof value === "string" ? (null as never) : (value as Uint8Array);
}
