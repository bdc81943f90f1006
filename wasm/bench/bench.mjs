// node bench.mjs [WORD]: every operation beside the published @matrix-org/olm in one run; with a word
// only those whose names contain it, otherwise results.md is written, or OUT. Fails if an operation is slower.
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { existsSync, writeFileSync } from "node:fs";
import { compare } from "./measure.mjs";
import { operations } from "./operations.mjs";

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
const add = (name, [ours, theirs]) => {
	rows.push({ name, ours, theirs, ratio: theirs / ours });
	console.log(`${name.padEnd(40)} ${(ours * 1000).toFixed(1).padStart(9)} us ${(theirs * 1000).toFixed(1).padStart(9)} us ${(theirs / ours).toFixed(2).padStart(7)}`);
};

if (!word) {
	// The published package installs handlers at every start.
	process.setMaxListeners(0);
	const best = [Infinity, Infinity];
	for (let round = 0; round < 25; round++) {
		for (const [i, file] of files.entries()) {
			const start = performance.now();
			await fresh(file);
			best[i] = Math.min(best[i], performance.now() - start);
		}
	}
	add("Start: load, compile, init", best);
}
const packages = [await fresh(files[0]), await fresh(files[1])];
for (const operation of operations) {
	if (!word || operation.name.includes(word)) add(operation.name, compare(operation, packages));
}

if (!word) {
	const line = (r) => `| ${r.name} | ${(r.ours * 1000).toFixed(1)} | ${(r.theirs * 1000).toFixed(1)} | ${r.ratio.toFixed(2)} |`;
	writeFileSync(
		process.env.OUT ?? new URL("results.md", import.meta.url),
		`# Beside the published @matrix-org/olm

Microseconds at best, both packages in one run of \`node wasm/bench/bench.mjs\` under Node ${process.versions.node} on ${cpus()[0].model};
above 1 this package is faster. The published one is version ${require("@matrix-org/olm/package.json").version}, its WebAssembly build.

| operation | this package | @matrix-org/olm | times faster |
|---|--:|--:|--:|
${rows.map(line).join("\n")}
`,
	);
}
const slower = rows.filter((r) => r.ratio < 1);
if (slower.length) {
	console.error(`FAIL: slower: ${slower.map((r) => r.name).join(", ")}`);
	process.exitCode = 1;
}
