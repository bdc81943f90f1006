import { stateError, type Errors } from "../core/errors.js";
import type { Exports } from "../core/exports.js";
import { builtin } from "../core/host.js";
import type { InitOptions } from "./api.js";

/** What pages may have set before the script. */
declare const OLM_OPTIONS: InitOptions | undefined;

/** Loads the module: from `beside`, unless the options say otherwise. `directory` is where the script is. */
export async function load(given: InitOptions | undefined, directory: string, beside: string): Promise<Exports> {
	// As in libolm, the global counts if nothing is given. What an object inherits does not count.
	const options: InitOptions = Object.assign(Object.create(null), given || (typeof OLM_OPTIONS === "object" && OLM_OPTIONS));
	const file = options.locateFile ? options.locateFile("olm.wasm", directory) : beside;
	return instantiate(options.wasmBinary || String(file), stateError, '<script src="olm_legacy.js"></script> or require("@matrix-org/olm/olm_legacy.js")');
}

/**
 * Makes an instance of the module: of what lies at an address, of what was fetched, of bytes, of what was compiled.
 * `failure` makes the error if that fails, with the address. `fallback` is the line that loads olm_legacy.js.
 */
export async function instantiate(source: string | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module, failure: Errors["state"], fallback: string): Promise<Exports> {
	if (typeof WebAssembly !== "object") throw failure("there is no WebAssembly here, take olm_legacy.js: " + fallback);
	let origin = "";
	try {
		if (typeof source === "string") source = await read((origin = source));
		let made: WebAssembly.Instance | WebAssembly.WebAssemblyInstantiatedSource;
		if (typeof Response === "function" && source instanceof Response) {
			const type = source.headers.get("content-type") || "";
			origin = `${source.url || origin || "olm.wasm"} (${source.status} ${type})`;
			if (!source.ok) throw new Error("request failed");
			// Compiling while loading needs the right MIME type, which not every server sends.
			made = /^application\/wasm/.test(type) && WebAssembly.instantiateStreaming ? await WebAssembly.instantiateStreaming(source) : await WebAssembly.instantiate(await source.arrayBuffer());
		} else {
			made = await WebAssembly.instantiate(source as BufferSource | WebAssembly.Module);
		}
		const { exports } = "instance" in made ? made.instance : made;
		if (!exports.olm_sas) throw new Error("not olm.wasm");
		return exports as unknown as Exports;
	} catch (error) {
		if (!origin) throw error;
		throw Object.assign(failure(origin + ": " + (error as Error).message), { cause: error });
	}
}

/** Reads the file system where there is one, and fetches otherwise. */
async function read(file: string): Promise<BufferSource | Response> {
	const fs = builtin("node:fs");
	if (fs && !/^(?!file:)[\w+.-]{2,}:/.test(file)) {
		try {
			return fs.readFileSync(/^file:/.test(file) ? new URL(file) : file);
		} catch (error) {
			// A page of Electron has both, and its files are where fetch finds them.
			if (typeof location !== "object" || typeof fetch !== "function") throw error;
		}
	}
	// A page that is a file, as in Cordova: not every WebView lets it fetch others.
	return typeof location === "object" && location.protocol === "file:" ? request(file) : fetch(file, { credentials: "same-origin" });
}

function request(file: string): Promise<ArrayBuffer> {
	return new Promise((resolve, reject) => {
		const r = new XMLHttpRequest();
		r.open("GET", file);
		r.responseType = "arraybuffer";
		r.onload = () => resolve(r.response);
		r.onerror = () => reject(new Error("not found"));
		r.send();
	});
}
