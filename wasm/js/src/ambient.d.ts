// What build.mjs makes of the output of wasm2js.
declare module "olm_legacy_module" {
	export default function instantiate(): unknown;
}

// olm.js itself, beside olm.node.mjs.
declare module "olm_script" {
	const Olm: import("./classic/api.js").Olm;
	export default Olm;
}
