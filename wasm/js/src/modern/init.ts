import { beside } from "../classic/beside.js";
import { instantiate } from "../classic/load.js";
import type { Exports } from "../core/exports.js";
import { startWith } from "../core/memory.js";
import { errors, OlmError } from "./errors.js";

/** What `olm_legacy.js` exports, or `import()` of it returns. */
export type Legacy = { readonly init: (options?: object) => Promise<void> } | { readonly default: Legacy };

/** A type of the host's: `never` where the program's libraries do not know it. */
type Host<Global, Name extends string> = Global extends { readonly [N in Name]: { prototype: infer T } } ? T : never;
type Module = typeof globalThis extends { readonly WebAssembly: infer W } ? Host<W, "Module"> : never;

/** Where the module comes from: its address, what fetch returned, its bytes, what was compiled of them, or `olm_legacy.js`. */
export type WasmSource = string | Host<typeof globalThis, "URL" | "Response"> | ArrayBuffer | ArrayBufferView | Module | Legacy;

let loaded: Promise<void> | undefined;

/**
 * Loads the module, which must be done before anything else. Every call returns the same promise,
 * unless loading failed: then it may be tried again. Without a source it is `olm.wasm` beside this file.
 *
 * Where there is no WebAssembly, `init(import("@karst-im/olm/olm_legacy.js"))` does without, some 20 times slower.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
	return (loaded ??= load(source).catch((error) => {
		loaded = undefined;
		throw error instanceof OlmError ? error : Object.assign(errors.state(String(error?.message ?? error)), { cause: error });
	}));
}

async function load(given?: WasmSource | Promise<WasmSource>): Promise<void> {
	const source: any = (await given) ?? beside();
	const legacy = source.default ?? source;
	const exports: Exports = legacy.instantiate ? legacy.instantiate() : await instantiate(addressOr(source), errors.state, 'init(import("@karst-im/olm/olm_legacy.js"))');
	startWith(errors, exports);
}

function addressOr<T>(source: T | URL): T | string {
	return typeof URL === "function" && source instanceof URL ? source.href : (source as T);
}
