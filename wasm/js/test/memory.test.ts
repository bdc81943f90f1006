// A host that gives no more memory, and arguments that no memory would hold.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { Account, Session } from "../src/classic/classes.js";
import type { Exports } from "../src/core/exports.js";
import { bytes, start } from "../src/core/memory.js";
import { dist } from "./packages.js";

/** How the host answers when it is asked for memory. */
let grow: (pages: number) => number;
let memory: WebAssembly.Memory;

beforeAll(async () => {
	const { instance } = await WebAssembly.instantiate(readFileSync(join(dist, "olm.wasm")));
	memory = instance.exports.memory as WebAssembly.Memory;
	const limited = {
		get buffer() {
			return memory.buffer;
		},
		grow: (pages: number) => grow(pages),
	};
	start({ ...instance.exports, memory: limited } as unknown as Exports);
});
beforeEach(() => {
	grow = (pages) => memory.grow(pages);
});

function account(): Account {
	const made = new Account();
	made.create();
	return made;
}

test.each<[string, () => number]>([
	["throws", () => { throw new RangeError("no memory"); }],
	["does nothing, as where WebAssembly is imitated", () => -1],
])("a host that %s: the call fails, and nothing else", (_, refuse) => {
	const a = account();
	const before = a.pickle("k");
	const size = bytes.length;
	grow = refuse;
	for (let i = 0; i < 100; i++) {
		expect(() => a.sign("x".repeat(size))).toThrow(new RangeError("OLM: out of memory"));
		expect(() => a.sign("ä".repeat(size))).toThrow(new RangeError("OLM: out of memory"));
		expect(() => a.unpickle("x".repeat(size), before)).toThrow(new RangeError("OLM: out of memory"));
	}
	const made: Session[] = [];
	expect(() => {
		for (;;) made.push(new Session());
	}).toThrow(new RangeError("OLM: out of memory"));
	expect(made.length).toBeGreaterThan(0);
	for (const session of made) session.free();
	expect(a.pickle("k")).toBe(before);
	expect(bytes.length).toBe(size);
	grow = (pages) => memory.grow(pages);
	expect(a.sign("x".repeat(size)).length).toBe(86);
});

test("a gigabyte is too long, whatever it is for", () => {
	const a = account();
	const before = a.pickle("k");
	const size = bytes.length;
	const giant = new Uint8Array(2 ** 30 + 1); // nobody touches it, so that it takes no memory
	const s = new Session();
	for (const call of [() => a.sign(giant), () => a.pickle(giant), () => a.unpickle("k", giant), () => s.encrypt(giant), () => s.decrypt(0, giant), () => s.create_inbound(a, giant)]) {
		expect(call).toThrow(new RangeError("OLM: too long"));
	}
	expect(a.pickle("k")).toBe(before);
	expect(bytes.length).toBe(size);
});
