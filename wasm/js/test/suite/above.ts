/** What a call came to. */
export interface Outcome {
	value?: unknown;
	error?: unknown;
}

/** Calls f so many frames, and a few words, above the end of the stack. */
export function above(frames: number, words: number, f: () => unknown): Outcome {
	let outcome: Outcome | undefined;
	let left = frames;
	const dive = (): void => {
		try {
			dive();
		} catch (error) {
			if (outcome) return;
			if (left-- > 0) throw error;
			try {
				outcome = { value: f() };
			} catch (error) {
				outcome = { error };
			}
		}
	};
	// The words move all frames, so that the end comes at another place in one of them.
	const moved = (..._: number[]): void => dive();
	moved(...Array(words).fill(0));
	return outcome ?? { error: new RangeError("the stack was full before the call") };
}
