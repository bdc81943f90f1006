import { x, type Data } from "../core/memory.js";
import type { Native, Storable as StorableNative } from "../core/native.js";
import { unpadded } from "./base64.js";
import { errors } from "./errors.js";

// A host without the symbol has no `using` that would look for it.
const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for("Symbol.dispose");

/** What `using` looks for, if the program's library has the symbol. The types need no library that has it. */
type Dispose = SymbolConstructor extends { readonly dispose: infer S extends symbol } ? { [K in S]: () => void } : {};

/** `using session = ...` frees it at the end of the block. */
export interface OlmObject<N extends Native> extends Dispose {}

/** What all objects have in common: they hold secrets in the module's memory until they are freed. */
export abstract class OlmObject<N extends Native> {
	/** @internal */
	readonly native: N;

	/** @internal */
	constructor(native: N) {
		this.native = native;
	}

	/** Wipes the object. May be called again; any other use throws from now on. */
	free(): void {
		this.native.free();
	}

	/** Throws, since an object that holds secrets must not be written down in the clear. */
	toJSON(): never {
		throw errors.type("a live object has no JSON");
	}
}

Object.defineProperty(OlmObject.prototype, dispose, {
	value(this: OlmObject<Native>) {
		this.free();
	},
	writable: true,
	configurable: true,
});

/** An object that can be stored. */
export abstract class Storable<N extends StorableNative> extends OlmObject<N> {
	/** The object as text, encrypted under a key of yours. libolm reads it too. */
	pickle(key: Data): string {
		return this.native.pickle(key);
	}

	/** Throws, since the object would be written down in the clear: `pickle` encrypts it. */
	override toJSON(): never {
		throw errors.type("a live object has no JSON: store what pickle(key) returns");
	}
}

/** Makes an object of a class around one of the classic API. The constructor is for callers, so this goes past it. */
export function wrap<N extends Native, T extends OlmObject<N>>(Class: { prototype: T }, native: N): T {
	return Reflect.construct(OlmObject, [native], Class as never) as T;
}

/** Reads a pickle into a new object of a class of the classic API. */
export function unpickled<N extends StorableNative>(Class: new () => N, pickle: Data, key: Data): N {
	return made(Class, (native) => native.unpickle(key, unpadded(pickle)));
}

/** Makes an object of a class of the classic API, and runs `init` on it. If that fails, the object is freed again. */
export function made<N extends Native>(Class: new () => N, init?: (native: N) => unknown): N {
	if (!x) throw errors.state("init() has not finished");
	const native = new Class();
	try {
		init?.(native);
		return native;
	} catch (error) {
		native.free();
		throw error;
	}
}
