import { decryptPk, PkDecryption as ClassicDecryption, PkEncryption as ClassicEncryption, PkSigning as ClassicSigning } from "../classic/pk.js";
import { copy, text, type Data } from "../core/memory.js";
import { made, OlmObject, Storable } from "./object.js";

/** A message to a public key, as it stands in Matrix's key backups. The MAC does not cover the ciphertext. */
export interface PkMessage {
	readonly ciphertext: string;
	readonly mac: string;
	readonly ephemeral: string;
}

/** Encrypts to a public key. */
export class PkEncryption extends OlmObject<ClassicEncryption> {
	constructor(recipientKey: Data) {
		const native = new ClassicEncryption();
		super(made(native, () => native.set_recipient_key(recipientKey)));
	}

	encrypt(plaintext: Data): PkMessage {
		return this.native.encrypt(plaintext);
	}
}

/** Decrypts what was encrypted to its key. */
export class PkDecryption extends Storable<ClassicDecryption> {
	readonly publicKey: string;

	/** Uses a private key of 32 bytes, or makes a new one. */
	constructor(privateKey?: Uint8Array);
	/** @internal */
	constructor(privateKey?: Uint8Array, pickle?: Data, key?: Data);
	constructor(privateKey?: Uint8Array, pickle?: Data, key?: Data) {
		const native = new ClassicDecryption();
		let publicKey: string;
		super(
			made(native, () => {
				if (pickle !== undefined) publicKey = native.unpickle(key!, pickle);
				else publicKey = privateKey === undefined ? native.generate_key() : native.init_with_private_key(privateKey);
			}),
		);
		this.publicKey = publicKey!;
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): PkDecryption {
		return new (PkDecryption as new (privateKey: undefined, pickle: Data, key: Data) => PkDecryption)(undefined, pickle, key);
	}

	get privateKey(): Uint8Array {
		return this.native.get_private_key();
	}

	decrypt(message: PkMessage): Uint8Array {
		return decryptPk(this.native, message.ephemeral, message.mac, message.ciphertext, copy);
	}

	/** Decrypts a message that is text. */
	decryptText(message: PkMessage): string {
		return decryptPk(this.native, message.ephemeral, message.mac, message.ciphertext, text);
	}
}

/** Signs with a key made of a seed. */
export class PkSigning extends OlmObject<ClassicSigning> {
	readonly publicKey: string;

	/** Uses a seed of 32 bytes. */
	constructor(seed: Uint8Array) {
		const native = new ClassicSigning();
		let publicKey: string;
		super(made(native, () => (publicKey = native.init_with_seed(seed))));
		this.publicKey = publicKey!;
	}

	/** Makes a seed. */
	static generateSeed(): Uint8Array {
		const native = new ClassicSigning();
		const seed = native.generate_seed();
		native.free();
		return seed;
	}

	sign(message: Data): string {
		return this.native.sign(message);
	}
}
