import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";

const types: Record<string, string> = {
	html: "text/html; charset=utf-8",
	js: "text/javascript",
	mjs: "text/javascript",
	css: "text/css",
	wasm: "application/wasm",
};

export interface Server {
	readonly url: string;
	close(): void;
}

/** Serves files from 127.0.0.1 under a content security policy. `find` returns contents, or the path of a file. */
export async function serve(policy: string, find: (path: string) => { text: string } | { file: string } | undefined): Promise<Server> {
	const server = createServer((request, response) => {
		const path = request.url!.split("?")[0];
		const type = types[path.split(".").pop()!] ?? types.html;
		try {
			const found = find(path);
			const body = found && ("text" in found ? found.text : readFileSync(found.file));
			response.writeHead(body === undefined ? 404 : 200, { "content-type": type, "content-security-policy": policy, "cache-control": "no-store" });
			response.end(body);
		} catch {
			response.writeHead(404).end();
		}
	});
	await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		close() {
			server.closeAllConnections();
			server.close();
		},
	};
}
