import { allocator, type Allocator } from "./allocator.js";
import { entropy, type Entropy } from "./entropy.js";
import { errors } from "./errors.js";
import { functionsOf, type Exports, type Functions, type Kind } from "./exports.js";
import { fromUtf8, toAscii, toBytes, toUtf8 } from "./text.js";

// The module, and its memory above its own data: objects, and a desk on which a call's arguments and
// results lie, one after the other, until the call is over and they are wiped.
//
// libolm's functions take an address and a length. `put` and `room` return the address and leave the
// length in `size`, so that `f(put(message), size)` passes both.

/** Text, which is passed as UTF-8, or bytes. */
export type Data = string | Uint8Array;

/** Long enough for the arguments of most calls. */
const deskSize = 16384;

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

let blocks: Allocator;
let fill: Entropy;
let stack: Exports["__stack_pointer"];
let top: number;
let desk: number;
let next: number;
const beside: number[] = []; // what is too long for the desk: address, length, address, length...

/** Takes a module into use. */
export function start(exports: Exports): void {
	fill = entropy();
	exports._initialize();
	bytes = new Uint8Array(exports.memory.buffer);
	blocks = allocator(exports.__heap_base.value, bytes.length, (more) => {
		try {
			exports.memory.grow(Math.ceil(more / pageSize));
		} catch {}
		const before = bytes.length;
		bytes = new Uint8Array(exports.memory.buffer);
		// Where WebAssembly is imitated a failure is no exception.
		if (bytes.length < before + more) throw errors.range("out of memory");
		return bytes.length;
	});
	desk = next = blocks.allocate(deskSize);
	stack = exports.__stack_pointer;
	top = stack.value;
	x = functionsOf(exports);
}

// Objects.

/** Makes an object and returns its address. */
export function construct(kind: Kind): number {
	return kind.construct(blocks.allocate(kind.size));
}

/** Wipes `n` bytes, of an object or of anything else, and takes them back. */
export function release(at: number, n: number): void {
	bytes.fill(0, at, at + n);
	blocks.release(at, n);
}

/** After a trap the stack is where the module left it. */
export function restoreStack(): void {
	stack.value = top;
}

// Arguments and results. Making room may replace `bytes`.

/** Makes room for `n` bytes. */
export function room(n: number): number {
	// In this order: NaN, and -1 from a function of the module, must not get through.
	if (!(n >= 0 && n <= most)) throw errors.range("too long");
	size = n;
	if (n <= desk + deskSize - next) {
		at = next;
		next += (n + 15) & -16;
	} else {
		at = blocks.allocate(n);
		beside.push(at, n);
	}
	return at;
}

/** Copies text or bytes. `what` names them in errors. */
export function put(data: Data, what: string): number {
	if (typeof data !== "string") {
		room(toBytes(data, what).length);
		bytes.set(data, at);
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
	if (n) fill(bytes.subarray(at, at + n));
	return at;
}

/** `n` bytes at an address, otherwise all of the last result, as text. */
export function text(n = size, from = at): string {
	return fromUtf8(bytes, from, from + n);
}

/** A copy of the first `n` bytes of the last result. */
export function copy(n = size): Uint8Array<ArrayBuffer> {
	return bytes.slice(at, at + n);
}

/** The text at an address that ends with a NUL. */
export function cString(from: number): string {
	return fromUtf8(bytes, from, bytes.indexOf(0, from));
}

/** Wipes the desk. */
export function clear(): void {
	if (!x) return;
	bytes.fill(0, desk, next);
	next = desk;
	while (beside.length) {
		const n = beside.pop()!;
		release(beside.pop()!, n);
	}
}
