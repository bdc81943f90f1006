// node serve.mjs: serves the demonstration to this machine. What is missing, or in the way, is said in one sentence.
import { createServer } from "node:http";
import { parseArgs } from "node:util";
import { find, folders, missing } from "./folders.mjs";

const usual = 8642;
const help = `Serves the pages of wasm/demo to this machine, and prints their address.

    node wasm/demo/serve.mjs [--port N]

    --port N   the port on 127.0.0.1: ${usual} unless you say otherwise, 0 takes any that is free
    --help     prints this
`;

/** Ends the program with one sentence. */
function stop(sentence, code = 1) {
	console.error(sentence);
	process.exit(code);
}

function wanted() {
	try {
		const { values } = parseArgs({ options: { port: { type: "string" }, help: { type: "boolean", short: "h" } } });
		if (values.help) {
			process.stdout.write(help);
			process.exit(0);
		}
		const port = values.port ?? String(usual);
		if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) stop(`--port takes a number from 0 to 65535, not ${JSON.stringify(port)}.`, 2);
		return Number(port);
	} catch ({ message }) {
		stop(`${message.split(/\.?\n|\. |\.$/)[0]}: --help says what there is.`, 2);
	}
}

const port = wanted();
const lack = missing();
if (lack) stop(lack);

const server = createServer((request, response) => {
	const { status, headers, body } = answer(request);
	response.writeHead(status, { "x-content-type-options": "nosniff", ...headers });
	response.end(request.method === "HEAD" ? undefined : body);
});

function answer({ method, url }) {
	if (method !== "GET" && method !== "HEAD") return { status: 405, headers: { allow: "GET, HEAD" } };
	if (url === "/") return { status: 302, headers: { location: "/demo/index.html" } };
	const file = find(folders(), url);
	if (!file) return { status: 404, headers: { "content-type": "text/plain" }, body: "not found" };
	return {
		status: 200,
		headers: {
			"content-type": file.type,
			"content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' blob: data:; connect-src 'self' blob:",
			"cache-control": "no-store",
		},
		body: file.content,
	};
}

server.on("error", ({ code, message }) => {
	if (code === "EADDRINUSE") stop(`Port ${port} is in use: name another one with --port N, or --port 0 for any that is free.`);
	if (code === "EACCES") stop(`Port ${port} may not be opened by this user: name one above 1023 with --port N.`);
	stop(`The server did not start: ${message}.`);
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
