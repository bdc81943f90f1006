import { instantiate, read } from "../classic/load.js";
import type { Exports } from "../core/exports.js";
import { start } from "../core/memory.js";

/** Where the module comes from: its address, what fetch returned, its bytes, or what was compiled of them. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

let loaded: Promise<void> | undefined;

/**
 * Loads the module, which must be done before anything else. Every call returns the same promise,
 * unless loading failed: then it may be tried again. Without a source it is `olm.wasm` beside this file.
 */
export function init(source?: WasmSource | Promise<WasmSource>): Promise<void> {
	return (loaded ??= load(source).catch((error) => {
		loaded = undefined;
		throw error;
	}));
}

async function load(given?: WasmSource | Promise<WasmSource>): Promise<void> {
	// Bundlers know this expression: it must stay as it is.
	const source = (await given) ?? new URL("./olm.wasm", import.meta.url);
	start((await instanceOf(source)).exports as unknown as Exports);
}

async function instanceOf(source: WasmSource): Promise<WebAssembly.Instance> {
	if (source instanceof WebAssembly.Module) return WebAssembly.instantiate(source);
	const bytes = typeof source === "string" || source instanceof URL ? await read(String(source)) : source;
	return (await instantiate(bytes)).instance;
}
