// How operations are repeated. Each function here returns a loop: loop(n, now) runs n iterations and returns what they
// took by the clock `now`, in milliseconds. What is prepared for them is not counted.

const clock = () => performance.now();

/** Needs nothing new for an iteration. */
export const repeat =
	(f) =>
	(n, now = clock) => {
		const start = now();
		for (let i = 0; i < n; i++) f();
		return now() - start;
	};

/** Uses its input up. 64 inputs are made at once, and freed afterwards. */
export const onEach =
	(make, f) =>
	(n, now = clock) => {
		let total = 0;
		for (let left = n; left > 0; left -= 64) {
			const inputs = Array.from({ length: Math.min(left, 64) }, make);
			const start = now();
			for (const input of inputs) f(input);
			total += now() - start;
			for (const input of inputs) input.free?.();
		}
		return total;
	};

/** Receives messages one after the other, and begins anew when it has had all. */
export const inOrder =
	(begin, messages, f) =>
	(n, now = clock) => {
		let total = 0;
		for (let left = n; left > 0; left -= messages.length) {
			const receiver = begin();
			const some = messages.slice(0, left);
			const start = now();
			for (const message of some) f(receiver, message);
			total += now() - start;
			receiver.free();
		}
		return total;
	};

/** How many messages of a size inOrder should get: a few megabytes at most. */
export const messagesOf = (size) => Math.max(1, Math.min(256, Math.floor((2 << 20) / size)));
