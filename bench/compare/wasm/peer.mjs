// The peer of a package with the classic API of @matrix-org/olm in the comparison: see ../README.md for what a peer is
// asked. The package's main file is the first argument:
//
//     node peer.mjs path/to/olm.js list

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { peerOperations } from "../../../wasm/bench/operations.mjs";

const [file, command] = process.argv.slice(2);
if (!file || !["list", "memory", "version", "serve"].includes(command)) {
	console.error("usage: peer.mjs FILE list|memory|version|serve");
	process.exit(1);
}
const Olm = createRequire(import.meta.url)(resolve(file));
await Olm.init();

const operations = new Map(peerOperations.map((operation) => [operation.peer, operation]));
const prepared = new Map();

/** The nanoseconds of one iteration, in a sample of about 8 ms after a warm-up of 2 ms. */
function sample(name) {
	const { setup, most = Infinity } = operations.get(name);
	if (!prepared.has(name)) prepared.set(name, { loop: setup(Olm), iterations: 0 });
	const o = prepared.get(name);
	for (let n = 1; !o.iterations; n *= 2) {
		const took = o.loop(n);
		if (took > 1 || n >= most) o.iterations = Math.min(most, Math.max(1, Math.floor((8 / took) * n)));
	}
	if (o.iterations >= 4) o.loop(Math.floor(o.iterations / 4));
	return (o.loop(o.iterations) * 1e6) / o.iterations;
}

if (command === "list") {
	for (const name of operations.keys()) console.log(name);
} else if (command === "version") {
	const { name, version } = JSON.parse(readFileSync(resolve(dirname(file), "package.json")));
	console.log(`${name} ${version}, Node ${process.versions.node}`);
} else if (command === "serve") {
	for await (const name of createInterface({ input: process.stdin })) {
		let answer;
		try {
			answer = operations.has(name) ? sample(name).toFixed(2) : `error: there is no operation ${name}`;
		} catch (e) {
			answer = `error: ${name}: ${e}`.replaceAll("\n", " ");
		}
		process.stdout.write(`${answer}\n`);
	}
}
