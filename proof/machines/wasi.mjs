// Runs a program for wasip1: node wasi.mjs PROGRAM [ARGUMENTS...]. What Go itself would start for that is not in Debian.
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const env = { ...process.env, PWD: process.cwd() };
// returnOnExit: Node 20 crashes now and then when it unwinds a large program that exits.
const wasi = new WASI({ version: "preview1", args: process.argv.slice(2), env, preopens: { "/": "/" }, returnOnExit: false });
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), wasi.getImportObject());
wasi.start(instance);
