// The wire between people. Carries events, damages one if it is told to, and hands them to somebody in the middle.

export class Wire {
	people = {}; // who receives, by name
	middle = undefined;
	closed = false;
	#last = 0;

	/** `rows` show what passes; `damage` is the switch for the next message. */
	constructor(rows, damage) {
		Object.assign(this, { rows, damage });
	}

	/** A number that no event has had. */
	id() {
		return ++this.#last;
	}

	/** Gives one's public keys to another, as a server does. Somebody in the middle may replace them. */
	introduce(from, to) {
		let keys = this.people[from].published();
		const show = (from, to) => this.rows.show(from, to, { kind: "keys", body: JSON.stringify(keys) });
		if (this.middle) {
			show(from, this.middle.name);
			keys = this.middle.replace(from, to, keys);
		}
		show(this.middle?.name ?? from, to);
		this.people[to].learn(keys);
	}

	/** Carries an event to one person. */
	async carry(from, to, event) {
		if (this.closed) return;
		const { event: sent, damaged } = this.harm(event);
		if (!this.middle) {
			this.rows.show(from, to, sent, { damaged });
			return this.people[to].receive(sent, from);
		}
		const { name } = this.middle;
		const { read, deliver } = this.middle.pass(from, to, sent);
		this.rows.show(from, name, sent, { damaged, read });
		for (const next of deliver) {
			this.rows.show(name, next.to, next.event, { damaged: damaged && next.event === sent });
			await this.people[next.to].receive(next.event, next.from);
		}
	}

	/** Carries an event to everybody but its sender. */
	async broadcast(from, event) {
		const { event: sent, damaged } = this.harm(event);
		this.rows.show(from, "all", sent, { damaged });
		for (const [name, person] of Object.entries(this.people)) if (name !== from) await person.receive(sent, from);
	}

	/** An event as it comes out of the wire. */
	harm(event) {
		const damaged = this.damage.checked && (event.kind === "olm" || event.kind === "megolm");
		if (!damaged) return { event, damaged };
		this.damage.checked = false;
		return { event: { ...event, body: flip(event.body) }, damaged };
	}
}

/** Changes one character in the middle. */
function flip(body) {
	const i = body.length >> 1;
	return body.slice(0, i) + (body[i] === "A" ? "B" : "A") + body.slice(i + 1);
}
