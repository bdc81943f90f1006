// Every method called where the stack is nearly full, at each of the last frames, so that the host breaks it off
// everywhere: in the module, and in what stands around it. A call then has happened or it has not; no other object is
// harmed, and no stack of the module's is lost.
import { beforeAll, describe, expect, test } from "vitest";
import { above } from "../suite/above.js";
import { invoke } from "./calls.js";
import { apis, engines, world, type World } from "./world.js";

describe.each(engines)("%s", (engine) => {
	describe.each(apis)("%s", (api) => {
		let w: World;
		beforeAll(async () => {
			w = await world(engine, api);
		});

		test("every method, everywhere near the end of the stack", () => {
			let broken = 0;
			let whole = 0;
			for (const [name, make] of Object.entries(w.calls)) {
				if (name.endsWith(".toJSON")) continue;
				let made = make();
				const before = () => (w.isObject(made.self) ? w.memory().slice(...w.region(made.self)) : undefined);
				let was = before();
				let good = 0;
				// The imitation is some 20 times slower, and its frames are larger.
				for (let frames = 0; good < (engine === "wasm2js" ? 4 : 20); frames += engine === "wasm2js" ? 3 : 1) {
					const label = `${name}, ${frames} frames above the end`;
					const { value, error } = above(frames, (frames * 5) % 23, () => invoke(name, w.api, made));
					if (error === undefined) {
						good++;
						whole++;
						w.free(value);
						w.free(made);
						made = make();
						was = before();
						w.unharmed(label);
						continue;
					}
					good = 0;
					broken++;
					// The host's own error, or that of a modern method that has not enough stack for its own.
					if (!/Maximum call stack size exceeded/.test(String(error))) throw new Error(`${label}: threw ${String(error)}`, { cause: error });
					if (name.endsWith(".free") || name.endsWith(".dispose")) {
						made.self.free(); // again, if it was not
						made = make();
					}
					// What could not be tidied up where the stack was full, the next call does.
					w.hashes(label);
					if (was && !/\.(free|Symbol\.dispose)$/.test(name)) {
						const now = w.memory().slice(...w.region(made.self));
						now.fill(0, 4, 8); // the last error
						was.fill(0, 4, 8);
						if (Buffer.compare(now, was)) expect.fail(`${label}: the object has changed`);
					}
					w.unharmed(label);
				}
				w.works(name);
				w.free(made);
			}
			expect(whole).toBeGreaterThan(200);
			expect(broken).toBeGreaterThan(1000);
		});
	});
});
