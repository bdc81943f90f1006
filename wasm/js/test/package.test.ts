// The tarball that would be published: what is in it, and that others can build with it.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { bundle, bundled, result } from "./bundles.js";
import { install, pack, scratch } from "./packed.js";
import { dist } from "./packages.js";

const folder = scratch();
beforeAll(() => install(folder, ["@karst-im/olm", "@matrix-org/olm"]));

const manifest = JSON.parse(readFileSync(join(dist, "package.json"), "utf8"));

test("the tarball is the same each time, and has all that is named in its manifest", () => {
	// Another folder, in which everything is new and was written in another order.
	const copy = scratch();
	for (const name of readdirSync(dist).reverse()) cpSync(join(dist, name), join(copy, name), { recursive: true });
	const tarballs = [pack(scratch()), pack(scratch(), copy)];
	const [a, b] = tarballs.map((path) => createHash("sha256").update(readFileSync(path)).digest("hex"));
	expect(a).toBe(b);
	const files = execFileSync("tar", ["-tzf", tarballs[0]], { encoding: "utf8" }).split("\n");
	const modes = execFileSync("tar", ["-tvzf", tarballs[0]], { encoding: "utf8" }).trim().split("\n").map((line) => line.slice(0, 10));
	expect(new Set(modes)).toEqual(new Set(["-rw-r--r--"])); // whatever the umask of who has built it
	const named = JSON.stringify([manifest.main, manifest.types, manifest.exports]).match(/"\.\/[^"]+\.\w+"/g)!;
	for (const name of [...named.map((n) => JSON.parse(n)).filter((n) => !n.endsWith("_legacy")), "LICENSE", "README.md", "olm.js.map", "olm.mjs.map", "olm.node.mjs.map", "modern.mjs.map", "modern.cjs.map"]) {
		expect(files).toContain(join("package", name));
	}
});

test.each(["build.sh", "pack.sh"])("%s says what it does, and does nothing else then", (name) => {
	const script = join(dist, "..", name);
	const before = readdirSync(dist);
	for (const [argument, status] of [["--help", 0], ["-h", 0], ["--nope", 1]] as const) {
		const run = spawnSync(script, [argument], { encoding: "utf8", timeout: 5000 });
		expect(run.status).toBe(status);
		expect(status ? run.stderr : run.stdout).toContain(status ? "what is --nope?" : name);
	}
	expect(readdirSync(dist)).toEqual(before);
});

test("the manifest promises what it should", () => {
	expect([manifest.name, manifest.license]).toEqual(["@karst-im/olm", "Apache-2.0"]);
	// Every entry of the classic API makes a global; webpack 4, which knows no `exports`, could not read what `module` would name.
	expect(manifest.sideEffects).toEqual(readdirSync(dist).filter((name) => /^olm.*js$/.test(name)).map((name) => "./" + name));
	expect(manifest.module).toBe(undefined);
	expect([manifest.dependencies, manifest.scripts, manifest.peerDependencies, manifest.optionalDependencies]).toEqual([undefined, undefined, undefined, undefined]);
	expect(readFileSync(join(dist, "LICENSE"), "utf8")).toContain("Apache License");
});

test("source maps lead to the sources", () => {
	for (const name of ["olm.js", "olm.mjs", "modern.mjs", "modern.cjs"]) {
		expect(readFileSync(join(dist, name), "utf8")).toContain(`//# sourceMappingURL=${name}.map`);
		const map = JSON.parse(readFileSync(join(dist, name + ".map"), "utf8"));
		expect(map.sources.some((source: string) => source.endsWith("core/memory.ts"))).toBe(true);
		expect(map.sourcesContent.length).toBe(map.sources.length);
		expect(map.sources.every((source: string) => /^\.\.\/js\/src\/[\w/]+\.ts$/.test(source))).toBe(true);
	}
});

test.each([
	["olm.js", `const Olm = require(file); Olm.init(); new Olm.Account();`, "src/core/native.ts"],
	["olm.mjs", `import(file).then(({ Account }) => new Account());`, "src/core/native.ts"],
	["modern.mjs", `import(file).then(({ Account }) => new Account());`, "src/modern/object.ts"],
	["modern.cjs", `new (require(file).Account)();`, "src/modern/object.ts"],
])("a stack in %s is one of lines in the sources", (name, code, thrower) => {
	const script = `const file = ${JSON.stringify(join(dist, name))};\n${code}`;
	const { stderr } = spawnSync("node", ["--enable-source-maps", "-e", script], { encoding: "utf8" });
	const frames = [...stderr.matchAll(/^ +at .*\bjs\/(src\/[\w/]+\.ts):(\d+):\d+/gm)];
	const lines = frames.map(([, file, line]) => readFileSync(join(import.meta.dirname, "..", file), "utf8").split("\n")[Number(line) - 1]);
	expect(frames.some(([, file], i) => file === thrower && /(stateError|errors\.state)\("init\(\) has not finished"\)/.test(lines[i]))).toBe(true);
	expect(frames.some(([, file], i) => /^src\/(classic|modern)\/account\.ts$/.test(file) && lines[i].includes("super("))).toBe(true);
});

test("no code is made of text at run time", () => {
	for (const name of ["olm.js", "olm.mjs", "olm_legacy.js", "modern.mjs", "modern.cjs"]) {
		expect(readFileSync(join(dist, name), "utf8")).not.toMatch(/\beval\b|new Function|Function\(/);
	}
});

test.each([
	["require", "app.cjs", `const Olm = require("@matrix-org/olm"); const M = require("@karst-im/olm/modern");`],
	["import", "app.mjs", `import Olm from "@matrix-org/olm"; import * as M from "@karst-im/olm/modern";`],
])("Node loads it by %s", (_, name, head) => {
	const body = `Promise.all([Olm.init(), M.init()]).then(() => console.log(new Olm.Utility().sha256("abc") === M.sha256("abc"), require_resolves()));`;
	const resolves = name.endsWith("cjs")
		? `function require_resolves() { return ["", "/olm.js", "/olm.wasm", "/olm_legacy.js", "/olm_legacy", "/package.json"].every((p) => require.resolve("@matrix-org/olm" + p)); }`
		: `function require_resolves() { return ["", "/olm.mjs", "/olm.wasm"].every((p) => import.meta.resolve("@matrix-org/olm" + p)); }`;
	writeFileSync(join(folder, name), `${head}\n${body}\n${resolves}`);
	expect(execFileSync("node", [name], { cwd: folder, encoding: "utf8" })).toBe("true true\n");
});

describe("bundles run", () => {
	test.each(bundled)("%s, %s", async (bundler, app) => {
		const file = join(await bundle(bundler, app, folder), "app.mjs");
		// Parcel's bundles know no file system, even in Node: they fetch.
		const script = `import { readFileSync } from "node:fs";
globalThis.fetch = async (url) => new Response(readFileSync(new URL(url)), { headers: { "content-type": "application/wasm" } });
globalThis.window = globalThis; await import(${JSON.stringify(pathToFileURL(file).href)}); console.log(await globalThis.done);`;
		expect(execFileSync("node", ["--input-type=module", "-e", script], { encoding: "utf8" }).trim()).toBe(result);
	});
});

describe("webpack for a server", () => {
	const externals = ["@matrix-org/olm", "@karst-im/olm/modern"];
	test.each([
		["import", "server.mjs", `import Olm from "@matrix-org/olm"; import * as M from "@karst-im/olm/modern";`, {}],
		["require", "server.cjs", `const Olm = require("@matrix-org/olm"), M = require("@karst-im/olm/modern");`, {}],
		// Next.js with `serverExternalPackages`: its `publicPath` is no place on the server.
		["import, as external packages", "next.mjs", `import Olm from "@matrix-org/olm"; import * as M from "@karst-im/olm/modern";`, { externals, externalsType: "import" }],
		["require, as external packages", "next.cjs", `const Olm = require("@matrix-org/olm"), M = require("@karst-im/olm/modern");`, { externals, externalsType: "commonjs" }],
	])("by %s", async (_, name, head, options) => {
		const { webpack } = (await import("webpack")).default;
		writeFileSync(join(folder, name), `${head}\nPromise.all([Olm.init(), M.init()]).then(() => console.log(new Olm.Utility().sha256("abc") === M.sha256("abc")));`);
		const output = { path: join(folder, "server-" + name), filename: "app.cjs", ...("externals" in options && { publicPath: "/_next/" }) };
		await new Promise<void>((done, fail) => {
			webpack({ mode: "production", target: "node20", context: folder, entry: join(folder, name), output, ...(options as object) }, (error, stats) => (error || stats!.hasErrors() ? fail(error ?? new Error(stats!.toString())) : done()));
		});
		expect(execFileSync("node", [join(output.path, "app.cjs")], { cwd: folder, encoding: "utf8" })).toBe("true\n");
	});
});

describe("TypeScript, strict", () => {
	const classic = (head: string) => `${head}
async function main(): Promise<void> {
	await Olm.init({ locateFile: (path: string) => path });
	const account: Olm.Account = new Olm.Account();
	account.create();
	const session = new Olm.Session();
	session.create_outbound(account, "identity", "key");
	const { type, body }: { type: 0 | 1; body: string } = session.encrypt("text");
	const text: string = session.decrypt(type, body);
	const { plaintext, message_index }: { plaintext: string; message_index: number } = new Olm.InboundGroupSession().decrypt(text);
	const bytes: Uint8Array = new Olm.SAS().generate_bytes(plaintext, message_index);
	const key: string = new Olm.PkDecryption().init_with_private_key(bytes);
	const version: [number, number, number] = Olm.get_library_version();
	account.sign(bytes);
	account.pickle(key + version[0] + Olm.PRIVATE_KEY_LENGTH);
	// @ts-expect-error: text is missing
	session.encrypt();
	// @ts-expect-error: no account
	session.create_inbound(session, "message");
	// @ts-expect-error: nothing is returned
	const created: string = account.create();
	// @ts-expect-error: no such method
	account.createInbound();
}
void main;
`;
	const modern = `import { init, Account, InboundGroupSession, OlmError, Sas, type OlmErrorCode, type OlmMessage } from "@karst-im/olm/modern";
export async function main(): Promise<void> {
	await init(new URL("https://example.org/olm.wasm"));
	using account = new Account();
	const { curve25519 }: { curve25519: string } = account.identityKeys;
	const session = account.createOutboundSession(curve25519, account.oneTimeKeys[0]!.key);
	const message: OlmMessage = session.encrypt(new Uint8Array(3));
	const { plaintext }: { plaintext: Uint8Array } = account.createInboundSession(message, curve25519);
	const inbound = new InboundGroupSession("key");
	const index: number = inbound.decryptText("body").messageIndex;
	const [first] = new Sas().emoji("info");
	const name: string | undefined = first?.name;
	try {
		session.decrypt({ type: 1, body: name ?? "" + index + plaintext.length });
	} catch (error) {
		if (error instanceof OlmError) {
			const code: OlmErrorCode = error.code;
			if (code === "BAD_MESSAGE_MAC") throw error;
			// @ts-expect-error: no such code
			if (code === "BAD_LUCK") throw error;
		}
	}
	// @ts-expect-error: sessions are made by accounts
	new (await import("@karst-im/olm/modern")).Session();
	// @ts-expect-error: of no concern to users
	account.native;
	// @ts-expect-error: a type and a body
	session.decrypt("body");
}
`;
	test.each([
		["classic, import, ESM", "a.mts", classic('import Olm from "@matrix-org/olm";'), "nodenext"],
		["classic, import *, ESM", "b.mts", classic('import * as Olm from "@matrix-org/olm";'), "nodenext"],
		["classic, require, CommonJS", "c.cts", classic('import Olm = require("@matrix-org/olm");'), "nodenext"],
		["classic, import, bundler", "d.ts", classic('import Olm from "@matrix-org/olm";'), "bundler"],
		["classic, named, bundler", "e.ts", 'import { Account, init } from "@matrix-org/olm";\nexport const x: Promise<void> = init();\nnew Account().create();', "bundler"],
		["classic, global", "f.ts", '/// <reference types="@matrix-org/olm" />\nconst a: Olm.Account = new Olm.Account();\na.create();', "bundler"],
		["modern, ESM", "g.mts", modern, "nodenext"],
		["modern, CommonJS", "h.cts", modern.replace("new (await import(\"@karst-im/olm/modern\")).Session();", "new (require(\"x\") as typeof import(\"@karst-im/olm/modern\")).Session();"), "nodenext"],
		["modern, bundler", "i.ts", modern, "bundler"],
	])("%s", (_, name, source, resolution) => {
		writeFileSync(join(folder, name), source);
		const module = resolution === "bundler" ? "esnext" : resolution;
		const tsc = join(import.meta.dirname, "../node_modules/typescript/bin/tsc");
		const options = ["--ignoreConfig", "--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,esnext.disposable,dom", "--module", module, "--moduleResolution", resolution, "--types", "node", "--typeRoots", join(import.meta.dirname, "../node_modules/@types")];
		const { stdout, status } = spawnSync("node", [tsc, ...options, name], { cwd: folder, encoding: "utf8" });
		expect(stdout).toBe("");
		expect(status).toBe(0);
	});
});

describe("the types need no newer library, and no host's", () => {
	const source = `import Olm, { type Account as ClassicAccount } from "@matrix-org/olm";
import legacy from "@karst-im/olm/olm_legacy.js";
import { Account, init, PkDecryption, type WasmSource } from "@karst-im/olm/modern";
export async function main(source: WasmSource): Promise<Uint8Array> {
	await init();
	await init(source);
	await init(legacy);
	await init(import("@karst-im/olm/olm_legacy.js"));
	await init("https://example.org/olm.wasm");
	await init(new Uint8Array(8));
	// @ts-expect-error: no source
	await init(null);
	await Olm.init({ locateFile: (path, directory) => directory + path, wasmBinary: new Uint8Array(8) });
	const classic: ClassicAccount = new Olm.Account();
	await legacy.init();
	new legacy.Account().unpickle("key", classic.pickle("key"));
	const account = new Account();
	account.free();
	return new PkDecryption().privateKey;
}
`;
	const dom = `${source}export const sources: WasmSource[] = [new URL("a:b"), new Response(), new WebAssembly.Module(new Uint8Array(8))];\n`;
	const using = `import { Account } from "@karst-im/olm/modern";\n{\n\tusing account = new Account();\n\taccount.pickle("key");\n}\n`;
	const newest = "typescript";
	const oldest = "typescript-5"; // 5.2, which was the first with `using`
	test.each<[string, string, string, string, Record<string, string>]>([
		[newest, "es2022,dom", "esnext", "bundler", { "m.ts": dom }],
		[newest, "es2022,dom", "nodenext", "nodenext", { "m.mts": dom, "m.cts": dom }],
		[newest, "es2022", "nodenext", "nodenext", { "n.mts": source }],
		[newest, "es2022,esnext.disposable", "nodenext", "nodenext", { "u.mts": using }],
		[oldest, "es2022,dom", "esnext", "bundler", { "m.ts": dom }],
		[oldest, "es2022,dom", "node16", "node16", { "m.mts": dom, "m.cts": dom }],
		[oldest, "es2022,esnext.disposable", "commonjs", "node10", { "n.ts": source, "u.ts": using }],
	])("%s, %s, %s, %s", (compiler, lib, module, resolution, files) => {
		for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
		const options = ["--noEmit", "--strict", "--skipLibCheck", "false", "--esModuleInterop", "--target", "es2022", "--lib", lib, "--module", module, "--moduleResolution", resolution, "--typeRoots", "none"];
		if (compiler === newest) options.push("--ignoreConfig");
		const { stdout } = spawnSync("node", [join(import.meta.dirname, "../node_modules", compiler, "bin/tsc"), ...options, ...Object.keys(files)], { cwd: folder, encoding: "utf8" });
		expect(stdout).toBe("");
	});
});
