// The classes of olm.mjs, made of olm_legacy.js, which has the classic API and needs no WebAssembly.
import { emojiTable, OlmError } from "/dist/modern.mjs";

export async function load() {
	await new Promise((done, fail) => {
		const script = document.createElement("script");
		Object.assign(script, { src: "/dist/olm_legacy.js", onload: done, onerror: () => fail(new Error("olm_legacy.js did not load")) });
		document.head.append(script);
	});
	const { Olm } = window;
	await Olm.init();
	return classes(Olm);
}

/** Runs `f`, and throws what it throws as the modern API would. */
function attempt(f) {
	try {
		return f();
	} catch (error) {
		const code = /^OLM\.(\w+)$/.exec(error.message)?.[1];
		throw code ? new OlmError(code, error.message) : error;
	}
}

// The classic API decrypts to text: bytes travel as characters below 256.
const characters = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const bytesOf = (text) => Uint8Array.from(text, (c) => c.charCodeAt(0));

function classes(Olm) {
	class Base {
		constructor(native) {
			this.native = native;
		}
		free() {
			this.native.free();
		}
	}

	class Session extends Base {
		get id() {
			return this.native.session_id();
		}
		encrypt(text) {
			return this.native.encrypt(text);
		}
		decryptText({ type, body }) {
			return attempt(() => this.native.decrypt(type, body));
		}
		matches({ body }) {
			return attempt(() => this.native.matches_inbound(body));
		}
		describe() {
			return this.native.describe();
		}
	}

	class Account extends Base {
		constructor() {
			super(new Olm.Account());
			this.native.create();
		}
		get identityKeys() {
			return JSON.parse(this.native.identity_keys());
		}
		sign(text) {
			return this.native.sign(text);
		}
		generateOneTimeKeys(count) {
			this.native.generate_one_time_keys(count);
		}
		get oneTimeKeys() {
			return Object.entries(JSON.parse(this.native.one_time_keys()).curve25519).map(([id, key]) => ({ id, key }));
		}
		markKeysAsPublished() {
			this.native.mark_keys_as_published();
		}
		createOutboundSession(identityKey, oneTimeKey) {
			const session = new Olm.Session();
			attempt(() => session.create_outbound(this.native, identityKey, oneTimeKey));
			return new Session(session);
		}
		createInboundSession({ type, body }, from) {
			const session = new Olm.Session();
			try {
				return attempt(() => {
					session.create_inbound_from(this.native, from, body);
					const plaintext = new TextEncoder().encode(session.decrypt(type, body));
					this.native.remove_one_time_keys(session);
					return { session: new Session(session), plaintext };
				});
			} catch (error) {
				session.free();
				throw error;
			}
		}
	}

	class OutboundGroupSession extends Base {
		constructor() {
			super(new Olm.OutboundGroupSession());
			this.native.create();
		}
		get id() {
			return this.native.session_id();
		}
		get messageIndex() {
			return this.native.message_index();
		}
		get sessionKey() {
			return this.native.session_key();
		}
		encrypt(data) {
			return this.native.encrypt(typeof data === "string" ? data : characters(data));
		}
	}

	class InboundGroupSession extends Base {
		constructor(sessionKey) {
			super(new Olm.InboundGroupSession());
			attempt(() => this.native.create(sessionKey));
		}
		get id() {
			return this.native.session_id();
		}
		get firstKnownIndex() {
			return this.native.first_known_index();
		}
		decryptText(message) {
			const { plaintext, message_index } = attempt(() => this.native.decrypt(message));
			return { plaintext, messageIndex: message_index };
		}
		decrypt(message) {
			const { plaintext, messageIndex } = this.decryptText(message);
			return { plaintext: bytesOf(plaintext), messageIndex };
		}
	}

	class Sas extends Base {
		constructor() {
			super(new Olm.SAS());
		}
		get publicKey() {
			return this.native.get_pubkey();
		}
		establish(key) {
			attempt(() => this.native.set_their_key(key));
		}
		emoji(info) {
			const bits = this.native.generate_bytes(info, 6).reduce((sum, byte) => sum * 256 + byte, 0); // 42 of the 48 count
			return Array.from({ length: 7 }, (_, i) => emojiTable[Math.floor(bits / 2 ** (42 - 6 * i)) % 64]);
		}
		mac(input, info) {
			return this.native.calculate_mac_fixed_base64(input, info);
		}
	}

	const utility = new Olm.Utility();
	const sha256 = (data) => utility.sha256(data);
	function verifySignature(key, message, signature) {
		try {
			utility.ed25519_verify(key, message, signature);
			return true;
		} catch {
			return false;
		}
	}
	return { Account, InboundGroupSession, OutboundGroupSession, Sas, sha256, verifySignature };
}
