// The measure of the benchmark page and of wasm/bench, with clocks as browsers and busy machines have them.
import { describe, expect, test } from "vitest";
// @ts-expect-error: plain JavaScript, as the page loads it.
import { compare, mean, summary } from "../../bench/measure.mjs";
// @ts-expect-error: plain JavaScript, as the page loads it.
import { inOrder, messagesOf, onEach, repeat } from "../../bench/loops.mjs";

/** A machine on which an operation takes so many milliseconds, with a clock that shows whole ticks. */
function machine(tick: number, stall = () => 0) {
	let time = 0;
	let runs = 0;
	return {
		now: () => Math.floor(time / tick) * tick,
		operation: { setup: (ms: number) => repeat(() => (runs++, (time += ms + stall()))) },
		runs: () => runs,
	};
}

describe("the measure", () => {
	test.each([
		["exact", 1e-6],
		["of milliseconds", 1],
	])("of a clock %s", (_, tick) => {
		for (const ms of [0.0004, 0.014, 0.3, 2.5, 40]) {
			const { now, operation } = machine(tick);
			const { ours, theirs } = compare(operation, [ms, 4 * ms], { rounds: 3, slice: 3, now });
			// A clock may be a tick off at the end of a slice.
			for (const [is, want] of [[ours, ms], [theirs, 4 * ms]]) {
				expect(is).toBeGreaterThan((want * 3) / (3 + tick) - 1e-9);
				expect(is).toBeLessThan((want * (3 + tick)) / 3 + 1e-9);
			}
		}
	});

	test("a machine that is busy while the operation is sized", () => {
		// Twenty milliseconds stolen at each of the first runs, then no more.
		let left = 40;
		const { now, operation } = machine(1, () => (left-- > 0 ? 20 : 0));
		const { ours, theirs } = compare(operation, [0.001, 0.002], { rounds: 3, slice: 3, now });
		expect(theirs / ours).toBeGreaterThan(1);
		expect(theirs / ours).toBeLessThan(4);
	});

	test("a package that can stand few runs", () => {
		const { now, operation, runs } = machine(1);
		const { ours, theirs } = compare({ ...operation, most: 60 }, [0.01, 0.1], { rounds: 8, slice: 12, now });
		expect(theirs / ours).toBeGreaterThan(5);
		expect(theirs / ours).toBeLessThan(20);
		const alone = runs();
		compare({ ...operation, most: 60 }, [1000, 0.1], { rounds: 8, slice: 12, now });
		expect(runs() - alone - 9 * 16).toBe(9 * 60); // eight rounds and the warm-up
	});

	test("the spread is that of the middle half of the rounds, each of which measured both", () => {
		// Ratios 1, 2, 3, 4, 5, of rounds that took from one to a hundred milliseconds.
		const ours = [1, 100, 10, 50, 2];
		const { ratio, spread, ...best } = summary(ours, ours.map((ms, i) => ms * (i + 1)));
		expect(best).toEqual({ ours: 1, theirs: 1 });
		expect(ratio).toBe(1);
		expect(spread).toEqual([2, 4]);
		expect(summary([1, 1], [2, 4]).spread).toEqual([2.5, 3.5]);
		expect(summary([2], [4])).toEqual({ ours: 2, theirs: 4, ratio: 2, spread: [2, 2] });
	});

	test("the mean of twice and half as fast is one", () => {
		expect(mean([2, 0.5])).toBeCloseTo(1, 12);
		expect(mean([8, 1, 1])).toBeCloseTo(2, 12);
	});
});

describe("a loop counts only the work", () => {
	let time: number;
	const now = () => time;
	/** Inputs, which take long to make and to free, and the work on one of them, a millisecond. */
	function stock() {
		time = 0;
		const made: { free(): void }[] = [];
		const done: unknown[] = [];
		let freed = 0;
		const make = () => {
			time += 1000;
			made.push({ free: () => void (freed++, (time += 1000)) });
			return made.at(-1)!;
		};
		return { make, work: (...input: unknown[]) => void (done.push(input.at(-1)), (time += 1)), made, done, freed: () => freed };
	}

	test.each([1, 64, 65, 200])("of %i iterations, all the same", (n) => {
		const { work, done } = stock();
		expect([repeat(work)(n, now), done.length]).toEqual([n, n]);
	});

	test.each([1, 64, 65, 200])("of %i iterations, each with an input", (n) => {
		const { make, work, made, done, freed } = stock();
		expect(onEach(make, work)(n, now)).toBe(n);
		expect(done).toEqual(made);
		expect([made.length, freed()]).toEqual([n, n]);
	});

	test.each([1, 3, 4, 8])("of %i iterations, with messages in order", (n) => {
		const { make, work, made, done, freed } = stock();
		const messages = ["a", "b", "c"];
		expect(inOrder(make, messages, work)(n, now)).toBe(n);
		expect(done).toEqual(Array.from({ length: n }, (_, i) => messages[i % 3]));
		expect([made.length, freed()]).toEqual([Math.ceil(n / 3), Math.ceil(n / 3)]);
	});

	test("messages in order are a few megabytes", () => {
		expect([1, 64, 32768, 1 << 30].map(messagesOf)).toEqual([256, 256, 64, 1]);
	});
});
