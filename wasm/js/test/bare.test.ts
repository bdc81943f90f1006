// Hosts that have little but the language, where the published scripts run: no TextEncoder, no URL, no WebAssembly.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { runInNewContext } from "node:vm";
import { parse } from "acorn";
import { build } from "esbuild";
import ts from "typescript-5";
import { beforeAll, describe, expect, test } from "vitest";
import type { Result } from "./browser/runner.js";
import * as hosts from "./hosts/index.js";
import { install, scratch } from "./packed.js";
import { dist } from "./packages.js";
import { suite } from "./suite/index.js";

const file = (name: string) => readFileSync(join(dist, name), "utf8");
const published = dirname(createRequire(import.meta.url).resolve("@matrix-org/olm"));

/** The suite as a script for old engines, which leaves the global `results`. */
let runner: string;
beforeAll(async () => {
	const { outputFiles } = await build({
		entryPoints: [join(import.meta.dirname, "browser/runner.ts")],
		inject: [join(import.meta.dirname, "hosts/encoder.ts")],
		bundle: true,
		format: "iife",
		write: false,
	});
	const { outputText } = ts.transpileModule(outputFiles[0].text, { compilerOptions: { target: ts.ScriptTarget.ES5, downlevelIteration: true } });
	runner = `(function () {${outputText}})();`;
});

/** As much of the language as each script may use: what reads the published one reads ours. */
test.each([
	["olm.js", 2017], // webpack 4 reads no `?.`
	["olm_legacy.js", 5], // Hermes reads no `class`
] as const)("%s is ECMAScript %i", (name, ecmaVersion) => {
	parse(file(name), { ecmaVersion, sourceType: "script" });
});

test("olm.js passes the suite in an engine without a host, as the global of a window", async () => {
	const { outer, names } = world(true);
	runInNewContext(file("olm.js") + ";\n" + runner, outer, { contextCodeGeneration: { strings: false, wasm: true } });
	const results: Result[] = await outer.results;
	expect(results.filter(({ error }) => error)).toEqual([]);
	expect(results.length).toBe(suite.length);
	expect(Object.keys(outer).filter((key) => !names.includes(key))).toEqual(["Olm", "results"]);
});

describe.each(["olm.js", "olm_legacy.js"])("%s in an engine without a host", (name) => {
	test("leaves one global", () => {
		const { outer, names } = world(name === "olm.js");
		runInNewContext(file(name), outer);
		expect(Object.keys(outer).filter((key) => !names.includes(key))).toEqual(["Olm"]);
	});

	test("takes its window's crypto, where that is not the global object", async () => {
		const { outer } = world(name === "olm.js");
		outer.window = { crypto: outer.crypto };
		delete outer.crypto;
		runInNewContext(file(name), outer);
		await outer.window.Olm.init();
		new outer.window.Olm.Account().create();
		expect("Olm" in outer.window).toBe(true);
	});
});

/** A global object with what the published scripts ask for, and no more. */
function world(wasm: boolean): { outer: any; names: string[] } {
	const outer: any = {
		crypto: { getRandomValues: (bytes: Uint8Array) => bytes.set(randomBytes(bytes.length)) },
		OLM_OPTIONS: { wasmBinary: readFileSync(join(dist, "olm.wasm")) },
		...{ structuredClone, atob }, // of the suite
	};
	outer.window = outer;
	const missing = ["TextEncoder", "TextDecoder", "URL", "fetch", "Response", "process", "location", "setTimeout"];
	expect(runInNewContext(`${JSON.stringify(missing)}.filter((name) => name in globalThis)`, outer)).toHaveLength(0);
	if (!wasm) runInNewContext("delete globalThis.WebAssembly", outer);
	return { outer, names: Object.keys(outer) };
}

test("olm.js without WebAssembly says what to load in its place", async () => {
	const { outer } = world(false);
	runInNewContext(file("olm.js"), outer);
	await expect(outer.Olm.init()).rejects.toThrow(/there is no WebAssembly here.*<script src="olm_legacy\.js">.*require\("@matrix-org\/olm\/olm_legacy\.js"\)/);
});

describe.skipIf(!hosts.installed)("Hermes", () => {
	const folder = scratch();

	/** Runs a script with what React Native's users add for the published package: random bytes. */
	function hermes(script: string): string[] {
		const head = `var window = globalThis, console = { log: print, warn: print }, seed = 1;
window.crypto = { getRandomValues: function (bytes) { for (var i = 0; i < bytes.length; i++) bytes[i] = (seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff) >> 8; return bytes; } };\n`;
		writeFileSync(join(folder, "script.js"), head + script);
		const said = execFileSync(hosts.path("hermes-engine-cli/linux64-bin/hermes"), ["-w", "-O", "script.js"], { cwd: folder, encoding: "utf8", maxBuffer: 1e8 });
		return said.trim().split("\n");
	}

	test("is an engine without TextEncoder, TextDecoder and WebAssembly", () => {
		expect(hermes(`print([typeof TextEncoder, typeof TextDecoder, typeof WebAssembly, typeof URL, typeof process]);`)).toEqual(["undefined,undefined,undefined,undefined,undefined"]);
	});

	test("says with olm_legacy.js what it says with the published one", () => {
		const use = `var text = "\\u00e4\\u20ac\\ud83d\\ude00, which is longer than what is read without a decoder";
function fails(f) { try { f(); return "nothing"; } catch (e) { return e.message; } }
window.Olm.init().then(function () {
	var a = new Olm.Account(), b = new Olm.Account(), there = new Olm.Session(), back = new Olm.Session(), m;
	a.create();
	b.create();
	b.generate_one_time_keys(1);
	var keys = JSON.parse(b.one_time_keys()).curve25519;
	there.create_outbound(a, JSON.parse(b.identity_keys()).curve25519, keys[Object.keys(keys)[0]]);
	print(JSON.stringify([a.identity_keys(), m = there.encrypt(text)]));
	back.create_inbound(b, m.body);
	print(JSON.stringify([back.decrypt(m.type, m.body), fails(function () { back.decrypt(m.type, m.body); }), a.pickle(text), m = back.encrypt("short")]));
	print(JSON.stringify([there.decrypt(m.type, m.body), there.session_id() === back.session_id(), new Olm.Utility().sha256(text)]));
	var out = new Olm.OutboundGroupSession(), inbound = new Olm.InboundGroupSession();
	out.create();
	inbound.create(out.session_key());
	print(JSON.stringify([m = out.encrypt(text), inbound.decrypt(m), inbound.pickle("key"), fails(function () { inbound.unpickle("another", inbound.pickle("key")); })]));
	var d = new Olm.PkDecryption(), e = new Olm.PkEncryption(), s = new Olm.SAS(), t = new Olm.SAS();
	e.set_recipient_key(d.generate_key());
	m = e.encrypt(text);
	s.set_their_key(t.get_pubkey());
	print(JSON.stringify([m, d.decrypt(m.ephemeral, m.mac, m.ciphertext), Array.from(s.generate_bytes(text, 6)), s.calculate_mac(text, "info")]));
}).then(function () { print("end"); }, function (e) { print(e + e.stack); });`;
		const [theirs, ours] = [readFileSync(join(published, "olm_legacy.js"), "utf8"), file("olm_legacy.js")].map((source) => hermes(source + "\n" + use));
		expect(ours).toEqual(theirs);
		expect([ours.length, ours.at(-1)]).toEqual([6, "end"]);
	});
});

describe.skipIf(!hosts.installed)("jest with jsdom", () => {
	const folder = scratch();

	test("loads both APIs by require", () => {
		install(folder, ["@matrix-org/olm", "@karst-im/olm"]);
		writeFileSync(join(folder, "package.json"), JSON.stringify({ jest: { testEnvironment: hosts.require.resolve("jest-environment-jsdom") } }));
		writeFileSync(
			join(folder, "olm.test.js"),
			`test("jsdom has none", () => expect([typeof document, typeof TextEncoder, typeof TextDecoder, typeof fetch]).toEqual(["object", "undefined", "undefined", "undefined"]));

test.each(["@matrix-org/olm", "@matrix-org/olm/olm_legacy.js"])("%s", async (name) => {
	const Olm = require(name);
	expect(window.Olm).toBe(Olm);
	await Olm.init();
	const [a, b, u] = [new Olm.Account(), new Olm.Account(), new Olm.Utility()];
	a.create();
	const key = "ä€😀".repeat(20);
	b.unpickle(key, a.pickle(key));
	expect(b.identity_keys()).toBe(a.identity_keys());
	expect(u.sha256(new Uint8Array([97, 98, 99]))).toBe(u.sha256("abc"));
	expect(() => u.sha256(key + "\\ud800")).toThrow("unpaired surrogate");
});

test("modern", async () => {
	const { init, Account, OutboundGroupSession, InboundGroupSession } = require("@karst-im/olm/modern");
	await init();
	const a = new Account();
	expect(Account.fromPickle(a.pickle("ä".repeat(50)), "ä".repeat(50)).identityKeys).toEqual(a.identityKeys);
	const room = new OutboundGroupSession();
	expect(new InboundGroupSession(room.sessionKey).decryptText(room.encrypt("ä€😀".repeat(20))).plaintext).toBe("ä€😀".repeat(20));
});
`,
		);
		const log = join(folder, "log.json");
		execFileSync("node", [hosts.path("jest/bin/jest.js"), "--json", "--outputFile", log], { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
		const { numPassedTests, numTotalTests } = JSON.parse(readFileSync(log, "utf8"));
		expect([numPassedTests, numTotalTests]).toEqual([4, 4]);
	});
});
