/** The address and the length of every block are multiples of this. */
const unit = 16;

export interface Allocator {
	/** Returns the address of `size` bytes, which were never used or were released. */
	allocate(size: number): number;
	/** Takes back the `size` bytes at `at`. */
	release(at: number, size: number): void;
}

/**
 * Hands out blocks of the memory from `base` to `end`. `grow` adds at least so many bytes, and returns
 * the new end. What is known about blocks is kept outside of that memory, where no fault inside can
 * reach it.
 *
 * Released blocks wait in lists by length, since there are only nine kinds of objects. When nothing fits,
 * neighbours are joined before more memory is asked for. So the memory stays within a small factor of
 * the most that was needed at once (`allocator.test.ts`). Joining waits until enough was released to be
 * worth the walk.
 */
export function allocator(base: number, end: number, grow: (bytes: number) => number): Allocator {
	let free = new Map<number, number[]>(); // addresses by length
	let released = 0; // bytes, since neighbours were last joined
	base = rounded(base);

	const put = (at: number, size: number, to = free): void => {
		const same = to.get(size);
		if (same) same.push(at);
		else to.set(size, [at]);
	};

	/** Cuts `size` bytes off the smallest free block that is long enough, or returns 0. */
	const split = (size: number): number => {
		let best = Infinity;
		for (const [length, blocks] of free) {
			if (!blocks.length) free.delete(length);
			else if (length >= size && length < best) best = length;
		}
		if (best === Infinity) return 0;
		const at = free.get(best)!.pop()!;
		if (best > size) put(at + size, best - size);
		return at;
	};

	/** Joins free blocks that lie side by side. If the stack becomes full meanwhile, nothing has changed. */
	const join = (): void => {
		const blocks: [number, number][] = [];
		for (const [size, addresses] of free) for (const at of addresses) blocks.push([at, size]);
		blocks.sort((a, b) => a[0] - b[0]);
		const joined: typeof free = new Map();
		let start = 0;
		let size = 0;
		for (const [at, more] of blocks) {
			if (at === start + size) size += more;
			else {
				if (size) put(start, size, joined);
				start = at;
				size = more;
			}
		}
		const last = start + size === base;
		if (size && !last) put(start, size, joined);
		if (last) base = start;
		free = joined;
		released = 0;
	};

	return {
		allocate(size) {
			size = rounded(size);
			const same = free.get(size);
			if (same && same.length) return same.pop()!;
			if (size > end - base) {
				let at = split(size);
				if (!at && released * 16 > end) {
					join();
					at = split(size);
				}
				if (at) return at;
				if (size > end - base) end = grow(Math.max(size - (end - base), end >> 3));
			}
			base += size;
			return base - size;
		},

		release(at, size) {
			size = rounded(size);
			released += size;
			put(at, size);
		},
	};
}

/** The length of the block for n bytes. No block is empty, so that no two have the same address. */
function rounded(n: number): number {
	return ((n || 1) + unit - 1) & -unit;
}
