// An application made into a bundle by each of the usual bundlers, from the installed package.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as hosts from "./hosts/index.js";
import { dist } from "./packages.js";

export type Bundler = "esbuild" | "rollup" | "vite" | "webpack" | "rspack" | "parcel";

export const bundlers: Bundler[] = ["esbuild", "rollup", "vite", "webpack", ...(hosts.installed ? (["rspack", "parcel"] as const) : [])];

const run = `
	await Promise.all([Olm.init(), modern.init()]);
	const account = new Olm.Account();
	account.create();
	const same = JSON.parse(account.identity_keys()).ed25519 === modern.Account.fromPickle(account.pickle("key"), "key").identityKeys.ed25519;
	return [same, modern.sha256("abc"), typeof Everything.Session].join();
`;

export const result = "true,ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0,function";

/** Applications that promise the result as `done`: it proves that the modules were found. */
const apps = {
	/** Uses both APIs. */
	"app.mjs": `import Olm from "@matrix-org/olm";
import * as Everything from "@matrix-org/olm";
import * as modern from "@karst-im/olm/modern";
globalThis.done = (async () => {${run}})();
`,
	/** Imports nothing by name: the global is all that it wants. */
	"bare.mjs": `import "@matrix-org/olm";
import * as modern from "@karst-im/olm/modern";
globalThis.done = (async () => {
	const Olm = window.Olm, Everything = Olm;${run}})();
`,
	/** Of before there were modules. */
	"require.cjs": `const Olm = require("@matrix-org/olm"), Everything = Olm;
const modern = require("@karst-im/olm/modern");
globalThis.done = (async () => {${run}})();
`,
};

export type App = keyof typeof apps;

/** rollup and vite take no require of an application without plugins. */
export const bundled = bundlers.flatMap((bundler) => (Object.keys(apps) as App[]).filter((app) => app !== "require.cjs" || !/rollup|vite/.test(bundler)).map((app) => [bundler, app] as const));

/** Bundles an application in a folder where the package is installed, and returns the folder of the bundle, app.mjs. */
export async function bundle(bundler: Bundler, app: App, folder: string): Promise<string> {
	const entry = join(folder, app);
	const out = join(folder, `${bundler}-${app}`);
	mkdirSync(out, { recursive: true });
	writeFileSync(entry, apps[app]);
	// Those that do not know files beside a module leave it to their user to copy them.
	const copy = () => copyFileSync(join(dist, "olm.wasm"), join(out, "olm.wasm"));
	switch (bundler) {
		case "esbuild": {
			const { build } = await import("esbuild");
			await build({ entryPoints: [entry], bundle: true, format: "esm", platform: "browser", outfile: join(out, "app.mjs"), logLevel: "error" });
			copy();
			break;
		}
		case "rollup": {
			const { rollup } = await import("rollup");
			const installed: Record<string, string> = { "@matrix-org/olm": "olm.mjs", "@karst-im/olm/modern": "modern.mjs" };
			const { sideEffects } = hosts.require(join(folder, "node_modules/@karst-im/olm/package.json"));
			const find = {
				name: "find",
				resolveId: (id: string) => installed[id] && { id: join(folder, "node_modules/@karst-im/olm", installed[id]), moduleSideEffects: sideEffects && sideEffects.includes("./" + installed[id]) },
			};
			const made = await rollup({ input: entry, plugins: [find], onwarn: () => {} });
			await made.write({ file: join(out, "app.mjs"), format: "es" });
			copy();
			break;
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
			break;
		}
		case "webpack":
		case "rspack": {
			const pack = bundler === "webpack" ? (await import("webpack")).default.webpack : (hosts.require("@rspack/core").rspack as typeof import("webpack"));
			await new Promise<void>((done, fail) => {
				pack(
					{
						mode: "production",
						context: folder,
						entry,
						experiments: { outputModule: true },
						output: { path: out, filename: "app.mjs", library: { type: "module" } },
					},
					(error: Error | null, stats: any) => (error || stats.hasErrors() ? fail(error ?? new Error(stats.toString())) : done()),
				);
			});
			break;
		}
		case "parcel": {
			// Parcel heeds `exports` when told to, and looks for its configuration and for a lock file beside the application.
			writeFileSync(join(folder, "package.json"), JSON.stringify({ "@parcel/resolver-default": { packageExports: true }, browserslist: "last 1 chrome version" }));
			writeFileSync(join(folder, "package-lock.json"), "{}");
			const { Parcel } = hosts.require("@parcel/core");
			const made = await new Parcel({
				entries: entry,
				defaultConfig: hosts.require.resolve("@parcel/config-default"),
				mode: "production",
				shouldDisableCache: true,
				defaultTargetOptions: { distDir: out, publicUrl: "./", outputFormat: "esmodule", sourceMaps: false },
			}).run();
			const main = made.bundleGraph.getBundles().map((b: { filePath: string }) => b.filePath).filter((path: string) => path.endsWith(".js"));
			if (main.length !== 1) throw new Error("more than one bundle: " + main.map((path: string) => basename(path)));
			copyFileSync(main[0], join(out, "app.mjs"));
		}
	}
	return out;
}
