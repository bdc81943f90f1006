// Which file a host or a bundler gets, by the conditions it has, found out by Node and by esbuild themselves.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { dist } from "./packages.js";
import { install, scratch } from "./packed.js";

const folder = scratch();
beforeAll(() => install(folder, ["@karst-im/olm", "@matrix-org/olm"]));

const node = (script: string, ...options: string[]) => execFileSync("node", [...options, script], { cwd: folder, encoding: "utf8" }).trim();

/** The file that esbuild puts into a bundle for a platform with these conditions and no others of its own. */
async function bundled(conditions: string[], code: string): Promise<string> {
	const { metafile } = await build({
		stdin: { contents: code, resolveDir: folder },
		bundle: true,
		write: false,
		metafile: true,
		platform: "neutral",
		conditions,
		format: "esm",
		logLevel: "error",
		external: ["./olm.js"], // of olm.node.mjs
	});
	const files = Object.keys(metafile.inputs).filter((path) => path.includes("node_modules"));
	expect(files.length).toBe(1);
	return basename(files[0]);
}

const imports = (name: string) => `import * as x from "${name}"; console.log(x);`;
const requires = (name: string) => `console.log(require("${name}"));`;

describe("conditions", () => {
	test.each<[string[], string, string, string, string]>([
		// by import, by require: of the classic API, of the modern API
		[["browser"], "olm.mjs", "olm.js", "modern.mjs", "modern.cjs"],
		[["worker"], "olm.mjs", "olm.js", "modern.mjs", "modern.cjs"],
		[["worker", "browser", "webpack", "module"], "olm.mjs", "olm.mjs", "modern.mjs", "modern.mjs"],
		[["module"], "olm.mjs", "olm.mjs", "modern.mjs", "modern.mjs"],
		[["development", "react-native"], "olm_legacy.js", "olm_legacy.js", "modern.cjs", "modern.cjs"],
		[["node"], "olm.node.mjs", "olm.js", "modern.mjs", "modern.cjs"],
		[["node", "webpack", "module"], "olm.mjs", "olm.mjs", "modern.mjs", "modern.mjs"],
		[["bun", "node"], "olm.node.mjs", "olm.js", "modern.mjs", "modern.cjs"],
		[["deno", "node"], "olm.node.mjs", "olm.js", "modern.mjs", "modern.cjs"],
	])("%j", async (conditions, ...want) => {
		const [classic, modern] = ["@karst-im/olm", "@karst-im/olm/modern"];
		const got = [imports(classic), requires(classic), imports(modern), requires(modern)].map((code) => bundled(conditions, code));
		expect(await Promise.all(got)).toEqual(want);
	});

	test.each(["", "browser", "worker", "deno", "bun"])("Node itself, --conditions=%s", (condition) => {
		writeFileSync(join(folder, "which.mjs"), `import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const names = ["@matrix-org/olm", "@matrix-org/olm/modern"];
console.log([...names.map((n) => import.meta.resolve(n)), ...names.map((n) => require.resolve(n))].map((f) => f.replace(/.*\\//, "")).join());`);
		expect(node("which.mjs", ...(condition ? ["--conditions=" + condition] : []))).toBe("olm.node.mjs,modern.mjs,olm.js,modern.cjs");
	});

	test("every file that the map names is there, and every file of code is named", () => {
		const { exports, main } = JSON.parse(readFileSync(join(dist, "package.json"), "utf8"));
		const targets = new Set<string>();
		const collect = (value: unknown): void => {
			if (typeof value === "string") targets.add(value);
			else Object.values(value as object).forEach(collect);
		};
		collect([exports, main]);
		for (const target of targets) expect(readFileSync(join(folder, "node_modules/@karst-im/olm", target)).length).toBeGreaterThan(0);
		expect([...targets].filter((t) => /\.([cm]?js|wasm)$/.test(t)).sort()).toEqual(["./modern.cjs", "./modern.mjs", "./olm.js", "./olm.mjs", "./olm.node.mjs", "./olm.wasm", "./olm_legacy.js"]);
	});

	test("types come first in every entry, or TypeScript would not see them", () => {
		const { exports } = JSON.parse(readFileSync(join(dist, "package.json"), "utf8"));
		const entries = Object.values(exports).filter((entry) => typeof entry === "object") as object[];
		expect(entries.length).toBe(6);
		for (const entry of entries) expect(Object.keys(entry)[0]).toBe("types");
	});
});

describe("names in Node", () => {
	const run = (name: string, code: string) => {
		writeFileSync(join(folder, name), code);
		return node(name);
	};

	test("import and require give one Olm", () => {
		const code = `import Olm, * as names from "@matrix-org/olm";
import { createRequire } from "node:module";
const required = createRequire(import.meta.url)("@matrix-org/olm");
const before = [Olm === required, Object.keys(Olm).join(), names.Account, names.PRIVATE_KEY_LENGTH];
const loaded = required.init();
await Promise.all([loaded, Olm.init(), names.init()]);
console.log(JSON.stringify([before, loaded === names.init(), Object.keys(names).filter((n) => n !== "default").sort().join() === Object.keys(Olm).sort().join()]),
	Object.keys(Olm).every((n) => Olm[n] === names[n]));`;
		expect(run("one.mjs", code)).toBe('[[true,"init",null,32],true,true] true');
	});

	test("classes by name", () => {
		const code = `import { init, Account, Utility, get_library_version } from "@karst-im/olm";
await init();
const account = new Account();
account.create();
new Utility().ed25519_verify(JSON.parse(account.identity_keys()).ed25519, "text", account.sign("text"));
console.log(get_library_version().length);`;
		expect(run("names.mjs", code)).toBe("3");
	});

	test("import after require has begun", () => {
		const code = `const Olm = require("@matrix-org/olm");
Olm.init().then(async () => {
	const names = await import("@matrix-org/olm");
	console.log(names.default === Olm, names.Account === Olm.Account);
});`;
		expect(run("later.cjs", code)).toBe("true true");
	});
});
