// The benchmark: the repository's results first, and what this tab measures when it is told to.
import { compare, mean } from "/bench/measure.mjs";
import { operations } from "/bench/operations.mjs";
import { notice } from "./failure.mjs";
import { Chart } from "./chart.mjs";
import { duration, times } from "./scale.mjs";
import { load } from "./script.mjs";
import { size } from "./words.mjs";

const $ = (selector) => document.querySelector(selector);
const query = new URLSearchParams(location.search);
const sides = [
	{ script: "/dist/olm.js", files: ["/dist/olm.js", "/dist/olm.wasm"] },
	{ script: "/published/olm.js", files: ["/published/olm.js", "/published/olm.wasm"] },
];
const start = "Start: load, compile, init";

const stored = await (await fetch("/bench/results.json")).json();
const chart = new Chart($("table"), operations.map(({ name }) => name));
for (const row of stored.rows) chart.show(row);
average();
figures("size", stored.download.map(size));
const { ours, theirs } = stored.rows.find(({ name }) => name === start);
figures("start", [ours, theirs].map(duration));
say(`Stored results: Node ${stored.node} on ${stored.cpu}, ${stored.date}, beside @matrix-org/olm ${stored.published}.`);
$("[data-footer]").textContent = "Nothing leaves this page.";

function average() {
	$("[data-mean]").textContent = times(mean(chart.results.map(({ ratio }) => ratio)));
}

function figures(name, values) {
	for (const [i, value] of values.entries()) $(`[data-${name}="${i}"]`).textContent = value;
}

function say(text) {
	$("[data-source]").textContent = text;
}

/** Loads a copy of a package, as a page would, and returns it with the time that this took. */
async function fresh({ script }) {
	const start = performance.now();
	window.Olm = undefined; // the published script declares it, so that it cannot be deleted
	const Olm = await load(`${script}?${Math.random()}`);
	await Olm.init();
	return { Olm, ms: performance.now() - start };
}

async function gzipped(path) {
	const { body } = await fetch(path);
	return (await new Response(body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer()).byteLength;
}

async function run() {
	const button = $("#run");
	const progress = $("#progress");
	button.disabled = true;
	button.textContent = "Running…";
	progress.hidden = false;
	progress.value = 0;
	document.body.classList.remove("ready");
	for (const row of chart.rows.values()) row.fresh = false;
	say(`Measuring ${operations.length} operations in this tab. Rows that are not measured yet are the ones from before.`);
	const quick = query.has("quick");
	// Where the browser cannot compress, the repository's figures stay.
	if (typeof CompressionStream === "function") figures("size", (await Promise.all(sides.map(async ({ files }) => (await Promise.all(files.map(gzipped))).reduce((a, b) => a + b)))).map(size));
	const starts = [Infinity, Infinity];
	const packages = [];
	for (let round = 0; round < (quick ? 2 : 6); round++) {
		for (const [i, side] of sides.entries()) {
			const { Olm, ms } = await fresh(side);
			packages[i] = Olm;
			starts[i] = Math.min(starts[i], ms);
		}
	}
	figures("start", starts.map(duration));
	for (const [i, operation] of operations.entries()) {
		await new Promise((done) => setTimeout(done)); // the page gets its turn
		chart.show({ name: operation.name, ...compare(operation, packages, quick ? { rounds: 3, slice: 3 } : { rounds: 8, slice: 12 }) }, true);
		progress.value = (i + 1) / operations.length;
	}
	average();
	say(`Measured now, in this tab, beside @matrix-org/olm ${stored.published}. The sizes are as this machine compresses, and the starts are those of this tab.`);
	button.textContent = "Run again";
	button.disabled = false;
	progress.hidden = true;
	document.body.classList.add("ready");
}

if (typeof WebAssembly === "object") $("#run").addEventListener("click", run);
else {
	$("#run").disabled = true;
	notice("This browser has no WebAssembly, so nothing can be measured here. The figures are the repository's.");
}
document.body.classList.add("ready");
if (query.has("run") && !$("#run").disabled) run();
