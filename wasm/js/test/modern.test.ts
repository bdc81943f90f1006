import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type * as Modern from "../src/modern/index.js";
import { dist, ready } from "./packages.js";

/** A copy of its own of the built package. */
async function load(name: "modern.mjs" | "modern.cjs"): Promise<typeof Modern> {
	if (name === "modern.mjs") return import(`${join(dist, name)}?${Math.random()}`);
	const require = createRequire(import.meta.url);
	delete require.cache[join(dist, name)];
	return require(join(dist, name));
}

describe.each(["modern.mjs", "modern.cjs"] as const)("%s", (name) => {
	let M: typeof Modern;
	beforeAll(async () => {
		M = await load(name);
		await M.init();
	});

	const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

	function failure(f: () => unknown): Modern.OlmErrorCode {
		try {
			f();
		} catch (error) {
			expect(error).toBeInstanceOf(M.OlmError);
			expect(error).toBeInstanceOf(Error);
			expect((error as Error).name).toBe("OlmError");
			expect((error as Error).message).not.toBe("");
			return (error as Modern.OlmError).code;
		}
		throw new Error("nothing was thrown");
	}

	function begun() {
		const alice = new M.Account();
		const bob = new M.Account();
		bob.generateOneTimeKeys(1);
		const there = alice.createOutboundSession(bob.identityKeys.curve25519, bob.oneTimeKeys[0].key);
		const first = there.encrypt("hello");
		const { session: back, plaintext } = bob.createInboundSession(first, alice.identityKeys.curve25519);
		expect(text(plaintext)).toBe("hello");
		return { alice, bob, there, back, first };
	}

	test("a conversation, in text and in bytes", () => {
		const { there, back } = begun();
		expect(back.id).toBe(there.id);
		expect([there.hasReceivedMessage, back.hasReceivedMessage]).toEqual([false, true]);
		const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i);
		const m = back.encrypt(bytes);
		expect(m.type).toBe(1);
		expect(there.decrypt(m)).toEqual(bytes);
		expect(bytes).toEqual(Uint8Array.from({ length: 1000 }, (_, i) => i));
		expect(back.decryptText(there.encrypt("ä\0€"))).toBe("ä\0€");
		expect(there.describe()).toMatch(/^sender chain index: 1 /);
		// As it comes out of an event.
		expect(back.decryptText(JSON.parse(JSON.stringify(there.encrypt("x"))))).toBe("x");
	});

	test("a one-time key goes when its message has been decrypted, and not before", () => {
		const { alice, bob, first } = begun();
		expect(failure(() => bob.createInboundSession(first))).toBe("BAD_MESSAGE_KEY_ID");
		bob.generateOneTimeKeys(1);
		const there = alice.createOutboundSession(bob.identityKeys.curve25519, bob.oneTimeKeys[0].key);
		const { type, body } = there.encrypt("hello");
		const before = bob.pickle("k");
		const forged = { type, body: body.slice(0, -4) + "AAAA" };
		expect(failure(() => bob.createInboundSession(forged))).toBe("BAD_MESSAGE_MAC");
		expect(failure(() => bob.createInboundSession({ type, body }, bob.identityKeys.curve25519))).toBe("BAD_MESSAGE_KEY_ID");
		expect(bob.pickle("k")).toBe(before);
		const { session } = bob.createInboundSession({ type, body });
		expect(session.matches({ type, body })).toBe(true);
		expect(session.matches({ type, body }, alice.identityKeys.curve25519)).toBe(true);
		expect(session.matches(first)).toBe(false);
	});

	test("keys", () => {
		const a = new M.Account();
		expect(Object.keys(a.identityKeys)).toEqual(["curve25519", "ed25519"]);
		expect([a.oneTimeKeys, a.fallbackKey]).toEqual([[], undefined]);
		a.generateOneTimeKeys(2);
		a.generateFallbackKey();
		expect(a.oneTimeKeys.map(({ id }) => id)).toEqual(["AAAAAg", "AAAAAQ"]);
		expect(a.fallbackKey!.id).toBe("AAAAAw");
		a.markKeysAsPublished();
		expect([a.oneTimeKeys, a.fallbackKey]).toEqual([[], undefined]);
		a.forgetOldFallbackKey();
		expect(M.Account.maxOneTimeKeys).toBe(100);
		const signature = a.sign("message");
		expect(M.verifySignature(a.identityKeys.ed25519, "message", signature)).toBe(true);
		expect(M.verifySignature(a.identityKeys.ed25519, "another", signature)).toBe(false);
		expect(M.verifySignature("no key", "message", signature)).toBe(false);
		expect(failure(() => M.verifySignature(1 as any, "message", signature))).toBe("INVALID_ARGUMENT");
	});

	test("group sessions", () => {
		const out = new M.OutboundGroupSession();
		const inbound = new M.InboundGroupSession(out.sessionKey);
		expect(inbound.id).toBe(out.id);
		expect(inbound.isVerified).toBe(true);
		expect(inbound.decryptText(out.encrypt("zero"))).toEqual({ plaintext: "zero", messageIndex: 0 });
		const message = out.encrypt(new Uint8Array([1, 0, 255]));
		expect(inbound.decrypt(message)).toEqual({ plaintext: new Uint8Array([1, 0, 255]), messageIndex: 1 });
		expect(out.messageIndex).toBe(2);
		const imported = M.InboundGroupSession.import(inbound.export(1));
		expect([imported.firstKnownIndex, imported.isVerified]).toEqual([1, false]);
		imported.decrypt(message);
		expect(imported.isVerified).toBe(true);
		expect(M.InboundGroupSession.import(inbound.export()).firstKnownIndex).toBe(0);
		expect(failure(() => imported.export(0))).toBe("UNKNOWN_MESSAGE_INDEX");
		expect(failure(() => new M.InboundGroupSession(inbound.export()))).toBe("BAD_SESSION_KEY");
		expect(failure(() => imported.decrypt("A"))).toBe("INVALID_BASE64");
	});

	test("PK", () => {
		const d = new M.PkDecryption();
		const m = new M.PkEncryption(d.publicKey).encrypt("secret");
		expect(d.decryptText(m)).toBe("secret");
		expect(text(new M.PkDecryption(d.privateKey).decrypt(m))).toBe("secret");
		expect(M.PkDecryption.fromPickle(d.pickle("k"), "k").publicKey).toBe(d.publicKey);
		expect(failure(() => new M.PkDecryption(new Uint8Array(31)))).toBe("INPUT_BUFFER_TOO_SMALL");
		expect(failure(() => new M.PkEncryption("short"))).toBe("INPUT_BUFFER_TOO_SMALL");
		// The characters of a key in base64 are bytes too, but not the key.
		const base64 = new TextEncoder().encode(d.publicKey);
		for (const call of [() => new M.PkDecryption(base64), () => new M.PkSigning(base64)]) expect(failure(call)).toBe("OUT_OF_RANGE");
		const s = new M.PkSigning(M.PkSigning.generateSeed());
		expect(M.verifySignature(s.publicKey, "m", s.sign("m"))).toBe(true);
	});

	test("SAS", () => {
		const [a, b] = [new M.Sas(), new M.Sas()];
		expect(failure(() => a.bytes("info", 6))).toBe("SAS_THEIR_KEY_NOT_SET");
		a.establish(b.publicKey);
		b.establish(a.publicKey);
		expect(a.isEstablished).toBe(true);
		expect(a.emoji("info")).toEqual(b.emoji("info"));
		expect(a.emoji("info").length).toBe(7);
		// From the bits, the long way.
		const bits = [...a.bytes("info", 6)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
		expect(a.emoji("info")).toEqual(Array.from({ length: 7 }, (_, i) => M.emojiTable[parseInt(bits.slice(6 * i, 6 * i + 6), 2)]));
		const bits5 = [...a.bytes("info", 5)].map((byte) => byte.toString(2).padStart(8, "0")).join("");
		expect(a.decimals("info")).toEqual([0, 13, 26].map((at) => parseInt(bits5.slice(at, at + 13), 2) + 1000));
		expect(a.mac("i", "j")).toBe(b.mac("i", "j"));
		expect(a.legacyMac("i", "j")).toBe(b.legacyMac("i", "j"));
		expect([M.emojiTable.length, M.emojiTable[0].name, M.emojiTable[63].emoji]).toEqual([64, "Dog", "📌"]);
	});

	test("pickles are those of the classic API and of libolm", async () => {
		const { alice, back } = begun();
		const Classic = await ready("@matrix-org/olm");
		const account = new Classic.Account();
		account.unpickle("k", alice.pickle("k"));
		expect(JSON.parse(account.identity_keys())).toEqual(alice.identityKeys);
		expect(M.Account.fromPickle(account.pickle("k"), "k").identityKeys).toEqual(alice.identityKeys);
		expect(M.Session.fromPickle(back.pickle("k"), new TextEncoder().encode("k")).id).toBe(back.id);
		expect(failure(() => M.Session.fromPickle(back.pickle("k"), "l"))).toBe("BAD_ACCOUNT_KEY");
		const out = new M.OutboundGroupSession();
		expect(M.OutboundGroupSession.fromPickle(out.pickle("k"), "k").id).toBe(out.id);
		const inbound = new M.InboundGroupSession(out.sessionKey);
		expect(M.InboundGroupSession.fromPickle(inbound.pickle("k"), "k").id).toBe(out.id);
	});

	test("padded base64 is taken wherever base64 is", () => {
		const padded = (text: string) => text + "=".repeat(-text.length & 3);
		const twice = (text: string) => [padded(text), new TextEncoder().encode(padded(text))];
		const alice = new M.Account();
		const bob = new M.Account();
		const out = new M.OutboundGroupSession();
		const d = new M.PkDecryption();
		const lengths = new Set<number>();
		for (let n = 0; n < 48; n++) {
			const plaintext = "x".repeat(n);
			bob.generateOneTimeKeys(1);
			const { curve25519, ed25519 } = alice.identityKeys;
			const there = alice.createOutboundSession(padded(bob.identityKeys.curve25519), padded(bob.oneTimeKeys[0].key));
			const { type, body } = there.encrypt(plaintext);
			const message = { type, body: padded(body) };
			expect(M.Session.idOf(message)).toBe(there.id);
			const { session } = bob.createInboundSession(message, padded(curve25519));
			expect(session.matches(message)).toBe(true);
			expect(session.matches(message, padded(curve25519))).toBe(true);
			const answer = session.encrypt(plaintext);
			expect(there.decryptText({ type: answer.type, body: padded(answer.body) })).toBe(plaintext);
			for (const key of twice(out.sessionKey)) {
				const inbound = new M.InboundGroupSession(key);
				const group = out.encrypt(plaintext);
				lengths.add(group.length % 4).add(body.length % 4);
				for (const m of twice(group)) expect(inbound.decryptText(m).plaintext).toBe(plaintext);
				for (const exported of twice(inbound.export())) expect(M.InboundGroupSession.import(exported).id).toBe(out.id);
				for (const pickle of twice(inbound.pickle("k"))) expect(M.InboundGroupSession.fromPickle(pickle, "k").id).toBe(out.id);
			}
			const m = new M.PkEncryption(padded(d.publicKey)).encrypt(plaintext);
			expect(d.decryptText({ ciphertext: padded(m.ciphertext), mac: padded(m.mac), ephemeral: padded(m.ephemeral) })).toBe(plaintext);
			const signature = alice.sign(plaintext);
			expect(M.verifySignature(padded(ed25519), plaintext, padded(signature))).toBe(true);
		}
		expect([...lengths].sort()).toEqual([0, 2, 3]);
		for (const pickle of twice(alice.pickle("k"))) expect(M.Account.fromPickle(pickle, "k").identityKeys).toEqual(alice.identityKeys);
		for (const pickle of twice(out.pickle("k"))) expect(M.OutboundGroupSession.fromPickle(pickle, "k").id).toBe(out.id);
		for (const pickle of twice(d.pickle("k"))) expect(M.PkDecryption.fromPickle(pickle, "k").publicKey).toBe(d.publicKey);
		const [a, b] = [new M.Sas(), new M.Sas()];
		a.establish(padded(b.publicKey));
		b.establish(a.publicKey);
		expect(a.bytes("i", 6)).toEqual(b.bytes("i", 6));
		// What is no padding is no base64.
		for (const wrong of ["A===", "====", "AAAAA==="]) expect(failure(() => M.InboundGroupSession.import(wrong))).toMatch(/INVALID_BASE64|BAD_SESSION_KEY/);
	});

	test("arguments are counted: undefined is none of them", () => {
		const { bob, there, back, alice } = begun();
		bob.generateOneTimeKeys(1);
		const message = alice.createOutboundSession(bob.identityKeys.curve25519, bob.oneTimeKeys[0].key).encrypt("x");
		const inbound = new M.InboundGroupSession(new M.OutboundGroupSession().sessionKey);
		const none = undefined as any;
		for (const call of [
			() => M.PkDecryption.fromPickle(none, "k"),
			() => M.PkDecryption.fromPickle(new M.PkDecryption().pickle("k"), none),
			() => new M.PkDecryption(none),
			() => new M.PkSigning(none),
			() => bob.createInboundSession(message, none),
			() => back.matches(message, none),
			() => new M.InboundGroupSession(none),
			() => M.InboundGroupSession.import(none),
			() => M.Account.fromPickle(none, "k"),
			() => there.pickle(none),
		]) {
			expect(failure(call), String(call)).toBe("INVALID_ARGUMENT");
		}
		const [a, b] = [new M.Sas(), new M.Sas()];
		a.establish(b.publicKey);
		for (const no of [none, null, "", "1", false, [], 1n] as any[]) {
			for (const call of [() => inbound.export(no), () => bob.generateOneTimeKeys(no), () => a.bytes("i", no)]) expect(failure(call), String(no)).toBe("OUT_OF_RANGE");
		}
		expect(bob.createInboundSession(message).session.id).toBe(M.Session.idOf(message));
	});

	test("constructors are for callers", () => {
		const { alice, there } = begun();
		expect(failure(() => new (M.Session as any)())).toBe("INVALID_ARGUMENT");
		expect(failure(() => new (M.Session as any)(there))).toBe("INVALID_ARGUMENT");
		// What is no parameter is of no effect.
		const other = new (M.Account as any)((alice as any).native);
		expect(other.identityKeys).not.toEqual(alice.identityKeys);
		const d = new M.PkDecryption();
		expect(new (M.PkDecryption as any)(d.privateKey, "pickle", "key").publicKey).toBe(d.publicKey);
	});

	test("the one-time keys that give way are returned", () => {
		const a = new M.Account();
		expect(a.generateOneTimeKeys(60)).toEqual([]);
		const published = a.oneTimeKeys.reverse();
		a.markKeysAsPublished();
		expect(a.generateOneTimeKeys(40)).toEqual([]);
		const made = a.oneTimeKeys.reverse();
		expect(a.generateOneTimeKeys(50)).toEqual(published.slice(0, 50));
		const last = a.oneTimeKeys.reverse().slice(-50);
		expect(a.generateOneTimeKeys(100)).toEqual([...published.slice(50), ...made, ...last]);
		expect(a.oneTimeKeys.length).toBe(100);
	});

	test("a message to a fallback key can come again: the id tells before anything is replaced", () => {
		const alice = new M.Account();
		const bob = new M.Account();
		bob.generateFallbackKey();
		const there = alice.createOutboundSession(bob.identityKeys.curve25519, bob.fallbackKey!.key);
		const first = there.encrypt("first");
		const id = M.Session.idOf(first);
		const { session } = bob.createInboundSession(first);
		expect([session.id, there.id]).toEqual([id, id]);
		const again = bob.createInboundSession(first); // inherent, so that it must be told
		expect([again.session.id, text(again.plaintext)]).toEqual([id, "first"]);
		expect(failure(() => M.Session.idOf({ type: 0, body: "AwAA" }))).toBe("BAD_MESSAGE_FORMAT");
		expect(failure(() => M.Session.idOf({ type: 0, body: "A" }))).toBe("INVALID_BASE64");
		expect(failure(() => M.Session.idOf(session.encrypt("x")))).toBe("BAD_MESSAGE_FORMAT");
	});

	test("JSON of an object that holds secrets is refused, and what to do instead is said", () => {
		const { alice, there } = begun();
		const out = new M.OutboundGroupSession();
		const all = { Account: alice, Session: there, OutboundGroupSession: out, InboundGroupSession: new M.InboundGroupSession(out.sessionKey), PkDecryption: new M.PkDecryption() };
		for (const [name, object] of Object.entries(all)) {
			expect(() => JSON.stringify({ keys: [object] }), name).toThrow(/pickle\(key\)/);
			expect(failure(() => JSON.stringify(object))).toBe("INVALID_ARGUMENT");
		}
		expect(() => JSON.stringify(new M.PkSigning(new Uint8Array(32)))).toThrow(/seed/);
		expect(() => JSON.stringify(new M.Sas())).toThrow(M.OlmError);
		expect(JSON.parse(JSON.stringify(out.encrypt("x"))).length).toBeGreaterThan(0);
	});

	test("classes have their names", () => {
		const classes = Object.entries(M).filter(([name, value]) => typeof value === "function" && /^[A-Z]/.test(name));
		expect(classes.length).toBe(9);
		for (const [name, Class] of classes) expect((Class as Function).name).toBe(name);
		expect(String(new M.Account().constructor.name)).toBe("Account");
	});

	test("freed is freed", () => {
		const a = new M.Account();
		a[Symbol.dispose]();
		a.free();
		expect(failure(() => a.identityKeys)).toBe("INVALID_STATE");
		const { bob, there } = begun();
		there.free();
		expect(failure(() => there.encrypt("x"))).toBe("INVALID_STATE");
		bob.free();
		expect(failure(() => bob.createOutboundSession("", ""))).toBe("INVALID_STATE");
	});

	test("bad input", () => {
		const { there, back } = begun();
		for (const value of [undefined, null, 1, {}, []]) {
			expect(failure(() => there.encrypt(value as any))).toBe("INVALID_ARGUMENT");
			expect(failure(() => back.decrypt(value as any))).toBe("INVALID_ARGUMENT");
			expect(failure(() => back.decrypt({ type: 1, body: value as any }))).toBe("INVALID_ARGUMENT");
		}
		expect(failure(() => back.decrypt({ type: 1, body: "" }))).toBe("BAD_MESSAGE_FORMAT");
		expect(failure(() => there.encrypt("\ud800"))).toBe("INVALID_ARGUMENT");
		expect(failure(() => new M.Account().generateOneTimeKeys(-1))).toBe("OUT_OF_RANGE");
	});

	test("before init whatever needs the module throws an OlmError", async () => {
		const fresh = await load(name);
		const detached = new Uint8Array(32);
		structuredClone(detached, { transfer: [detached.buffer] });
		for (const call of [
			() => new fresh.Account(),
			() => fresh.Account.fromPickle(detached, "k"),
			() => fresh.Session.fromPickle("", "k"),
			() => fresh.Session.idOf({ type: 0, body: "" }),
			() => new fresh.OutboundGroupSession(),
			() => new fresh.InboundGroupSession(detached),
			() => fresh.InboundGroupSession.import(detached),
			() => new fresh.PkEncryption(detached),
			() => new fresh.PkDecryption(detached),
			() => fresh.PkDecryption.fromPickle(detached, "k"),
			() => new fresh.PkSigning(detached),
			() => fresh.PkSigning.generateSeed(),
			() => new fresh.Sas(),
			() => fresh.sha256(detached),
			() => fresh.verifySignature(detached, "", detached),
		]) {
			expect(call, String(call)).toThrow(fresh.OlmError);
			expect(call, String(call)).toThrow("init() has not finished");
		}
	});

	test("sources of the module", async () => {
		const bytes = readFileSync(join(dist, "olm.wasm"));
		const sources = [join(dist, "olm.wasm"), bytes, new WebAssembly.Module(bytes), new Response(bytes), Promise.resolve(new Response(bytes, { headers: { "content-type": "application/wasm" } }))];
		for (const source of sources) {
			const fresh = await load(name);
			expect(() => new fresh.Account()).toThrow("init() has not finished");
			expect(fresh.init(source)).toBe(fresh.init());
			await fresh.init();
			expect(fresh.sha256("abc")).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
		}
		const fresh = await load(name);
		// Whatever it is that fails, and whoever noticed it.
		const cause = new Error("from elsewhere");
		for (const source of ["/nowhere", new Uint8Array(8), {}, 1, Symbol("s"), { default: {} }, { instantiate: () => ({}) }, new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))] as any[]) {
			await expect(fresh.init(source), String(source)).rejects.toMatchObject({ name: "OlmError", code: "INVALID_STATE" });
		}
		await expect(fresh.init(Promise.reject(cause))).rejects.toMatchObject({ name: "OlmError", message: "from elsewhere", cause });
		await fresh.init(); // may be tried again
	});
});
