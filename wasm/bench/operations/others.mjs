// The operations of what is neither an account nor a session.
import { repeat } from "../loops.mjs";
import { account, check, plain } from "../prepare.mjs";

/** A pair that encrypts to a new key, and decrypts. */
function pk(Olm) {
	const [decryption, encryption] = [new Olm.PkDecryption(), new Olm.PkEncryption()];
	encryption.set_recipient_key(decryption.generate_key());
	return { decryption, encryption };
}

/** One side of a verification, which knows the other's key. */
function established(Olm) {
	const sas = new Olm.SAS();
	sas.set_their_key(new Olm.SAS().get_pubkey());
	return sas;
}

export const others = [
	...[64, 65536 - 1024].map((size) => ({
		// More than 64 KiB corrupts the memory of the published package.
		name: `Utility: sha256 ${size} B`,
		setup(Olm) {
			const [u, input] = [new Olm.Utility(), plain(size)];
			return repeat(() => u.sha256(input));
		},
	})),
	{
		name: "Utility: ed25519_verify 256 B",
		setup(Olm) {
			const [u, a, message] = [new Olm.Utility(), account(Olm), plain(256)];
			const [{ ed25519 }, signature] = [JSON.parse(a.identity_keys()), a.sign(message)];
			return repeat(() => u.ed25519_verify(ed25519, message, signature));
		},
	},
	{
		name: "PK: generate_key",
		setup: (Olm) =>
			repeat(() => {
				const d = new Olm.PkDecryption();
				d.generate_key();
				d.free();
			}),
	},
	{
		name: "PK: encrypt 1024 B",
		peer: "PkEncrypt1KiB",
		setup(Olm) {
			const { encryption } = pk(Olm);
			const plaintext = plain(1024);
			return repeat(() => encryption.encrypt(plaintext));
		},
	},
	{
		name: "PK: decrypt 1024 B",
		peer: "PkDecrypt1KiB",
		setup(Olm) {
			const { decryption, encryption } = pk(Olm);
			const { ephemeral, mac, ciphertext } = encryption.encrypt(plain(1024));
			check(decryption.decrypt(ephemeral, mac, ciphertext), 1024);
			return repeat(() => decryption.decrypt(ephemeral, mac, ciphertext));
		},
	},
	{
		name: "PK: sign 256 B",
		setup(Olm) {
			const [s, message] = [new Olm.PkSigning(), plain(256)];
			s.init_with_seed(s.generate_seed());
			return repeat(() => s.sign(message));
		},
	},
	// The published package leaks its stack in each SAS, and crashes after some 2000: hence `most`.
	{
		name: "SAS: create",
		most: 60,
		setup: (Olm) => repeat(() => new Olm.SAS().free()),
	},
	{
		peer: "SAS",
		most: 8,
		setup(Olm) {
			const theirs = new Olm.SAS().get_pubkey();
			return repeat(() => {
				const s = new Olm.SAS();
				s.get_pubkey();
				s.set_their_key(theirs);
				s.generate_bytes("MATRIX_KEY_VERIFICATION_SAS", 6);
				s.free();
			});
		},
	},
	{
		name: "SAS: set_their_key",
		setup(Olm) {
			const [s, theirs] = [new Olm.SAS(), new Olm.SAS().get_pubkey()];
			return repeat(() => s.set_their_key(theirs));
		},
	},
	{
		name: "SAS: generate_bytes",
		setup(Olm) {
			const s = established(Olm);
			return repeat(() => s.generate_bytes("MATRIX_KEY_VERIFICATION_SAS", 6));
		},
	},
	{
		name: "SAS: calculate_mac_fixed_base64",
		setup(Olm) {
			const s = established(Olm);
			return repeat(() => s.calculate_mac_fixed_base64("a key", "MATRIX_KEY_VERIFICATION_MAC"));
		},
	},
];
