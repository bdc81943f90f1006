// What the README says about taking the place of @matrix-org/olm, done by npm with a registry in this process.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pack, scratch } from "./packed.js";

/** A client of libolm, as others depend on it. */
const client = { name: "client", version: "1.0.0", main: "client.js", dependencies: { "@matrix-org/olm": "^3.2.3" } };

const tarballs = new Map<string, Buffer>();
let registry: Server;
let url: string;

/** Answers for a package that it has, and for no other. */
function answer(path: string): Buffer | string | undefined {
	if (tarballs.has(path)) return tarballs.get(path);
	const tarball = tarballs.get(`${path}.tgz`);
	if (!tarball) return undefined;
	const folder = scratch();
	writeFileSync(join(folder, "t.tgz"), tarball);
	const manifest = JSON.parse(execFileSync("tar", ["-xzOf", "t.tgz", "package/package.json"], { cwd: folder, encoding: "utf8" }));
	const integrity = "sha512-" + createHash("sha512").update(tarball).digest("base64");
	const dist = { tarball: `${url}${path}.tgz`, integrity };
	return JSON.stringify({ name: manifest.name, "dist-tags": { latest: manifest.version }, versions: { [manifest.version]: { ...manifest, dist } } });
}

beforeAll(async () => {
	tarballs.set("/@karst-im/olm.tgz", readFileSync(pack(scratch())));
	const folder = scratch();
	writeFileSync(join(folder, "package.json"), JSON.stringify(client));
	writeFileSync(join(folder, "client.js"), 'module.exports = require("@matrix-org/olm");');
	tarballs.set("/client.tgz", readFileSync(pack(scratch(), folder)));
	registry = createServer((request, response) => {
		const body = answer(decodeURIComponent(request.url!));
		response.writeHead(body === undefined ? 404 : 200).end(body ?? "{}");
	});
	await new Promise<void>((done) => registry.listen(0, "127.0.0.1", done));
	url = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
});
afterAll(() => void registry.close());

const readme = (file: string) => [...readFileSync(join(import.meta.dirname, file), "utf8").matchAll(/^```json\n([^]*?)^```$/gm)].map(([, json]) => JSON.parse(json));
const [dependencies, overrides] = readme("../README.md");
const [both] = readme("../../../README.md");

/** Installs with npm, and returns what was installed. */
async function install(manifest: object): Promise<string> {
	const folder = scratch();
	writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, ...manifest }));
	mkdirSync(join(folder, "cache"));
	await promisify(execFile)("npm", ["install", "--silent", "--no-audit", "--no-fund", "--fetch-retries=0", "--registry", url, "--cache", join(folder, "cache")], { cwd: folder });
	return folder;
}

test.each([
	["an alias", dependencies, "@matrix-org/olm"],
	["an override for a dependency's dependency", { ...overrides, dependencies: { client: "1.0.0" } }, "client"],
	["both", { ...both, dependencies: { ...both.dependencies, client: "1.0.0" } }, "client"],
])("%s", async (_, manifest, name) => {
	const folder = await install(manifest);
	expect(readdirSync(join(folder, "node_modules/@matrix-org"))).toEqual(["olm"]);
	expect(JSON.parse(readFileSync(join(folder, "node_modules/@matrix-org/olm/package.json"), "utf8")).name).toBe("@karst-im/olm");
	const code = `const Olm = require("${name}"); Olm.init().then(() => console.log(new Olm.Utility().sha256("abc")))`;
	expect(execFileSync("node", ["-e", code], { cwd: folder, encoding: "utf8" }).trim()).toBe("ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
});

test("without them npm would look for the published package", async () => {
	await expect(install({ dependencies: { client: "1.0.0" } })).rejects.toThrow();
});
