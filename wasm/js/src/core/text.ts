import { typeError } from "./errors.js";
import { part } from "./views.js";

// jsdom and Hermes have no encoder and no decoder, older browsers no encodeInto. Nothing but speed depends on them.
const encoder = typeof TextEncoder === "function" && "encodeInto" in TextEncoder.prototype ? new TextEncoder() : undefined;
// A byte order mark stays, and what is not UTF-8 becomes U+FFFD.
const decoder = typeof TextDecoder === "function" ? new TextDecoder("utf-8", { ignoreBOM: true }) : undefined;

/** Up to here a loop is faster than calling the encoder or the decoder. */
const short = 32;

/** Writes text to bytes[at:] and reports whether it is ASCII. If it is not, what was written is of no use. */
export function toAscii(bytes: Uint8Array, at: number, text: string): boolean {
	const n = text.length;
	if (n <= short || !encoder) {
		let all = 0;
		for (let i = 0; i < n; i++) {
			const c = text.charCodeAt(i);
			all |= c;
			bytes[at + i] = c;
		}
		return all < 128;
	}
	const { read, written } = encoder.encodeInto(text, part(bytes, at, at + n));
	// Only ASCII has as many bytes as characters.
	return read === n && written === n;
}

/** Writes text to bytes[at:] as UTF-8 and returns the length. */
export function toUtf8(bytes: Uint8Array, at: number, text: string, what: string): number {
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if ((c & 0xf800) === 0xd800 && (c > 0xdbff || (text.charCodeAt(++i) & 0xfc00) !== 0xdc00)) throw typeError(what + " has an unpaired surrogate");
	}
	if (encoder) return encoder.encodeInto(text, part(bytes, at, bytes.length)).written;
	// encodeURIComponent writes every byte of UTF-8 as %XX or as itself, and unescape makes one character of each.
	const characters = unescape(encodeURIComponent(text));
	toAscii(bytes, at, characters);
	return characters.length;
}

/** Reads UTF-8. */
export function fromUtf8(bytes: Uint8Array, at: number, end: number): string {
	if (end - at <= short) {
		let text = "";
		let i = at;
		for (; i < end && bytes[i] < 128; i++) text += String.fromCharCode(bytes[i]);
		if (i === end) return text;
	}
	return decoder ? decoder.decode(part(bytes, at, end)) : decode(bytes, at, end);
}

/**
 * Does what a TextDecoder does. Unicode's table 3-7 says which bytes may follow which. Bytes that begin a character
 * and do not end it become one U+FFFD (the Encoding Standard's "UTF-8 decoder").
 */
function decode(bytes: Uint8Array, at: number, end: number): string {
	let text = "";
	while (at < end) {
		const first = bytes[at++];
		let more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
		let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80; // no overlong form
		let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf; // no surrogate, nothing beyond U+10FFFF
		let code = more > 0 ? first & (0x3f >> more) : first;
		for (; more > 0 && at < end && bytes[at] >= low && bytes[at] <= high; more--) {
			code = (code << 6) | (bytes[at++] & 0x3f);
			low = 0x80;
			high = 0xbf;
		}
		text += String.fromCodePoint(more ? 0xfffd : code);
	}
	return text;
}
