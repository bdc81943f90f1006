// Files: the key of a group session goes through Olm, the chunks through Megolm. The receiver says what became of it.
import { InboundGroupSession, OlmError, OutboundGroupSession } from "./olm.mjs";

/** A chunk of a file in one Megolm message. */
const chunkSize = 32 * 1024;
/** What is read of a file at once: reading takes longer than encrypting. */
const blockSize = 32 * chunkSize;

/** Sends a file to a person's peer. `shown` is told how it goes: progress, sent, and in the end received or refused. */
export async function sendFile(person, file, shown) {
	const group = new OutboundGroupSession();
	const { id } = group;
	let stopped = false;
	const fate = {
		received: () => shown.received(),
		refused(of) {
			stopped = true;
			shown.refused();
			// Who could not read the announcement does not know yet what it was.
			if (of !== id) person.reply({ kind: "lost", of, name: file.name });
		},
	};
	person.sent.set(id, fate);
	const started = performance.now();
	person.send({ kind: "file", name: file.name, type: file.type, size: file.size, session: id, key: group.sessionKey }, fate);
	let sent = 0;
	let rest = performance.now() + 12;
	let block;
	while (!stopped && !person.wire.closed) {
		const at = sent % blockSize;
		if (at === 0) block = new Uint8Array(await file.slice(sent, sent + blockSize).arrayBuffer());
		const chunk = block.subarray(at, at + chunkSize);
		sent += chunk.length;
		shown.progress(sent, file.size, performance.now() - started);
		const last = sent >= file.size;
		if (last) shown.sent();
		await person.wire.carry(person.name, person.peer, { kind: "megolm", session: id, index: group.messageIndex, body: group.encrypt(chunk), last });
		if (last) break;
		// The page gets its turn.
		if (performance.now() > rest) {
			await new Promise((done) => setTimeout(done));
			rest = performance.now() + 12;
		}
	}
	group.free();
}

/** The files that a person is receiving, by the ids of their group sessions. */
export class Inbox {
	files = new Map();

	constructor(person) {
		this.person = person;
	}

	expect({ name, type, size, session, key }) {
		const group = new InboundGroupSession(key);
		this.files.set(session, { name, type, size, group, chunks: [], received: 0, started: performance.now(), shown: this.person.on.file(name) });
	}

	async chunk({ session, body, last }) {
		const file = this.files.get(session);
		if (!file) return; // it was refused before, and both sides know
		try {
			const { plaintext, messageIndex } = file.group.decrypt(body);
			// Chunks out of their place would make another file.
			if (messageIndex !== file.chunks.length) throw new OlmError("BAD_MESSAGE_FORMAT", "a chunk is missing");
			file.chunks.push(plaintext);
			file.received += plaintext.length;
			if (last && file.received !== file.size) throw new OlmError("BAD_MESSAGE_FORMAT", "the file is shorter than announced");
		} catch (error) {
			if (!(error instanceof OlmError)) throw error;
			this.drop(session);
			file.shown.refused(error);
			return this.person.reply({ kind: "refused", of: session });
		}
		file.shown.progress(file.received, file.size, performance.now() - file.started);
		if (!last) return;
		this.drop(session);
		await file.shown.complete(new Blob(file.chunks, { type: file.type }));
		this.person.reply({ kind: "received", of: session });
	}

	free() {
		for (const session of this.files.keys()) this.drop(session);
	}

	drop(session) {
		this.files.get(session).group.free();
		this.files.delete(session);
	}
}
