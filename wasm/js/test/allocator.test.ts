import { expect, test } from "vitest";
import { allocator } from "../src/core/allocator.js";

const pageSize = 65536;

/** An allocator, with a model of the memory that it hands out. */
function model(base = 70_000) {
	let end = 2 * pageSize;
	let grown = 0;
	const a = allocator(base, end, (more) => {
		grown++;
		return (end += Math.ceil(more / pageSize) * pageSize);
	});
	const live = new Map<number, number>();
	return {
		live,
		get end() {
			return end;
		},
		get grown() {
			return grown;
		},
		allocate(size: number) {
			const at = a.allocate(size);
			expect(at % 16).toBe(0);
			expect(at).toBeGreaterThanOrEqual(base);
			expect(at + size).toBeLessThanOrEqual(end);
			expect(live.has(at)).toBe(false);
			live.set(at, size);
			return at;
		},
		release(at: number) {
			a.release(at, live.get(at)!);
			live.delete(at);
		},
		disjoint() {
			const blocks = [...live].sort((a, b) => a[0] - b[0]);
			for (let i = 1; i < blocks.length; i++) expect(blocks[i][0]).toBeGreaterThanOrEqual(blocks[i - 1][0] + blocks[i - 1][1]);
		},
	};
}

function randomly(seed: number): (n: number) => number {
	return (n) => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return Math.floor((seed / 2 ** 32) * n);
	};
}

const objects = [128, 36, 68, 100, 232, 304, 104, 3632, 7520];

test("a released block is used again", () => {
	const m = model();
	const at = m.allocate(3632);
	m.release(at);
	expect(m.allocate(3632)).toBe(at);
});

test("blocks never overlap, and the memory stays within a factor of what is needed", () => {
	const m = model();
	const random = randomly(7);
	let most = 0;
	let sum = 0;
	for (let step = 0; step < 100_000; step++) {
		if (m.live.size < 10 || (random(2) && m.live.size < 600)) {
			// Objects, and now and then a message of any length.
			const size = random(5) ? objects[random(objects.length)] : random(1 << random(18));
			m.allocate(size);
			sum += size;
			most = Math.max(most, sum);
		} else {
			const addresses = [...m.live.keys()];
			const at = addresses[random(addresses.length)];
			sum -= m.live.get(at)!;
			m.release(at);
		}
		if (step % 1000 === 0) m.disjoint();
	}
	expect(m.end - 70_000).toBeLessThan(2.5 * most);
});

test("ever new lengths do not eat up the memory", () => {
	const m = model();
	for (let round = 0; round < 50; round++) {
		const held = Array.from({ length: 200 }, (_, i) => m.allocate(1000 + 16 * round + i));
		// Every other one is released first, so that nothing can be joined until the second half.
		for (let i = 0; i < 200; i += 2) m.release(held[i]);
		for (let i = 1; i < 200; i += 2) m.release(held[i]);
	}
	expect(m.end).toBeLessThan(1_200_000);
});

test("growing is rare", () => {
	const m = model();
	for (let i = 0; i < 20_000; i++) m.allocate(3632);
	expect(m.grown).toBeLessThan(60);
	for (const at of [...m.live.keys()]) m.release(at);
	const before = m.end;
	for (let i = 0; i < 20_000; i++) m.allocate(3600);
	expect(m.end).toBe(before);
});

test("lengths at the edge", () => {
	const m = model();
	const empty = m.allocate(0);
	m.release(empty);
	const huge = m.allocate(2 ** 30);
	m.release(huge);
	expect(m.allocate(2 ** 30)).toBe(huge);
});

test("when there is no more memory, what is there stays usable", () => {
	const a = allocator(0, pageSize, () => {
		throw new RangeError("no more");
	});
	const at = a.allocate(60_000);
	expect(() => a.allocate(60_000)).toThrow("no more");
	a.release(at, 60_000);
	expect(a.allocate(60_000)).toBe(at);
});
