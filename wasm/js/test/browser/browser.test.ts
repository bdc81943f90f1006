// The suite in real browsers: in pages and workers, with WebAssembly and without, under a strict
// content security policy; and the bundles of the usual bundlers. In CI a missing browser is a failure.
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, bundled, result } from "../bundles.js";
import { install, scratch } from "../packed.js";
import { dist } from "../packages.js";
import { suite } from "../suite/index.js";
import { browsers, find, hang, launch } from "./find.js";
import type { Result } from "./runner.js";
import { places } from "./scripts.js";
import { serve } from "./serve.js";

const withWasm = "default-src 'none'; img-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'";
const withoutWasm = "default-src 'none'; img-src 'self'; script-src 'self'; worker-src 'self'";

const folder = scratch();
let runner: string;
beforeAll(async () => {
	const { outputFiles } = await build({ entryPoints: [join(import.meta.dirname, "runner.ts")], bundle: true, format: "iife", write: false });
	runner = outputFiles[0].text;
	install(folder, ["@karst-im/olm", "@matrix-org/olm"]);
	for (const [bundler, app] of bundled) await bundle(bundler, app, folder);
});

for (const name of browsers) {
	if (!find(name) && !process.env.CI) {
		console.log(`SKIPPED: no ${name} here, nothing was tested in it`);
		continue;
	}
	describe(name, () => {
		let browser: Browser;
		beforeAll(async () => {
			browser = await launch(name);
			console.log(await browser.version());
		});
		afterAll(() => browser?.close());

		async function visit<T>(url: string, f: (page: Page) => Promise<T>): Promise<T> {
			const page = await browser.newPage();
			page.setDefaultTimeout(hang);
			const errors: string[] = [];
			page.on("pageerror", (error) => errors.push(String(error)));
			try {
				await page.goto(url);
				const value = await f(page);
				expect(errors).toEqual([]);
				return value;
			} finally {
				await page.close();
			}
		}

		test.each(Object.keys(places))("the suite in %s", async (place) => {
			const { page, start, worker, wasm } = places[place];
			const made: Record<string, string> = { "/": page, "/start.js": start, "/worker.js": worker, "/runner.js": runner };
			const server = await serve(wasm ? withWasm : withoutWasm, (path) => (path in made ? { text: made[path] } : { file: join(dist, path) }));
			try {
				const results = await visit(server.url + "/", (p) => p.evaluate("new Promise((done) => { const wait = () => (self.results ? done(self.results) : setTimeout(wait, 10)); wait(); })") as Promise<Result[]>);
				expect(results.filter(({ error }) => error)).toEqual([]);
				expect(results.map(({ name }) => name).slice(0, suite.length)).toEqual(suite.map(({ name }) => name));
			} finally {
				server.close();
			}
		});

		test("the policy for the fallback forbids WebAssembly", async () => {
			const server = await serve(withoutWasm, () => ({ text: "<!doctype html>" }));
			try {
				const text = await visit(server.url + "/", (p) => p.evaluate("WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(() => 'allowed', (e) => String(e))") as Promise<string>);
				expect(text).toMatch(/CompileError|Content Security Policy|unsafe-eval/i);
			} finally {
				server.close();
			}
		});

		test.each(bundled)("a bundle by %s, %s", async (bundler, app) => {
			const server = await serve(withWasm, (path) => (path === "/" ? { text: '<!doctype html><script type="module" src="/app.mjs"></script>' } : { file: join(folder, `${bundler}-${app}`, path) }));
			try {
				const text = await visit(server.url + "/", (p) => p.evaluate("new Promise((done) => { const wait = () => (self.done ? done(self.done) : setTimeout(wait, 10)); wait(); })") as Promise<string>);
				expect(text).toBe(result);
			} finally {
				server.close();
			}
		});
	});
}
