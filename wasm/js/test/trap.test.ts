// No message makes the module trap. These tests make it do so by calling it wrongly, below the API.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { Account, Utility } from "../src/classic/classes.js";
import { functionsOf, type Exports } from "../src/core/exports.js";
import { bytes, start, x } from "../src/core/memory.js";
import { call } from "../src/core/native.js";
import { dist } from "./packages.js";

let exports: Exports;

beforeAll(async () => {
	const { instance } = await WebAssembly.instantiate(readFileSync(join(dist, "olm.wasm")));
	exports = instance.exports as unknown as Exports;
	start(exports);
});

const sha = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0";

test("the module imports nothing, and exports libolm's functions and two of ours", () => {
	const module = new WebAssembly.Module(readFileSync(join(dist, "olm.wasm")));
	expect(WebAssembly.Module.imports(module)).toEqual([]);
	const names = WebAssembly.Module.exports(module).map(({ name }) => name);
	expect(names.filter((name) => name.startsWith("olm_")).length).toBe(149);
	for (const name of names) if (/^(olm|karst)_/.test(name)) expect(functionsOf(exports)[name.replace(/^[a-z]+_/, "")]).toBe(exports[name as keyof Exports]);
	expect(names.filter((name) => !name.startsWith("olm_")).sort()).toEqual(["__heap_base", "__stack_pointer", "_initialize", "_olm_error_to_string", "karst_account_dropped_keys", "karst_pre_key_session_id", "memory"]);
});

test("a trap restores the stack, and changes nothing", () => {
	const utility = new Utility();
	const account = new Account();
	account.create();
	const keys = account.identity_keys();
	const stack = exports.__stack_pointer.value;
	for (let i = 0; i < 3000; i++) {
		const victim = new Utility();
		// A message that lies outside of the memory.
		expect(() => call(victim, Utility, (p) => x.sha256(p, 0x7fff0000, 1000, bytes.length - 100, 43))).toThrow("OLM.UNKNOWN_ERROR");
		expect(exports.__stack_pointer.value).toBe(stack);
		expect(victim.sha256("abc")).toBe(sha);
	}
	expect(utility.sha256("abc")).toBe(sha);
	expect(account.identity_keys()).toBe(keys);
});

test("a host that ends a script for good, in the middle of a call: the object is as it was", async () => {
	const account = new Account();
	account.create();
	account.generate_one_time_keys(3);
	const before = account.pickle("k");
	const stack = exports.__stack_pointer.value;
	for (let round = 0; round < 3; round++) {
		// The most keys that can be asked for take seconds on any machine. No `finally` runs.
		const script = (timeout: number) => () => runInNewContext("f()", { f: () => account.generate_one_time_keys(65536) }, { timeout });
		expect(script(20)).toThrow("timed out");
		// On a busy machine the time may be over before the module is called. Then that call is ended, and there is more time.
		for (let timeout = 40; exports.__stack_pointer.value === stack && timeout < 2000; timeout *= 2) {
			try {
				account.pickle("k");
			} catch {}
			await null;
			expect(script(timeout)).toThrow("timed out");
		}
		expect(exports.__stack_pointer.value).toBeLessThan(stack);
		// Whether it is still going on is known when nothing is being called any more.
		expect(() => account.pickle("k")).toThrow("a call within a call");
		await null;
		expect(account.pickle("k")).toBe(before);
		expect(exports.__stack_pointer.value).toBe(stack);
		expect(new Utility().sha256("abc")).toBe(sha);
	}
});

test("the stack does not creep", () => {
	const stack = exports.__stack_pointer.value;
	for (let i = 0; i < 1000; i++) new Utility().sha256("abc");
	expect(exports.__stack_pointer.value).toBe(stack);
});

test("nothing of what was passed or returned stays in the memory", () => {
	const secret = "a text that nobody must find in memory";
	const large = secret.repeat(3000);
	const account = new Account();
	account.create();
	account.unpickle(secret, account.pickle(secret));
	account.unpickle(large, account.pickle(large));
	account.sign(secret);
	expect(() => account.unpickle(secret, secret)).toThrow("OLM.");
	expect(Buffer.from(bytes).includes(secret)).toBe(false);
});

test("nothing of an object stays in the memory after free", () => {
	const before = Buffer.from(bytes).length;
	const account = new Account();
	account.create();
	const { ed25519 } = JSON.parse(account.identity_keys());
	const key = Buffer.from(ed25519, "base64");
	expect(Buffer.from(bytes).includes(key)).toBe(true);
	account.free();
	expect(Buffer.from(bytes).includes(key)).toBe(false);
	expect(bytes.length).toBeLessThanOrEqual(before * 2);
});
