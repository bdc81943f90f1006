import { SAS } from "../classic/sas.js";
import type { Data } from "../core/memory.js";
import { unpadded } from "./base64.js";
import { number } from "./number.js";
import { made, OlmObject } from "./object.js";
import { emojiTable, type SasEmoji } from "./emoji.js";

/** One side of a verification with short authentication strings. */
export class Sas extends OlmObject<SAS> {
	/** Makes a new key pair. */
	constructor() {
		super(made(SAS));
	}

	/** The key to send to the other side. */
	get publicKey(): string {
		return this.native.get_pubkey();
	}

	/** Takes the other side's public key. */
	establish(theirPublicKey: Data): void {
		this.native.set_their_key(unpadded(theirPublicKey));
	}

	/** Whether the other side's key is known. */
	get isEstablished(): boolean {
		return this.native.is_their_key_set();
	}

	/** Bytes that both sides have in common. */
	bytes(info: Data, length: number): Uint8Array {
		return this.native.generate_bytes(info, number(length, "length"));
	}

	/** The seven emoji that both sides compare in Matrix. */
	emoji(info: Data): SasEmoji[] {
		const bytes = this.bytes(info, 6);
		const bits = bytes.reduce((sum, byte) => sum * 256 + byte, 0); // 48 bits, of which 42 count
		return Array.from({ length: 7 }, (_, i) => emojiTable[Math.floor(bits / 2 ** (42 - 6 * i)) % 64]);
	}

	/** The three numbers that both sides compare in Matrix instead. */
	decimals(info: Data): [number, number, number] {
		const [a, b, c, d, e] = this.bytes(info, 5);
		return [((a << 5) | (b >> 3)) + 1000, (((b & 7) << 10) | (c << 2) | (d >> 6)) + 1000, (((d & 63) << 7) | (e >> 1)) + 1000];
	}

	/** The code by which one side proves to the other what it verifies: Matrix's `hkdf-hmac-sha256.v2`. */
	mac(input: Data, info: Data): string {
		return this.native.calculate_mac_fixed_base64(input, info);
	}

	/** The same for peers that only know `hkdf-hmac-sha256`, which encodes the code wrongly. */
	legacyMac(input: Data, info: Data): string {
		return this.native.calculate_mac(input, info);
	}
}
