// A device: an account, what it was told of others' keys, and an Olm session with everybody it talks to.
import { Account, verifySignature } from "./olm.mjs";

/** What a device signs of its keys. */
const signed = ({ name, curve25519, ed25519, oneTimeKey }) => JSON.stringify([name, curve25519, ed25519, oneTimeKey]);

export class Device {
	account = new Account();
	known = new Map(); // the keys that the server gave out as theirs, by name
	sessions = new Map(); // Olm sessions, by the other's name

	constructor(name) {
		this.name = name;
		this.keys = this.account.identityKeys;
	}

	/** What the server hands out to whoever wants to write. */
	published() {
		this.account.generateOneTimeKeys(1);
		const [{ key: oneTimeKey }] = this.account.oneTimeKeys;
		this.account.markKeysAsPublished();
		const keys = { name: this.name, ...this.keys, oneTimeKey };
		return { ...keys, signature: this.account.sign(signed(keys)) };
	}

	/** Takes keys from the server. The signature shows that they belong together, but not whose they are. */
	learn(keys) {
		if (!verifySignature(keys.ed25519, signed(keys), keys.signature)) throw new Error(`The keys that the server gave out as ${keys.name}'s are not signed by their owner.`);
		this.known.set(keys.name, keys);
	}

	/** Encrypts for somebody. Whoever writes first begins the session. */
	encrypt(to, content) {
		if (!this.sessions.has(to)) {
			const { curve25519, oneTimeKey } = this.known.get(to);
			this.sessions.set(to, this.account.createOutboundSession(curve25519, oneTimeKey));
		}
		return this.sessions.get(to).encrypt(JSON.stringify(content));
	}

	/** Decrypts what came from somebody, and takes the session that a pre-key message begins. */
	decrypt(from, { type, body }) {
		const message = { type, body };
		const session = this.sessions.get(from);
		if (session && (type !== 0 || session.matches(message))) return JSON.parse(session.decryptText(message));
		const begun = this.account.createInboundSession(message, this.known.get(from).curve25519);
		session?.free();
		this.sessions.set(from, begun.session);
		return JSON.parse(new TextDecoder().decode(begun.plaintext));
	}

	free() {
		for (const session of this.sessions.values()) session.free();
		this.account.free();
	}
}
