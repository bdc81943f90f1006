// node build.mjs: bundles the package into ../dist, where build.sh has put olm.wasm.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";
import ts from "typescript-5";

const here = (path) => new URL(path, import.meta.url).pathname;
const dist = here("../dist/");

/** Properties that nobody outside of a bundle sees. They get short names, also where the host has one of the same name. */
const internal = /^(place|allocate|release|kind|maker|size|at|id)$/;

/** Makes an import of olm_script one of olm.js, beside the file that imports it, so that there is one copy. */
const script = {
	name: "script",
	setup(b) {
		b.onResolve({ filter: /^olm_script$/ }, () => ({ path: "./olm.js", external: true }));
	},
};

/** Stands in olm_legacy.js for the output of wasm2js until the rest is made. */
const placeholder = "WASM2JS";

const legacyModule = {
	name: "legacy-module",
	setup(b) {
		b.onResolve({ filter: /^olm_legacy_module$/ }, ({ path }) => ({ path, namespace: "legacy" }));
		b.onLoad({ filter: /./, namespace: "legacy" }, () => ({ contents: "export default " + placeholder }));
	},
};

const common = {
	absWorkingDir: here("."),
	bundle: true,
	minify: true,
	legalComments: "none",
	logLevel: "warning",
	logOverride: { "commonjs-variable-in-esm": "silent" },
	platform: "neutral",
	sourcesContent: true,
	write: false,
	plugins: [script, legacyModule],
};

await Promise.all([
	bundle("src/classic/olm.ts", "olm.js", "iife", "es2017"), // what webpack 4 can read
	bundle("src/classic/esm.ts", "olm.mjs", "esm", "es2020"),
	bundle("src/classic/node.ts", "olm.node.mjs", "esm", "es2020"),
	bundle("src/classic/legacy.ts", "olm_legacy.js", "iife", "es5"), // what Hermes can read
	bundle("src/modern/index.ts", "modern.mjs", "esm", "es2022"),
	bundle("src/modern/index.ts", "modern.cjs", "cjs", "es2022"),
]);

// The types of the modern API are those of its sources.
execFileSync("node", [here("node_modules/typescript/bin/tsc"), "-p", here("tsconfig.modern.json")], { stdio: "inherit" });
for (const name of ["modern.d.ts", "modern.d.mts"]) writeFileSync(dist + name, 'export * from "./types/modern/index.js";\n');
// Older compilers do not know that arrays of bytes differ by their buffers.
for (const name of readdirSync(dist + "types", { recursive: true })) {
	if (!name.endsWith(".d.ts")) continue;
	const types = readFileSync(`${dist}types/${name}`, "utf8");
	writeFileSync(`${dist}types/${name}`, types.replaceAll("Uint8Array<ArrayBuffer>", "Uint8Array"));
}
for (const name of ["olm.d.ts", "olm.d.mts", "olm_legacy.d.ts"]) cpSync(here("types/" + name), dist + name);
cpSync(here("published.json"), dist + "package.json");
cpSync(here("README.md"), dist + "README.md");
cpSync(here("../../LICENSE"), dist + "LICENSE");

// npm packs the modes that files have, which depend on who builds.
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
	chmodSync(`${entry.parentPath}/${entry.name}`, entry.isDirectory() ? 0o755 : 0o644);
}

async function bundle(entry, name, format, target) {
	// The fallback has no source that is worth a map.
	const es5 = target === "es5";
	const sourcemap = !es5;
	const { outputFiles } = await build({
		...common,
		entryPoints: [entry],
		outfile: dist + name,
		format,
		sourcemap: sourcemap && "external",
		target: es5 ? "es2020" : target,
		// CommonJS has no import.meta.
		...(format === "cjs" && {
			define: { "import.meta.url": "address" },
			banner: { js: 'const address = typeof process === "object" && process.getBuiltinModule && process.getBuiltinModule("node:url").pathToFileURL(__filename).href;' },
		}),
	});
	const text = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text;
	const { code, map } = await minify(es5 ? legacy(text(name)) : text(name), {
		ecma: es5 ? 5 : Number(target.slice(2)),
		module: format === "esm",
		compress: { passes: 3, unsafe_arrows: true },
		mangle: entry.includes("modern") ? true : { properties: { regex: internal, builtins: true } },
		format: { preamble: "/* @karst-im/olm, Apache-2.0 */" },
		sourceMap: sourcemap && { content: text(".map"), url: name + ".map", filename: name },
	});
	writeFileSync(dist + name, code);
	if (map) writeFileSync(dist + name + ".map", map);
}

/** Makes ECMAScript 5 of what is newer, which esbuild does not, and puts the module in its place. */
function legacy(source) {
	const compilerOptions = { target: ts.ScriptTarget.ES5, downlevelIteration: true, removeComments: true };
	const parts = ts.transpileModule(source, { compilerOptions }).outputText.split(placeholder);
	if (parts.length !== 2) throw new Error("there must be one place for the module");
	return `(function () {\n${parts.join(instantiate())}\n})();`; // the compiler's helpers are no globals
}

/** Makes of the output of wasm2js, which instantiates itself, a function that does so whenever it is called. */
function instantiate() {
	const source = readFileSync(here("../build/legacy.js"), "utf8");
	const start = source.indexOf("var retasmFunc = asmFunc(");
	const end = source.indexOf("export var ", start);
	if (start < 0 || end < 0) throw new Error("the output of wasm2js has another form");
	return `(function () {\n${source.slice(0, start)}return ${source.slice(start + "var retasmFunc = ".length, end)}})`;
}
