// What the server of the demonstration hands out: the files of four folders, and no others.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const demo = dirname(fileURLToPath(import.meta.url));
const wasm = dirname(demo);
const published = join(wasm, "js/node_modules/@matrix-org/olm");
const built = ["package.json", "olm.js", "olm.wasm", "olm_legacy.js", "modern.mjs"];

const types = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".json": "application/json",
	".wasm": "application/wasm",
	".svg": "image/svg+xml",
};

/** Folders by the first part of a path. */
export const folders = () => ({ demo, dist: join(wasm, "dist"), bench: join(wasm, "bench"), published });

/** What has to be done before the pages can run, as a sentence; undefined if nothing. */
export function missing() {
	if (!built.every((name) => existsSync(join(wasm, "dist", name)))) return `The package is not built: run ${join(wasm, "build.sh")}, which needs Node, npm and Debian's binaryen, then start this again.`;
	if (!existsSync(join(published, "package.json"))) return `The packages that the benchmark compares with are not installed: run "npm ci" in ${join(wasm, "js")}, then start this again.`;
}

/** The file that a request asks for, with its type; undefined if there is none in these folders. */
export function find(roots, url) {
	try {
		const [, root, ...rest] = decodeURIComponent(url.replace(/[?#].*/s, "")).split("/");
		const type = types[extname(rest.at(-1) ?? "")];
		if (!type || !Object.hasOwn(roots, root)) return;
		// The file must be inside, wherever links and dots lead.
		const top = realpathSync(roots[root]);
		const path = realpathSync(join(top, ...rest));
		return path.startsWith(top + sep) ? { type, content: readFileSync(path) } : undefined;
	} catch {
		return; // no such file, or nothing that could name one
	}
}
