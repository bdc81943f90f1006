// Measures an operation with two packages alternately, so that what else the machine does hits both.

/**
 * Milliseconds of one run of each package, ours and theirs, as `summary` tells them. The second package is
 * the one that `operation.most` spares.
 */
export function compare(operation, packages, { rounds = 12, slice = 8, now = () => performance.now() } = {}) {
	const sides = packages.map((Olm, i) => ({ loop: operation.setup(Olm), n: 16, most: i ? (operation.most ?? Infinity) : Infinity, rounds: [] }));
	/**
	 * Runs until a slice of so many milliseconds is full, however that came about: some hosts' clocks tick
	 * once in a millisecond, so that a sample between two ticks would take no time at all, and what one sample
	 * took while the machine was busy says nothing of the next one.
	 */
	const sample = (side) => {
		let took = 0;
		let ran = 0;
		for (let n = Math.min(side.n, side.most); n > 0; n = Math.min(ran, 1 << 18, side.most - ran)) {
			took += side.loop(n, now);
			ran += n;
			if (took >= slice) break;
		}
		side.n = ran;
		return took / ran;
	};
	for (let round = 0; round <= rounds; round++) {
		for (const side of sides) {
			const one = sample(side);
			if (round) side.rounds.push(one); // the first is the warm-up, and finds how often
		}
	}
	return summary(...sides.map((side) => side.rounds));
}

/**
 * The best of each package's rounds, how many times faster ours is by these, and the spread: between which two
 * ratios the middle half of the rounds lay, each of which measured both packages one after the other.
 */
export function summary(ours, theirs) {
	const best = [Math.min(...ours), Math.min(...theirs)];
	const ratios = ours.map((one, i) => theirs[i] / one).sort((a, b) => a - b);
	return { ours: best[0], theirs: best[1], ratio: best[1] / best[0], spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)] };
}

/** Of numbers in order the one at a part of the way, between two neighbours if need be. */
function quantile(sorted, part) {
	const at = part * (sorted.length - 1);
	const below = sorted[Math.floor(at)];
	return below + (at % 1) * (sorted[Math.ceil(at)] - below);
}

/** By how many times faster all of them are, so that twice as fast and half as fast make one. */
export function mean(ratios) {
	return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
