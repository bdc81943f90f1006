// Measures an operation with two packages alternately, so that what else the machine does hits both.

/** Milliseconds of one run at best, of each package. The second is the one that `operation.most` spares. */
export function compare(operation, packages, { rounds = 12, slice = 8, now = () => performance.now() } = {}) {
	const sides = packages.map((Olm, i) => ({ f: operation.setup(Olm), n: 16, most: i ? (operation.most ?? Infinity) : Infinity, best: Infinity }));
	/**
	 * Runs until a slice of so many milliseconds is full, however that came about: some hosts' clocks tick
	 * once in a millisecond, so that a sample between two ticks would take no time at all, and what one sample
	 * took while the machine was busy says nothing of the next one.
	 */
	const sample = (side) => {
		let took = 0;
		let ran = 0;
		for (let n = Math.min(side.n, side.most); n > 0; n = Math.min(ran, 1 << 18, side.most - ran)) {
			side.f.before?.(n);
			const start = now();
			for (let i = 0; i < n; i++) side.f();
			took += now() - start;
			ran += n;
			if (took >= slice) break;
		}
		side.n = ran;
		return took / ran;
	};
	for (let round = 0; round <= rounds; round++) {
		for (const side of sides) {
			const one = sample(side);
			if (round) side.best = Math.min(side.best, one); // the first is the warm-up, and finds how often
		}
	}
	return sides.map((side) => side.best);
}
