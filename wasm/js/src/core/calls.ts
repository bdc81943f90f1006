import { olmError, stateError } from "./errors.js";
import type { KindName } from "./exports.js";
import { clear, overflow, save, undo, wipe } from "./memory.js";

// A call is done whole, or not at all. Four things can break it off: an error of ours, a trap in the module, a full
// stack, which the host may notice anywhere in the module and at any call of a function here, and a host that ends
// a script for good without running `finally`.
//
// So the object that may change is saved first, and put back unless everything was done. The last step of a call
// wipes the saved copy, and nothing relies on what comes after it. Variables say how far the work is, since an
// assignment can't fail. What is left to do is done at once if possible, and otherwise by the next call before it
// begins. No regular expression is on the way: without the stack to compile one, V8 ends the process.

/** An object's place, apart from the object: the registry must not keep the object alive. */
export interface Place {
	readonly id?: symbol;
	at: number; // 0 when the object was freed
	readonly size: number;
	readonly kind: KindName;
	/** The class that made the object. */
	readonly maker: object;
}

/** Nothing is going on. */
const idle = 0;
/** A call has ended, and something may be left to do. */
const over = 1;
/** A call is going on, or was ended by the host for good. */
const inside = 2;

let state = idle;
let failed = false;

/** No object. */
export const none = { id: Symbol(), at: 0 } as unknown as Place;

/** The object that is being called, or was called last. */
export let current = none;

/** Calls `body` with the address of an object, of which `size` bytes are put back if anything goes wrong. */
export function run<T>(place: Place, size: number, body: (at: number) => T): T {
	if (state === inside) {
		// Either this is a call within a call, made by what the host runs for random bytes; or the last call was ended for
		// good. When a promise is settled, no call is going on any more. So that is when the last one is ended.
		Promise.resolve().then(settle);
		throw stateError("a call within a call");
	}
	if (state) tidy();
	current = place;
	state = inside;
	try {
		if (size) save(place.at, size);
		const result = body(place.at);
		wipe();
		// It has happened.
		state = overflow.length ? over : idle;
		try {
			if (state) tidy();
		} catch {}
		return result;
	} catch (error) {
		failed = true;
		state = over;
		tidy();
		throw isTrap(error) ? olmError("UNKNOWN_ERROR") : error;
	}
}

/** Ends a call that will not go on. */
export function settle(): void {
	if (!state) return;
	failed = true;
	state = over;
	tidy();
}

function tidy(): void {
	if (failed) undo();
	wipe();
	clear();
	failed = false;
	state = idle;
}

/** Whether the module trapped. wasm2js throws text, or an error that says "abort". A full stack is no trap: the host has an error for it. */
function isTrap(error: unknown): boolean {
	return typeof error === "string" || (error as Error)?.name === "RuntimeError" || (error as Error)?.message === "abort";
}
