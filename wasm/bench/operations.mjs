// What is measured, for any package with libolm's classic API. An operation's `setup` makes what it
// needs and returns what is timed; `most` bounds how often the published package can stand it in a sample.

const text = (n) => "The quick brown fox jumps over the lazy dog. ".repeat(Math.ceil(n / 45)).slice(0, n);

const keys = (json) => JSON.parse(json).curve25519;

function account(Olm) {
	const made = new Olm.Account();
	made.create();
	return made;
}

/** Two sessions that have answered each other. */
function conversation(Olm) {
	const alice = account(Olm);
	const bob = account(Olm);
	bob.generate_one_time_keys(1);
	const there = new Olm.Session();
	there.create_outbound(alice, keys(bob.identity_keys()), Object.values(keys(bob.one_time_keys()))[0]);
	const first = there.encrypt("hello");
	const back = new Olm.Session();
	back.create_inbound(bob, first.body);
	back.decrypt(first.type, first.body);
	const answer = back.encrypt("hello");
	there.decrypt(answer.type, answer.body);
	return { alice, bob, there, back, first };
}

function group(Olm) {
	const out = new Olm.OutboundGroupSession();
	out.create();
	const key = out.session_key();
	const inbound = new Olm.InboundGroupSession();
	inbound.create(key);
	return { out, inbound, key };
}

/** Times a decryption alone, from a stock of messages that is made outside of the measurement. */
function stocked(size, encrypt, decrypt) {
	let stock = [];
	return Object.assign(() => decrypt(stock.pop()), {
		before(n) {
			stock = Array.from({ length: n }, () => encrypt(text(size))).reverse();
		},
	});
}

const olmDecrypt = (size) => (Olm) => {
	const { there, back } = conversation(Olm);
	return stocked(size, (t) => there.encrypt(t), (m) => back.decrypt(m.type, m.body));
};

export const operations = [
	{
		name: "Account: create",
		setup: (Olm) => () => account(Olm).free(),
	},
	{
		name: "Account: identity_keys",
		setup(Olm) {
			const a = account(Olm);
			return () => a.identity_keys();
		},
	},
	{
		name: "Account: sign 256 B",
		setup(Olm) {
			const a = account(Olm);
			const message = text(256);
			return () => a.sign(message);
		},
	},
	{
		name: "Account: generate 10 one-time keys",
		setup(Olm) {
			const a = account(Olm);
			return () => a.generate_one_time_keys(10);
		},
	},
	{
		name: "Account: list 50 one-time keys",
		setup(Olm) {
			const a = account(Olm);
			a.generate_one_time_keys(50);
			return () => a.one_time_keys();
		},
	},
	{
		name: "Account: generate_fallback_key",
		setup(Olm) {
			const a = account(Olm);
			return () => a.generate_fallback_key();
		},
	},
	{
		name: "Account: mark_keys_as_published",
		setup(Olm) {
			const a = account(Olm);
			a.generate_one_time_keys(50);
			return () => a.mark_keys_as_published();
		},
	},
	{
		name: "Account: pickle, 50 one-time keys",
		setup(Olm) {
			const a = account(Olm);
			a.generate_one_time_keys(50);
			return () => a.pickle("secret");
		},
	},
	{
		name: "Account: unpickle, 50 one-time keys",
		setup(Olm) {
			const a = account(Olm);
			a.generate_one_time_keys(50);
			const pickle = a.pickle("secret");
			return () => {
				const b = new Olm.Account();
				b.unpickle("secret", pickle);
				b.free();
			};
		},
	},
	{
		name: "Session: create_outbound",
		setup(Olm) {
			const a = account(Olm);
			const b = account(Olm);
			b.generate_one_time_keys(1);
			const identity = keys(b.identity_keys());
			const oneTime = Object.values(keys(b.one_time_keys()))[0];
			return () => {
				const s = new Olm.Session();
				s.create_outbound(a, identity, oneTime);
				s.free();
			};
		},
	},
	{
		name: "Session: create_inbound",
		setup(Olm) {
			const { bob, first } = conversation(Olm);
			return () => {
				const s = new Olm.Session();
				s.create_inbound(bob, first.body);
				s.free();
			};
		},
	},
	{
		name: "Session: matches_inbound",
		setup(Olm) {
			const { back, first } = conversation(Olm);
			return () => back.matches_inbound(first.body);
		},
	},
	{
		name: "Session: session_id",
		setup(Olm) {
			const { there } = conversation(Olm);
			return () => there.session_id();
		},
	},
	{
		name: "Session: describe",
		setup(Olm) {
			const { there } = conversation(Olm);
			return () => there.describe();
		},
	},
	...[64, 1024, 32768].map((size) => ({
		name: `Session: encrypt ${size} B`,
		setup(Olm) {
			const { there } = conversation(Olm);
			const plaintext = text(size);
			return () => there.encrypt(plaintext);
		},
	})),
	...[64, 1024, 32768].map((size) => ({ name: `Session: decrypt ${size} B`, setup: olmDecrypt(size) })),
	{
		name: "Session: a turn each (4 X25519)",
		setup(Olm) {
			const { there, back } = conversation(Olm);
			return () => {
				const m = there.encrypt("ping");
				back.decrypt(m.type, m.body);
				const n = back.encrypt("pong");
				there.decrypt(n.type, n.body);
			};
		},
	},
	{
		name: "Session: pickle",
		setup(Olm) {
			const { there } = conversation(Olm);
			return () => there.pickle("secret");
		},
	},
	{
		name: "Session: unpickle",
		setup(Olm) {
			const pickle = conversation(Olm).there.pickle("secret");
			return () => {
				const s = new Olm.Session();
				s.unpickle("secret", pickle);
				s.free();
			};
		},
	},
	{
		name: "Group: create outbound",
		setup: (Olm) => () => {
			const s = new Olm.OutboundGroupSession();
			s.create();
			s.free();
		},
	},
	{
		name: "Group: session_key",
		setup(Olm) {
			const { out } = group(Olm);
			return () => out.session_key();
		},
	},
	{
		name: "Group: create inbound",
		setup(Olm) {
			const { key } = group(Olm);
			return () => {
				const s = new Olm.InboundGroupSession();
				s.create(key);
				s.free();
			};
		},
	},
	...[64, 1024, 32768].map((size) => ({
		name: `Group: encrypt ${size} B`,
		setup(Olm) {
			const { out } = group(Olm);
			const plaintext = text(size);
			return () => out.encrypt(plaintext);
		},
	})),
	...[64, 1024, 32768].map((size) => ({
		name: `Group: decrypt ${size} B`,
		setup(Olm) {
			const { out, inbound } = group(Olm);
			const message = out.encrypt(text(size));
			return () => inbound.decrypt(message);
		},
	})),
	{
		name: "Group: decrypt, 1000 messages ahead",
		setup(Olm) {
			const { out, key } = group(Olm);
			for (let i = 0; i < 1000; i++) out.encrypt("");
			const message = out.encrypt(text(64));
			return () => {
				const s = new Olm.InboundGroupSession();
				s.create(key);
				s.decrypt(message);
				s.free();
			};
		},
	},
	{
		name: "Group: export_session",
		setup(Olm) {
			const { inbound } = group(Olm);
			return () => inbound.export_session(0);
		},
	},
	{
		name: "Group: import_session",
		setup(Olm) {
			const key = group(Olm).inbound.export_session(0);
			return () => {
				const s = new Olm.InboundGroupSession();
				s.import_session(key);
				s.free();
			};
		},
	},
	{
		name: "Group: pickle inbound",
		setup(Olm) {
			const { inbound } = group(Olm);
			return () => inbound.pickle("secret");
		},
	},
	{
		name: "Group: unpickle inbound",
		setup(Olm) {
			const pickle = group(Olm).inbound.pickle("secret");
			return () => {
				const s = new Olm.InboundGroupSession();
				s.unpickle("secret", pickle);
				s.free();
			};
		},
	},
	...[64, 65536 - 1024].map((size) => ({
		// More than 64 KiB corrupts the memory of the published package.
		name: `Utility: sha256 ${size} B`,
		setup(Olm) {
			const u = new Olm.Utility();
			const input = text(size);
			return () => u.sha256(input);
		},
	})),
	{
		name: "Utility: ed25519_verify 256 B",
		setup(Olm) {
			const u = new Olm.Utility();
			const a = account(Olm);
			const message = text(256);
			const key = JSON.parse(a.identity_keys()).ed25519;
			const signature = a.sign(message);
			return () => u.ed25519_verify(key, message, signature);
		},
	},
	{
		name: "PK: generate_key",
		setup: (Olm) => () => {
			const d = new Olm.PkDecryption();
			d.generate_key();
			d.free();
		},
	},
	{
		name: "PK: encrypt 1024 B",
		setup(Olm) {
			const d = new Olm.PkDecryption();
			const e = new Olm.PkEncryption();
			e.set_recipient_key(d.generate_key());
			const plaintext = text(1024);
			return () => e.encrypt(plaintext);
		},
	},
	{
		name: "PK: decrypt 1024 B",
		setup(Olm) {
			const d = new Olm.PkDecryption();
			const e = new Olm.PkEncryption();
			e.set_recipient_key(d.generate_key());
			const m = e.encrypt(text(1024));
			return () => d.decrypt(m.ephemeral, m.mac, m.ciphertext);
		},
	},
	{
		name: "PK: sign 256 B",
		setup(Olm) {
			const s = new Olm.PkSigning();
			s.init_with_seed(s.generate_seed());
			const message = text(256);
			return () => s.sign(message);
		},
	},
	{
		name: "SAS: create",
		most: 60, // the published package leaks its stack here, and crashes after some 2000
		setup: (Olm) => () => new Olm.SAS().free(),
	},
	{
		name: "SAS: set_their_key",
		setup(Olm) {
			const a = new Olm.SAS();
			const key = new Olm.SAS().get_pubkey();
			return () => a.set_their_key(key);
		},
	},
	{
		name: "SAS: generate_bytes",
		setup(Olm) {
			const a = new Olm.SAS();
			a.set_their_key(new Olm.SAS().get_pubkey());
			return () => a.generate_bytes("MATRIX_KEY_VERIFICATION_SAS", 6);
		},
	},
	{
		name: "SAS: calculate_mac_fixed_base64",
		setup(Olm) {
			const a = new Olm.SAS();
			a.set_their_key(new Olm.SAS().get_pubkey());
			return () => a.calculate_mac_fixed_base64("a key", "MATRIX_KEY_VERIFICATION_MAC");
		},
	},
];
