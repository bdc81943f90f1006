// olm.mjs: as olm.js, for bundlers and for pages that load modules.
import { olm } from "./api.js";
import { load } from "./load.js";
import { publish } from "./publish.js";

const Olm = olm((options) => load({ locateFile: beside, ...options }, ""));
if (typeof window === "object") publish(Olm);
export default Olm;

export const { init } = Olm;
export const PRIVATE_KEY_LENGTH = 32;
export * from "./classes.js";

function beside(path: string): string {
	try {
		// Bundlers know this expression, and put a copy of the file where it will point.
		return new URL("./olm.wasm", import.meta.url).href;
	} catch {
		return path; // bundled into a script that is no module
	}
}
