// No module imports itself, by whatever way: what a circle's modules find of each other depends on who is loaded first.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript-5";
import { describe, expect, test } from "vitest";

/** What each module imports, by their paths. */
type Graph = Record<string, string[]>;

/** The modules of a folder, with what they import of each other, types too. */
function graphOf(folder: string): Graph {
	const graph: Graph = {};
	for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
		if (!/\.(ts|mjs)$/.test(name)) continue;
		const { importedFiles } = ts.preProcessFile(readFileSync(join(folder, name), "utf8"));
		const relative = importedFiles.map(({ fileName }) => fileName).filter((path) => path.startsWith("."));
		// Imports name what the compiler writes.
		graph[name] = relative.map((path) => join(name, "..", path).replace(/\.js$/, ".ts"));
	}
	return graph;
}

/** The modules that import themselves, each with the ways round: "a > b > a". A way goes through no module twice. */
function circles(graph: Graph): string[] {
	const found: string[] = [];
	const follow = (way: string[]): void => {
		for (const next of graph[way.at(-1)!]) {
			if (next === way[0]) found.push([...way, next].join(" > "));
			else if (!way.includes(next)) follow([...way, next]);
		}
	};
	for (const name in graph) follow([name]);
	return found;
}

test("a circle is found, however long", () => {
	expect(circles({ a: ["b", "c"], b: ["c", "d"], c: ["d"], d: [] })).toEqual([]);
	expect(circles({ a: ["b"], b: ["c"], c: ["b"] })).toEqual(["b > c > b", "c > b > c"]);
	expect(circles({ a: ["a"] })).toEqual(["a > a"]);
	expect(circles({ a: ["b"], b: ["c"], c: ["d"], d: ["a"] })[0]).toBe("a > b > c > d > a");
});

describe.each(["js/src", "demo", "bench"])("wasm/%s", (folder) => {
	const graph = graphOf(join(import.meta.dirname, "../..", folder));

	test("its modules import each other", () => {
		expect(Object.values(graph).flat().length).toBeGreaterThan(1);
		for (const [name, imported] of Object.entries(graph)) expect(Object.keys(graph), name).toEqual(expect.arrayContaining(imported));
	});

	test("in no circle", () => {
		expect(circles(graph)).toEqual([]);
	});
});
