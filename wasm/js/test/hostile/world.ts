// Both APIs over a module of their own, with a view of what no caller sees: the memory, the stack pointer, where
// objects lie. The module is olm.wasm, or what wasm2js makes of it for olm_legacy.js.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect } from "vitest";
import type * as ClassicApi from "../../src/classic/classes.js";
import type { Errors } from "../../src/core/errors.js";
import type { Exports } from "../../src/core/exports.js";
import type { start, startWith } from "../../src/core/memory.js";
import type { placeOf } from "../../src/core/native.js";
import type * as ModernApi from "../../src/modern/index.js";
import type { theUtility } from "../../src/modern/utility.js";
import { scratch } from "../packed.js";
import { dist } from "../packages.js";
import { classicCalls, modernCalls, type Calls } from "./calls.js";

export const engines = ["olm.wasm", "wasm2js"] as const;
export const apis = ["classic", "modern"] as const;

async function exportsOf(engine: (typeof engines)[number]): Promise<Exports> {
	if (engine === "wasm2js") return { ...(await import(`${join(dist, "../build/legacy.js")}?${Math.random()}`)) };
	const { instance } = await WebAssembly.instantiate(readFileSync(join(dist, "olm.wasm")));
	return { ...instance.exports } as unknown as Exports;
}

/** What a bundle for these tests has. */
interface Bundle {
	start: typeof start;
	startWith: typeof startWith;
	placeOf: typeof placeOf;
	theUtility: typeof theUtility;
	errors: Errors;
	Classic: typeof ClassicApi;
	Modern: typeof ModernApi;
}

/** The sources as one file, as they are published, where a name is a variable; the test runner would make calls of them. */
async function bundle(api: (typeof apis)[number]): Promise<Bundle> {
	const from = (path: string) => JSON.stringify(join(import.meta.dirname, "../../src", path));
	const outfile = join(scratch(), "bundle.mjs");
	const classic = `export { start, startWith } from ${from("core/memory.ts")};
export { placeOf } from ${from("core/native.ts")};
export * as Classic from ${from("classic/classes.ts")};`;
	const modern = `export * as Modern from ${from("modern/index.ts")};
export { theUtility } from ${from("modern/utility.ts")};
export { errors } from ${from("modern/errors.ts")};`;
	await build({ stdin: { contents: api === "modern" ? classic + modern : classic, resolveDir: import.meta.dirname }, bundle: true, format: "esm", target: "es2020", outfile, logLevel: "error" });
	return import(outfile);
}

export async function world(engine: (typeof engines)[number], api: (typeof apis)[number]) {
	const exports = await exportsOf(engine);
	const { start, startWith, placeOf, theUtility, errors, Classic, Modern } = (await bundle(api)) as Partial<Bundle> & Bundle;
	if (api === "modern") startWith(errors, exports);
	else start(exports);

	const memory = () => new Uint8Array(exports.memory.buffer);
	const top = exports.__stack_pointer.value;
	/** The scratch buffer is the first block behind the module's own data. */
	const buffer = (exports.__heap_base.value + 15) & -16;
	const bufferSize = 24576;
	/** Where an object of either API lies. */
	const region = (object: any): [number, number] => {
		const place = placeOf((object.native ?? object).place, undefined);
		return [place.at, place.at + place.size];
	};
	const isObject = (value: any): boolean => value instanceof Object && (value.native ?? value) instanceof Object && typeof (value.native ?? value).place === "symbol";

	/** The one object behind the functions of the modern API. */
	const hidden: [number, number] | undefined = Modern && region(theUtility());
	const calls: Calls = Modern ? modernCalls(Modern) : classicCalls(Classic);

	// One object of every kind, which nobody has to do with.
	const canaries = Object.entries(calls)
		.filter(([name]) => /\.free$/.test(name))
		.map(([, make]) => make().self);
	const account = new Classic.Account();
	account.create();
	canaries.push(account);
	const utility = new Classic.Utility();
	const copies = canaries.map((object) => memory().slice(...region(object)));

	return {
		exports,
		Classic,
		/** Is there in the modern API's world. */
		Modern: Modern as typeof ModernApi | undefined,
		api: (Modern ?? Classic) as any,
		calls,
		memory,
		top,
		region,
		hidden,
		isObject,

		/** Whether the stack and the scratch buffer are as they were, and the canaries live. */
		unharmed(what: string): void {
			if (exports.__stack_pointer.value !== top) expect.fail(`${what}: the stack pointer is ${top - exports.__stack_pointer.value} bytes lower`);
			const bytes = memory();
			for (let i = buffer; i < buffer + bufferSize; i++) if (bytes[i]) expect.fail(`${what}: something is left in the scratch buffer`);
			for (const [i, object] of canaries.entries()) {
				if (Buffer.compare(bytes.subarray(...region(object)), copies[i])) expect.fail(`${what}: canary ${i}, a ${object.constructor.name}, has changed`);
			}
		},

		/** Makes another call, of another object. */
		hashes(what: string): void {
			if (utility.sha256("abc") !== "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0") expect.fail(`${what}: a hash is wrong`);
		},

		/** Whether the canaries still do what they are for. */
		works(what: string): void {
			this.hashes(what);
			utility.ed25519_verify(JSON.parse(account.identity_keys()).ed25519, what, account.sign(what));
		},

		/** Frees every object that a value is or has, once it is not needed. */
		free(value: any, depth = 2): void {
			if (isObject(value)) {
				try {
					value.free();
				} catch (error) {
					if (!/free/.test((error as Error).message)) throw error;
				}
			} else if (depth && (Array.isArray(value) || (value && Object.getPrototypeOf(value) === Object.prototype))) {
				for (const part of Object.values(value)) this.free(part, depth - 1);
			}
		},
	};
}

export type World = Awaited<ReturnType<typeof world>>;
