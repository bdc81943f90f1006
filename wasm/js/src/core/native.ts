import { current, none, run, settle, type Place } from "./calls.js";
import { olmError, rangeError, stateError, typeError } from "./errors.js";
import type { Call, KindName } from "./exports.js";
import { overflow, block, cString, put, random as randomBytes, room, size, text, x, type Data } from "./memory.js";
import { numberOf } from "./views.js";

/** Where the objects are, by symbol. Nobody can guess a symbol, and a Proxy of an object passes it on. */
const places = new Map<symbol, Place>();

const discard = (id: symbol): KindName | undefined => {
	const place = places.get(id);
	if (!place) return undefined;
	run(place, 0, (at) => {
		// Nothing but assignments, so that the object is there as before or not at all.
		overflow[0] = at;
		overflow[1] = place.size;
		place.at = 0;
	});
	places.delete(id);
	registry?.unregister(place);
	return place.kind;
};

// The safety net for objects that nobody frees.
const registry =
	typeof FinalizationRegistry === "function"
		? new FinalizationRegistry((id: symbol) => {
				settle();
				discard(id);
			})
		: undefined;

/** A class of objects. */
export type Type = Function & { prototype: Native };

/**
 * The kinds of the classes. Callers can reach the constructor of Native past the others, so it takes a class and looks
 * its kind up here: an object of one kind in the place of another would be written beyond its end.
 */
export const kinds = new Map<Type, KindName>();

/** An object in the module's memory. */
export abstract class Native {
	/** @internal The object's symbol, and its kind once it is freed. The address is in `places`, where no caller can change it. */
	readonly place!: symbol;

	/** @internal */
	constructor(type: Type) {
		ready();
		const name = kinds.get(type);
		if (!name) throw typeError("no such class");
		run(none, 0, () => {
			const size = x[name + "_size"]();
			const id = Symbol();
			const place = { id, at: block(size), size, kind: name, maker: type };
			x[name](place.at);
			(this as { place: symbol }).place = id;
			registry?.register(this, id, place);
			places.set(id, place);
			overflow.length = 0; // the object was there until now, to be released if this fails
		});
	}

	/** Wipes the object. May be called again; any other use throws from now on. */
	free(): void {
		const was = discard(this.place);
		try {
			if (was) (this as { place: unknown }).place = was;
		} catch {} // frozen
	}
}

/** Throws if there is no module yet. */
export function ready(): void {
	if (!x) throw stateError("init() has not finished");
}

/** An object that can be stored. */
export abstract class Storable extends Native {
	/** The object, encrypted under a key of the caller's. */
	pickle(key: Data): string {
		return read(this, undefined, (p) => {
			const name = "pickle_" + current.kind;
			check(x[name](p, put(key, "key"), size, room(x[name + "_length"](p)), size));
			return text();
		});
	}

	/** Replaces the object with the one in a pickle. If that fails, the object stays what it was. */
	unpickle(key: Data, pickle: Data): unknown {
		return call(this, undefined, (p) => {
			unpickle(p, key, pickle);
		});
	}
}

/** Reads a pickle into an object, of which nothing else is kept. */
export function unpickle(p: number, key: Data, pickle: Data, out?: number, outSize?: number): void {
	const { kind } = current;
	x[kind](p);
	check(x["unpickle_" + kind](p, put(key, "key"), size, put(pickle, "pickle"), size, out!, outSize!));
}

/**
 * The place of an object of a class or of a kind, by its symbol. Reading the symbol off an argument may run code of the
 * caller's, which may free objects. So that comes first, for all arguments, and this after it.
 */
export function placeOf(id: symbol, of?: Type | KindName, name = "this"): Place {
	const place = current.id === id ? current : places.get(id);
	if (place?.at && (!of || place.maker === of || place.kind === of)) return place;
	throw (place ? place.at : typeof id !== "string") ? typeError(name + " is of the wrong type") : stateError(`this ${place?.kind ?? String(id)} was used after free()`);
}

/** The address of an argument that must be an object of a kind, by its symbol. */
export function argument(id: symbol, kind: KindName): number {
	return placeOf(id, kind, kind).at;
}

/** Calls `body` with the address of an object of a class, which it may change. If anything goes wrong, the object is as it was. */
export function call<T>(object: Native, type: Type | undefined, body: (address: number) => T): T {
	const place = placeOf(object.place, type);
	return run(place, place.size, body);
}

/** Calls `body` with the address of an object of a class, in which it changes nothing but the last error. */
export function read<T>(object: Native, type: Type | undefined, body: (address: number) => T): T {
	return run(placeOf(object.place, type), 0, body);
}

/** Throws the last error of the object that is being called, if a function of the module returned -1, its mark of an error. */
export function check(result: number): number {
	if (result === -1) throw failure();
	return result;
}

/** The error that the module left in the object that is being called. */
export function failure(): Error {
	return olmError(cString(x[current.kind + "_last_error"](current.at)));
}

// The shapes that most methods have.

/** Calls a function that writes text of at most `n` bytes, and returns the length, or 0 if there are always `n`. */
export function output(object: Native, type: Type, f: Call, n: number): string {
	return read(object, type, (p) => text(check(f(p, room(n), n)) || n));
}

/** Calls a function that takes text or bytes. */
export function input(object: Native, type: Type, f: Call, data: Data, what: string): number {
	return call(object, type, (p) => check(f(p, put(data, what), size)));
}

/** Calls a function that takes text or bytes and writes `n` bytes of text. */
export function transform(object: Native, type: Type, f: Call, data: Data, what: string, n: number): string {
	return read(object, type, (p) => {
		check(f(p, put(data, what), size, room(n), n));
		return text();
	});
}

/** Calls a function that takes `n` random bytes. */
export function random(object: Native, type: Type, f: Call, n: number): void {
	call(object, type, (p) => check(f(p, randomBytes(n), n)));
}

/** A whole number from 0 to `most`. A fraction is cut off. `what` names it in errors. */
export function count(n: unknown, most: number, what: string): number {
	const value = Math.trunc(numberOf(n));
	if (!(value >= 0 && value <= most)) throw rangeError(what + " must be from 0 to " + most);
	return value;
}
