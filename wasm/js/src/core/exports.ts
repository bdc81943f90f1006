/** A function of the module. Pointers and lengths are numbers. */
export type Call = (...values: number[]) => number;

/** What the module exports. */
export interface Exports {
	readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
	readonly __stack_pointer: { value: number };
	readonly __heap_base: { readonly value: number };
	readonly _initialize: () => void;
}

/** libolm's C functions by their names without `olm_`, and ours without `karst_`: build.sh checks that they are all there. */
export type Functions = Readonly<Record<string, Call>>;

/** Finds the functions among the exports. */
export function functionsOf(exports: Exports): Functions {
	const functions: Record<string, Call> = {};
	for (const name in exports) functions[name.replace(/^(olm|karst)_/, "")] = exports[name as never];
	return functions;
}

/** The name of one of the nine kinds of objects in the names of its functions, and in errors. */
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
