// The classic API beside the published package: by reflection, and by the types that it is published with.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ready } from "./packages.js";

const require = createRequire(import.meta.url);
const types = readFileSync(join(dirname(require.resolve("@matrix-org/olm")), "index.d.ts"), "utf8");

/** The methods of a class in the published types, with the numbers of their arguments. */
function declared(name: string): Record<string, number> {
	const body = new RegExp(`declare class ${name} \\{([^]*?)\\n\\}`).exec(types)![1];
	const found = [...body.matchAll(/^ {4}(\w+)\(([^)]*)\)/gm)].map(([, method, list]) => [method, list.split(",").filter((a) => a.trim()).length]);
	const methods = Object.fromEntries(found);
	delete methods.constructor;
	return methods;
}

/** The methods of a class, its parents' too. */
function methods(Class: { prototype: object }): Record<string, number> {
	const found: Record<string, number> = {};
	for (let p = Class.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) {
		for (const name of Object.getOwnPropertyNames(p)) if (name !== "constructor") found[name] ??= (p as any)[name].length;
	}
	return found;
}

const classes = ["Account", "Session", "Utility", "InboundGroupSession", "OutboundGroupSession", "PkEncryption", "PkDecryption", "PkSigning", "SAS"];

describe.each(["olm.js", "olm_legacy.js"] as const)("%s beside the published package", (name) => {
	let ours: any;
	let theirs: any;
	beforeAll(async () => {
		[ours, theirs] = [await ready(name), await ready("@matrix-org/olm")];
	});

	test("the same members in the same order, of the same types", () => {
		const members = (Olm: any) => Object.entries(Olm).map(([key, value]) => [key, typeof value]);
		expect(members(ours)).toEqual(members(theirs));
		expect(ours.PRIVATE_KEY_LENGTH).toBe(theirs.PRIVATE_KEY_LENGTH);
		expect(ours.get_library_version().slice(0, 2)).toEqual(theirs.get_library_version().slice(0, 2));
		expect(Object.values(theirs).filter((value: any) => value?.prototype?.free).length).toBe(classes.length);
	});

	test("classes have their names", () => {
		for (const name of classes) expect(ours[name].name).toBe(name);
	});

	test.each(classes)("%s: the same methods, none besides, each with as many arguments as its type says", (name) => {
		const got = methods(ours[name]);
		expect(Object.keys(got).sort()).toEqual(Object.keys(methods(theirs[name])).sort());
		// The published code counts no arguments itself: it reads them from `arguments`.
		const want = declared(name);
		if (name === "SAS") want.is_their_key_set = 0; // forgotten in the published types
		expect(got).toEqual(want);
		expect(ours[name].length).toBe(0);
	});
});
