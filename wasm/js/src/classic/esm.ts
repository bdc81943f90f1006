// olm.mjs: as olm.js, for bundlers and for pages that load modules.
import { olm } from "./api.js";
import { beside, directory } from "./beside.js";
import { load } from "./load.js";
import { publish } from "./publish.js";

const Olm = olm((options) => load(options, directory, beside()));
if (typeof window === "object") publish(Olm);
export default Olm;

export const { init } = Olm;
export const PRIVATE_KEY_LENGTH = 32;
export * from "./classes.js";
