// The package as these pages use it: the modern API, or, where WebAssembly is missing or forbidden, the same few
// classes made of the fallback in plain JavaScript.
import * as modern from "/dist/modern.mjs";

/** Whether this page may compile WebAssembly. Its smallest module is its magic number and its version. */
export const wasm =
	typeof WebAssembly === "object" &&
	(await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(
		() => true,
		() => false,
	));

const started = performance.now();
if (wasm) await modern.init();

export const { Account, InboundGroupSession, OutboundGroupSession, Sas, sha256, verifySignature } = wasm ? modern : await (await import("./legacy.mjs")).load();
export const { OlmError } = modern;

/** Milliseconds that loading took. */
export const loaded = performance.now() - started;
