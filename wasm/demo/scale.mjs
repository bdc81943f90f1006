// A logarithmic scale, on which twice as fast and half as fast are equally far from one.

/** A scale that has room for ratios: its ticks, and where a ratio stands on it, from 0 to 1. */
export function scale(ratios) {
	const logs = ratios.filter((ratio) => ratio > 0 && ratio < Infinity).map(Math.log2);
	const low = Math.floor(Math.min(-1, ...logs));
	const high = Math.ceil(Math.max(1, ...logs));
	const ticks = Array.from({ length: high - low + 1 }, (_, i) => 2 ** (low + i));
	return { ticks, place: (ratio) => Math.min(1, Math.max(0, (Math.log2(ratio) - low) / (high - low))) };
}

/** A ratio in words: one below one keeps its digits. */
export function times(ratio) {
	return `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
}

/** A tick in words: halves are written as fractions. */
export function tick(ratio) {
	return ratio < 1 ? `1/${1 / ratio}×` : `${ratio}×`;
}

/** Milliseconds in words, with about three digits. */
export function duration(ms) {
	const [n, unit] = ms < 1e-3 ? [1e6 * ms, "ns"] : ms < 1 ? [1e3 * ms, "µs"] : [ms, "ms"];
	return `${n.toFixed(unit === "ns" || n >= 100 ? 0 : n >= 10 ? 1 : 2)} ${unit}`;
}
