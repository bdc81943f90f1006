// node build.mjs: bundles the package into ../dist, where build.sh has put olm.wasm.
import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { minify } from "terser";

const here = (path) => new URL(path, import.meta.url).pathname;
const dist = here("../dist/");

/** Properties that nobody outside of a bundle sees, some of which have the names of the host's. */
const internal = /^(lastError|pickleLength|construct|place|allocate|release|kind)$/;

/** Leaves olm.js to be found beside the file that wants it, in one copy. */
const script = {
	name: "script",
	setup(b) {
		b.onResolve({ filter: /^olm_script$/ }, () => ({ path: "./olm.js", external: true }));
	},
};

/** Makes of the output of wasm2js, which instantiates itself, a module that does so when told to. */
const legacyModule = {
	name: "legacy-module",
	setup(b) {
		b.onResolve({ filter: /^olm_legacy_module$/ }, () => ({ path: here("../build/legacy.js") }));
		b.onLoad({ filter: /build\/legacy\.js$/ }, ({ path }) => {
			const source = readFileSync(path, "utf8");
			const start = source.indexOf("var retasmFunc = asmFunc(");
			const end = source.indexOf("export var ", start);
			if (start < 0 || end < 0) throw new Error("the output of wasm2js has another form");
			return { contents: source.slice(0, start) + "export default () => " + source.slice(start + "var retasmFunc = ".length, end) };
		});
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
	bundle("src/classic/olm.ts", "olm.js", "iife"),
	bundle("src/classic/esm.ts", "olm.mjs", "esm"),
	bundle("src/classic/node.ts", "olm.node.mjs", "esm"),
	bundle("src/classic/legacy.ts", "olm_legacy.js", "iife"),
	bundle("src/modern/index.ts", "modern.mjs", "esm"),
	bundle("src/modern/index.ts", "modern.cjs", "cjs"),
]);

// The types of the modern API are those of its sources.
execFileSync(here("node_modules/.bin/tsc"), ["-p", here("tsconfig.modern.json")], { stdio: "inherit" });
for (const name of ["modern.d.ts", "modern.d.mts"]) writeFileSync(dist + name, 'export * from "./types/modern/index.js";\n');
for (const name of ["olm.d.ts", "olm.d.mts"]) cpSync(here("types/" + name), dist + name);
cpSync(here("published.json"), dist + "package.json");
cpSync(here("README.md"), dist + "README.md");
cpSync(here("../../LICENSE"), dist + "LICENSE");

// npm packs the modes that files have, which depend on who builds.
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
	chmodSync(`${entry.parentPath}/${entry.name}`, entry.isDirectory() ? 0o755 : 0o644);
}

async function bundle(entry, name, format) {
	// The fallback has no source that is worth a map.
	const sourcemap = name !== "olm_legacy.js";
	const { outputFiles } = await build({
		...common,
		entryPoints: [entry],
		outfile: dist + name,
		format,
		sourcemap: sourcemap && "external",
		target: entry.includes("modern") ? "es2022" : "es2020",
		// What a module of ECMAScript knows by itself.
		...(format === "cjs" && {
			define: { "import.meta.url": "address" },
			banner: { js: 'const address = process.getBuiltinModule("node:url").pathToFileURL(__filename).href;' },
		}),
	});
	const text = (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text;
	const { code, map } = await minify(text(name), {
		ecma: 2020,
		module: format === "esm",
		compress: { passes: 3, unsafe_arrows: true },
		mangle: entry.includes("modern") ? true : { properties: { regex: internal, builtins: true } },
		format: { preamble: "/* @karst-im/olm, Apache-2.0 */" },
		sourceMap: sourcemap && { content: text(".map"), url: name + ".map", filename: name },
	});
	writeFileSync(dist + name, code);
	if (map) writeFileSync(dist + name + ".map", map);
}
