// How the package is loaded, as far as Node shows it.
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { dist, fresh } from "./packages.js";

const wasm = readFileSync(join(dist, "olm.wasm"));
const published = readFileSync(join(dirname(createRequire(import.meta.url).resolve("@matrix-org/olm")), "olm.wasm"));

describe.each(["olm.js", "olm_legacy.js"] as const)("%s", (name) => {
	test("there is only init before init, and no object before init has finished", async () => {
		const Olm = fresh(name);
		expect(Object.keys(Olm)).toEqual(["init"]);
		expect(() => new Olm.Account()).toThrow(TypeError);
		const loaded = Olm.init();
		expect(() => new Olm.Account()).toThrow("OLM: init() has not finished");
		expect(() => Olm.get_library_version()).toThrow("OLM: init() has not finished");
		expect(Olm.PRIVATE_KEY_LENGTH).toBeUndefined();
		expect(await loaded).toBeUndefined();
		new Olm.Account().free();
	});

	test("init at once and again is the same promise", async () => {
		const Olm = fresh(name);
		const all = Array.from({ length: 20 }, () => Olm.init());
		expect(new Set(all).size).toBe(1);
		await Promise.all(all);
		expect(Olm.init()).toBe(all[0]);
	});

	test("leaves the process and the globals alone", async () => {
		const events = ["uncaughtException", "unhandledRejection", "exit", "beforeExit", "warning"];
		const handlers = () => events.map((event) => process.listenerCount(event));
		const [before, names] = [handlers(), Object.getOwnPropertyNames(globalThis).sort()];
		await fresh(name).init();
		expect(handlers()).toEqual(before);
		expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(names);
	});

	test("fails clearly without a source of random bytes", async () => {
		vi.stubGlobal("crypto", undefined);
		vi.spyOn(process, "getBuiltinModule").mockImplementation(((id: string) => (id === "node:crypto" ? {} : (require as any)(id))) as any);
		const Olm = fresh(name);
		await expect(Olm.init(name === "olm.js" ? { wasmBinary: wasm } : {})).rejects.toThrow("OLM: crypto.getRandomValues is missing");
		vi.unstubAllGlobals();
		vi.restoreAllMocks();
	});

	test("takes random bytes from nowhere else", async () => {
		const Olm = fresh(name);
		const asked: number[] = [];
		vi.stubGlobal("crypto", {
			getRandomValues(bytes: Uint8Array) {
				asked.push(bytes.length);
				return bytes.fill(asked.length);
			},
		});
		await Olm.init();
		const a = new Olm.Account();
		a.create();
		a.generate_one_time_keys(3);
		a.generate_one_time_keys(3000);
		vi.unstubAllGlobals();
		// 64 bytes for the account, 32 for each key, and never more at once than getRandomValues gives.
		expect(asked).toEqual([64, 96, 65536, 3000 * 32 - 65536]);
		// The keys of a seed of ones.
		expect(JSON.parse(a.identity_keys()).ed25519).toBe("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w");
	});

	test("two copies keep apart", async () => {
		const [A, B] = [fresh(name), fresh(name)];
		await Promise.all([A.init(), B.init()]);
		const a = new A.Account();
		a.create();
		expect(() => new B.Session().create_inbound(a as any, "AAAA")).toThrow("account is of the wrong type");
	});

	test("is a global where there is no module system, without eval", async () => {
		// A worker, more or less: what it has, and nothing of Node.
		const world: any = { TextEncoder, TextDecoder, crypto, WebAssembly, URL, location: { href: "https://example.org/worker.js" }, Response };
		world.fetch = async (url: string) => {
			expect(url).toBe("https://example.org/olm.wasm");
			return new Response(wasm, { headers: { "content-type": "application/wasm" } });
		};
		world.globalThis = world.self = world;
		runInNewContext(readFileSync(join(dist, name), "utf8"), world, { contextCodeGeneration: { strings: false, wasm: name === "olm.js" } });
		await world.Olm.init();
		const u = new world.Olm.Utility();
		expect(u.sha256("abc")).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
		// The bytes of another realm are bytes too.
		expect(u.sha256(new Uint8Array([97, 98, 99]))).toBe(u.sha256("abc"));
	});
});

describe("olm.js", () => {
	test("asks locateFile", async () => {
		const Olm = fresh("olm.js");
		const locateFile = vi.fn((path: string, directory: string) => directory + path);
		await Olm.init({ locateFile });
		expect(locateFile.mock.calls).toEqual([["olm.wasm", dist + "/"]]);
	});

	test("locateFile may give an address", async () => {
		await fresh("olm.js").init({ locateFile: () => pathToFileURL(join(dist, "olm.wasm")).href });
		const data = "data:application/wasm;base64," + wasm.toString("base64");
		await fresh("olm.js").init({ locateFile: () => data });
		await fresh("olm.js").init({ locateFile: () => data.replace("application/wasm", "text/plain") });
	});

	test("takes the module itself", async () => {
		await fresh("olm.js").init({ wasmBinary: wasm });
		await fresh("olm.js").init({ wasmBinary: new Uint8Array(wasm).buffer });
	});

	test("a failure to load is told to every caller", async () => {
		const Olm = fresh("olm.js");
		const first = Olm.init({ locateFile: () => "/nowhere/olm.wasm" });
		await expect(first).rejects.toThrow("ENOENT");
		await expect(Olm.init()).rejects.toThrow("ENOENT");
		expect(() => new Olm.Account()).toThrow("OLM: init() has not finished");
		await expect(fresh("olm.js").init({ wasmBinary: new Uint8Array(8) })).rejects.toThrow(WebAssembly.CompileError);
	});

	test("takes its options from the global OLM_OPTIONS, where init is given none", async () => {
		const fromGlobal = vi.fn(() => join(dist, "olm.wasm"));
		vi.stubGlobal("OLM_OPTIONS", { locateFile: fromGlobal });
		for (const none of [undefined, null]) await fresh("olm.js").init(none as undefined);
		expect(fromGlobal.mock.calls).toEqual([["olm.wasm", dist + "/"], ["olm.wasm", dist + "/"]]);
		await fresh("olm.js").init({});
		await fresh("olm.js").init({ wasmBinary: wasm });
		expect(fromGlobal).toHaveBeenCalledTimes(2);
		vi.unstubAllGlobals();
		// As the published package does.
		for (const name of ["olm.js", "@matrix-org/olm"] as const) expect(loadedAlone(name)).toContain("/nowhere/at/all.wasm");
	});

	test("an option that is inherited is none", async () => {
		const inherited = vi.fn(() => "/nowhere/olm.wasm");
		const prototype = Object.prototype as any;
		for (const options of [undefined, {}, Object.create({ locateFile: inherited }), { locateFile: undefined }]) {
			Object.defineProperty(prototype, "locateFile", { value: inherited, configurable: true });
			Object.defineProperty(prototype, "wasmBinary", { value: new Uint8Array(8), configurable: true });
			try {
				await fresh("olm.js").init(options);
			} finally {
				delete prototype.locateFile;
				delete prototype.wasmBinary;
			}
		}
		expect(inherited).not.toHaveBeenCalled();
	});
});

/** What loading a copy of a package, in a process of its own, says: the published one installs handlers that end it. */
function loadedAlone(name: "olm.js" | "@matrix-org/olm"): string {
	const path = name === "olm.js" ? join(dist, name) : createRequire(import.meta.url).resolve(name);
	const script = `globalThis.OLM_OPTIONS = { locateFile: () => "/nowhere/at/all.wasm" };
require(${JSON.stringify(path)}).init().then(() => console.log("loaded"), (error) => console.log(String(error)));`;
	const { stdout, stderr } = spawnSync("node", ["-e", script], { encoding: "utf8" });
	return stdout + stderr;
}

describe.each(["olm.js", "olm.mjs", "modern.mjs", "modern.cjs"] as const)("%s: what comes in the place of olm.wasm", (name) => {
	const url = "https://example.org/assets/olm.wasm";

	/** Loads from an address of the network or of the file system, and returns what went wrong. */
	async function failure(file: string): Promise<Error> {
		const made = name.endsWith("js") && !name.endsWith("mjs") ? createRequire(import.meta.url)(join(dist, name)) : await import(`${join(dist, name)}?${Math.random()}`);
		const loaded: Promise<void> = name.startsWith("modern") ? made.init(file) : (name === "olm.js" ? fresh(name) : made).init({ locateFile: () => file });
		return loaded.then(
			() => Promise.reject(new Error("it was loaded")),
			(error) => error,
		);
	}

	async function fetched(body: BodyInit, status: number, type: string): Promise<Error> {
		vi.stubGlobal("fetch", async () => new Response(body, { status, headers: { "content-type": type } }));
		try {
			return await failure(url);
		} finally {
			vi.unstubAllGlobals();
		}
	}

	const html = "<!doctype html><title>app</title>";
	const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

	test.each<[string, BodyInit, number, string, RegExp]>([
		["a page that says that there is nothing", html, 404, "text/html", /\(404 text\/html\): request failed$/],
		["a server's fault", "", 502, "", /\(502 \)/],
		["the page of the application", html, 200, "text/html", /\(200 text\/html\): .*expected magic word/],
		["a page under the right type", html, 200, "application/wasm", /\(200 application\/wasm\): .*expected magic word/],
		["half of the file", wasm.subarray(0, 1000), 200, "application/wasm", /\(200 application\/wasm\): .*WebAssembly/],
		["nothing", "", 200, "application/octet-stream", /octet-stream\): .*WebAssembly/],
		["another module", empty, 200, "application/wasm", /not olm\.wasm$/],
		["the published module", published, 200, "application/wasm", /import|Import/],
	])("%s", async (_, body, status, type, message) => {
		const error = await fetched(body, status, type);
		expect(error.message).toContain(url);
		expect(error.message).toMatch(message);
		expect(error.message.startsWith("OLM: ")).toBe(name.startsWith("olm"));
		if (name.startsWith("modern")) expect(error).toMatchObject({ name: "OlmError", code: "INVALID_STATE" });
		expect(error.cause).toBeInstanceOf(Error);
	});

	test("no network", async () => {
		vi.stubGlobal("fetch", async () => {
			throw new TypeError("Failed to fetch");
		});
		const error = await failure(url);
		vi.unstubAllGlobals();
		expect(error.message).toContain(url + ": Failed to fetch");
	});

	test("another file", async () => {
		const file = join(dist, "package.json");
		expect((await failure(file)).message).toMatch(/package\.json: .*expected magic word/);
		expect((await failure("/nowhere/olm.wasm")).message).toMatch(/\/nowhere\/olm\.wasm: ENOENT/);
	});
});

describe("a page", () => {
	/** Runs olm.js in a page that has loaded it from `src`, and returns what it fetches. */
	async function asked(src: string | undefined, href: string): Promise<string[]> {
		const got: string[] = [];
		const world: any = { crypto, WebAssembly, URL, Response, location: { href, protocol: new URL(href).protocol }, document: { currentScript: src === undefined ? null : { src } } };
		world.fetch = async (address: string) => {
			got.push(address);
			return new Response(wasm, { headers: { "content-type": "application/wasm" } });
		};
		world.XMLHttpRequest = class {
			response?: ArrayBuffer;
			onload = () => {};
			open(method: string, address: string) {
				got.push(`${method} ${address}`);
			}
			send() {
				this.response = new Uint8Array(wasm).buffer;
				this.onload();
			}
		};
		world.window = world;
		runInNewContext(readFileSync(join(dist, "olm.js"), "utf8"), world);
		await world.Olm.init();
		new world.Olm.Utility().free();
		return got;
	}

	test.each<[string | undefined, string, string]>([
		["https://cdn.example/lib/olm.js", "https://example.org/app/", "https://cdn.example/lib/olm.wasm"],
		["https://cdn.example/lib/olm.js?v=/1/2#/3", "https://example.org/app/", "https://cdn.example/lib/olm.wasm"],
		// Nobody knows where the script is: beside the page, whatever its router writes behind.
		[undefined, "https://example.org/app/#/room/!a:b", "olm.wasm"],
		["", "https://example.org/app/#/room/!a:b", "olm.wasm"],
		// A page that is a file.
		["file:///android_asset/www/olm.js", "file:///android_asset/www/index.html#/a", "GET file:///android_asset/www/olm.wasm"],
	])("that has loaded %s, at %s, asks for %s", async (src, href, want) => {
		expect(await asked(src, href)).toEqual([want]);
	});
});

describe("without WebAssembly", () => {
	const run = (code: string) => execFileSync("node", ["--input-type=module", "-e", `delete globalThis.WebAssembly;\nconst dist = ${JSON.stringify(pathToFileURL(dist).href + "/")};\n${code}`], { encoding: "utf8" }).trim();

	test.each(["modern.mjs", "modern.cjs"])("%s says what to do, and that works", (name) => {
		const said = run(`const M = (await import(dist + ${JSON.stringify(name)}));
const { init, Account, sha256 } = M.default ?? M;
await init().catch((error) => console.log(error.code + ": " + error.message));
await init(import(dist + "olm_legacy.js"));
const { default: Olm } = await import(dist + "olm_legacy.js");
await Olm.init(); // another instance beside it
const [a, b] = [new Account(), new Olm.Account()];
b.unpickle("key", a.pickle("key"));
console.log(JSON.parse(b.identity_keys()).ed25519 === a.identityKeys.ed25519, sha256("abc"), sha256("x".repeat(100000)) === new Olm.Utility().sha256("x".repeat(100000)));`);
		expect(said).toBe(`INVALID_STATE: there is no WebAssembly here, take olm_legacy.js: init(import("@karst-im/olm/olm_legacy.js"))\ntrue ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0 true`);
	});

	test("init takes what require returns too", () => {
		expect(run(`import { createRequire } from "node:module";
const { init, sha256 } = await import(dist + "modern.mjs");
await init(createRequire(dist)(new URL("olm_legacy.js", dist).pathname));
console.log(sha256("abc"));`)).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
	});

	test.each(["olm.js", "olm.mjs", "olm.node.mjs"])("%s says what to load in its place", (name) => {
		const said = run(`const M = await import(dist + ${JSON.stringify(name)});
await (M.init ?? M.default.init)().catch((error) => console.log(String(error)));`);
		expect(said).toBe('Error: OLM: there is no WebAssembly here, take olm_legacy.js: <script src="olm_legacy.js"></script> or require("@matrix-org/olm/olm_legacy.js")');
	});
});
