/** Makes the errors that an API throws. */
export interface Errors {
	/** The module refused. `name` is libolm's text for the reason. */
	olm(name: string): Error;
	/** An argument is of the wrong type. */
	type(text: string): Error;
	/** A number or a length is out of bounds. */
	range(text: string): Error;
	/** Something can't be used now. */
	state(text: string): Error;
}

// Those in use: at first the classic API's, plain errors with libolm's texts, which callers compare.

export let olmError: Errors["olm"] = (name) => new Error("OLM." + name);
export let typeError: Errors["type"] = (text) => new TypeError("OLM: " + text);
export let rangeError: Errors["range"] = (text) => new RangeError("OLM: " + text);
export let stateError: Errors["state"] = (text) => new Error("OLM: " + text);

/** Takes another API's into use. */
export function setErrors({ olm, type, range, state }: Errors): void {
	olmError = olm;
	typeError = type;
	rangeError = range;
	stateError = state;
}
