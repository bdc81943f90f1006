import { errors } from "./errors.js";
import { kindOf, type Call, type Kind, type KindName } from "./exports.js";
import { clear, construct, cString, put, release, random as randomBytes, restoreStack, room, size, text, x, type Data } from "./memory.js";

const kinds: Partial<Record<KindName, Kind>> = {};

/** An object's place, apart from the object: the registry must not keep the object alive. */
interface Place {
	at: number; // 0 when the object was freed
	readonly kind: Kind;
}

const destroy = (place: Place): void => {
	if (place.at) release(place.at, place.kind.size);
	place.at = 0;
};

// The safety net for objects that nobody frees.
const registry = typeof FinalizationRegistry === "function" ? new FinalizationRegistry(destroy) : undefined;

/** An object in the module's memory. */
export abstract class Native {
	/** @internal */
	readonly place: Place;

	/** @internal */
	constructor(name: KindName) {
		if (!x) throw errors.state("init() has not finished");
		const kind = (kinds[name] ??= kindOf(x, name));
		this.place = { at: construct(kind), kind };
		registry?.register(this, this.place, this.place);
	}

	/** Wipes the object. May be called again; any other use throws from now on. */
	free(): void {
		if (!this.place.at) return;
		destroy(this.place);
		registry?.unregister(this.place);
	}
}

/** An object that can be stored. */
export abstract class Storable extends Native {
	/** The object, encrypted under a key of the caller's. */
	pickle(key: Data): string {
		return call(this, (p) => {
			const { kind } = this.place;
			const at = put(key, "key");
			const keySize = size;
			const n = kind.pickleLength(p);
			check(this, kind.pickle(p, at, keySize, room(n), n));
			return text();
		});
	}

	/** Replaces the object by the one in a pickle. If that fails, the object stays what it was. */
	unpickle(key: Data, pickle: Data): unknown {
		return replace(this, (p, unpickle) => {
			const at = put(key, "key");
			return unpickle(p, at, size, put(pickle, "pickle"), size);
		});
	}
}

/** The address of an object that was not freed. */
export function addressOf(object: Native): number {
	return object.place.at || freed(object);
}

function freed(object: Native): never {
	throw errors.state(`this ${object.place.kind.name} was used after free()`);
}

/** The address of an argument that must be an object of a class. */
export function argument(object: Native, type: Function & { prototype: Native }, what: string): number {
	if (!(object instanceof type)) throw errors.type(what + " is of the wrong type");
	return addressOf(object);
}

/**
 * Calls `body` with the address of an object. Afterwards, whatever happened, arguments and results
 * are wiped. No message makes the module trap; should it all the same, the module goes on, but
 * the object is given up: nobody knows how far it got.
 */
export function call<T>(object: Native, body: (address: number) => T): T {
	try {
		return body(addressOf(object));
	} catch (error) {
		throw isTrap(error) ? giveUp(object) : error;
	} finally {
		clear();
	}
}

function isTrap(error: unknown): boolean {
	return (
		(typeof WebAssembly === "object" && error instanceof WebAssembly.RuntimeError) ||
		(error as Error).message === "abort" // what wasm2js throws
	);
}

function giveUp(object: Native): Error {
	restoreStack();
	object.free();
	return errors.olm("UNKNOWN_ERROR");
}

/** Throws what went wrong with an object, if a function of the module returned its error. */
export function check(object: Native, result: number): number {
	if (result === -1) throw failure(object);
	return result;
}

/** The error that the module left in an object. */
export function failure(object: Native, at = object.place.at): Error {
	return errors.olm(cString(object.place.kind.lastError(at)));
}

// The shapes that most methods have.

/** Calls a function that writes text of at most so many bytes, and returns the length, or 0 if that is always the same. */
export function output(object: Native, f: Call, most: number | Call): string {
	return call(object, (p) => {
		const n = typeof most === "number" ? most : most(p);
		return text(check(object, f(p, room(n), n)) || n);
	});
}

/** Calls a function that takes text or bytes. */
export function input(object: Native, f: Call, data: Data, what: string): number {
	return call(object, (p) => check(object, f(p, put(data, what), size)));
}

/** Calls a function that takes text or bytes and writes `n` bytes of text. */
export function transform(object: Native, f: Call, data: Data, what: string, n: number): string {
	return call(object, (p) => {
		check(object, f(p, put(data, what), size, room(n), n));
		return text();
	});
}

/** Calls a function that takes `n` random bytes. */
export function random(object: Native, f: Call, n: number): void {
	call(object, (p) => check(object, f(p, randomBytes(n), n)));
}

/** Calls a function that takes nothing else: nothing needs to be wiped, and nothing can go wrong. */
export function ask(object: Native, f: Call): number {
	return f(addressOf(object));
}

/** Lets `read` make another object of the same kind, which takes the object's place if that succeeds. */
export function replace<T>(object: Native, read: (address: number, unpickle: Kind["unpickle"]) => number, result?: () => T): T | void {
	return call(object, (old) => {
		const { place } = object;
		const { kind } = place;
		let fresh = construct(kind);
		try {
			if (read(fresh, kind.unpickle) === -1) throw failure(object, fresh);
			place.at = fresh;
			fresh = old;
			return result?.();
		} finally {
			release(fresh, kind.size);
		}
	});
}

/** Checks a number of things, or of bytes. */
export function count(n: unknown, most: number, what: string): number {
	const value = Math.trunc(Number(n));
	if (!(value >= 0 && value <= most)) throw errors.range(what + " must be from 0 to " + most);
	return value;
}
