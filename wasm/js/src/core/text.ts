import { errors } from "./errors.js";

const encoder = new TextEncoder();
// Nothing is cut off, a byte order mark neither, and what is no UTF-8 becomes U+FFFD.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to here a loop is faster than calling the encoder or the decoder. */
const short = 32;

/** Writes text to bytes[at:] and reports whether it is ASCII, otherwise what is written is of no use. */
export function toAscii(bytes: Uint8Array, at: number, text: string): boolean {
	const n = text.length;
	if (n <= short) {
		let all = 0;
		for (let i = 0; i < n; i++) {
			const c = text.charCodeAt(i);
			all |= c;
			bytes[at + i] = c;
		}
		return all < 128;
	}
	const { read, written } = encoder.encodeInto(text, bytes.subarray(at, at + n));
	// As many bytes as characters: only ASCII has that.
	return read === n && written === n;
}

/** Writes text to bytes[at:] as UTF-8 and returns the length. */
export function toUtf8(bytes: Uint8Array, at: number, text: string, what: string): number {
	if (/[\ud800-\udfff]/u.test(text)) throw errors.type(what + " has an unpaired surrogate");
	return encoder.encodeInto(text, bytes.subarray(at)).written;
}

/** Reads UTF-8. */
export function fromUtf8(bytes: Uint8Array, at: number, end: number): string {
	if (end - at <= short) {
		let text = "";
		let i = at;
		for (; i < end && bytes[i] < 128; i++) text += String.fromCharCode(bytes[i]);
		if (i === end) return text;
	}
	return decoder.decode(bytes.subarray(at, end));
}

/** Checks that an argument is a view of bytes that are there: a detached buffer has none. */
export function toBytes(data: unknown, what: string): Uint8Array {
	if (!ArrayBuffer.isView(data) || (data as Uint8Array).BYTES_PER_ELEMENT !== 1) {
		throw errors.type(what + " must be a string or a Uint8Array");
	}
	if (!data.byteLength) {
		try {
			new Uint8Array(data.buffer, data.byteOffset);
		} catch {
			throw errors.type(what + " lies in a detached buffer");
		}
	}
	return data as Uint8Array;
}
