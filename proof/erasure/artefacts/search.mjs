// What is looked for, and where.
import assert from "node:assert/strict";

/** The forms in which a secret may lie about: as it is, in words as SHA-2 loads them, and as HMAC pads a key. */
function forms(secret) {
	const swap = (b) => (b.length % 4 ? b : Buffer.from(b).swap32());
	const pad = (x) => Buffer.from(secret.map((b) => b ^ x));
	return [secret, swap(secret), pad(0x36), pad(0x5c), swap(pad(0x36)), swap(pad(0x5c))];
}

/** All runs of eight bytes of all forms, but for those that say nothing. */
function pieces(secret) {
	const all = [];
	for (const form of forms(secret)) {
		for (let i = 0; i + 8 <= form.length; i += 4) {
			const piece = form.subarray(i, i + 8);
			if (new Set(piece).size > 4) all.push(piece);
		}
	}
	return all;
}

export class Search {
	secrets = new Map(); // label -> { where: the objects that may hold it, by name }
	index = new Index();
	objects = new Map(); // name -> { at, size }
	searches = 0;
	left = [];

	constructor(host) {
		this.host = host;
	}

	/** Adds a secret, or says which objects may hold it from now on. */
	secret(label, bytes, ...where) {
		assert(bytes.length >= 8, label);
		if (!this.secrets.has(label)) for (const piece of pieces(bytes)) this.index.add(piece, label);
		this.secrets.set(label, { where });
	}

	/** From now on those objects may hold a secret, and no others. */
	lives(label, ...where) {
		assert(this.secrets.has(label), label);
		this.secrets.get(label).where = where;
	}

	/**
	 * Searches all memory: a secret may be in the objects that hold it, and nowhere else. Or, where the script is between two
	 * states of them, in those that are named.
	 */
	async search(after, named) {
		this.searches++;
		const live = new Set();
		for (const { at, bytes } of await this.host.memory()) {
			for (const [i, label] of this.index.find(bytes)) {
				const allowed = (named ?? this.secrets.get(label).where).map((name) => this.objects.get(name));
				if (allowed.some((o) => at + i >= o.at && at + i < o.at + o.size)) live.add(label);
				else this.left.push(`after ${after}: ${label} at ${(at + i).toString(16)}`);
			}
		}
		// The control: what is in use is found.
		for (const [label, { where }] of this.secrets) {
			if (!named && where.length > 0 && !live.has(label)) throw new Error(`after ${after}: ${label}, which is in use, was not found`);
		}
	}
}

/** All pieces by their first four bytes, so that one pass over memory looks for all of them. */
class Index {
	maybe = new Uint8Array(1 << 16);
	pieces = new Map(); // first four bytes -> [piece, label]...

	add(piece, label) {
		const word = piece.readUInt32LE();
		this.maybe[slot(word)] = 1;
		const others = this.pieces.get(word) ?? [];
		this.pieces.set(word, [...others, [piece, label]]);
	}

	/** Where pieces begin, and whose they are. */
	*find(bytes) {
		for (let shift = 0; shift < 4; shift++) {
			// A copy, because a view of words has to begin at a multiple of four.
			const part = new Uint8Array(bytes.subarray(shift)).buffer;
			const words = new Uint32Array(part, 0, part.byteLength >> 2);
			for (let i = 0; i < words.length; i++) {
				const word = words[i];
				if (word === 0 || !this.maybe[slot(word)]) continue;
				for (const [piece, label] of this.pieces.get(word) ?? []) {
					const at = 4 * i + shift;
					if (piece.equals(bytes.subarray(at, at + piece.length))) yield [at, label];
				}
			}
		}
	}
}

const slot = (word) => (Math.imul(word, 0x9e3779b1) >>> 16) & 0xffff;
