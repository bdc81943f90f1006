// node serve.mjs [PORT]: serves the demonstration from 127.0.0.1. Builds the package if need be.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wasm = dirname(here);
if (!existsSync(join(wasm, "dist/package.json"))) execFileSync(join(wasm, "build.sh"), { stdio: "inherit" });

const roots = {
	demo: here,
	dist: join(wasm, "dist"),
	bench: join(wasm, "bench"),
	published: dirname(createRequire(join(wasm, "js/package.json")).resolve("@matrix-org/olm")),
};
const types = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".mjs": "text/javascript; charset=utf-8",
	".wasm": "application/wasm",
	".svg": "image/svg+xml",
};

const server = createServer((request, response) => {
	const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
	if (path === "/") return response.writeHead(302, { location: "/demo/index.html" }).end();
	const [, root, ...rest] = path.split("/");
	const file = Object.hasOwn(roots, root) && types[extname(path)] && join(roots[root], ...rest);
	if (!file || !existsSync(file)) return response.writeHead(404).end("not found");
	response.writeHead(200, {
		"content-type": types[extname(file)],
		"content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; connect-src 'self' blob:",
		"cache-control": "no-store",
	});
	response.end(readFileSync(file));
});
server.listen(Number(process.argv[2] ?? 8008), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
