// For the suite, which makes bytes of text, in hosts that have no TextEncoder. The package does not see it.
export class TextEncoder {
	encode(text: string): Uint8Array {
		return Uint8Array.from(unescape(encodeURIComponent(text)), (c) => c.charCodeAt(0));
	}
}
