// The types, the classes as they are, the calls that the other tests make bad, and the doc comments, beside one another.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { dist } from "../packages.js";
import { classesOf, membersOf } from "./types.js";
import { apis, world, type World } from "./world.js";

describe.each(apis)("%s", (api) => {
	let w: World;
	beforeAll(async () => {
		w = await world("olm.wasm", api);
	});
	const classes = classesOf(api);
	const concrete = classes.filter(({ isAbstract, name }) => !isAbstract && name !== "OlmError");

	test("every class, and what it has, is in the types and nothing else is", () => {
		const isClass = (value: any) => typeof value === "function" && /^class/.test(Function.prototype.toString.call(value));
		const exported = Object.entries(w.api).filter(([name, value]) => isClass(value) && name !== "OlmError");
		expect(exported.map(([name]) => name).sort()).toEqual(concrete.map(({ name }) => name).sort());
		for (const [name, Class] of exported as [string, any][]) {
			const found = new Set<string>(["constructor"]);
			for (let p = Class.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) for (const key of Reflect.ownKeys(p)) found.add(key === (Symbol.dispose ?? Symbol.for("Symbol.dispose")) ? "Symbol.dispose" : String(key));
			for (let p = Class; p !== Function.prototype; p = Object.getPrototypeOf(p)) {
				for (const key of Object.getOwnPropertyNames(p)) if (!["length", "name", "prototype"].includes(key)) found.add("static " + key);
			}
			const members = membersOf(classes, concrete.find((c) => c.name === name)!);
			const declared = members.filter(({ kind, isStatic }) => kind !== "property" || isStatic).map((m) => (m.isStatic ? "static " : "") + m.name);
			expect([...found].sort(), name).toEqual([...new Set(["constructor", ...declared])].sort());
		}
	});

	test("every member has a good call, with all arguments", () => {
		const wanted = new Map<string, number>();
		for (const Class of concrete) {
			for (const { name, kind, parameters } of membersOf(classes, Class)) {
				if (name === "maxOneTimeKeys") continue; // a number
				wanted.set(kind === "constructor" ? `new ${Class.name}` : `${Class.name}.${name}`, parameters);
			}
		}
		const functions = Object.entries(w.api).filter(([name, value]) => typeof value === "function" && /^[a-z]/.test(name) && !["init", "get_library_version"].includes(name));
		for (const [name, f] of functions) wanted.set(name, (f as Function).length);
		expect(Object.keys(w.calls).sort()).toEqual([...wanted.keys()].sort());
		for (const [name, make] of Object.entries(w.calls)) {
			const made = make();
			expect(made.args.length, name).toBe(wanted.get(name));
			w.free(made);
		}
	});
});

describe("doc comments", () => {
	const folder = join(dist, "types/modern");
	const index = readFileSync(join(folder, "index.d.ts"), "utf8");
	/** What the index exports, and what that inherits from. */
	const names = new Set([...index.matchAll(/(?:export (?:type )?\{([^}]*)\})/g)].flatMap(([, list]) => list.split(",").map((name) => name.replace(/\btype\b/, "").trim())));
	names.add("OlmObject").add("Storable");

	test("everything that the modern API exports has one, and every member of it", () => {
		const without: string[] = [];
		const seen = new Set<string>();
		let members = 0;
		for (const file of [...readdirSync(folder).map((name) => join(folder, name)), join(folder, "../core/memory.d.ts")]) {
			let inside = "";
			let documented = false;
			let comment = false;
			for (const line of readFileSync(file, "utf8").split("\n").map((line) => line.trim())) {
				if (line.startsWith("/**") || comment) {
					comment = !line.endsWith("*/");
					documented = true;
					continue;
				}
				const declared = /^export (?:declare )?(?:abstract )?(?:class|interface|type|function|const) (\w+)/.exec(line);
				if (declared && names.has(declared[1])) {
					seen.add(declared[1]);
					if (!documented) without.push(declared[1]);
					if (line.endsWith("{")) inside = declared[1];
				} else if (line === "}") inside = "";
				else if (inside && line && !/^(private |\)|code: )/.test(line)) {
					members++;
					if (!documented) without.push(`${inside}: ${line}`);
				}
				documented = false;
			}
		}
		expect(without).toEqual([]);
		expect([...names].filter((name) => !seen.has(name))).toEqual([]);
		expect(members).toBeGreaterThan(80);
	});

	test("every code of an error says what it means", () => {
		const union = /type OlmErrorCode =([^;]*);/.exec(readFileSync(join(folder, "errors.d.ts"), "utf8"))![1];
		expect([...union.matchAll(/(\*\/)?\s*\|?\s*"(\w+)"/g)].filter(([, comment]) => !comment).map(([, , code]) => code)).toEqual([]);
	});
});
