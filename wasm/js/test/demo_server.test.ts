// The server of the demonstration, run as its users run it: what is missing, or in the way, is one sentence.
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scratch } from "./packed.js";

const wasm = join(import.meta.dirname, "../..");
const serve = join(wasm, "demo/serve.mjs");

interface Run {
	status: number | null;
	stdout: string;
	stderr: string;
}

/** Runs the server until it ends. One that serves instead is ended, and has no status. */
function run(script: string, ...args: string[]): Promise<Run> {
	const ran = { status: null, stdout: "", stderr: "" } as Run;
	const server = spawn("node", [script, ...args]);
	server.stderr.on("data", (data) => (ran.stderr += data));
	server.stdout.on("data", (data) => {
		ran.stdout += data;
		if (/^http:/m.test(ran.stdout)) server.kill();
	});
	return new Promise((done) => server.on("close", (status) => done({ ...ran, status })));
}

/** Expects that a run ended with one sentence, which is returned. */
async function sentence(running: Promise<Run>): Promise<string> {
	const { status, stdout, stderr } = await running;
	expect(status).toBeGreaterThan(0);
	expect(stdout).toBe("");
	expect(stderr).toMatch(/^[^\n]+\.\n$/);
	return stderr;
}

/** A copy of the pages in a tree of its own, with what `also` puts beside them. */
function tree(...also: ("dist" | "js/node_modules")[]): string {
	const folder = scratch();
	cpSync(join(wasm, "demo"), join(folder, "demo"), { recursive: true });
	for (const path of also) {
		mkdirSync(join(folder, path, ".."), { recursive: true });
		symlinkSync(join(wasm, path), join(folder, path));
	}
	return join(folder, "demo/serve.mjs");
}

describe("what it says", () => {
	test.each(["--help", "-h"])("to %s", async (flag) => {
		const { status, stdout, stderr } = await run(serve, flag);
		expect([status, stderr]).toEqual([0, ""]);
		expect(stdout).toMatch(/--port N.*8642/);
	});

	test.each([["--prot"], ["--port"], ["--port", "-3"], ["--port", "http"], ["--port", "65536"], ["--port="], ["8008"], ["a", "b"]].map((args) => ({ args })))("to $args", async ({ args }) => {
		expect(await sentence(run(serve, ...args))).toMatch(/--help|--port takes/);
	});

	test("where packages are missing", async () => {
		expect(await sentence(run(tree("dist")))).toMatch(/npm ci/);
	});

	test("where nothing is built, or half of it", async () => {
		const script = tree("js/node_modules");
		expect(await sentence(run(script))).toMatch(/build\.sh/);
		mkdirSync(join(script, "../../dist"));
		writeFileSync(join(script, "../../dist/package.json"), "{}");
		expect(await sentence(run(script))).toMatch(/build\.sh/);
	});

	test("where the port is taken", async () => {
		const other = createServer();
		await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
		try {
			const { port } = other.address() as AddressInfo;
			const said = await sentence(run(serve, "--port", String(port)));
			expect(said).toContain(String(port));
			expect(said).toContain("--port");
		} finally {
			other.close();
		}
	});
});

describe("what it serves", () => {
	let server: ChildProcess;
	let port: number;
	beforeAll(async () => {
		server = spawn("node", [serve, "--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
		const line = await new Promise<string>((done) => {
			server.stdout!.on("data", (data) => done(String(data)));
			server.on("close", () => done("it ended"));
		});
		port = Number(/^http:\/\/127\.0\.0\.1:(\d+)\/\n$/.exec(line)![1]);
	});
	afterAll(() => {
		server.kill();
	});

	/** Sends a request as it stands: fetch would tidy the path. */
	const ask = (path: string, method = "GET", host = "127.0.0.1") =>
		new Promise<string>((done, fail) => {
			let all = "";
			const socket = connect(port, host, () => socket.end(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`));
			socket
				.on("data", (data) => (all += data.toString("latin1")))
				.on("close", () => done(all))
				.on("error", fail);
		});
	const status = async (...args: Parameters<typeof ask>) => Number((await ask(...args)).split(" ")[1]);

	test("the pages, and what they load", async () => {
		for (const path of ["/demo/index.html", "/demo/room.html?x=1", "/demo/bench.html", "/dist/olm.wasm", "/published/olm.js", "/bench/results.json"]) {
			expect([path, await status(path)]).toEqual([path, 200]);
		}
		expect(await ask("/")).toMatch(/^HTTP\/1\.1 302 [^]*location: \/demo\/index\.html/i);
		expect(await ask("/demo/index.html")).toMatch(/content-security-policy: default-src 'self'/i);
		expect(await ask("/demo/index.html", "HEAD")).toMatch(/^HTTP\/1\.1 200 [^]*\r\n\r\n$/);
	});

	test("nothing else, and goes on", async () => {
		const away = [
			"/demo/../js/package.json",
			"/demo/..%2fjs%2fpackage.json",
			"/demo/%2e%2e/js/package.json",
			"/demo/..\\js\\package.json",
			"/demo//../../js/package.json",
			"/demo/../../../../../../../../etc/hostname.js",
			"/demo/%00.js",
			"/demo/serve.mjs/",
			"/demo/nothing.html",
			"/demo",
			"/demo/",
			"/js/package.json",
			"/constructor/x.js",
			"/__proto__/x.js",
			"//",
			"//demo/index.html",
			"/%",
			"/demo/%E0%A4%A.js",
			"/dist/types/../../js/package.json",
			`/demo/${"a/".repeat(3000)}x.js`,
		];
		for (const path of away) expect([path, await status(path)]).toEqual([path, 404]);
		expect(await status("/demo/index.html", "POST")).toBe(405);
		expect(await status("/demo/index.html", "DELETE")).toBe(405);
		expect(await status("/demo/index.html")).toBe(200);
	});

	test("this machine alone", async () => {
		const outside = Object.values(networkInterfaces())
			.flatMap((all) => all ?? [])
			.filter(({ internal, family }) => !internal && family === "IPv4")
			.map(({ address }) => address);
		for (const address of [...outside, "127.0.0.2"]) await expect(ask("/demo/index.html", "GET", address)).rejects.toThrow(/ECONNREFUSED/);
	});
});
