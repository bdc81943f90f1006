// The peer of a package with the classic API of @matrix-org/olm in the comparison: see ../README.md for what a peer is
// asked. The package's main file is the first argument:
//
//     node peer.mjs path/to/olm.js list

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";

const [file, command] = process.argv.slice(2);
if (!file || !["list", "memory", "version", "serve"].includes(command)) {
	console.error("usage: peer.mjs FILE list|memory|version|serve");
	process.exit(1);
}
const Olm = createRequire(import.meta.url)(resolve(file));
await Olm.init();

const key = "32 random bytes from a key store";
// Not zeros as with the other peers: the published package ends a text there.
const plain = (n) => "x".repeat(n);
const curve25519 = (json) => JSON.parse(json).curve25519;

function check(text, size) {
	if (text !== plain(size)) throw new Error("the plaintext is another one");
}

function account(oneTimeKeys = 0) {
	const made = new Olm.Account();
	made.create();
	if (oneTimeKeys) made.generate_one_time_keys(oneTimeKeys);
	return made;
}

const identity = (a) => curve25519(a.identity_keys());
const oneTimeKey = (a) => Object.values(curve25519(a.one_time_keys()))[0];

/** Both sides of a session in which both have sent. */
function conversation() {
	const [a, b] = [account(), account(1)];
	const [alice, bob] = [new Olm.Session(), new Olm.Session()];
	alice.create_outbound(a, identity(b), oneTimeKey(b));
	const first = alice.encrypt("1");
	bob.create_inbound(b, first.body);
	bob.decrypt(first.type, first.body);
	pass(bob, alice, "2");
	pass(alice, bob, "3");
	a.free();
	b.free();
	return { alice, bob };
}

function pass(from, to, text) {
	const m = from.encrypt(text);
	return to.decrypt(m.type, m.body);
}

function group() {
	const [out, inbound] = [new Olm.OutboundGroupSession(), new Olm.InboundGroupSession()];
	out.create();
	inbound.create(out.session_key());
	return { out, inbound };
}

/** An object as it is after unpickling. */
function unpickled(type, pickle) {
	const made = new Olm[type]();
	made.unpickle(key, pickle);
	return made;
}

// How loops are timed. Each returns a function that runs n iterations and says how many milliseconds they took.

/** Needs nothing new for an iteration. */
const repeat = (f) => (n) => {
	const start = performance.now();
	for (let i = 0; i < n; i++) f();
	return performance.now() - start;
};

/** Uses its input up. 64 are made at once, and freed afterwards. */
const onEach = (make, f) => (n) => {
	let total = 0;
	for (let left = n; left > 0; left -= 64) {
		const inputs = Array.from({ length: Math.min(left, 64) }, make);
		const start = performance.now();
		for (const input of inputs) f(input);
		total += performance.now() - start;
		for (const input of inputs) input.free?.();
	}
	return total;
};

/** Receives messages one after the other, and begins anew when it has had all. */
const inOrder = (begin, messages, f) => (n) => {
	let total = 0;
	for (let left = n; left > 0; left -= messages.length) {
		const receiver = begin();
		const some = messages.slice(0, left);
		const start = performance.now();
		for (const m of some) f(receiver, m);
		total += performance.now() - start;
		receiver.free();
	}
	return total;
};

const messagesOf = (size) => Math.max(1, Math.min(256, Math.floor((2 << 20) / size)));
const many = (n, make) => Array.from({ length: n }, make);

const operations = {
	AccountNew: () => repeat(() => account().free()),
	OneTimeKeys50: () => onEach(() => account(), (a) => a.generate_one_time_keys(50)),
	AccountSign() {
		const [a, message] = [account(), plain(256)];
		return repeat(() => a.sign(message));
	},
	OlmOutbound() {
		const [a, b] = [account(), account(1)];
		const [theirs, oneTime, plaintext] = [identity(b), oneTimeKey(b), plain(64)];
		return repeat(() => {
			const s = new Olm.Session();
			s.create_outbound(a, theirs, oneTime);
			s.encrypt(plaintext);
			s.free();
		});
	},
	OlmInbound() {
		const [a, b, s] = [account(), account(50), new Olm.Session()];
		s.create_outbound(a, identity(b), oneTimeKey(b));
		const { body } = s.encrypt(plain(64));
		const pickle = b.pickle(key);
		return onEach(
			() => unpickled("Account", pickle),
			(b) => {
				const s = new Olm.Session();
				s.create_inbound(b, body);
				check(s.decrypt(0, body), 64);
				b.remove_one_time_keys(s);
				s.free();
			},
		);
	},
	OlmPingPong() {
		const { alice, bob } = conversation();
		const plaintext = plain(64);
		return repeat(() => {
			pass(bob, alice, plaintext);
			pass(alice, bob, plaintext);
		});
	},
	OlmSkip40() {
		const { alice, bob } = conversation();
		const bodies = many(40, () => alice.encrypt(plain(64)).body).reverse(); // the newest first
		const pickle = bob.pickle(key);
		return onEach(
			() => unpickled("Session", pickle),
			(bob) => {
				for (const body of bodies) bob.decrypt(1, body);
			},
		);
	},
	MegolmNew: () =>
		repeat(() => {
			const s = new Olm.OutboundGroupSession();
			s.create();
			s.free();
		}),
	MegolmInboundNew: () =>
		onEach(
			() => {
				const { out, inbound } = group();
				inbound.free();
				const sessionKey = out.session_key();
				out.free();
				return { sessionKey };
			},
			({ sessionKey }) => {
				const s = new Olm.InboundGroupSession();
				s.create(sessionKey);
				s.free();
			},
		),
	MegolmFar() {
		const { out, inbound } = group();
		for (let i = 0; i < 1 << 16; i++) out.encrypt("");
		const [text, pickle] = [out.encrypt(plain(64)), inbound.pickle(key)];
		return onEach(() => unpickled("InboundGroupSession", pickle), (s) => check(s.decrypt(text).plaintext, 64));
	},
	MegolmExport() {
		const { inbound } = group();
		return repeat(() => inbound.export_session(0));
	},
	MegolmImport() {
		const exported = group().inbound.export_session(0);
		return repeat(() => {
			const s = new Olm.InboundGroupSession();
			s.import_session(exported);
			s.free();
		});
	},
	...pickles("Account50", "Account", () => account(50)),
	...pickles("Session", "Session", () => conversation().bob),
	...pickles("Megolm", "InboundGroupSession", () => group().inbound),
	HotOlm() {
		const { alice, bob } = conversation();
		const [m, pickle] = [alice.encrypt(plain(64)), bob.pickle(key)];
		return repeat(() => {
			const s = unpickled("Session", pickle);
			s.decrypt(m.type, m.body);
			s.pickle(key);
			s.free();
		});
	},
	HotMegolm() {
		const { out, inbound } = group();
		const [text, pickle] = [out.encrypt(plain(64)), inbound.pickle(key)];
		return repeat(() => {
			const s = unpickled("InboundGroupSession", pickle);
			s.decrypt(text);
			s.pickle(key);
			s.free();
		});
	},
	Backfill() {
		const { out, inbound } = group();
		const [texts, pickle] = [many(1000, () => out.encrypt(plain(64))), inbound.pickle(key)];
		return onEach(
			() => unpickled("InboundGroupSession", pickle),
			(s) => {
				for (const text of texts) s.decrypt(text);
			},
		);
	},
	FanOut() {
		const { alice, bob } = conversation();
		const pickle = alice.pickle(key);
		const devices = many(1000, () => unpickled("Session", pickle));
		const roomKey = plain(300);
		check(pass(devices[999], bob, roomKey), 300);
		return repeat(() => {
			for (const s of devices) s.encrypt(roomKey);
		});
	},
	SAS() {
		const other = new Olm.SAS();
		const theirs = other.get_pubkey();
		return repeat(() => {
			const s = new Olm.SAS();
			s.get_pubkey();
			s.set_their_key(theirs);
			s.generate_bytes("MATRIX_KEY_VERIFICATION_SAS", 6);
			s.free();
		});
	},
	PkEncrypt1KiB() {
		const [d, e, plaintext] = [new Olm.PkDecryption(), new Olm.PkEncryption(), plain(1024)];
		e.set_recipient_key(d.generate_key());
		return repeat(() => e.encrypt(plaintext));
	},
	PkDecrypt1KiB() {
		const [d, e] = [new Olm.PkDecryption(), new Olm.PkEncryption()];
		e.set_recipient_key(d.generate_key());
		const m = e.encrypt(plain(1024));
		check(d.decrypt(m.ephemeral, m.mac, m.ciphertext), 1024);
		return repeat(() => d.decrypt(m.ephemeral, m.mac, m.ciphertext));
	},
};

function pickles(name, type, make) {
	return {
		[`Pickle${name}`]() {
			const made = make();
			return repeat(() => made.pickle(key));
		},
		[`Unpickle${name}`]() {
			const pickle = make().pickle(key);
			return repeat(() => unpickled(type, pickle).free());
		},
	};
}

for (const [name, size] of [["64B", 64], ["1KiB", 1 << 10], ["32KiB", 32 << 10]]) {
	const plaintext = plain(size);
	Object.assign(operations, {
		[`OlmEncrypt/${name}`]() {
			const { alice } = conversation();
			return repeat(() => alice.encrypt(plaintext));
		},
		[`OlmDecrypt/${name}`]() {
			const { alice, bob } = conversation();
			const [bodies, pickle] = [many(messagesOf(size), () => alice.encrypt(plaintext).body), bob.pickle(key)];
			return inOrder(() => unpickled("Session", pickle), bodies, (s, body) => check(s.decrypt(1, body), size));
		},
		[`MegolmEncrypt/${name}`]() {
			const { out } = group();
			return repeat(() => out.encrypt(plaintext));
		},
		[`MegolmDecrypt/${name}`]() {
			const { out, inbound } = group();
			const [texts, pickle] = [many(messagesOf(size), () => out.encrypt(plaintext)), inbound.pickle(key)];
			return inOrder(() => unpickled("InboundGroupSession", pickle), texts, (s, text) => check(s.decrypt(text).plaintext, size));
		},
	});
}

// The published package leaks its stack in each SAS, and crashes after some 2000: these are few enough for a pass.
const atMost = { SAS: 8 };

const prepared = new Map();

/** The nanoseconds of one iteration, in a sample of about 8 ms after a warm-up of 2 ms. */
function sample(name) {
	if (!prepared.has(name)) prepared.set(name, { loop: operations[name](), iterations: 0 });
	const o = prepared.get(name);
	const most = atMost[name] ?? Infinity;
	for (let n = 1; !o.iterations; n *= 2) {
		const took = o.loop(n);
		if (took > 1 || n >= most) o.iterations = Math.min(most, Math.max(1, Math.floor((8 / took) * n)));
	}
	if (o.iterations >= 4) o.loop(Math.floor(o.iterations / 4));
	return (o.loop(o.iterations) * 1e6) / o.iterations;
}

if (command === "list") {
	for (const name of Object.keys(operations)) console.log(name);
} else if (command === "version") {
	const { name, version } = JSON.parse(readFileSync(resolve(dirname(file), "package.json")));
	console.log(`${name} ${version}, Node ${process.versions.node}`);
} else if (command === "serve") {
	for await (const name of createInterface({ input: process.stdin })) {
		let answer;
		try {
			answer = Object.hasOwn(operations, name) ? sample(name).toFixed(2) : `error: there is no operation ${name}`;
		} catch (e) {
			answer = `error: ${name}: ${e}`.replaceAll("\n", " ");
		}
		process.stdout.write(`${answer}\n`);
	}
}
