// Draws how many times faster this package is than the published one, operation by operation.
import { compare } from "/bench/measure.mjs";
import { operations } from "/bench/operations.mjs";
import "./failure.mjs";
import { size } from "./wire.mjs";

const $ = (selector, root = document) => root.querySelector(selector);
/** Where a bar ends: on a scale of logarithms, as twice as fast and half as fast are the same way from one. */
const place = (ratio) => Math.min(1, Math.max(0, (Math.log2(ratio) + 1) / 5));
const sides = [
	{ name: "karst", script: "/dist/olm.js", files: ["/dist/olm.js", "/dist/olm.wasm"] },
	{ name: "@matrix-org/olm", script: "/published/olm.js", files: ["/published/olm.js", "/published/olm.wasm"] },
];

$("[data-scale]").append(
	...[0.5, 1, 2, 4, 8, 16].map((ratio) => {
		const mark = document.createElement("span");
		mark.style.left = `${100 * place(ratio)}%`;
		mark.textContent = `${ratio}×`;
		return mark;
	}),
);

/** Loads a package by its script, as a page would, and returns it with the time it took. */
async function load({ script }) {
	const start = performance.now();
	window.Olm = undefined; // the published script declares it, so that it cannot be deleted
	await new Promise((done, fail) => {
		const element = document.createElement("script");
		Object.assign(element, { src: `${script}?${Math.random()}`, onload: done, onerror: fail });
		document.head.append(element);
	});
	const { Olm } = window;
	await Olm.init();
	return { Olm, ms: performance.now() - start };
}

async function gzipped(path) {
	const { body } = await fetch(path);
	if (typeof CompressionStream !== "function") return (await new Response(body).arrayBuffer()).byteLength;
	return (await new Response(body.pipeThrough(new CompressionStream("gzip"))).arrayBuffer()).byteLength;
}

const sizes = await Promise.all(sides.map(async ({ files }) => (await Promise.all(files.map(gzipped))).reduce((a, b) => a + b)));
$("[data-size]").textContent = sizes.map(size).join(" : ");

const bars = $("[data-bars]");
let group = "";
const rows = operations.map(({ name }) => {
	const [head, rest] = name.split(": ");
	if (head !== group) {
		const title = document.createElement("h3");
		title.textContent = group = head;
		bars.append(title);
	}
	const row = document.createElement("div");
	row.className = "bar";
	row.innerHTML = `<span class="name"></span><div class="track"><div class="fill"></div><div class="one"></div></div><span class="times">–</span><span class="detail"></span>`;
	$(".name", row).textContent = $(".name", row).title = rest;
	$(".one", row).style.left = `calc(${100 * place(1)}% - 1px)`;
	bars.append(row);
	return row;
});

/** Three digits, as far as that makes sense. */
function duration(ms) {
	const [n, unit] = ms < 1e-3 ? [1e6 * ms, "ns"] : ms < 1 ? [1e3 * ms, "µs"] : [ms, "ms"];
	return `${n.toFixed(unit === "ns" || n >= 100 ? 0 : n >= 10 ? 1 : 2)} ${unit}`;
}

async function run() {
	$("#run").disabled = true;
	const quick = new URLSearchParams(location.search).has("quick");
	const starts = [Infinity, Infinity];
	const packages = [];
	for (let round = 0; round < (quick ? 2 : 6); round++) {
		for (const [i, side] of sides.entries()) {
			const { Olm, ms } = await load(side);
			packages[i] = Olm;
			starts[i] = Math.min(starts[i], ms);
		}
	}
	$("[data-start]").textContent = starts.map((ms) => `${ms.toFixed(1)} ms`).join(" : ");
	let logs = 0;
	for (const [i, operation] of operations.entries()) {
		$("#run").textContent = `${i + 1} of ${operations.length}…`;
		await new Promise((done) => setTimeout(done)); // the page gets its turn
		const [ours, theirs] = compare(operation, packages, quick ? { rounds: 3, slice: 3 } : { rounds: 8, slice: 12 });
		const ratio = theirs / ours;
		const row = rows[i];
		$(".fill", row).style.width = `${100 * place(ratio)}%`;
		$(".fill", row).classList.toggle("slower", ratio < 0.995); // what reads as 1.00 is equal
		$(".times", row).textContent = `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
		$(".detail", row).textContent = `${duration(ours)} : ${duration(theirs)}`;
		logs += Math.log(ratio);
		$("[data-mean]").textContent = `${Math.exp(logs / (i + 1)).toFixed(2)}×`;
	}
	$("#run").textContent = "Run again";
	$("#run").disabled = false;
	document.body.classList.add("ready");
}

$("#run").addEventListener("click", run);
if (new URLSearchParams(location.search).has("run")) run();
