// node bench.mjs [WORD]: every operation beside the published @matrix-org/olm in one run; with a word
// only those whose names contain it, otherwise results.md and results.json are written, or OUT.md and OUT.json.
// Fails if an operation is slower.
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { compare, summary } from "./measure.mjs";
import { operations } from "./operations.mjs";
import { table } from "./table.mjs";

if (!["../dist/olm.js", "../js/node_modules"].every((path) => existsSync(new URL(path, import.meta.url)))) {
	console.error("FAIL: there is no wasm/dist or no wasm/js/node_modules: run wasm/build.sh");
	process.exit(1);
}
const require = createRequire(new URL("../js/package.json", import.meta.url));
const files = [new URL("../dist/olm.js", import.meta.url).pathname, require.resolve("@matrix-org/olm")];
const word = process.argv[2];

/** A copy of its own of a package, loaded, compiled and initialised. */
async function fresh(file) {
	delete require.cache[file];
	const Olm = require(file);
	await Olm.init();
	return Olm;
}

const rows = [];
const add = (name, { ours, theirs, ratio, spread }) => {
	rows.push({ name, ours, theirs, ratio, spread });
	console.log(`${name.padEnd(40)} ${(ours * 1000).toFixed(1).padStart(9)} us ${(theirs * 1000).toFixed(1).padStart(9)} us ${ratio.toFixed(2).padStart(7)} (${spread.map((n) => n.toFixed(2)).join(" to ")})`);
};

if (!word) {
	// The published package installs handlers at every start.
	process.setMaxListeners(0);
	const took = [[], []];
	for (let round = 0; round < 25; round++) {
		for (const [i, file] of files.entries()) {
			const start = performance.now();
			await fresh(file);
			took[i].push(performance.now() - start);
		}
	}
	add("Start: load, compile, init", summary(...took));
}
const packages = [await fresh(files[0]), await fresh(files[1])];
for (const operation of operations) {
	if (!word || operation.name.includes(word)) add(operation.name, compare(operation, packages));
}

if (!word) {
	const digits = (n) => Number(n.toPrecision(4));
	const results = {
		date: new Date().toISOString().slice(0, 10),
		node: process.versions.node,
		cpu: cpus()[0].model.trim(),
		published: require("@matrix-org/olm/package.json").version,
		/** Bytes of script and module, gzipped. */
		download: files.map((file) => [file, file.replace(/\.js$/, ".wasm")].reduce((sum, path) => sum + gzipSync(readFileSync(path), { level: 9 }).length, 0)),
		/** Milliseconds of one run. */
		rows: rows.map(({ name, ours, theirs, ratio, spread }) => ({ name, ours: digits(ours), theirs: digits(theirs), ratio: digits(ratio), spread: spread.map(digits) })),
	};
	const out = process.env.OUT ?? new URL("results", import.meta.url).pathname;
	writeFileSync(`${out}.json`, JSON.stringify(results, null, "\t") + "\n");
	writeFileSync(`${out}.md`, table(results));
}
const slower = rows.filter((r) => r.ratio < 1);
if (slower.length) {
	console.error(`FAIL: slower: ${slower.map((r) => r.name).join(", ")}`);
	process.exitCode = 1;
}
