// The pages and workers that the browsers are given. No script stands in a page: the policy forbids it.

const page = (scripts: string) => `<!doctype html><meta charset="utf-8"><title>test</title>${scripts}`;

/** Has a worker of one kind or another run the suite. */
const inWorker = (file: string) => ({
	page: page(`<script src="/start.js"></script>`),
	start: `self.results = new Promise((done, fail) => {
	const worker = new Worker("/worker.js");
	worker.onmessage = ({ data }) => (data.failed ? fail(data.failed) : done(data));
	worker.onerror = (event) => fail(event.message ?? "the worker did not start");
});`,
	worker: `importScripts("/${file}", "/runner.js");
results.then(postMessage, (error) => postMessage({ failed: String(error) }));`,
});

const inServiceWorker = (file: string) => ({
	page: page(`<script src="/start.js"></script>`),
	start: `self.results = (async () => {
	const registration = await navigator.serviceWorker.register("/worker.js");
	await navigator.serviceWorker.ready;
	const { port1, port2 } = new MessageChannel();
	return new Promise((done, fail) => {
		port1.onmessage = ({ data }) => (data.failed ? fail(data.failed) : done(data));
		registration.active.postMessage("run", [port2]);
	});
})();`,
	// A service worker must load its scripts while it is being installed, and olm.js then looks for olm.wasm.
	worker: `importScripts("/${file}", "/runner.js");
self.onmessage = (event) => event.waitUntil(results.then((r) => event.ports[0].postMessage(r), (e) => event.ports[0].postMessage({ failed: String(e) })));`,
});

const inModule = {
	page: page(`<script type="module" src="/start.js"></script>`),
	start: `import Olm, * as names from "/olm.mjs";
import * as modern from "/modern.mjs";
if (self.Olm !== Olm) throw new Error("olm.mjs leaves no global");
self.results = modern.init().then(() => import("/runner.js")).then(() => self.results).then((results) => {
	const a = new modern.Account();
	a.generateOneTimeKeys(1);
	const s = a.createOutboundSession(a.identityKeys.curve25519, a.oneTimeKeys[0].key);
	const { plaintext } = a.createInboundSession(s.encrypt(new Uint8Array([1, 2, 3])));
	const ok = String(plaintext) === "1,2,3" && names.Account === Olm.Account;
	return [...results, ok ? { name: "the modern API" } : { name: "the modern API", error: "wrong plaintext" }];
});`,
	worker: "",
};

const inPage = (file: string) => ({
	page: page(`<script src="/${file}"></script><script src="/runner.js"></script>`),
	start: "",
	worker: "",
});

export interface Place {
	page: string;
	start: string;
	worker: string;
}

/** Where the suite runs. Without WebAssembly the policy forbids it too. */
export const places: Record<string, Place & { wasm: boolean }> = {
	"a page": { ...inPage("olm.js"), wasm: true },
	"a page of modules": { ...inModule, wasm: true },
	"a worker": { ...inWorker("olm.js"), wasm: true },
	"a service worker": { ...inServiceWorker("olm.js"), wasm: true },
	"a page without WebAssembly": { ...inPage("olm_legacy.js"), wasm: false },
	"a worker without WebAssembly": { ...inWorker("olm_legacy.js"), wasm: false },
};
