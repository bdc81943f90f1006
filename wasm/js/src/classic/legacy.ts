// olm_legacy.js: as olm.js, with the module compiled to JavaScript, for hosts without WebAssembly.
import type { Exports } from "../core/exports.js";
import { olm } from "./api.js";
import { publishScript } from "./publish.js";
// The build puts the output of wasm2js here.
import instantiate from "olm_legacy_module";

const Olm = olm(() => Promise.resolve(instantiate() as Exports));
// For the modern API's init. libolm's Olm has no such property, so that nobody sees it listed.
Object.defineProperty(Olm, "instantiate", { value: instantiate });
publishScript(Olm);
