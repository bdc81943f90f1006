// An application made into a bundle by each of the usual bundlers, from the installed package.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dist } from "./packages.js";

export const bundlers = ["esbuild", "rollup", "vite", "webpack"] as const;

/** Uses both APIs; what `run` returns proves that both modules were found. */
const app = `
import Olm from "@matrix-org/olm";
import * as Everything from "@matrix-org/olm";
import { init, Account, sha256 } from "@karst-im/olm/modern";

export async function run() {
	await Promise.all([Olm.init(), init()]);
	const account = new Olm.Account();
	account.create();
	const modern = Account.fromPickle(account.pickle("key"), "key");
	const same = JSON.parse(account.identity_keys()).ed25519 === modern.identityKeys.ed25519;
	return [same, sha256("abc"), typeof Everything.Session].join();
}
globalThis.done = run();
`;

export const result = "true,ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0,function";

/** Bundles the application in a folder where the package is installed, and returns the name of the entry. */
export async function bundle(bundler: (typeof bundlers)[number], folder: string): Promise<string> {
	const entry = join(folder, "app.mjs");
	const out = join(folder, bundler);
	writeFileSync(entry, app);
	// The two that do not know files beside a module leave it to their user to copy them.
	const copy = () => copyFileSync(join(dist, "olm.wasm"), join(out, "olm.wasm"));
	switch (bundler) {
		case "esbuild": {
			const { build } = await import("esbuild");
			await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "browser", outfile: join(out, "app.mjs"), logLevel: "error" });
			copy();
			return "app.mjs";
		}
		case "rollup": {
			const { rollup } = await import("rollup");
			const installed: Record<string, string> = { "@matrix-org/olm": "olm.mjs", "@karst-im/olm/modern": "modern.mjs" };
			const find = {
				name: "find",
				resolveId: (id: string) => installed[id] && join(folder, "node_modules/@karst-im/olm", installed[id]),
			};
			const made = await rollup({ input: entry, plugins: [find] });
			await made.write({ file: join(out, "app.mjs"), format: "es" });
			copy();
			return "app.mjs";
		}
		case "vite": {
			const { build } = await import("vite");
			await build({
				root: folder,
				base: "./",
				configFile: false,
				logLevel: "error",
				build: {
					outDir: out,
					assetsInlineLimit: 0,
					target: "es2022",
					rollupOptions: { input: entry, preserveEntrySignatures: "strict", output: { entryFileNames: "app.mjs" } },
				},
			});
			return "app.mjs";
		}
		case "webpack": {
			const { webpack } = (await import("webpack")).default;
			await new Promise<void>((done, fail) => {
				webpack(
					{
						mode: "production",
						context: folder,
						entry,
						experiments: { outputModule: true },
						output: { path: out, filename: "app.mjs", library: { type: "module" } },
					},
					(error, stats) => (error || stats!.hasErrors() ? fail(error ?? new Error(stats!.toString())) : done()),
				);
			});
			return "app.mjs";
		}
	}
}
