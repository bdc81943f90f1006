// The pages of the demonstration in a browser, and what the tests look for in them.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { browsers, find, hang } from "./find.js";

const script = join(import.meta.dirname, "../../../demo/serve.mjs");
const shots = process.env.SHOTS;

/** Starts the server, as its users do. */
export async function demonstration(): Promise<{ url: string; stop(): void }> {
	const server: ChildProcess = spawn("node", [script, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
	const url = await new Promise<string>((done) => server.stdout!.on("data", (line) => done(String(line).trim())));
	return { url, stop: () => void server.kill() };
}

/** The browsers that are here. In CI a missing one is a failure. */
export const here = browsers.filter((name) => {
	if (find(name) || process.env.CI) return true;
	console.log(`SKIPPED: no ${name} here, the demonstration was not tested in it`);
	return false;
});

export const desk: [number, number] = [1440, 900];
export const phone: [number, number] = [390, 844];

/** A page that was opened, with the errors that came and the addresses that were asked for. */
export class Visit {
	errors: string[] = [];
	asked: string[] = [];

	private constructor(readonly page: Page) {
		page.setDefaultTimeout(hang);
		page.on("pageerror", (error) => this.errors.push(String(error)));
		page.on("console", (message) => message.type() === "error" && this.errors.push(message.text()));
		page.on("request", (request) => this.asked.push(request.url()));
	}

	/** Opens an address and waits until the page is ready. `before` is run in the page before its scripts. */
	static async to(browser: Browser, url: string, [width, height]: [number, number], before?: string): Promise<Visit> {
		const visit = new Visit(await browser.newPage());
		await visit.page.setViewport({ width, height });
		if (before) await visit.page.evaluateOnNewDocument(before);
		await visit.page.goto(url);
		await visit.page.waitForSelector("body.ready, body.failed");
		return visit;
	}

	texts(selector: string): Promise<string[]> {
		return this.page.$$eval(selector, (all) => all.map((e) => e.textContent!.trim()));
	}

	click(selector: string): Promise<void> {
		return this.page.$eval(selector, (e) => (e as HTMLElement).click());
	}

	/** Writes in somebody's name, and presses Enter. */
	async say(person: string, text: string): Promise<void> {
		await this.page.type(`.person.${person} input[name=text]`, text);
		await this.page.keyboard.press("Enter");
	}

	/** Waits until what an expression says is true. */
	async until(expression: string): Promise<void> {
		await this.page.waitForFunction(expression);
	}

	/** The selectors, of some, that name something which is seen. */
	seen(...selectors: string[]): Promise<string[]> {
		return this.page.evaluate((all) => all.filter((s) => [...document.querySelectorAll(s)].some((e) => e.checkVisibility())), selectors);
	}

	/** Whether anything sticks out to the side. */
	tooWide(): Promise<boolean> {
		return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
	}

	/** Texts that are too pale for what is behind them: less than 4.5 to 1, as WCAG's AA demands. */
	pale(): Promise<string[]> {
		return this.page.evaluate(() => {
			const parse = (color: string) => {
				const [r, g, b, a = 1] = color.match(/[\d.]+/g)!.map(Number);
				return { rgb: [r, g, b], a };
			};
			const light = (rgb: number[]) => {
				const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
				return 0.2126 * r + 0.7152 * g + 0.0722 * b;
			};
			const behind = (e: Element | null): number[] => {
				if (!e) return [255, 255, 255];
				const { rgb, a } = parse(getComputedStyle(e).backgroundColor);
				return a === 1 ? rgb : behind(e.parentElement);
			};
			const found: string[] = [];
			for (const e of document.querySelectorAll<HTMLElement>("body *")) {
				const own = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim());
				if (!own || !e.checkVisibility() || e.closest(":disabled, .off")) continue;
				const a = light(parse(getComputedStyle(e).color).rgb);
				const b = light(behind(e));
				const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
				if (contrast < 4.5) found.push(`${e.className || e.tagName} "${e.textContent!.trim().slice(0, 30)}" ${contrast.toFixed(2)}`);
			}
			return found;
		});
	}

	/** Controls without a name, and regions that scroll but that no key reaches. */
	unnamed(): Promise<string[]> {
		return this.page.evaluate(() => {
			const name = (e: Element) => e.getAttribute("aria-label") || document.getElementById(e.getAttribute("aria-labelledby") ?? "")?.textContent || (e as HTMLInputElement).labels?.[0]?.textContent || e.textContent;
			const controls = [...document.querySelectorAll("button, input, a, article, section, progress, nav, [role=log], [role=tab]")].filter((e) => !name(e)?.trim());
			const scrolling = [...document.querySelectorAll("ol")].filter((e) => getComputedStyle(e).overflowY === "auto" && e.tabIndex < 0);
			const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
			const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
			return [...controls, ...scrolling].map((e) => e.outerHTML.slice(0, 80)).concat(twice);
		});
	}

	/** Takes a picture into the folder that SHOTS names. */
	async shoot(what: string, fullPage = false): Promise<void> {
		if (shots) await this.page.screenshot({ path: join(shots, `${what}.png`) as `${string}.png`, fullPage });
	}

	close(): Promise<void> {
		return this.page.close();
	}
}
