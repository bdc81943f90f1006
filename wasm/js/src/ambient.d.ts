// What build.mjs makes of the output of wasm2js.
declare module "olm_legacy_module" {
	export default function instantiate(): unknown;
}
