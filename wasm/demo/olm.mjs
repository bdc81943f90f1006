// The package as these pages use it: the modern API, on the fallback where WebAssembly is missing or forbidden.
import { notice } from "./failure.mjs"; // first, so that it tells of whatever fails
import { init } from "/dist/modern.mjs";
import { load } from "./script.mjs";

export { Account, InboundGroupSession, OlmError, OutboundGroupSession, Sas, sha256, verifySignature } from "/dist/modern.mjs";

/** Whether this page may compile WebAssembly. Its smallest module is its magic number and its version. */
const wasm =
	typeof WebAssembly === "object" &&
	(await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(
		() => true,
		() => false,
	));

const started = performance.now();
if (wasm) await init();
else {
	notice("This browser has no WebAssembly, so this page runs on olm_legacy.js: the same in plain JavaScript, some 20 times slower.");
	await init(load("/dist/olm_legacy.js"));
}

/** Milliseconds that loading took. */
export const loaded = performance.now() - started;
