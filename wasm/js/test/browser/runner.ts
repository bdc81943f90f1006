// Runs the suite on the global Olm, in a page or in a worker. What came out is in `results`.
import type { Olm } from "../suite/case.js";
import { suite } from "../suite/index.js";

export interface Result {
	name: string;
	error?: string;
}

declare const Olm: Olm;

export const results: Promise<Result[]> = (async () => {
	await Olm.init();
	const results: Result[] = [];
	for (const { name, run } of suite) {
		try {
			await run({ Olm, published: false });
			results.push({ name });
		} catch (error) {
			results.push({ name, error: String((error as Error).stack ?? error) });
		}
	}
	return results;
})();

Object.assign(globalThis, { results });
