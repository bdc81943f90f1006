import { host } from "../core/host.js";
import type { Olm } from "./api.js";

/** Makes Olm a global. Clients of libolm count on that in pages, however it was loaded. */
export function publish(Olm: Olm): void {
	host.Olm = Olm;
}

/** Makes Olm what `require` returns, and the global where there is a page or no module system. */
export function publishScript(Olm: Olm): void {
	const commonJS = typeof module === "object" && module.exports;
	if (commonJS) module.exports = Olm;
	if (!commonJS || typeof window === "object") publish(Olm);
}
