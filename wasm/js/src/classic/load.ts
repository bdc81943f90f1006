import { builtin } from "../core/entropy.js";
import type { Exports } from "../core/exports.js";
import type { InitOptions } from "./api.js";

/** Fetches and compiles the module. `directory` is where the package's files are, unless the options say otherwise. */
export async function load(options: InitOptions, directory: string | URL): Promise<Exports> {
	const base = String(directory);
	const file = options.locateFile ? options.locateFile("olm.wasm", base) : base + "olm.wasm";
	const { instance } = await instantiate(options.wasmBinary ?? (await read(file)));
	return instance.exports as unknown as Exports;
}

export async function instantiate(source: BufferSource | Response): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
	if (!(typeof Response === "function" && source instanceof Response)) return WebAssembly.instantiate(source as BufferSource);
	if (!source.ok) throw new Error("OLM: " + source.url + ": " + source.status);
	// Compiling while loading wants the right MIME type, which not every server sends.
	if (/^application\/wasm/.test(source.headers.get("content-type") ?? "")) return WebAssembly.instantiateStreaming(source);
	return WebAssembly.instantiate(await source.arrayBuffer());
}

/** Reads the file system where there is one, and fetches otherwise. */
export async function read(file: string): Promise<BufferSource | Response> {
	const fs = builtin("node:fs");
	if (fs && !/^(?!file:)[\w+.-]{2,}:/.test(file)) {
		try {
			return fs.readFileSync(/^file:/.test(file) ? new URL(file) : file);
		} catch (error) {
			// A page of Electron has both, and its files are where fetch finds them.
			if (typeof location !== "object") throw error;
		}
	}
	return fetch(file, { credentials: "same-origin" });
}
