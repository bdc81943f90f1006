// One of the two who talk: sends, and takes what arrives. Knows nothing of the page, which `on` tells what happens.
import { Device } from "./device.mjs";
import { Inbox } from "./files.mjs";
import { OlmError } from "./olm.mjs";
import { Verification } from "./verification.mjs";

export class Person extends Device {
	sent = new Map(); // whom to tell what became of an event or a file, by its id
	inbox = new Inbox(this);
	refusals = 0; // of Olm messages in a row

	constructor(name, peer, wire, on) {
		super(name);
		Object.assign(this, { peer, wire, on, verification: new Verification(this, peer, name < peer) });
	}

	/** Encrypts for the other, and sends. `fate.refused` is called with the event's id if the other cannot read it. */
	send(content, fate = {}) {
		if (this.wire.closed) return;
		const id = this.wire.id();
		this.sent.set(id, fate);
		this.wire.carry(this.name, this.peer, { id, kind: "olm", ...this.encrypt(this.peer, content) });
		this.on.changed();
	}

	/** Sends what must arrive: once more if the first was refused. */
	reply(content) {
		this.send(content, { refused: () => this.send(content) });
	}

	/** Sends events of the verification. */
	async verify(...events) {
		for (const event of events) await this.wire.carry(this.name, this.peer, { kind: "sas", ...event });
	}

	/** Something came from the wire. */
	async receive(event) {
		try {
			if (event.kind === "sas") {
				const answers = this.verification.take(event);
				this.on.verification();
				await this.verify(...answers);
			} else if (event.kind === "megolm") await this.inbox.chunk(event);
			else {
				const content = this.decrypt(this.peer, event);
				this.refusals = 0;
				this.understand(content);
			}
		} catch (error) {
			if (!(error instanceof OlmError)) throw error;
			this.on.refused(event.id, error);
			// Tells the sender, who would think that it was read. Not for ever: if nothing can be read, that would not end.
			if (event.kind === "olm" && ++this.refusals < 4) this.reply({ kind: "refused", of: event.id });
		} finally {
			this.on.changed();
		}
	}

	understand(content) {
		if (content.kind === "text") this.on.message(content.text);
		if (content.kind === "file") this.inbox.expect(content);
		if (content.kind === "received") this.sent.get(content.of)?.received?.();
		if (content.kind === "refused") this.sent.get(content.of)?.refused?.(content.of);
		if (content.kind === "lost") this.on.lost(content.of, content.name);
	}

	free() {
		super.free();
		this.verification.sas.free();
		this.inbox.free();
	}
}
