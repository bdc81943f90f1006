// olm.js: CommonJS, and otherwise the global Olm. Runs in pages, workers, service workers and Node.
import { builtin } from "../core/entropy.js";
import { olm } from "./api.js";
import { load } from "./load.js";
import { publishScript } from "./publish.js";

// To be found out while the script is being loaded: afterwards there is no current script.
const directory = besideScript();

publishScript(olm((options) => load(options, directory)));

function besideScript(): string {
	if (typeof document === "object" && document.currentScript) return upToSlash((document.currentScript as HTMLScriptElement).src);
	if (typeof __dirname === "string" && builtin("node:fs")) return __dirname + "/";
	return typeof location === "object" ? upToSlash(location.href) : "";
}

function upToSlash(url: string): string {
	return url.slice(0, url.lastIndexOf("/") + 1);
}
