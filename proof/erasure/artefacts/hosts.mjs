// The two artefacts behind one interface: memory to write to and to read, functions to call, and all the memory
// there is to search.
import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** olm.wasm: its linear memory is all it has. */
export async function wasm(path) {
	const { instance } = await WebAssembly.instantiate(readFileSync(path), {});
	const x = instance.exports;
	x._initialize();
	let next = x.memory.buffer.byteLength;
	x.memory.grow(16);
	const bytes = () => Buffer.from(x.memory.buffer);
	return {
		name: "olm.wasm",
		async alloc(n) {
			const at = next;
			next += (n + 15) & -16;
			return at;
		},
		write: async (at, data) => void bytes().set(data, at),
		read: async (at, n) => Buffer.from(bytes().subarray(at, at + n)),
		call: async (name, ...args) => x[name](...args) >>> 0,
		memory: async () => [{ at: 0, bytes: bytes() }],
		close() {},
	};
}

/** libolm.so.3 in a process of its own: everything there that can be written. */
export async function library(program, folder) {
	const child = spawn(program, { env: { LD_LIBRARY_PATH: folder }, stdio: ["pipe", "pipe", "inherit"] });
	const failed = new Promise((_, reject) => child.on("exit", (code) => reject(new Error("the program ended with " + code))));
	failed.catch(() => {});
	let waiting = Buffer.alloc(0);
	let wake = () => {};
	child.stdout.on("data", (data) => {
		waiting = Buffer.concat([waiting, data]);
		wake();
	});
	const answer = async (n) => {
		while (waiting.length < n) await Promise.race([new Promise((resolve) => (wake = resolve)), failed]);
		const data = waiting.subarray(0, n);
		waiting = waiting.subarray(n);
		return data;
	};
	const number = (x) => {
		const b = Buffer.alloc(8);
		b.writeBigUInt64LE(BigInt(x));
		return b;
	};
	const ask = async (n, ...parts) => {
		child.stdin.write(Buffer.concat(parts.map((p) => (typeof p === "string" ? Buffer.from(p) : p))));
		return answer(n);
	};
	const value = async (...parts) => {
		const x = (await ask(8, ...parts)).readBigUInt64LE();
		return x === 2n ** 64n - 1n ? 0xffffffff : Number(x); // olm_error, of the width that it has in WebAssembly
	};
	return {
		name: "libolm.so.3",
		alloc: (n) => value("A", number(n)),
		write: async (at, data) => void (await value("W", number(at), number(data.length), data)),
		read: async (at, n) => (n ? Buffer.from(await ask(n, "R", number(at), number(n))) : Buffer.alloc(0)),
		call(name, ...args) {
			const all = [...args, ...Array(12 - args.length).fill(0)];
			return value("C", name.padEnd(64, "\0"), ...all.map(number));
		},
		async memory() {
			const found = [];
			const fd = openSync(`/proc/${child.pid}/mem`, "r");
			for (const line of readFileSync(`/proc/${child.pid}/maps`, "utf8").split("\n")) {
				const match = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
				if (!match) continue;
				const at = parseInt(match[1], 16);
				const bytes = Buffer.alloc(parseInt(match[2], 16) - at);
				const got = readSync(fd, bytes, 0, bytes.length, at);
				if (got !== bytes.length) throw new Error("memory that could not be read: " + line);
				found.push({ at, bytes });
			}
			closeSync(fd);
			return found;
		},
		close: () => child.kill(),
	};
}
