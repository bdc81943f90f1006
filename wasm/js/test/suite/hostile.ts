import { above } from "./above.js";
import { cases, type Olm } from "./case.js";
import { different, equal, fail, refuses, throws } from "./check.js";
import { account, answered, begun, curve25519, groupPair, oneTimeKey } from "./people.js";

/** Texts of which something used to get lost. */
const texts = [
	"",
	"a",
	"ends with NUL\0",
	"\0",
	"NUL\0inside, and long enough that a decoder is asked",
	"\ufeffbyte order mark",
	"\ufeffbyte order mark in a text that is long enough for a decoder",
	"umläut",
	"€uro and \u{1f600}\u{1f680} and \u{10ffff}",
	"\u{1f600}".repeat(20_000),
	"x".repeat(70_000),
	"\u007f\u0080\u07ff\u0800\uffff\u{10000}",
];

const inPublished = new Set(["", "a", "umläut", "€uro and \u{1f600}\u{1f680} and \u{10ffff}", "x".repeat(70_000)]);

/** Every method that takes text, with good other arguments: f(text) uses it. */
function takers(Olm: Olm): Record<string, { object: { pickle?(key: string): string }; call: (text: any) => unknown }> {
	const { alice, bob, there, back } = answered(Olm);
	const { out, inbound } = groupPair(Olm);
	const d = new Olm.PkDecryption();
	const e = new Olm.PkEncryption();
	e.set_recipient_key(d.generate_key());
	const m = e.encrypt("hello");
	const signing = new Olm.PkSigning();
	signing.init_with_seed(signing.generate_seed());
	const sas = new Olm.SAS();
	sas.set_their_key(new Olm.SAS().get_pubkey());
	const u = new Olm.Utility();
	const identity = curve25519(bob);
	const oneTime = oneTimeKey(bob);
	const ed25519 = JSON.parse(alice.identity_keys()).ed25519;
	const signature = alice.sign("message");
	const s = new Olm.Session();
	return {
		"Account.sign": { object: alice, call: (t) => alice.sign(t) },
		"Account.pickle": { object: alice, call: (t) => alice.pickle(t) },
		"Account.unpickle key": { object: alice, call: (t) => alice.unpickle(t, back.pickle("")) },
		"Account.unpickle pickle": { object: alice, call: (t) => alice.unpickle("", t) },
		"Session.create_outbound identity": { object: s, call: (t) => s.create_outbound(alice, t, oneTime) },
		"Session.create_outbound one-time": { object: s, call: (t) => s.create_outbound(alice, identity, t) },
		"Session.create_inbound": { object: s, call: (t) => s.create_inbound(bob, t) },
		"Session.create_inbound_from identity": { object: s, call: (t) => s.create_inbound_from(bob, t, "AAAA") },
		"Session.create_inbound_from message": { object: s, call: (t) => s.create_inbound_from(bob, identity, t) },
		"Session.matches_inbound": { object: back, call: (t) => back.matches_inbound(t) },
		"Session.matches_inbound_from": { object: back, call: (t) => back.matches_inbound_from(t, "AAAA") },
		"Session.encrypt": { object: there, call: (t) => there.encrypt(t) },
		"Session.decrypt": { object: back, call: (t) => back.decrypt(1, t) },
		"Session.decrypt pre-key": { object: back, call: (t) => back.decrypt(0, t) },
		"Session.pickle": { object: back, call: (t) => back.pickle(t) },
		"Session.unpickle": { object: back, call: (t) => back.unpickle("", t) },
		"OutboundGroupSession.encrypt": { object: out, call: (t) => out.encrypt(t) },
		"OutboundGroupSession.unpickle": { object: out, call: (t) => out.unpickle("", t) },
		"InboundGroupSession.decrypt": { object: inbound, call: (t) => inbound.decrypt(t) },
		"InboundGroupSession.create": { object: inbound, call: (t) => inbound.create(t) },
		"InboundGroupSession.import_session": { object: inbound, call: (t) => inbound.import_session(t) },
		"InboundGroupSession.unpickle": { object: inbound, call: (t) => inbound.unpickle("", t) },
		"PkEncryption.encrypt": { object: {}, call: (t) => e.encrypt(t) },
		"PkEncryption.set_recipient_key": { object: {}, call: (t) => new Olm.PkEncryption().set_recipient_key(t) },
		"PkDecryption.decrypt ephemeral": { object: d, call: (t) => d.decrypt(t, m.mac, m.ciphertext) },
		"PkDecryption.decrypt mac": { object: d, call: (t) => d.decrypt(m.ephemeral, t, m.ciphertext) },
		"PkDecryption.decrypt ciphertext": { object: d, call: (t) => d.decrypt(m.ephemeral, m.mac, t) },
		"PkDecryption.unpickle": { object: d, call: (t) => d.unpickle("", t) },
		"PkSigning.sign": { object: {}, call: (t) => signing.sign(t) },
		"SAS.set_their_key": { object: {}, call: (t) => sas.set_their_key(t) },
		"SAS.generate_bytes": { object: {}, call: (t) => sas.generate_bytes(t, 6) },
		"SAS.calculate_mac input": { object: {}, call: (t) => sas.calculate_mac(t, "info") },
		"SAS.calculate_mac info": { object: {}, call: (t) => sas.calculate_mac("input", t) },
		"Utility.sha256": { object: {}, call: (t) => u.sha256(t) },
		"Utility.ed25519_verify key": { object: {}, call: (t) => u.ed25519_verify(t, "message", signature) },
		"Utility.ed25519_verify message": { object: {}, call: (t) => u.ed25519_verify(ed25519, t, signature) },
		"Utility.ed25519_verify signature": { object: {}, call: (t) => u.ed25519_verify(ed25519, "message", t) },
	};
}

/** What takes a message takes each character as a byte; the rest takes UTF-8, which surrogates have none in. */
const messages = new Set(["Session.decrypt", "Session.decrypt pre-key", "InboundGroupSession.decrypt", "PkDecryption.decrypt ciphertext"]);

export const hostileCases = cases("hostile input", {
	"every text arrives whole": ({ Olm, published }) => {
		const { there, back } = answered(Olm);
		const { out, inbound } = groupPair(Olm);
		const d = new Olm.PkDecryption();
		const e = new Olm.PkEncryption();
		e.set_recipient_key(d.generate_key());
		for (const text of texts) {
			if (published && !inPublished.has(text)) continue; // cut at NUL, mark lost, 64 KiB of UTF-8
			const m = there.encrypt(text);
			equal(back.decrypt(m.type, m.body), text, "Session");
			equal(inbound.decrypt(out.encrypt(text)).plaintext, text, "group");
			const p = e.encrypt(text);
			equal(d.decrypt(p.ephemeral, p.mac, p.ciphertext), text, "PK");
		}
	},

	"what is no UTF-8 becomes U+FFFD": ({ Olm, published }) => {
		if (published) return; // takes no bytes
		const { out, inbound } = groupPair(Olm);
		for (const [bytes, text] of [
			[[0xff], "\ufffd"],
			[[0x61, 0xc3], "a\ufffd"],
			[[0xed, 0xa0, 0x80], "\ufffd\ufffd\ufffd"],
			[[...Array(40).fill(0x61), 0x80], "a".repeat(40) + "\ufffd"],
		] as [number[], string][]) {
			equal(inbound.decrypt(out.encrypt(Uint8Array.from(bytes) as any)).plaintext, text);
		}
	},

	"megabytes": ({ Olm, published }) => {
		const { there, back } = answered(Olm);
		const text = "0123456789abcdef".repeat(200_000);
		const m = there.encrypt(text);
		equal(back.decrypt(m.type, m.body) === text, true);
		if (published) return; // these corrupt its memory
		const a = account(Olm);
		const u = new Olm.Utility();
		const key = JSON.parse(a.identity_keys()).ed25519;
		u.ed25519_verify(key, text, a.sign(text));
		equal(u.sha256(text).length, 43);
		a.unpickle(text, a.pickle(text));
		equal(JSON.parse(a.identity_keys()).ed25519, key);
	},

	"wrong types are refused": ({ Olm, published }) => {
		const values = [undefined, null, 1, 1n, true, {}, [], () => {}, Symbol("s"), new Date(), new Float64Array(8), new DataView(new ArrayBuffer(8)), new ArrayBuffer(8), { length: 5 }];
		for (const [name, { object, call }] of Object.entries(takers(Olm))) {
			if (published) {
				equal(throws(() => call(undefined), /./) instanceof Error, true, name);
				continue;
			}
			const before = object.pickle?.("k");
			for (const value of values) refuses(() => call(value), "TypeError", /^OLM: .* must be a string or a Uint8Array$/);
			equal(object.pickle?.("k"), before, name);
		}
	},

	"unpaired surrogates are refused": ({ Olm, published }) => {
		if (published) return; // sends something else than it was given
		for (const [name, { object, call }] of Object.entries(takers(Olm))) {
			const before = object.pickle?.("k");
			for (const text of ["\ud800", "a\udc00", "\udc00\ud800", "x".repeat(100) + "\ud83d", "\ud83d" + "x".repeat(70_000)]) {
				if (messages.has(name)) throws(() => call(text), /^OLM\.(BAD_MESSAGE_\w+|INVALID_BASE64)$/);
				else refuses(() => call(text), "TypeError", /^OLM: .* has an unpaired surrogate$/);
			}
			equal(object.pickle?.("k"), before, name);
		}
	},

	"detached buffers are refused": ({ Olm, published }) => {
		if (published) return;
		for (const [name, { object, call }] of Object.entries(takers(Olm))) {
			const before = object.pickle?.("k");
			const bytes = new Uint8Array(8);
			structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
			refuses(() => call(bytes), "TypeError", /^OLM: .* lies in a detached buffer$/);
			equal(object.pickle?.("k"), before, name);
		}
	},

	"the caller's bytes stay as they are": ({ Olm, published }) => {
		if (published) return; // overwrites keys and messages with zeros
		for (const [name, { call }] of Object.entries(takers(Olm))) {
			const bytes = Uint8Array.from({ length: 43 }, (_, i) => 65 + (i % 26));
			const before = bytes.slice();
			try {
				call(bytes);
			} catch (error) {
				if (!/^OLM\./.test((error as Error).message)) throw error;
			}
			equal(bytes, before, name);
		}
	},

	"views into larger buffers": ({ Olm, published }) => {
		if (published) return;
		const u = new Olm.Utility();
		const whole = new TextEncoder().encode("--abc--");
		equal(u.sha256(whole.subarray(2, 5)), u.sha256("abc"));
		if (typeof SharedArrayBuffer === "function") {
			const shared = new Uint8Array(new SharedArrayBuffer(3));
			shared.set([97, 98, 99]);
			equal(u.sha256(shared), u.sha256("abc"));
		}
		const d = new Olm.PkDecryption();
		throws(() => d.init_with_private_key("x".repeat(32) as any), /must be/);
		throws(() => new Olm.PkSigning().init_with_seed("x".repeat(32) as any), /must be/);
	},

	"views that lie, arguments that call back and methods of another class harm nobody": ({ Olm, published }) => {
		if (published) return; // all of these change another object
		const others = Array.from({ length: 20 }, () => account(Olm));
		const before = others.map((a) => a.pickle("k"));
		const u = new Olm.Utility();
		const bytes = new Uint8Array(100_000).fill(7);
		const hash = u.sha256(bytes);
		for (const value of [0, 1, 2 ** 20]) {
			equal(u.sha256(Object.defineProperty(bytes.slice(), "length", { value })), hash);
		}
		const d = new Olm.PkDecryption();
		const other: { d?: InstanceType<Olm["PkDecryption"]>; pickle?: string } = {};
		const freeing = {
			valueOf() {
				d.free();
				other.d = new Olm.PkDecryption();
				other.d.generate_key();
				other.pickle = other.d.pickle("k");
				return 1;
			},
		};
		throws(() => d.init_with_private_key([freeing, ...Array(31).fill(1)] as any), "OLM: this pk_decryption was used after free()");
		equal(other.d!.pickle("k"), other.pickle);
		refuses(() => Olm.Account.prototype.create.call(u as any), "TypeError", /wrong type/);
		refuses(() => Olm.Account.prototype.sign.call({} as any, "x"), "TypeError", /wrong type/);
		equal(others.map((a) => a.pickle("k")), before);
		for (const a of others) a.free();
	},

	"a stack that is full changes nothing": ({ Olm, published }) => {
		if (published) return; // loses the stack of its module
		const { alice, there, back } = answered(Olm);
		let message = there.encrypt("once");
		const canary = account(Olm);
		const keys = canary.identity_keys();
		// Until the host has compiled it for speed: then its frames are small, and more of them may fit.
		for (let i = 0; i < 400; i++) alice.generate_one_time_keys(2);
		let before = [alice.pickle("k"), back.pickle("k")];
		let broken = 0;
		for (let round = 0; round < 6; round++) {
			let made = 0;
			for (let frames = 0; made < 3; frames++) {
				for (const call of [() => alice.generate_one_time_keys(2), () => back.decrypt(message.type, message.body)]) {
					const { value, error } = above(frames, (frames + 2 * round) % 7, call);
					equal(canary.identity_keys(), keys);
					const now = [alice.pickle("k"), back.pickle("k")];
					if (error) {
						broken++;
						// Which it is in V8 and JavaScriptCore, and in SpiderMonkey.
						if (!/^(RangeError|InternalError): /.test(String(error))) fail(`threw ${error}`);
						equal(now, before, `after ${frames} frames`);
					} else if (value === undefined) made++;
					else {
						equal(value, "once");
						message = there.encrypt("once");
					}
					before = now;
				}
			}
		}
		if (broken < 10) fail("the stack was never full");
	},

	"lengths out of bounds are refused": ({ Olm, published }) => {
		if (published) return;
		const sas = new Olm.SAS();
		sas.set_their_key(new Olm.SAS().get_pubkey());
		for (const n of [-1, NaN, Infinity, 2 ** 30, 2 ** 32, 2 ** 53, undefined, {}, "many"]) {
			refuses(() => sas.generate_bytes("info", n as any), "RangeError", /^OLM: length must be/);
		}
		const { out, inbound } = groupPair(Olm);
		for (const n of [-1, NaN, 2 ** 32, undefined, {}]) {
			refuses(() => inbound.export_session(n as any), "RangeError", /^OLM: index must be/);
		}
		equal(inbound.export_session(0), inbound.export_session("0" as any));
		const { back } = begun(Olm);
		for (const type of [-1, NaN, undefined, null, {}, [], "normal"]) {
			refuses(() => back.decrypt(type as any, "AAAA"), "TypeError", /^OLM: message_type must be/);
		}
		out.free();
	},

	"use after free is refused, free again is not": ({ Olm, published }) => {
		if (published) return; // corrupts its memory
		const { alice, there } = begun(Olm);
		const all = [alice, there, new Olm.Utility(), ...Object.values(groupPair(Olm)), new Olm.PkEncryption(), new Olm.PkDecryption(), new Olm.PkSigning(), new Olm.SAS()];
		for (const object of all as any[]) {
			object.free();
			equal(object.free(), undefined);
			let prototype = Object.getPrototypeOf(object);
			let tried = 0;
			while (prototype !== Object.prototype) {
				for (const name of Object.getOwnPropertyNames(prototype)) {
					if (name === "constructor" || name === "free") continue;
					throws(() => object[name](0, "", ""), /was used after free\(\)$/);
					tried++;
				}
				prototype = Object.getPrototypeOf(prototype);
			}
			if (!tried) fail("no method was tried");
		}
		throws(() => new Olm.Session().create_inbound(alice, "AAAA"), "OLM: this account was used after free()");
		throws(() => account(Olm).remove_one_time_keys(there), "OLM: this session was used after free()");
		// Another object may lie there now, and is another.
		different(account(Olm).identity_keys(), account(Olm).identity_keys());
	},

	"whatever bytes arrive, the module stays usable": ({ Olm, published }) => {
		if (published) return;
		let seed = 1;
		const next = (n: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n;
		const all = Object.values(takers(Olm));
		const { there, back } = answered(Olm);
		const { out, inbound } = groupPair(Olm);
		const good = () => [there.encrypt("m").body, out.encrypt("m"), out.session_key(), inbound.export_session(0), back.pickle(""), inbound.pickle(""), account(Olm).pickle("")];
		const stock = good();
		for (let i = 0; i < 4000; i++) {
			let bytes = new TextEncoder().encode(stock[next(stock.length)]);
			for (let n = next(4); n >= 0; n--) bytes[next(bytes.length)] = next(256);
			if (next(3) === 0) bytes = bytes.slice(0, next(bytes.length + 1));
			if (next(8) === 0) bytes = Uint8Array.from({ length: next(300) }, () => next(256));
			const { call } = all[next(all.length)];
			try {
				call(bytes);
			} catch (error) {
				const { message } = error as Error;
				if (!/^OLM\.[A-Z_0-9]+$/.test(message) || message === "OLM.UNKNOWN_ERROR" || message === "OLM.SUCCESS") throw error;
			}
		}
		equal(new Olm.Utility().sha256("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
		const m = there.encrypt("still there");
		equal(back.decrypt(m.type, m.body), "still there");
	},
});
