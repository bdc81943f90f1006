// node run.mjs MODULE: runs the self-test of a WebAssembly module and prints its hash.
import { readFileSync } from "node:fs";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
const imports = WebAssembly.Module.imports(module);
if (imports.length !== 0) throw new Error(`the module imports ${imports.map((i) => i.name)}`);
const { exports } = new WebAssembly.Instance(module);
exports._initialize();
const size = exports.karst_selftest_size();
const base = exports.memory.grow((size + 64 + 0xffff) >> 16) << 16; // memory of our own, behind the module's
const step = exports.karst_selftest_run(base + 64, base);
if (step !== 0) throw new Error(`step ${step} failed`);
console.log(Buffer.from(exports.memory.buffer, base, 32).toString("hex"));
