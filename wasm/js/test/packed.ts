import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dist } from "./packages.js";

/** A folder of its own, which is removed at the end. */
export function scratch(): string {
	const made = mkdtempSync(join(tmpdir(), "karst-js-"));
	process.on("exit", () => rmSync(made, { recursive: true, force: true }));
	return made;
}

/** Makes the tarball that would be published, and returns its path. */
export function pack(folder: string, from = dist): string {
	execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: from });
	const name = readdirSync(folder).find((name) => name.endsWith(".tgz"));
	if (!name) throw new Error("npm pack made nothing");
	return join(folder, name);
}

/** Installs the tarball into a folder under a name: what an alias or an override does. */
export function install(folder: string, names = ["@karst-im/olm"]): void {
	const tarball = pack(folder);
	for (const name of names) {
		const to = join(folder, "node_modules", name);
		mkdirSync(join(to, ".."), { recursive: true });
		execFileSync("tar", ["-xzf", tarball, "-C", folder]);
		renameSync(join(folder, "package"), to);
	}
	rmSync(tarball);
}
