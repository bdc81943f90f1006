import { decryptPk, PkDecryption as ClassicDecryption, PkEncryption as ClassicEncryption, PkSigning as ClassicSigning } from "../classic/pk.js";
import { errors } from "./errors.js";
import { copy, text, type Data } from "../core/memory.js";
import { viewOf } from "../core/views.js";
import { unpadded } from "./base64.js";
import { made, OlmObject, Storable, wrap } from "./object.js";

/** A message to a public key, as it stands in Matrix's key backups. The MAC does not cover the ciphertext. */
export interface PkMessage {
	/** The ciphertext, as base64. */
	readonly ciphertext: string;
	/** The MAC, as base64. */
	readonly mac: string;
	/** The public key that was made for this message alone, as base64. */
	readonly ephemeral: string;
}

/** Encrypts to a public key. */
export class PkEncryption extends OlmObject<ClassicEncryption> {
	/** Takes the recipient's public key. */
	constructor(recipientKey: Data) {
		super(made(ClassicEncryption, (native) => native.set_recipient_key(unpadded(recipientKey))));
	}

	/** Encrypts text or bytes. */
	encrypt(plaintext: Data): PkMessage {
		return this.native.encrypt(plaintext);
	}
}

/** Decrypts what was encrypted to its key. */
export class PkDecryption extends Storable<ClassicDecryption> {
	/** The key to encrypt to. */
	readonly publicKey: string;

	/** Makes a new private key. */
	constructor();
	/** Uses a private key of 32 bytes. */
	constructor(privateKey: Uint8Array);
	constructor(...privateKey: Uint8Array[]) {
		let publicKey: string;
		super(made(ClassicDecryption, (native) => (publicKey = privateKey.length ? native.init_with_private_key(exact(privateKey[0], "key")) : native.generate_key())));
		this.publicKey = publicKey!;
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): PkDecryption {
		let publicKey: string;
		const native = made(ClassicDecryption, (native) => (publicKey = native.unpickle(key, unpadded(pickle))));
		return Object.assign(wrap(PkDecryption, native), { publicKey: publicKey! });
	}

	/** The private key, 32 bytes. */
	get privateKey(): Uint8Array {
		return this.native.get_private_key();
	}

	/** Decrypts a message. Nothing proves that it is what was encrypted: its MAC covers nothing. */
	decrypt(message: PkMessage): Uint8Array {
		return decryptPk(this.native, ...parts(message), copy);
	}

	/** Decrypts a message that is text. */
	decryptText(message: PkMessage): string {
		return decryptPk(this.native, ...parts(message), text);
	}
}

/** The parts of a message. Each is read once. */
function parts(message: PkMessage): [Data, Data, Data] {
	if (!message) throw errors.type("message must be { ciphertext, mac, ephemeral }");
	const { ephemeral, mac, ciphertext } = message;
	return [unpadded(ephemeral), unpadded(mac), unpadded(ciphertext)];
}

/** Refuses what is longer than a private key. libolm takes the beginning: the characters of a key in base64 would be another key, and a weak one. */
function exact(key: Uint8Array, what: string): Uint8Array {
	if (viewOf(key, what).length > 32) throw errors.range(what + " must have 32 bytes");
	return key;
}

/** Signs with a key made of a seed. */
export class PkSigning extends OlmObject<ClassicSigning> {
	/** The key to verify with. */
	readonly publicKey: string;

	/** Uses a seed of 32 bytes. */
	constructor(seed: Uint8Array) {
		let publicKey: string;
		super(made(ClassicSigning, (native) => (publicKey = native.init_with_seed(exact(seed, "seed")))));
		this.publicKey = publicKey!;
	}

	/** Makes a seed. */
	static generateSeed(): Uint8Array {
		const native = made(ClassicSigning);
		try {
			return native.generate_seed();
		} finally {
			native.free();
		}
	}

	/** Signs text or bytes. */
	sign(message: Data): string {
		return this.native.sign(message);
	}

	/** Throws, since the object would be written down in the clear: store the seed, encrypted. */
	override toJSON(): never {
		throw errors.type("a live object has no JSON: store the seed, encrypted");
	}
}
