import { allocator, type Allocator } from "./allocator.js";
import { entropy, type Entropy } from "./entropy.js";
import { rangeError, setErrors, type Errors } from "./errors.js";
import { functionsOf, type Exports, type Functions } from "./exports.js";
import { fromUtf8, toAscii, toUtf8 } from "./text.js";
import { part, viewOf } from "./views.js";

// The module, and its memory above its own data: objects, and a scratch buffer. A call's arguments and
// results lie there one after the other. When the call is over they are wiped.
//
// libolm's functions take addresses with lengths. `put` and `room` return an address and leave the
// length in `size`, so that `f(put(message), size, room(43), size)` passes two of each.

/** Text, which is passed as UTF-8, or bytes. */
export type Data = string | Uint8Array;

/** Long enough for what most calls need: arguments, results, and an object as it was before. */
const scratchSize = 24576;

const pageSize = 65536;

/** Far below what the module can address, so that no sum of lengths overflows. */
const most = 2 ** 30;

/** The module's functions, once there is a module. */
export let x: Functions;
/** All of its memory. Another array takes its place when the memory grows. */
export let bytes: Uint8Array<ArrayBuffer>;
/** Where the last argument or result lies, and its length. */
export let at: number;
export let size: number;
/** Blocks too long for the scratch buffer, which are wiped with it and released: address, length, address, length... */
export const overflow: number[] = [];

let memory: Exports["memory"];
let blocks: Allocator;
let fill: Entropy;
let stack: Exports["__stack_pointer"];
let top: number;
let scratch: number;
let next: number;
/** The address and the length of the object of which a copy is at the beginning of the scratch buffer. */
let saved = 0;
let savedSize: number;

/** Takes a module into use, for an API that has errors of its own. */
export function startWith(errors: Errors, exports: Exports): void {
	setErrors(errors);
	start(exports);
}

/** Takes a module into use. */
export function start(exports: Exports): void {
	fill = entropy();
	exports._initialize();
	memory = exports.memory;
	look();
	blocks = allocator(exports.__heap_base.value, bytes.length, (more) => {
		// wasm2js makes its views of the new memory one by one. If the stack became full meanwhile, some would be of the old one.
		descend(100);
		const before = bytes.length;
		try {
			memory.grow(Math.ceil(more / pageSize));
		} catch {}
		look();
		// In wasm2js a failure throws nothing.
		if (bytes.length < before + more) throw rangeError("out of memory");
		return bytes.length;
	});
	scratch = next = blocks.allocate(scratchSize);
	stack = exports.__stack_pointer;
	top = stack.value;
	x = functionsOf(exports);
}

function look(): void {
	bytes = new Uint8Array(memory.buffer);
}

function descend(frames: number): void {
	if (frames) descend(frames - 1);
}

// The steps of a call. A full stack may break off each of these anywhere. Then it is called again.

/** Copies an object to the beginning of the empty scratch buffer. */
export function save(from: number, n: number): void {
	bytes.copyWithin(scratch, from, from + n);
	next = scratch + ((n + 15) & -16);
	savedSize = n;
	saved = from;
}

/** Puts back the saved object, and the stack pointer as it was before the module was called. */
export function undo(): void {
	look();
	stack.value = top;
	if (saved) bytes.copyWithin(saved, scratch, scratch + savedSize);
	saved = 0;
}

/** Wipes the scratch buffer. From then on nothing can be put back. */
export function wipe(): void {
	if (next > scratch) bytes.fill(0, scratch, next);
	saved = 0;
	next = scratch;
}

/** Wipes and releases the blocks outside of the scratch buffer. */
export function clear(): void {
	for (let n; (n = overflow.length); overflow.length = n - 2) {
		const at = overflow[n - 2];
		if (at) {
			bytes.fill(0, at, at + overflow[n - 1]);
			blocks.release(at, overflow[n - 1]);
		}
	}
}

// Arguments and results. Making room may replace `bytes`.

/** Makes room for `n` bytes outside of the scratch buffer. */
export function block(n: number): number {
	overflow.push(0, n);
	return (at = overflow[overflow.length - 2] = blocks.allocate(n));
}

/** Makes room for `n` bytes. */
export function room(n: number): number {
	// Written so that it refuses NaN too, and -1 from a function of the module.
	if (!(n >= 0 && n <= most)) throw rangeError("too long");
	size = n;
	if (n > scratch + scratchSize - next) return block(n);
	at = next;
	next += (n + 15) & -16;
	return at;
}

/** Copies text or bytes. `what` names them in errors. */
export function put(data: Data, what: string): number {
	if (typeof data !== "string") {
		const view = viewOf(data, what);
		room(view.length);
		bytes.set(view, at);
	} else {
		room(data.length);
		if (!toAscii(bytes, at, data)) {
			room(3 * data.length);
			size = toUtf8(bytes, at, data, what);
		}
	}
	return at;
}

/** Copies a message in base64. As in libolm, a character is a byte. One that is too large becomes 255, which is not base64. */
export function message(data: Data, what = "message"): number {
	if (typeof data !== "string") return put(data, what);
	room(data.length);
	if (!toAscii(bytes, at, data)) {
		for (let i = 0; i < size; i++) bytes[at + i] = Math.min(data.charCodeAt(i), 255);
	}
	return at;
}

/** Makes room for `n` bytes and fills it with random ones. */
export function random(n: number): number {
	room(n);
	if (n) fill(part(bytes, at, at + n));
	return at;
}

/** `n` bytes at an address as text. Without arguments, all of the last result. */
export function text(n = size, from = at): string {
	return fromUtf8(bytes, from, from + n);
}

/** A copy of the first `n` bytes of the last result. */
export function copy(n = size): Uint8Array<ArrayBuffer> {
	const copied = new Uint8Array(n);
	copied.set(part(bytes, at, at + n));
	return copied;
}

/** The text at an address that ends with a NUL. */
export function cString(from: number): string {
	return fromUtf8(bytes, from, bytes.indexOf(0, from));
}
