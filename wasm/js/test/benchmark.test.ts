// What is measured, and what the benchmark page draws: its scale, its words, and the stored results that it begins with.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
// @ts-expect-error: plain JavaScript, as the page loads it.
import { duration, scale, tick, times } from "../../demo/scale.mjs";
// @ts-expect-error: plain JavaScript, as bench.mjs loads it.
import { operations, peerOperations } from "../../bench/operations.mjs";
// @ts-expect-error: plain JavaScript, as bench.mjs loads it.
import { table } from "../../bench/table.mjs";

import { dist, ready } from "./packages.js";

const bench = join(import.meta.dirname, "../../bench");
const comparison = join(import.meta.dirname, "../../../bench/compare");
const stored = JSON.parse(readFileSync(join(bench, "results.json"), "utf8"));

describe("the scale", () => {
	test("has equal speed within, and twice as far from it as half", () => {
		const { ticks, place } = scale([1.1, 1.3]);
		expect(ticks).toEqual([0.5, 1, 2]);
		expect(place(1)).toBe(0.5);
		expect(place(2) - place(1)).toBeCloseTo(place(1) - place(0.5), 12);
	});

	test("has room for what is drawn, and ends there", () => {
		const { ticks, place } = scale([0.2, 4.3, NaN, Infinity]);
		expect(ticks).toEqual([0.125, 0.25, 0.5, 1, 2, 4, 8]);
		for (const ratio of [0.2, 1, 4.3]) expect(place(ratio) > 0 && place(ratio) < 1).toBe(true);
		expect([place(0.01), place(100)]).toEqual([0, 1]);
	});

	test("in words", () => {
		expect([0.98, 1, 12.345].map(times)).toEqual(["0.98×", "1.00×", "12.3×"]);
		expect([0.25, 1, 8].map(tick)).toEqual(["1/4×", "1×", "8×"]);
		expect([4e-5, 0.0119, 0.2345, 1.5, 12.34, 1234].map(duration)).toEqual(["40 ns", "11.9 µs", "235 µs", "1.50 ms", "12.3 ms", "1234 ms"]);
	});
});

describe("the table of operations", () => {
	type Operation = { name?: string; peer?: string; setup(Olm: object): (n: number) => number };
	const all = new Set<Operation>([...operations, ...peerOperations]);

	test("has every name once", () => {
		for (const names of [operations.map(({ name }: Operation) => name), peerOperations.map(({ peer }: Operation) => peer)]) {
			expect(names.length).toBeGreaterThan(30);
			expect(new Set(names).size).toBe(names.length);
		}
	});

	test("has what the comparison asks of every peer", () => {
		const [, names] = /^var names = strings\.Fields\(`([^`]+)`\)$/m.exec(readFileSync(join(comparison, "internal/peertest/peertest.go"), "utf8"))!;
		expect(peerOperations.map(({ peer }: Operation) => peer).sort()).toEqual(names.trim().split(/\s+/).sort());
	});

	test.each([...all].map((operation) => [operation.name ?? operation.peer, operation] as const))("%s runs", async (_, { setup }) => {
		const loop = setup(await ready("olm.js"));
		for (const n of [1, 3]) expect(loop(n)).toBeGreaterThan(0);
	});
});

test("the peer lists, measures and refuses by name", () => {
	const peer = (command: string, input = "") => execFileSync("node", [join(comparison, "wasm/peer.mjs"), join(dist, "olm.js"), command], { input, encoding: "utf8" }).split("\n");
	expect(peer("list")).toEqual([...peerOperations.map(({ peer }: { peer: string }) => peer), ""]);
	expect(peer("version")[0]).toMatch(/^@karst-im\/olm [\d.]+, Node [\d.]+$/);
	expect(peer("memory")).toEqual([""]);
	const [first, second, third] = peer("serve", "AccountNew\nnothing\nSAS\n");
	expect([Number(first) > 1000, second, Number(third) > 1000]).toEqual([true, "error: there is no operation nothing", true]);
});

describe("the stored results", () => {
	test("are of every operation, in order", () => {
		const names = stored.rows.map(({ name }: { name: string }) => name);
		expect(names).toEqual(["Start: load, compile, init", ...operations.map(({ name }: { name: string }) => name)]);
	});

	test("are ratios of what was measured", () => {
		for (const { name, ours, theirs, ratio, spread } of stored.rows) {
			expect([name, ratio]).toEqual([name, expect.closeTo(theirs / ours, 1)]);
			expect([name, spread[0] > 0 && spread[0] <= spread[1]]).toEqual([name, true]);
		}
	});

	test("are the same in results.md", () => {
		expect(table(stored)).toBe(readFileSync(join(bench, "results.md"), "utf8"));
	});
});
