// The examples in the READMEs do what they say.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "acorn";
import { beforeAll, describe, expect, test } from "vitest";
import { install, scratch } from "./packed.js";
import { dist } from "./packages.js";

const folder = scratch();
beforeAll(() => install(folder, ["@karst-im/olm", "@matrix-org/olm"]));

const { name, version, engines } = JSON.parse(readFileSync(join(dist, "package.json"), "utf8"));

const readmes = [
	{ file: "../README.md", code: 2, manifests: 2 },
	{ file: "../../../README.md", code: 1, manifests: 1 },
];

test("the oldest Node knows ECMAScript 2022", () => expect(engines.node).toBe(">=20.16"));

describe.each(readmes)("$file", ({ file, code, manifests }) => {
	const text = readFileSync(join(import.meta.dirname, file), "utf8");
	const blocks = (language: string) => [...text.matchAll(new RegExp("^```" + language + "\\n([^]*?)^```$", "gm"))].map((match) => match[1]);

	test("code runs, as a module of ECMAScript", () => {
		expect(blocks("js").length).toBe(code);
		for (const block of blocks("js")) {
			// What the oldest Node that `engines` names can read, whichever runs here.
			parse(block, { ecmaVersion: 2022, sourceType: "module" });
			writeFileSync(join(folder, "example.mjs"), block);
			const said = execFileSync("node", ["example.mjs"], { cwd: folder, encoding: "utf8" });
			// What is promised beside a console.log is what is said.
			for (const [, promised] of block.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)) expect(normal(said)).toContain(normal(promised));
			expect(said.trim()).not.toBe("");
		}
	});

	test("code compiles in a new project of vite", () => {
		for (const [i, block] of blocks("js").entries()) {
			writeFileSync(join(folder, `example${i}.ts`), block);
			// The options of its template, but for the declarations of packages, which are checked here.
			const options = "--target es2023 --lib es2022,dom,dom.iterable --module esnext --moduleResolution bundler --strict --noEmit --verbatimModuleSyntax --skipLibCheck false".split(" ");
			const { stdout } = spawnSync("node", [join(import.meta.dirname, "../node_modules/typescript/bin/tsc"), "--ignoreConfig", "--typeRoots", "none", ...options, `example${i}.ts`], { cwd: folder, encoding: "utf8" });
			expect(stdout).toBe("");
		}
	});

	test("manifests name this version", () => {
		expect(blocks("json").length).toBe(manifests);
		for (const block of blocks("json")) {
			const [names] = Object.values<Record<string, string>>(JSON.parse(block));
			expect(names["@matrix-org/olm"]).toBe(`npm:${name}@${version}`);
		}
	});
});

/** Without the quotes and the spaces, which Node prints in its own way. */
function normal(text: string): string {
	return text.replace(/["'\s]/g, "");
}
