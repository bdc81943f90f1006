import { existsSync } from "node:fs";
import puppeteer, { type Browser } from "puppeteer-core";

export const browsers = ["chromium", "firefox"] as const;

/** Milliseconds after which a browser has stopped for good. No test measures time by it. */
export const hang = 1_800_000;

const paths = {
	chromium: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
	firefox: ["/usr/bin/firefox-esr", "/usr/bin/firefox"],
};

/** The path of a browser of the system, if there is one. KARST_CHROMIUM and KARST_FIREFOX name others. */
export function find(name: (typeof browsers)[number]): string | undefined {
	return process.env[`KARST_${name.toUpperCase()}`] ?? paths[name].find((path) => existsSync(path));
}

export function launch(name: (typeof browsers)[number]): Promise<Browser> {
	return puppeteer.launch({
		browser: name === "firefox" ? "firefox" : "chrome",
		executablePath: find(name),
		headless: true,
		protocolTimeout: hang,
		args: name === "chromium" ? ["--no-sandbox", "--disable-dev-shm-usage"] : [], // no sandbox: root in a container
	});
}
