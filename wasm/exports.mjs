// node exports.mjs IN.wasm OUT.wasm: leaves a module the exports that its users know, and checks that
// they are all there and that it imports nothing. TinyGo's runtime exports functions of its own,
// which would otherwise stay, with all that they need.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

const [input, output] = process.argv.slice(2);
const known = /^(memory|__stack_pointer|__heap_base|_initialize|_olm_error_to_string|(olm|karst)_\w+)$/;
const exportSection = 7;

const bytes = readFileSync(input);
assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), [], "the module imports something");

let at = 8; // behind the magic number and the version
const varint = () => {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++];
		value += (byte & 127) * 2 ** shift;
		if (byte < 128) return value;
	}
};
const encode = (n) => (n < 128 ? [n] : [(n & 127) | 128, ...encode(n >>> 7)]);

const sections = [bytes.subarray(0, at)];
while (at < bytes.length) {
	const start = at;
	const id = bytes[at++];
	const end = varint() + at;
	if (id !== exportSection) {
		sections.push(bytes.subarray(start, end));
	} else {
		const kept = [];
		for (let n = varint(); n > 0; n--) {
			const from = at;
			const length = varint();
			const name = bytes.toString("utf8", at, at + length);
			at += length + 1; // the name, the kind
			varint(); // the index
			if (known.test(name)) kept.push(bytes.subarray(from, at));
		}
		const body = Buffer.concat([Buffer.from(encode(kept.length)), ...kept]);
		sections.push(Buffer.from([id, ...encode(body.length)]), body);
	}
	at = end;
}
writeFileSync(output, Buffer.concat(sections));

const names = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(output))).map((e) => e.name);
const functions = names.filter((name) => /olm_/.test(name)).length;
assert.equal(functions, 150, `${functions} functions are exported, not libolm's 150`);
const ours = names.filter((name) => name.startsWith("karst_"));
assert.deepEqual(ours.sort(), ["karst_account_dropped_keys", "karst_pre_key_session_id"], "what the modern API needs beyond libolm");
assert.equal(names.length, functions + ours.length + 4, "memory, __stack_pointer, __heap_base or _initialize is missing");
