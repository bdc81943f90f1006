// Hosts that come from a registry and that nothing else needs: hosts/package.json. test.sh installs them in CI.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Whether they are installed. In CI they must be. */
export const installed = existsSync(join(import.meta.dirname, "node_modules"));
if (!installed && process.env.CI) throw new Error("test/hosts is not installed: npm ci");
if (!installed) console.log("SKIPPED: jest with jsdom, Hermes, rspack and Parcel are not here (npm ci in wasm/js/test/hosts)");

/** Loads what is installed there. */
export const require = createRequire(join(import.meta.dirname, "package.json"));

/** The path of a file of what is installed there. */
export function path(file: string): string {
	return join(import.meta.dirname, "node_modules", file);
}
