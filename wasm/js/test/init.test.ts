// How the package is loaded, as far as Node shows it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { dist, fresh } from "./packages.js";

const wasm = readFileSync(join(dist, "olm.wasm"));

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

	test("an answer of a server that is no file is told", async () => {
		vi.stubGlobal("fetch", async () => new Response("not found", { status: 404 }));
		await expect(fresh("olm.js").init({ locateFile: () => "https://example.org/olm.wasm" })).rejects.toThrow("404");
		vi.unstubAllGlobals();
	});
});
