import type { Data } from "../core/memory.js";
import { part, viewOf } from "../core/views.js";

/**
 * Base64 without its padding, which the module does not take. Matrix writes no padding, but asks readers to take it. Text
 * that is padded wrongly stays as it is, and the module refuses it.
 */
export function unpadded(data: Data): Data {
	if (typeof data === "string") return data.slice(0, data.length - padding(data.length, (i) => data[i] === "="));
	if (!ArrayBuffer.isView(data)) return data; // for the call to refuse, by its name
	const view = viewOf(data, "base64");
	return part(view, 0, view.length - padding(view.length, (i) => view[i] === 61));
}

/** How many of n characters are padding. */
function padding(n: number, isPadding: (i: number) => boolean): number {
	if (!n || n % 4 || !isPadding(n - 1)) return 0;
	return isPadding(n - 2) ? 2 : 1;
}
