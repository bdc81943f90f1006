// Objects that are freed, and objects that nobody frees, give their memory back.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Account, OutboundGroupSession, Session } from "../src/classic/classes.js";
import type { Exports } from "../src/core/exports.js";
import { bytes, start } from "../src/core/memory.js";
import { dist } from "./packages.js";

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

let exports: Exports;
let account: Account;
let peer: { identity: string; oneTime: string };

beforeAll(async () => {
	const { instance } = await WebAssembly.instantiate(readFileSync(join(dist, "olm.wasm")));
	exports = instance.exports as unknown as Exports;
	start(exports);
	account = new Account();
	account.create();
	const other = new Account();
	other.create();
	other.generate_one_time_keys(1);
	const oneTime = Object.values(JSON.parse(other.one_time_keys()).curve25519)[0] as string;
	peer = { identity: JSON.parse(other.identity_keys()).curve25519, oneTime };
});

const pickle = () => {
	const s = new Session();
	s.create_outbound(account, peer.identity, peer.oneTime);
	const text = s.pickle("k");
	s.free();
	return text;
};

test("100,000 sessions made and freed leave the memory as large as it was", () => {
	const text = pickle();
	const size = bytes.length;
	for (let i = 0; i < 100_000; i++) {
		const s = new Session();
		s.unpickle("k", text);
		if (i % 1000 === 0) s.encrypt("x".repeat(i));
		s.free();
	}
	expect(bytes.length).toBeLessThanOrEqual(size + 20 * 65536); // for the long messages
	const grown = bytes.length;
	for (let i = 0; i < 1000; i++) {
		const s = new Session();
		s.create_outbound(account, peer.identity, peer.oneTime);
		s.encrypt("hello");
		s.free();
	}
	expect(bytes.length).toBe(grown);
});

test("100,000 sessions that nobody frees give their memory back too", async () => {
	collect();
	const text = pickle();
	for (let i = 0; i < 100_000; i++) {
		new Session().unpickle("k", text);
		if (i % 2000 === 0) {
			collect();
			await new Promise((done) => setTimeout(done)); // finalizers run between tasks
		}
	}
	// 2,000 sessions of 3.7 KB at a time, and as many that wait for their finalizer.
	expect(bytes.length).toBeLessThan(32 * 2 ** 20);
});

test("errors leak nothing", () => {
	const size = bytes.length;
	const s = new Session();
	for (let i = 0; i < 20_000; i++) {
		expect(() => s.unpickle("k", "no pickle")).toThrow("OLM.");
		expect(() => s.decrypt(1, "A".repeat(100))).toThrow("OLM.");
		expect(() => s.encrypt(undefined as any)).toThrow("must be");
		expect(() => s.encrypt("\ud800" + "x".repeat(20_000))).toThrow("surrogate");
	}
	expect(bytes.length).toBeLessThanOrEqual(size + 2 * 65536);
	const group = new OutboundGroupSession();
	group.create();
	expect(group.encrypt("still there").length).toBeGreaterThan(0);
});
