// olm.js: CommonJS, and otherwise the global Olm. Runs in pages, workers, service workers and Node.
import { olm } from "./api.js";
import { directory } from "./beside.js";
import { load } from "./load.js";
import { publishScript } from "./publish.js";

publishScript(olm((options) => load(options, directory, directory + "olm.wasm")));
