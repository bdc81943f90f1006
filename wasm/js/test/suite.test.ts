// The suite under Node, on the package, on its fallback and on the published package, whose behaviour
// it describes.
import { beforeAll, describe, test } from "vitest";
import { ready } from "./packages.js";
import { suite } from "./suite/index.js";
import type { Olm } from "./suite/case.js";

for (const name of ["olm.js", "olm_legacy.js", "@matrix-org/olm"] as const) {
	describe(name, () => {
		let Olm: Olm;
		beforeAll(async () => {
			Olm = await ready(name);
		});
		for (const { name: title, run } of suite) test(title, () => run({ Olm, published: name === "@matrix-org/olm" }));
	});
}
