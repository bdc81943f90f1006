// Assertions that run anywhere: Node, pages, workers.

export function fail(text: string): never {
	throw new Error(text);
}

const show = (value: unknown): string => {
	const text = typeof value === "string" ? JSON.stringify(value) : value instanceof Uint8Array ? `bytes ${[...value]}` : (JSON.stringify(value) ?? String(value));
	return text.length > 200 ? text.slice(0, 200) + "..." : text;
};

function same(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
	const names = Object.keys(a);
	return (
		Array.isArray(a) === Array.isArray(b) &&
		a instanceof Uint8Array === b instanceof Uint8Array &&
		names.join() === Object.keys(b).join() && // the order counts
		names.every((name) => same((a as any)[name], (b as any)[name]))
	);
}

export function equal(got: unknown, want: unknown, what = "value"): void {
	if (!same(got, want)) fail(`${what}: got ${show(got)}, want ${show(want)}`);
}

export function different(a: unknown, b: unknown, what = "values"): void {
	if (same(a, b)) fail(`${what}: both are ${show(a)}`);
}

export function matches(got: string, pattern: RegExp): void {
	if (typeof got !== "string" || !pattern.test(got)) fail(`${show(got)} does not match ${pattern}`);
}

/** Runs f, which must throw an error with that text, or a text that matches. Returns the error. */
export function throws(f: () => unknown, text: string | RegExp): Error {
	let value;
	try {
		value = f();
	} catch (error) {
		if (!(error instanceof Error)) fail(`threw ${show(error)}, which is no Error`);
		if (typeof text === "string" ? error.message !== text : !text.test(error.message)) {
			fail(`threw ${error.name} ${show(error.message)}, not ${text}`);
		}
		return error;
	}
	return fail(`returned ${show(value)} instead of throwing ${text}`);
}

/** Runs f, which must throw an error of a type, with a text that says something. */
export function refuses(f: () => unknown, type: string, text: RegExp): void {
	const error = throws(f, text);
	if (error.name !== type) fail(`threw ${error.name} ${show(error.message)}, not a ${type}`);
}
