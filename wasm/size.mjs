// node size.mjs: compares the files in dist with the limits in size.txt.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const here = (path) => new URL(path, import.meta.url);
let failed = false;
for (const line of readFileSync(here("size.txt"), "utf8").split("\n")) {
	if (!line || line.startsWith("#")) continue;
	const [name, limit] = line.split(" ");
	const file = readFileSync(here("dist/" + name.replace(/\.gz$/, "")));
	const size = name.endsWith(".gz") ? gzipSync(file, { level: 9 }).length : file.length;
	const over = size > Number(limit);
	console.log(`${over ? "FAIL" : "ok  "} ${name.padEnd(14)} ${size} of ${limit} bytes`);
	failed ||= over;
}
process.exitCode = failed ? 1 : 0;
