/** A function of the module. Pointers and lengths are numbers. */
export type Call = (...values: number[]) => number;

/** What the module exports. */
export interface Exports {
	readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
	readonly __stack_pointer: { value: number };
	readonly __heap_base: { readonly value: number };
	readonly _initialize: () => void;
}

/** libolm's C functions by their names without `olm_`: build.sh checks that they are all there. */
export type Functions = Readonly<Record<string, Call>>;

/** Finds the functions among the exports. */
export function functionsOf(exports: Exports): Functions {
	const functions: Record<string, Call> = {};
	for (const [name, f] of Object.entries(exports)) if (name.startsWith("olm_")) functions[name.slice(4)] = f;
	return functions;
}

/** The functions that each of the nine kinds of objects has; pickles not all. */
export interface Kind {
	readonly name: KindName;
	readonly size: number;
	readonly construct: Call;
	readonly lastError: Call;
	readonly pickleLength: Call;
	readonly pickle: Call;
	readonly unpickle: Call;
}

/** The name of a kind in the names of its functions. */
export type KindName =
	| "account"
	| "session"
	| "utility"
	| "inbound_group_session"
	| "outbound_group_session"
	| "pk_encryption"
	| "pk_decryption"
	| "pk_signing"
	| "sas";

/** Looks up the functions of a kind. */
export function kindOf(x: Functions, name: KindName): Kind {
	return {
		name,
		size: x[name + "_size"](),
		construct: x[name],
		lastError: x[name + "_last_error"],
		pickleLength: x[`pickle_${name}_length`],
		pickle: x["pickle_" + name],
		unpickle: x["unpickle_" + name],
	};
}
