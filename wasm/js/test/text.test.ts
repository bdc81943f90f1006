// UTF-8 in hosts without TextEncoder and TextDecoder, beside those.
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const reference = new TextDecoder("utf-8", { ignoreBOM: true });
let own: typeof import("../src/core/text.js");
beforeAll(async () => {
	vi.stubGlobal("TextEncoder", undefined);
	vi.stubGlobal("TextDecoder", undefined);
	vi.resetModules();
	own = await import("../src/core/text.js");
});
afterAll(() => vi.unstubAllGlobals());

test("every character is written and read", () => {
	const bytes = new Uint8Array(64);
	let n = 0;
	for (let code = 0; code < 0x110000; code++) {
		if (code >= 0xd800 && code < 0xe000) continue;
		const text = String.fromCodePoint(code);
		const length = own.toUtf8(bytes, 1, text, "text");
		const want = Buffer.from(text);
		if (want.compare(bytes, 1, 1 + length) || own.fromUtf8(bytes, 1, 1 + length) !== text) throw new Error("U+" + code.toString(16));
		n++;
	}
	expect(n).toBe(0x110000 - 0x800);
});

test("what is no UTF-8 is read as a TextDecoder reads it", () => {
	// The ends of every range of Unicode's table 3-7, at each of four places.
	const ends = [0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff];
	const bytes = new Uint8Array(6).fill(0xbf);
	for (const a of ends) for (const b of ends) for (const c of ends) for (const d of ends) {
		bytes.set([a, b, c, d], 1);
		const got = own.fromUtf8(bytes, 1, 5);
		if (got !== reference.decode(bytes.subarray(1, 5))) throw new Error(`${[a, b, c, d]}: ${got}`);
	}
});

test("what is too long for the loop is read and written too", () => {
	const text = "\ufeffä€😀\0".repeat(100);
	const bytes = new Uint8Array(2000);
	const length = own.toUtf8(bytes, 0, text, "text");
	expect(bytes.subarray(0, length)).toEqual(new Uint8Array(Buffer.from(text)));
	expect(own.fromUtf8(bytes, 0, length)).toBe(text);
	expect(own.toAscii(bytes, 0, "x".repeat(100))).toBe(true);
	expect(own.toAscii(bytes, 0, "x".repeat(100) + "ä")).toBe(false);
});

test.each(["\ud800", "\udfff", "a\ud800b", "\udc00\ud800", "\ud800\ud800\udc00", "\ud83d\ude00\ude00", "x".repeat(100) + "\udbff"])("half of a pair is refused: %j", (text) => {
	expect(() => own.toUtf8(new Uint8Array(1000), 0, text, "text")).toThrow("text has an unpaired surrogate");
});

test.each(["\ud83d\ude00", "\ud800\udc00\udbff\udfff", "😀".repeat(100)])("whole pairs are not: %j", (text) => {
	expect(own.toUtf8(new Uint8Array(1000), 0, text, "text")).toBe(Buffer.byteLength(text));
});
