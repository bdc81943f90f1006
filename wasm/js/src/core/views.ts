import { typeError } from "./errors.js";

// A view may lie about itself. A subclass or the object can have a `length` of its own, a Proxy can give two answers,
// and a growable buffer may grow in another thread. So a view is read past all that, with the language's own getters,
// and the module's memory is filled from a view of ours, whose length is fixed.

const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);
const { call } = Function.prototype;

/** A getter of all typed arrays, as a function. */
const getter = (name: string | symbol) => call.bind(Object.getOwnPropertyDescriptor(TypedArray, name)!.get!);

const tagOf = getter(Symbol.toStringTag); // undefined for everything else
const bufferOf = getter("buffer");
const offsetOf = getter("byteOffset");
const lengthOf = getter("length");
/** Throws if a view lies in a buffer that is detached, or has become too short for it. */
const validate = call.bind(TypedArray.keys);

/** A view of ours of the bytes of an argument, which must be a view. `what` names it in errors. */
export function viewOf(data: unknown, what: string): Uint8Array {
	if (!["Uint8Array", "Uint8ClampedArray", "Int8Array"].includes(tagOf(data))) throw typeError(what + " must be a string or a Uint8Array");
	try {
		validate(data);
		return new Uint8Array(bufferOf(data), offsetOf(data), lengthOf(data));
	} catch {
		throw typeError(what + " lies in a detached buffer");
	}
}

/** A view of bytes[at:end]. `subarray` and `slice` would ask the class what to make, and a page can change the class. */
export function part<B extends ArrayBufferLike>(bytes: Uint8Array<B>, at: number, end: number): Uint8Array<B> {
	return new Uint8Array(bytes.buffer, bytes.byteOffset + at, end - at);
}

/** A primitive value as a number. An object is NaN, since converting it would run code of the caller's. */
export function numberOf(value: unknown): number {
	return typeof value === "symbol" || Object(value) === value ? NaN : Number(value);
}
