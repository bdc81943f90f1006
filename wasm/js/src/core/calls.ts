import { olmError, stateError } from "./errors.js";
import type { KindName } from "./exports.js";
import { beside, clear, save, undo, wipe } from "./memory.js";

// A call happens, or it has not happened. What can break it off: an error of ours, a trap of the module's, a stack
// that is full, which a host may notice anywhere in the module and wherever a function is called here, and a host
// that ends a script for good without running `finally`.
//
// So the object that may change is noted before, and put back unless everything was done: the last thing that a
// call does is to wipe what was noted. And nothing counts on what comes afterwards. Where the work stands is in
// variables, since an assignment can't fail; what is left to do is done at once if that can be, and otherwise by
// the next call before it begins. There is no regular expression on the way: where there is no stack to compile one, V8
// ends the process.

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
		// A call within a call, from whatever the host runs when it is asked for random bytes; or the call was ended for
		// good. When a promise is answered nothing is being called any more: then it is known which.
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
		state = beside.length ? over : idle;
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

/** Whether the module trapped. What wasm2js makes of a trap is text, or has the message. Of a full stack the host's own error tells. */
function isTrap(error: unknown): boolean {
	return typeof error === "string" || (error as Error)?.name === "RuntimeError" || (error as Error)?.message === "abort";
}
