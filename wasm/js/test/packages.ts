import { createRequire } from "node:module";
import { join } from "node:path";
import type { Olm } from "./suite/case.js";

const require = createRequire(import.meta.url);

/** The folder with the built package. */
export const dist = join(import.meta.dirname, "../../dist");

/** A copy of its own of olm.js, of olm_legacy.js or of the published package, which is not initialised. */
export function fresh(name: "olm.js" | "olm_legacy.js" | "@matrix-org/olm"): Olm {
	const path = name.startsWith("@") ? require.resolve(name) : join(dist, name);
	delete require.cache[path];
	return require(path);
}

export async function ready(name: Parameters<typeof fresh>[0]): Promise<Olm> {
	const Olm = fresh(name);
	await Olm.init();
	return Olm;
}
