import { call, check, input, kinds, Native, read, Storable, transform, unpickle } from "../core/native.js";
import { copy, message, put, room, size, text, x, random as randomBytes, type Data } from "../core/memory.js";
import { olmError } from "../core/errors.js";
import type { Call } from "../core/exports.js";

/** Encrypts to a public key. */
export class PkEncryption extends Native {
	constructor() {
		super(PkEncryption);
	}

	set_recipient_key(key: Data): void {
		input(this, PkEncryption, x.pk_encryption_set_recipient_key, key, "key");
	}

	encrypt(plaintext: Data): { ciphertext: string; mac: string; ephemeral: string } {
		return read(this, PkEncryption, (p) => {
			const mac = room(11);
			const ephemeral = room(43);
			const random = randomBytes(32);
			check(x.pk_encrypt(p, put(plaintext, "plaintext"), size, room(x.pk_ciphertext_length(p, size)), size, mac, 11, ephemeral, 43, random, 32));
			return { ciphertext: text(), mac: text(11, mac), ephemeral: text(43, ephemeral) };
		});
	}
}

kinds.set(PkEncryption, "pk_encryption");

/** Decrypts what was encrypted to its key. */
export class PkDecryption extends Storable {
	constructor() {
		super(PkDecryption);
	}

	/** Returns the public key. */
	init_with_private_key(key: Uint8Array | ArrayLike<number>): string {
		const data = octets(key);
		return call(this, PkDecryption, (p) => keyPair(p, x.pk_key_from_private, put(data, "key")));
	}

	/** Returns the public key. */
	generate_key(): string {
		return call(this, PkDecryption, (p) => keyPair(p, x.pk_key_from_private, randomBytes(32)));
	}

	get_private_key(): Uint8Array {
		return read(this, PkDecryption, (p) => {
			check(x.pk_get_private_key(p, room(32), 32));
			return copy();
		});
	}

	/** Returns the public key. */
	override unpickle(key: Data, pickle: Data): string {
		return call(this, PkDecryption, (p) => {
			const out = room(43);
			unpickle(p, key, pickle, out, 43);
			return text(43, out);
		});
	}

	decrypt(ephemeral_key: Data, mac: Data, ciphertext: Data): string {
		return decryptPk(this, ephemeral_key, mac, ciphertext, (n) => text(n));
	}
}

kinds.set(PkDecryption, "pk_decryption");

/** Makes a key pair from the last argument that was put, which is at `from`, and returns the public key. */
function keyPair(p: number, f: Call, from: number): string {
	const length = size;
	check(f(p, room(43), 43, from, length));
	return text();
}

/** Decrypts a message and hands the length of the plaintext, which lies in the scratch buffer, to `take`. */
export function decryptPk<T>(object: PkDecryption, ephemeral: Data, mac: Data, ciphertext: Data, take: (size: number) => T): T {
	return read(object, PkDecryption, (p) => {
		const c = message(ciphertext, "ciphertext");
		const cn = size;
		const n = x.pk_max_plaintext_length(p, cn);
		if (n < 0) throw olmError("INVALID_BASE64"); // here the module has no object to leave an error in
		return take(check(x.pk_decrypt(p, put(ephemeral, "ephemeral key"), size, put(mac, "mac"), size, c, cn, room(n), n)));
	});
}

/** Signs with a key made of a seed. */
export class PkSigning extends Native {
	constructor() {
		super(PkSigning);
	}

	/** Returns the public key. */
	init_with_seed(seed: Uint8Array | ArrayLike<number>): string {
		const data = octets(seed);
		return call(this, PkSigning, (p) => keyPair(p, x.pk_signing_key_from_seed, put(data, "seed")));
	}

	generate_seed(): Uint8Array {
		return read(this, PkSigning, () => {
			randomBytes(32);
			return copy();
		});
	}

	sign(message: Data): string {
		return transform(this, PkSigning, x.pk_sign, message, "message", 86);
	}
}

kinds.set(PkSigning, "pk_signing");

/** As in libolm, arrays of numbers are taken for bytes here, and text is not. This may run code of the caller's, so it comes before any call. */
function octets(value: unknown): Data {
	return Array.isArray(value) ? Uint8Array.from(value) : typeof value === "string" ? (null as never) : (value as Uint8Array);
}
