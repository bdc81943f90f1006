// Measures an operation with two packages alternately, so that what else the machine does hits both.

/** Milliseconds of one run at best, of each package. */
export function compare(operation, packages, { rounds = 12, slice = 8 } = {}) {
	const run = packages.map((Olm) => operation.setup(Olm));
	const time = (f, n) => {
		f.before?.(n);
		const start = performance.now();
		for (let i = 0; i < n; i++) f();
		return (performance.now() - start) / n;
	};
	const most = operation.most ?? Infinity;
	// As often as takes a slice of so many milliseconds, also when nothing comes in between: some hosts'
	// clocks tick once in a millisecond, and a run between two ticks would take no time at all.
	const often = (f) => {
		let n = Math.min(most, 16);
		while (n < most && n < 1 << 20 && Math.min(time(f, n), time(f, n), time(f, n)) * n < slice) n = Math.min(most, 2 * n);
		return n;
	};
	const n = run.map(often);
	const best = packages.map(() => Infinity);
	for (let round = 0; round < rounds; round++) {
		run.forEach((f, i) => (best[i] = Math.min(best[i], time(f, n[i]))));
	}
	return best;
}
