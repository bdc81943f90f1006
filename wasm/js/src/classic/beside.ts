import { builtin } from "../core/host.js";

/** Where the script is that is being loaded, up to the last slash: afterwards nobody knows. */
export const directory = besideScript();

/** The address of olm.wasm for scripts that are modules. */
export function beside(): string {
	try {
		// Bundlers know this expression, and put a copy of the file where it will point: it must stay as it is.
		return new URL("./olm.wasm", import.meta.url).href;
	} catch {
		return directory + "olm.wasm"; // bundled into a script that is no module
	}
}

function besideScript(): string {
	const page = typeof document === "object";
	if (page && document.currentScript) return upToSlash((document.currentScript as HTMLScriptElement).src);
	if (typeof __dirname === "string" && builtin("node:fs")) return __dirname + "/";
	// A page fetches beside itself without being told, whatever its router has made of its address.
	return !page && typeof location === "object" ? upToSlash(location.href) : "";
}

function upToSlash(url = ""): string {
	url = url.replace(/[?#].*/, "");
	return url.slice(0, url.lastIndexOf("/") + 1);
}
