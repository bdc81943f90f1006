// One of the two: an account, a session with the other, and what arrives. Knows nothing of the page.
import { Account, InboundGroupSession, OutboundGroupSession, OlmError, Sas } from "/dist/modern.mjs";

/** A chunk of a file in one Megolm message. */
const chunkSize = 32 * 1024;
/** What is read of a file at once: reading takes longer than encrypting. */
const blockSize = 32 * chunkSize;

export class Person {
	account = new Account();
	session = undefined;
	sas = new Sas();
	verified = false;
	receiving = new Map(); // group sessions in which a file arrives, by id

	/** `on` is told what happens; `wire` carries what is sent to the other. */
	constructor(name, wire, on) {
		Object.assign(this, { name, wire, on });
	}

	/** What the server hands out to whoever wants to write. */
	published() {
		this.account.generateOneTimeKeys(1);
		const [{ key }] = this.account.oneTimeKeys;
		this.account.markKeysAsPublished();
		return { ...this.account.identityKeys, oneTimeKey: key };
	}

	begin(other) {
		this.session = this.account.createOutboundSession(other.curve25519, other.oneTimeKey);
	}

	/** Encrypts for the other, and sends. */
	send(content) {
		const message = this.session.encrypt(JSON.stringify(content));
		this.wire.carry(this, { kind: "olm", ...message, about: content.kind });
		this.on.changed();
	}

	/** Something came from the wire. */
	async receive(event) {
		try {
			if (event.kind === "sas") return this.on.sas(event);
			if (event.kind === "megolm") return await this.receiveChunk(event);
			const content = JSON.parse(this.decrypt(event));
			if (content.kind === "file") this.expectFile(content);
			else this.on.message(content.text);
		} catch (error) {
			if (!(error instanceof OlmError)) throw error;
			this.on.refused(error);
		} finally {
			this.on.changed();
		}
	}

	decrypt(message) {
		if (!this.session && message.type === 0) {
			const { session, plaintext } = this.account.createInboundSession(message);
			this.session = session;
			return new TextDecoder().decode(plaintext);
		}
		return this.session.decryptText(message);
	}

	// Files: the key of a group session goes through Olm, the chunks through Megolm.

	async sendFile(file, progress) {
		const room = new OutboundGroupSession();
		const started = performance.now();
		this.send({ kind: "file", name: file.name, type: file.type, size: file.size, session: room.id, key: room.sessionKey });
		let sent = 0;
		let rest = performance.now() + 12;
		let block;
		do {
			const at = sent % blockSize;
			if (at === 0) block = new Uint8Array(await file.slice(sent, sent + blockSize).arrayBuffer());
			const chunk = block.subarray(at, at + chunkSize);
			sent += chunk.length;
			await this.wire.carry(this, { kind: "megolm", session: room.id, index: room.messageIndex, body: room.encrypt(chunk), last: sent >= file.size });
			progress(sent, file.size, performance.now() - started);
			// The page gets its turn.
			if (performance.now() > rest) {
				await new Promise((done) => setTimeout(done));
				rest = performance.now() + 12;
			}
		} while (sent < file.size);
		room.free();
	}

	expectFile({ name, type, size, session, key }) {
		const file = { name, type, size, chunks: [], received: 0, group: new InboundGroupSession(key), started: performance.now() };
		file.shown = this.on.file(file);
		this.receiving.set(session, file);
	}

	async receiveChunk({ session, body, last }) {
		const file = this.receiving.get(session);
		if (!file) return;
		const { plaintext, messageIndex } = file.group.decrypt(body);
		// Chunks out of their place would make another file.
		if (messageIndex !== file.chunks.length) throw new OlmError("BAD_MESSAGE_FORMAT", "a chunk is missing");
		file.chunks.push(plaintext);
		file.received += plaintext.length;
		file.shown.progress(file.received, file.size, performance.now() - file.started);
		if (!last) return;
		file.group.free();
		this.receiving.delete(session);
		await file.shown.done(new Blob(file.chunks, { type: file.type }));
	}
}
