// The pages of the demonstration in real browsers, at a desk's width and at a phone's. SHOTS names a folder
// for pictures of them.
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, ElementHandle } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratch } from "../packed.js";
import { launch } from "./find.js";
import { demonstration, desk, here, phone, Visit } from "./pages.js";

const folder = scratch();
const stored = JSON.parse(readFileSync(join(import.meta.dirname, "../../../bench/results.json"), "utf8"));

let server: Awaited<ReturnType<typeof demonstration>>;
beforeAll(async () => {
	server = await demonstration();
});
afterAll(() => server.stop());

describe.each(here)("%s", (name) => {
	let browser: Browser;
	beforeAll(async () => {
		browser = await launch(name);
	});
	afterAll(() => browser?.close());

	/** Opens a page, does something there, and expects no errors, nothing too wide, and nothing asked of other hosts. */
	async function visit(path: string, size: [number, number], f: (visit: Visit) => Promise<void>, before?: string): Promise<void> {
		const opened = await Visit.to(browser, server.url + "demo/" + path, size, before);
		try {
			expect(opened.errors).toEqual([]);
			await f(opened);
			expect(opened.errors).toEqual([]);
			expect(await opened.tooWide()).toBe(false);
			expect(await opened.unnamed()).toEqual([]);
			expect(opened.asked.filter((url) => !url.startsWith(server.url) && !/^(blob|data):/.test(url))).toEqual([]);
		} finally {
			await opened.close();
		}
	}

	/** Sends a file in Alice's name, and returns its contents. */
	async function send(v: Visit, called: string, length: number): Promise<Buffer> {
		const content = randomBytes(length);
		writeFileSync(join(folder, called), content);
		const input = (await v.page.$(".alice input[type=file]")) as ElementHandle<HTMLInputElement>;
		await input.uploadFile(join(folder, called));
		return content;
	}

	/** What Bob can save is what was sent. */
	async function arrived(v: Visit, content: Buffer): Promise<void> {
		await v.page.waitForSelector(".bob .file.complete a");
		const hash = await v.page.evaluate(async () => {
			const blob = await (await fetch(document.querySelector<HTMLAnchorElement>(".bob .file.complete a")!.href)).arrayBuffer();
			return [...new Uint8Array(await crypto.subtle.digest("SHA-256", blob))].join();
		});
		expect(hash).toBe([...createHash("sha256").update(content).digest()].join());
		await v.page.waitForSelector(".alice .file.complete");
		expect((await v.texts(".alice .file.complete .fate")).at(-1)).toBe("Bob has it.");
	}

	const inMiddle = async (v: Visit) => {
		await v.click("#middle");
		await v.until("document.body.classList.contains('ready') && document.querySelector('.event.mallory')");
	};
	const inReadiness = (v: Visit) => v.until("document.body.classList.contains('ready') && document.querySelector('.verify').dataset.verified === 'comparing'");
	const emoji = async (v: Visit) => [await v.texts("[data-emoji=alice] li"), await v.texts("[data-emoji=bob] li")];
	/** What is said of keys: under which name of which person. */
	const fact = (v: Visit, person: string, which: number) => v.texts(`.${person} .keys dd`).then((all) => all[which]);

	test.each([desk, phone])("two people write and verify each other, at %i pixels", async (...size) => {
		await visit("index.html", size, async (v) => {
			expect(await v.texts(".alice .mine")).toEqual(["Hi Bob. Nobody but you can read this.", "Drop a file on me, if you like 📎"]);
			expect(await v.texts(".bob .theirs")).toEqual(await v.texts(".alice .mine"));
			expect(await v.texts(".alice .theirs")).toEqual(await v.texts(".bob .mine"));
			const [hers, his] = await emoji(v);
			expect(hers.length).toBe(7);
			expect(his).toEqual(hers);
			expect(await fact(v, "alice", 2)).toBe(await fact(v, "bob", 0));
			await v.shoot(`${name}-start-${size[0]}`, size[0] === phone[0]);

			// Verified, the card folds up, and unfolds when it is told to.
			await v.page.focus("#match");
			await v.page.keyboard.press("Enter");
			await v.until("document.querySelector('.verify').dataset.verified === 'good'");
			expect(await v.texts("[data-state]")).toEqual(["Has verified Bob", "Has verified Alice"]);
			expect(await v.seen("[data-emoji]", "#match", "#differ", "#unfold")).toEqual(["#unfold"]);
			expect(await v.page.evaluate(() => document.activeElement!.id)).toBe("unfold");
			await v.page.keyboard.press("Enter");
			expect(await v.seen("[data-emoji]")).toEqual(["[data-emoji]"]);
			await v.page.keyboard.press("Enter");
			expect(await v.seen("[data-emoji]")).toEqual([]);
			await v.shoot(`${name}-verified-${size[0]}`, size[0] === phone[0]);
		});
	});

	test("what cannot be seen is not sent", async () => {
		await visit("index.html", desk, async (v) => {
			const events = (await v.texts(".event")).length;
			for (const text of ["", "   ", "\u00a0\u2003", "\u200b\u200d", "\u2800", "\u3164"]) {
				await v.page.$eval(".alice input[name=text]", (e, text) => ((e as HTMLInputElement).value = text), text);
				await v.click(".alice form .primary");
			}
			expect((await v.texts(".alice .mine")).length).toBe(2);
			expect((await v.texts(".event")).length).toBe(events);
			await v.page.$eval(".alice input[name=text]", (e) => ((e as HTMLInputElement).value = ""));
			await v.say("alice", "  0 👍🏽 ");
			await v.until("document.querySelectorAll('.bob .theirs').length === 3");
			expect((await v.texts(".bob .theirs"))[2]).toBe("0 👍🏽");
		});
	});

	test("a damaged message is refused, its sender hears of it, and sends it again", async () => {
		await visit("index.html", desk, async (v) => {
			await v.click("#damage");
			await v.say("bob", "this will not arrive");
			await v.page.waitForSelector(".alice .refused");
			expect((await v.texts(".alice .refused"))[0]).toMatch(/^A message from Bob was refused: .*\(BAD_MESSAGE_\w+\)/);
			expect((await v.texts(".bob .failed"))[0]).toContain("Alice could not read this");
			expect((await v.texts(".event.damaged")).length).toBe(1);
			await v.say("bob", "but this <b>will</b>");
			await v.click(".bob .again");
			await v.until("[...document.querySelectorAll('.alice .theirs')].some((e) => e.textContent === 'this will not arrive')");
			expect((await v.texts(".alice .theirs")).slice(-2)).toEqual(["but this <b>will</b>", "this will not arrive"]);
		});
	});

	test("a file arrives, or both sides say which did not", async () => {
		await visit("index.html", desk, async (v) => {
			await arrived(v, await send(v, "holiday.bin", 1_500_000));
			expect(await v.texts(".event .what")).toContain("file, 46 parts");
			expect(await v.page.$eval(".bob .file progress", (e) => (e as HTMLProgressElement).value)).toBe(1);

			// The announcement is damaged.
			await v.click("#damage");
			await send(v, "first.bin", 100_000);
			await v.page.waitForSelector(".alice .file.failed");
			await v.until("document.querySelector('.bob .refused strong')");
			expect((await v.texts(".alice .file.failed .fate"))[0]).toBe("Bob refused it: it was damaged on the way.");
			expect((await v.texts(".bob .refused"))[0]).toMatch(/^The file “first\.bin”: A message from Alice was refused/);

			// One of the chunks is.
			await v.page.evaluate(() => {
				const damage = document.querySelector<HTMLInputElement>("#damage")!;
				new MutationObserver((_, observer) => {
					damage.checked = true;
					observer.disconnect();
				}).observe(document.querySelector(".bob .chat")!, { childList: true });
			});
			const second = await send(v, "second.bin", 3_000_000);
			await v.page.waitForSelector(".bob .file.failed");
			await v.until("document.querySelectorAll('.alice .file.failed').length === 2");
			expect((await v.texts(".bob .file.failed"))[0]).toMatch(/^second\.bin.*Refused: it was changed on the way.* \(BAD_\w+\)/);
			expect((await v.texts(".alice .file.failed"))[1]).toMatch(/^second\.bin.*Bob refused it/);
			expect((await v.texts(".alice .file.complete")).length).toBe(1);

			await v.page.evaluate(() => document.querySelectorAll(".bob .file.complete").forEach((e) => e.remove()));
			await v.page.$$eval(".alice .again", (all) => (all.at(-1) as HTMLElement).click());
			await v.until("document.querySelectorAll('.alice .file.complete').length === 2");
			await arrived(v, second);
			// Nothing at all is a file too.
			await v.page.evaluate(() => document.querySelectorAll(".bob .file.complete").forEach((e) => e.remove()));
			await arrived(v, await send(v, "empty.bin", 0));
			await v.shoot(`${name}-files`);
		});
	});

	test("somebody in the middle reads all, and the emoji differ", async () => {
		await visit("index.html", desk, async (v) => {
			const honest = await fact(v, "bob", 0);
			expect(await v.texts(".read")).toEqual([]);
			await inMiddle(v);
			const [hers, his] = await emoji(v);
			expect([hers.length, his.length]).toEqual([7, 7]);
			expect(his).not.toEqual(hers);
			// What Alice is told of Bob's keys is not his, and the other way round.
			expect(await fact(v, "bob", 0)).not.toBe(honest);
			expect(await fact(v, "alice", 2)).not.toBe(await fact(v, "bob", 0));
			expect(await fact(v, "bob", 2)).not.toBe(await fact(v, "alice", 0));
			expect(await fact(v, "alice", 3)).not.toBe(await fact(v, "bob", 3));
			const keys = await v.page.$$eval(".event", (all) => all.flatMap((e) => (e.querySelector(".tag")!.textContent === "Keys" ? [[e.querySelector(".way")!.textContent, JSON.parse(e.querySelector("code")!.textContent!).name]] : [])));
			expect(keys).toEqual([["Alice → Mallory", "Alice"], ["Mallory → Bob", "Alice"], ["Bob → Mallory", "Bob"], ["Mallory → Alice", "Bob"]]);
			// Nobody notices, and all is read.
			await v.say("alice", "the key is under the mat");
			await v.until("[...document.querySelectorAll('.bob .theirs')].some((e) => e.textContent === 'the key is under the mat')");
			expect(await v.texts(".read")).toContain("Mallory reads: “the key is under the mat”");
			await arrived(v, await send(v, "secret.bin", 50_000));
			expect(await v.texts(".read")).toContain("Mallory reads: the file “secret.bin” and its key");
			// What is damaged is refused here too.
			await v.click("#damage");
			await v.say("alice", "lost");
			await v.page.waitForSelector(".bob .refused");
			await v.page.waitForSelector(".alice .mine.failed");
			await v.shoot(`${name}-middle`);

			await v.click("#differ");
			await v.until("document.querySelector('.verify').dataset.verified === 'bad'");
			expect(await v.texts("[data-state]")).toEqual(["Does not trust these keys", "Does not trust these keys"]);
			expect(await v.page.$$eval(".person input, .person form button", (all) => all.every((e) => (e as HTMLInputElement).disabled))).toBe(true);
			expect((await v.texts(".verify p"))[0]).toContain("Mallory");
			expect(await v.seen("[data-emoji]")).toEqual([]);

			// Without Mallory all is well again, whatever was under way.
			await v.click("#again");
			await inReadiness(v);
			await send(v, "unfinished.bin", 8_000_000);
			await v.click("#middle");
			await v.until("document.body.classList.contains('ready') && !document.querySelector('.event.mallory')");
			const [a, b] = await emoji(v);
			expect(a).toEqual(b);
		});
	});

	test("who says that differing emoji match trusts the wrong keys", async () => {
		await visit("index.html", phone, async (v) => {
			await inMiddle(v);
			await v.click("#match");
			await v.until("document.querySelector('.verify').dataset.verified === 'bad'");
			expect(await v.texts(".verify h2")).toEqual(["Verified the wrong keys"]);
			expect(await v.texts("[data-state]")).toEqual(["Has verified Bob", "Has verified Alice"]);
			await v.click("#again");
			await v.until("document.body.classList.contains('ready') && document.querySelector('.verify').dataset.verified === 'comparing'");
			expect(await v.seen("#match", "#differ", "[data-emoji]", "#unfold")).toEqual(["#match", "#differ", "[data-emoji]"]);
		});
	});

	test("who says that equal emoji differ stops, and begins again", async () => {
		await visit("index.html", desk, async (v) => {
			await v.click("#differ");
			await v.until("document.querySelector('.verify').dataset.verified === 'bad'");
			expect((await v.texts(".verify p"))[0]).toContain("You said that they don't match, though they do.");
			expect(await v.texts("[data-state]")).toEqual(["Does not trust these keys", "Does not trust these keys"]);
			await v.click("#again");
			await v.until("document.body.classList.contains('ready')");
			await v.click("#match");
			await v.until("document.querySelector('.verify').dataset.verified === 'good'");
		});
	});

	test("a phone shows one of them, or the wire, in tabs", async () => {
		await visit("index.html", phone, async (v) => {
			const panels = ["#panel-alice", "#panel-wire", "#panel-bob"];
			expect(await v.texts("[role=tab]")).toEqual(["Alice", "The wire (new)", "Bob (new)"]);
			expect(await v.seen(...panels)).toEqual(["#panel-alice"]);
			await v.click("#tab-panel-wire");
			expect(await v.seen(...panels)).toEqual(["#panel-wire"]);
			expect(await v.texts("[role=tab]")).toEqual(["Alice", "The wire", "Bob (new)"]);
			await v.page.focus("#tab-panel-wire");
			await v.page.keyboard.press("ArrowRight");
			expect(await v.seen(...panels)).toEqual(["#panel-bob"]);
			expect(await v.texts("[role=tab]")).toEqual(["Alice", "The wire", "Bob"]);
			expect(await v.page.$$eval("[role=tab]", (all) => all.map((e) => e.getAttribute("aria-selected")))).toEqual(["false", "false", "true"]);
			await v.say("bob", "are you there?");
			await v.until("document.querySelector('#tab-panel-alice').textContent === 'Alice (new)'");
			// On a wide screen all are seen, and the tabs are not.
			await v.page.setViewport({ width: 1440, height: 900 });
			await v.until("!document.querySelector('#panel-bob').hasAttribute('role')");
			expect(await v.seen(...panels, ".tabs")).toEqual(panels);
		});
	});

	test.each([desk, phone])("a room of three, at %i pixels", async (...size) => {
		await visit("room.html", size, async (v) => {
			const of = (person: string) => v.texts(`.${person} .chat > li`);
			const keys = (to: string) => v.page.$$eval(".event", (all, to) => all.filter((e) => e.querySelector(".what")!.textContent === "room key" && e.querySelector(".way")!.textContent!.endsWith("→ " + to)).length, to);
			const session = (person: string) => fact(v, person, 1);
			const write = async (person: string, text: string) => {
				if (size[0] === phone[0]) await v.click(`#tab-panel-${person}`);
				await v.say(person, text);
				await v.until(`[...document.querySelectorAll('.${person} .mine')].some((e) => e.textContent === ${JSON.stringify(text)})`);
			};
			// Carol hears all, and reads nothing.
			expect(await of("carol")).toEqual(["AliceCarol has no key for this message.", "BobCarol has no key for this message.", "AliceCarol has no key for this message."]);
			expect((await of("bob"))[0]).toBe("AliceHello room. Carol is not in yet.message 0");
			expect(await keys("Carol")).toBe(0);
			expect(await v.page.$eval(".carol input[name=text]", (e) => (e as HTMLInputElement).disabled)).toBe(true);
			const before = await session("alice");

			await v.click(".carol header button");
			await write("alice", "welcome");
			await v.until("document.querySelectorAll('.carol .theirs').length === 1");
			expect(await session("alice")).not.toBe(before);
			expect(await keys("Carol")).toBe(1);
			// What was before stays closed to her.
			expect(await v.texts(".carol .theirs")).toEqual(["Alicewelcomemessage 0"]);
			expect((await v.texts(".carol .locked")).length).toBe(3);
			await write("alice", "twice");
			await v.until("document.querySelectorAll('.carol .theirs').length === 2");
			expect((await v.texts(".carol .theirs"))[1]).toBe("Alicetwicemessage 1");
			expect(await keys("Carol")).toBe(1); // one key for all messages of a session
			await write("carol", "hello both");
			await v.until("[...document.querySelectorAll('.bob .theirs')].some((e) => e.textContent.includes('hello both'))");

			// She leaves, and gets no key any more.
			const during = await session("alice");
			await v.click(".carol header button");
			await write("alice", "is she gone?");
			await v.until("document.querySelectorAll('.carol .locked').length === 4");
			expect(await session("alice")).not.toBe(during);
			expect(await keys("Carol")).toBe(1);
			expect((await v.texts(".bob .theirs")).at(-1)).toBe("Aliceis she gone?message 0");

			// A room key that is damaged is asked for again; a damaged message is refused.
			await v.click("#damage");
			await write("bob", "the key first");
			await v.until("[...document.querySelectorAll('.alice .theirs')].some((e) => e.textContent.includes('the key first'))");
			expect((await v.texts(".event.damaged")).length).toBe(1);
			await v.click("#damage");
			await write("bob", "now the message");
			await v.until("document.querySelectorAll('.alice .refused').length === 2");
			await write("bob", "and on");
			await v.until("[...document.querySelectorAll('.alice .theirs')].some((e) => e.textContent.includes('and on'))");
			await v.shoot(`${name}-room-${size[0]}`, size[0] === phone[0]);
		});
	});

	test.each(["index.html", "room.html"])("without WebAssembly %s runs on the fallback, and says so", async (path) => {
		await visit(
			path,
			desk,
			async (v) => {
				expect(await v.page.evaluate(() => typeof WebAssembly)).toBe("undefined");
				expect((await v.texts(".notice"))[0]).toContain("olm_legacy.js");
				expect(v.asked.some((url) => url.endsWith("/dist/olm.wasm"))).toBe(false);
				expect((await v.texts(".bob .chat > li")).length).toBe(3);
				if (path === "room.html") return;
				const [hers, his] = await emoji(v);
				expect([hers.length, hers]).toEqual([7, his]);
				await arrived(v, await send(v, "slow.bin", 70_000));
				await v.click("#damage");
				await v.say("alice", "lost");
				await v.page.waitForSelector(".bob .refused");
				await inMiddle(v);
				const [a, b] = await emoji(v);
				expect(a).not.toEqual(b);
			},
			"delete globalThis.WebAssembly",
		);
	});

	test.each(["index.html", "room.html", "bench.html"])("%s says what it needs, and leads to the sources", async (path) => {
		await visit(path, desk, async (v) => {
			const links = await v.page.$$eval("footer a", (all) => all.map((e) => (e as HTMLAnchorElement).href));
			expect(links).toEqual(["https://github.com/karst-im/karst", "https://pkg.go.dev/github.com/karst-im/karst"]);
			expect((await v.texts("noscript"))[0]).toContain("This page needs JavaScript");
			expect(await v.texts("nav a")).toEqual(["Two people", "A room", "Benchmark"]);
		});
	});

	test("what fails is said on the page", async () => {
		const v = await Visit.to(browser, server.url + "demo/index.html", desk, "delete globalThis.WebAssembly; delete globalThis.crypto; Object.defineProperty(globalThis, 'crypto', { value: undefined });");
		expect(await v.page.evaluate(() => document.body.className)).toContain("failed");
		expect((await v.texts(".failure[role=alert]"))[0]).toMatch(/^Something went wrong: ./);
		await v.close();
	});

	test("the stored results are there before anything was run", async () => {
		await visit("bench.html", desk, async (v) => {
			expect(v.asked.some((url) => url.includes("/published/"))).toBe(false);
			const shown = stored.rows.filter(({ name }: { name: string }) => !name.startsWith("Start"));
			const times = (ratio: number) => `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
			expect(await v.texts("tbody .times")).toEqual(shown.map(({ ratio }: { ratio: number }) => times(ratio)));
			expect(await v.texts("tbody .spread")).toEqual(shown.map(({ spread }: { spread: number[] }) => spread.map((n) => n.toFixed(2)).join(" to ")));
			expect((await v.texts("[data-source]"))[0]).toContain(stored.date);
			expect(await v.texts("[data-size]")).toEqual(stored.download.map((n: number) => `${(n / 1e3).toFixed(1)} kB`));
			expect((await v.texts("[data-mean]"))[0]).toMatch(/^\d\.\d\d×$/);
		});
	});

	test.each([desk, phone])("the bars begin at equal speed, at %i pixels", async (...size) => {
		await visit("bench.html?run&quick", size, async (v) => {
			await v.until("document.querySelector('[data-source]').textContent.startsWith('Measured now')");
			expect((await v.texts("tbody tr:not(.group)")).length).toBe((await v.texts("tr.fresh")).length);
			const rows = await v.page.$$eval("tr.fresh", (all) =>
				all.map((row) => {
					const box = (selector: string) => row.querySelector(selector)!.getBoundingClientRect();
					const [fill, one, track, whisker] = [".fill", ".lines .one", ".track", ".whisker"].map(box);
					const ratio = parseFloat(row.querySelector(".times")!.textContent!);
					const slower = row.querySelector(".fill")!.classList.contains("slower");
					return { ratio, slower, width: fill.width, off: Math.abs((slower ? fill.right : fill.left) - (one.left + one.right) / 2), inside: fill.left >= track.left - 4 && fill.right <= track.right + 4, whisker: whisker.width };
				}),
			);
			expect(rows.length).toBeGreaterThan(40);
			for (const row of rows) {
				// How large they are is the machine's affair; that they are ratios is ours.
				expect(row.ratio > 0 && row.ratio < Infinity).toBe(true);
				if (row.ratio !== 1) expect(row.slower).toBe(row.ratio < 1);
				expect(row.off).toBeLessThan(1.5);
				expect(row.width).toBeGreaterThanOrEqual(4);
				expect(row.whisker).toBeGreaterThanOrEqual(2);
				expect(row.inside).toBe(true);
			}
			expect((await v.texts("dt")).every((label) => label !== "")).toBe(true);
			expect((await v.texts("[data-start], [data-size]")).every((text) => /^[\d.]+ (ns|µs|ms|B|kB|MB)$/.test(text))).toBe(true);
			await v.shoot(`${name}-bench-${size[0]}`, true);
		});
	});

	test("without WebAssembly the benchmark shows what is stored, and says why", async () => {
		await visit(
			"bench.html?run",
			phone,
			async (v) => {
				expect((await v.texts(".notice"))[0]).toContain("no WebAssembly");
				expect(await v.page.$eval("#run", (e) => (e as HTMLButtonElement).disabled)).toBe(true);
				expect((await v.texts("tbody .times")).length).toBeGreaterThan(40);
			},
			"delete globalThis.WebAssembly",
		);
	});

	// Chromium alone can be told what the user prefers, and to run no scripts; the pages are the same.
	if (name !== "chromium") return;

	test.each(["light", "dark"])("nothing is too pale: %s", async (scheme) => {
		for (const path of ["index.html", "room.html", "bench.html"]) {
			for (const size of [desk, phone]) {
				await visit(path, size, async (v) => {
					await v.page.emulateMediaFeatures([
						{ name: "prefers-color-scheme", value: scheme },
						{ name: "prefers-reduced-motion", value: "reduce" },
					]);
					const check = async () => expect([path, scheme, await v.pale()]).toEqual([path, scheme, []]);
					await check();
					if (path === "bench.html") return;
					await v.click("#damage");
					await v.say("alice", "lost");
					await v.page.waitForSelector(".bob .refused");
					await check();
					if (path !== "index.html") return;
					await arrived(v, await send(v, "pale.bin", 1000));
					await v.click("#match");
					await check();
					await inMiddle(v);
					await v.click("#tab-panel-wire");
					await check();
					await v.click("#differ");
					await check();
				});
			}
		}
	});

	test.each(["index.html", "room.html", "bench.html"])("without JavaScript %s says so", async (path) => {
		const page = await browser.newPage();
		await page.setJavaScriptEnabled(false);
		await page.goto(server.url + "demo/" + path);
		const said = await page.$eval(".failure", (e) => e.textContent);
		expect(said).toContain("This page needs JavaScript");
		expect(await page.$eval("body", (e) => e.innerText)).not.toMatch(/Making keys|Loading/);
		await page.close();
	});
});
