/**
 * How errors are made. The classic API throws plain errors with libolm's texts, as callers compare
 * those; the modern one puts its own makers here.
 */
export const errors = {
	/** The module refused: `name` is libolm's text for the reason. */
	olm: (name: string): Error => new Error("OLM." + name),
	/** An argument is of the wrong type. */
	type: (text: string): Error => new TypeError("OLM: " + text),
	/** A number or a length is out of bounds. */
	range: (text: string): Error => new RangeError("OLM: " + text),
	/** An object cannot be used now. */
	state: (text: string): Error => new Error("OLM: " + text),
};
