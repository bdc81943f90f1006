// The demonstration in a real browser, at a desk's width and at a phone's. SHOTS names a folder for
// pictures of it.
import { spawn, type ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, ElementHandle, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratch } from "../packed.js";
import { browsers, find, hang, launch } from "./find.js";

const demo = join(import.meta.dirname, "../../../demo/serve.mjs");
const folder = scratch();
const shots = process.env.SHOTS;

let server: ChildProcess;
let url: string;
beforeAll(async () => {
	server = spawn("node", [demo, "0"], { stdio: ["ignore", "pipe", "inherit"] });
	url = await new Promise((done) => server.stdout!.on("data", (line) => done(String(line).trim())));
});
afterAll(() => {
	server.kill();
});

for (const name of browsers) {
	if (!find(name) && !process.env.CI) {
		console.log(`SKIPPED: no ${name} here, the demonstration was not tested in it`);
		continue;
	}
	describe(name, () => {
		let browser: Browser;
		beforeAll(async () => {
			browser = await launch(name);
		});
		afterAll(() => browser?.close());

		async function open(path: string, width: number, height: number): Promise<{ page: Page; errors: string[] }> {
			const page = await browser.newPage();
			page.setDefaultTimeout(hang);
			const errors: string[] = [];
			page.on("pageerror", (error) => errors.push(String(error)));
			page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
			await page.setViewport({ width, height });
			await page.goto(url + path);
			return { page, errors };
		}

		const texts = (page: Page, selector: string) => page.$$eval(selector, (all) => all.map((e) => (e as HTMLElement).textContent!.trim()));
		const shoot = async (page: Page, what: string, fullPage = false) => void (shots && (await page.screenshot({ path: join(shots, `${name}-${what}.png`) as `${string}.png`, fullPage })));
		/** Whether anything sticks out to the side. */
		const tooWide = (page: Page) => page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth");

		test.each([
			[1440, 900],
			[390, 844],
		])("a conversation at %i pixels", async (width, height) => {
			const { page, errors } = await open("demo/index.html", width, height);
			await page.waitForSelector("body.ready, body.failed");
			expect(errors).toEqual([]);
			expect(await tooWide(page)).toBe(false);
			expect(await texts(page, ".alice .mine")).toEqual(["Hi Bob. Nobody but you can read this.", "Drop a file on me, if you like 📎"]);
			expect(await texts(page, ".bob .theirs")).toEqual(await texts(page, ".alice .mine"));
			expect(await texts(page, ".alice .theirs")).toEqual(await texts(page, ".bob .mine"));
			const emoji = await texts(page, "[data-emoji=alice] figure");
			expect(emoji.length).toBe(7);
			expect(await texts(page, "[data-emoji=bob] figure")).toEqual(emoji);
			await shoot(page, `start-${width}`, width < 500);

			await page.$eval("#match", (e) => (e as HTMLElement).click());
			await page.waitForFunction("document.querySelector('.bob [data-state]').textContent.startsWith('Has verified')");
			expect((await texts(page, "[data-state]")).every((state) => state.startsWith("Has verified"))).toBe(true);

			await page.$eval("#damage", (e) => (e as HTMLElement).click());
			await page.type(".bob input[name=text]", "this will not arrive");
			await page.keyboard.press("Enter");
			await page.waitForSelector(".alice .refused");
			expect((await texts(page, ".alice .refused"))[0]).toMatch(/BAD_MESSAGE_/);
			await page.type(".bob input[name=text]", "but this <b>will</b>");
			await page.keyboard.press("Enter");
			await page.waitForFunction("[...document.querySelectorAll('.alice .theirs')].some((e) => e.textContent === 'but this <b>will</b>')");

			const content = randomBytes(1_500_000);
			const file = join(folder, "holiday.bin");
			writeFileSync(file, content);
			const input = (await page.$(".alice input[type=file]")) as ElementHandle<HTMLInputElement>;
			await input.uploadFile(file);
			await page.waitForSelector(".bob .file.complete a");
			// What was saved is what was sent.
			const hash = await page.evaluate(`(async () => {
				const blob = await (await fetch(document.querySelector(".bob .file a").href)).arrayBuffer();
				return [...new Uint8Array(await crypto.subtle.digest("SHA-256", blob))].join();
			})()`);
			expect(hash).toBe([...createHash("sha256").update(content).digest()].join());
			expect(await page.$eval(".bob .file progress", (e) => (e as HTMLProgressElement).value)).toBe(1);
			expect((await texts(page, ".event .what")).some((t) => t === "messages 0–45")).toBe(true);
			expect(await tooWide(page)).toBe(false);
			await page.$$eval(".keys", (all) => all.forEach((e) => ((e as HTMLDetailsElement).open = true)));
			await page.$$eval(".event details", (all) => ((all[2] as HTMLDetailsElement).open = true));
			expect(await tooWide(page)).toBe(false);
			await shoot(page, `end-${width}`, width < 500);
			expect(errors).toEqual([]);
			await page.close();
		});

		test.each([
			[1440, 900],
			[390, 844],
		])("the benchmark at %i pixels", async (width, height) => {
			const { page, errors } = await open("demo/bench.html?run&quick", width, height);
			await page.waitForSelector("body.ready, body.failed");
			expect(errors).toEqual([]);
			const ratios = (await texts(page, ".times")).map(parseFloat);
			expect(ratios.length).toBeGreaterThan(40);
			// How large they are is the machine's affair; that they are ratios is ours.
			expect(ratios.filter((ratio) => !(ratio > 0 && ratio < Infinity))).toEqual([]);
			expect(await tooWide(page)).toBe(false);
			await shoot(page, `bench-${width}`, true);
			expect(errors).toEqual([]);
			await page.close();
		});
	});
}
