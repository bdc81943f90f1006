// Somebody who may be in the room. Sends with a Megolm session of its own, whose key every member gets through Olm.
import { Device } from "./device.mjs";
import { InboundGroupSession, OlmError, OutboundGroupSession } from "./olm.mjs";

export class Member extends Device {
	own = undefined; // the session that this one sends with
	others = new Map(); // the sessions of others, by id: { from, group, seen }
	locked = []; // messages whose key has not come yet
	asked = new Set(); // who was asked for a key again, and has not given it yet

	/** `room` is the set of the members' names, as the server says; `on` is told what happens. */
	constructor(name, wire, room, on) {
		super(name);
		Object.assign(this, { wire, room, on });
	}

	/** Encrypts for the room, and sends. */
	async say(text) {
		if (!this.own) await this.rotate();
		const { id, messageIndex: index } = this.own;
		await this.wire.broadcast(this.name, { id: this.wire.id(), kind: "megolm", session: id, index, body: this.own.encrypt(JSON.stringify({ text })) });
		this.on.changed();
	}

	/** Begins a new session, and gives its key to who is in the room now. */
	async rotate() {
		this.own = new OutboundGroupSession();
		for (const to of this.room) if (to !== this.name) await this.share(to);
	}

	share(to) {
		return this.tell(to, "room key", { session: this.own.id, key: this.own.sessionKey });
	}

	/** Sends something to one of them, through Olm. */
	tell(to, about, content = {}) {
		return this.wire.carry(this.name, to, { id: this.wire.id(), kind: "olm", about, ...this.encrypt(to, { kind: about, ...content }) });
	}

	/** Somebody came or left. Who left must not read on, and who came must not read what was written before. */
	forget() {
		this.own?.free();
		this.own = undefined;
		this.on.changed();
	}

	async receive(event, from) {
		try {
			if (event.kind === "megolm") this.read(from, event);
			else {
				const content = this.decrypt(from, event);
				if (content.kind === "room key") this.take(from, content);
				// Who is not in the room may ask, and gets nothing.
				if (content.kind === "asks again" && this.own && this.room.has(from)) await this.share(from);
			}
		} catch (error) {
			if (!(error instanceof OlmError)) throw error;
			this.on.refused(from, error);
			// Without the key nothing could be read until the next session.
			if (event.kind !== "olm" || this.asked.has(from)) return;
			this.asked.add(from);
			await this.tell(from, "asks again");
		} finally {
			this.on.changed();
		}
	}

	take(from, { session, key }) {
		const group = new InboundGroupSession(key);
		if (group.id !== session) throw new OlmError("BAD_SESSION_KEY", "the key belongs to another session");
		this.others.set(session, { from, group, seen: new Map() });
		this.asked.delete(from);
		// What came before its key can be read now.
		const waiting = this.locked.splice(0);
		for (const { from, event, item } of waiting) this.read(from, event, item);
	}

	/** Decrypts a message. `item` is what the panel already shows for it, if it waited for its key. */
	read(from, event, item) {
		const known = this.others.get(event.session);
		if (!known) return this.locked.push({ from, event, item: item ?? this.on.locked(from) });
		const { plaintext, messageIndex } = known.group.decryptText(event.body);
		// The Megolm session must be the one whose key came from this sender through Olm, and no message may come twice.
		if (known.from !== from) throw new OlmError("BAD_SIGNATURE", "it comes from another sender");
		if ((known.seen.get(messageIndex) ?? event.id) !== event.id) throw new OlmError("BAD_MESSAGE_FORMAT", "it comes twice");
		known.seen.set(messageIndex, event.id);
		this.on.message(from, JSON.parse(plaintext).text, messageIndex, item);
	}
}
