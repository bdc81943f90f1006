// node size.mjs: compares the files in dist with the limits in size.txt.
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
let failed = false;
for (const line of readFileSync(here("size.txt"), "utf8").split("\n")) {
	if (!line || line.startsWith("#")) continue;
	const [name, limit] = line.split(" ");
	const file = here("dist/" + name.replace(/\.gz$/, "")).pathname;
	const size = name.endsWith(".gz") ? execFileSync("gzip", ["-9nc", file]).length : statSync(file).size;
	const over = size > Number(limit);
	console.log(`${over ? "FAIL" : "ok  "} ${name.padEnd(14)} ${size} of ${limit} bytes`);
	failed ||= over;
}
process.exitCode = failed ? 1 : 0;
