// The package as these pages use it: the modern API, on the fallback where WebAssembly is missing or forbidden.
import { init } from "/dist/modern.mjs";

export { Account, InboundGroupSession, OlmError, OutboundGroupSession, Sas, sha256, verifySignature } from "/dist/modern.mjs";

/** Whether this page may compile WebAssembly. Its smallest module is its magic number and its version. */
export const wasm =
	typeof WebAssembly === "object" &&
	(await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(
		() => true,
		() => false,
	));

const started = performance.now();
if (wasm) await init();
else await init(legacy());

/** Milliseconds that loading took. */
export const loaded = performance.now() - started;

/** Loads olm_legacy.js, a script, which leaves the global Olm. */
async function legacy() {
	await new Promise((done, fail) => {
		const script = document.createElement("script");
		Object.assign(script, { src: "/dist/olm_legacy.js", onload: done, onerror: () => fail(new Error("olm_legacy.js did not load")) });
		document.head.append(script);
	});
	return window.Olm;
}
