import { allocator, type Allocator } from "./allocator.js";
import { entropy, type Entropy } from "./entropy.js";
import { rangeError, setErrors, type Errors } from "./errors.js";
import { functionsOf, type Exports, type Functions } from "./exports.js";
import { fromUtf8, toAscii, toUtf8 } from "./text.js";
import { part, viewOf } from "./views.js";

// The module, and its memory above its own data: objects, and a desk on which a call's arguments and
// results lie, one after the other, until the call is over and they are wiped.
//
// libolm's functions take an address and a length. `put` and `room` return the address and leave the
// length in `size`, so that `f(put(message), size, room(43), size)` passes both of both.

/** Text, which is passed as UTF-8, or bytes. */
export type Data = string | Uint8Array;

/** Long enough for what most calls need: arguments, results, and an object as it was before. */
const deskSize = 24576;

const pageSize = 65536;

/** Far below what the module can address, so that no sum of lengths overflows. */
const most = 2 ** 30;

/** The module's functions, once there is a module. */
export let x: Functions;
/** All of its memory. Is another array after the memory has grown. */
export let bytes: Uint8Array<ArrayBuffer>;
/** Where the last argument or result lies, and its length. */
export let at: number;
export let size: number;
/** Blocks that are wiped and released with the desk, as they are too long for it: address, length, address, length... */
export const beside: number[] = [];

let memory: Exports["memory"];
let blocks: Allocator;
let fill: Entropy;
let stack: Exports["__stack_pointer"];
let top: number;
let desk: number;
let next: number;
/** Where the object is that stands at the beginning of the desk as it was, and its length. */
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
		// Where WebAssembly is imitated, its memory would be two halves if the stack became full meanwhile.
		descend(100);
		const before = bytes.length;
		try {
			memory.grow(Math.ceil(more / pageSize));
		} catch {}
		look();
		// There a failure is no exception.
		if (bytes.length < before + more) throw rangeError("out of memory");
		return bytes.length;
	});
	desk = next = blocks.allocate(deskSize);
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

// What a call goes through. Each of these may be broken off anywhere by a full stack, and then be called again.

/** Notes an object as it is, at the beginning of the empty desk. */
export function save(from: number, n: number): void {
	bytes.copyWithin(desk, from, from + n);
	next = desk + ((n + 15) & -16);
	savedSize = n;
	saved = from;
}

/** Puts back the object that was noted, and the stack to where it was before the module was called. */
export function undo(): void {
	look();
	stack.value = top;
	if (saved) bytes.copyWithin(saved, desk, desk + savedSize);
	saved = 0;
}

/** Wipes the desk. From then on nothing can be put back. */
export function wipe(): void {
	if (next > desk) bytes.fill(0, desk, next);
	saved = 0;
	next = desk;
}

/** Wipes what lies beside the desk, and takes it back. */
export function clear(): void {
	for (let n; (n = beside.length); beside.length = n - 2) {
		const at = beside[n - 2];
		if (at) {
			bytes.fill(0, at, at + beside[n - 1]);
			blocks.release(at, beside[n - 1]);
		}
	}
}

// Arguments and results. Making room may replace `bytes`.

/** Makes room for `n` bytes beside the desk. */
export function block(n: number): number {
	beside.push(0, n);
	return (at = beside[beside.length - 2] = blocks.allocate(n));
}

/** Makes room for `n` bytes. */
export function room(n: number): number {
	// In this order: NaN, and -1 from a function of the module, must not get through.
	if (!(n >= 0 && n <= most)) throw rangeError("too long");
	size = n;
	if (n > desk + deskSize - next) return block(n);
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

/** Copies a message in base64. As in libolm a character is a byte; what fits into none is no base64. */
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

/** `n` bytes at an address, otherwise all of the last result, as text. */
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
