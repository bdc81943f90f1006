// What lies between the two: carries events, shows them, and damages one if it is told to.

const kinds = {
	"olm 0": ["Olm", "pre-key message"],
	"olm 1": ["Olm", "message"],
	megolm: ["Megolm", "message"],
	sas: ["SAS", "public key"],
	"sas mac": ["SAS", "MAC"],
};

export class Wire {
	people = {};
	count = 0;
	bytes = 0;
	shown = new Map(); // rows of group sessions, which have one for all their messages

	constructor(list, state, damage) {
		Object.assign(this, { list, state, damage });
	}

	/** Carries an event from a person to the other. */
	async carry(from, event) {
		const to = Object.values(this.people).find((person) => person !== from);
		const damaged = this.damage.checked && event.kind !== "sas";
		if (damaged) {
			this.damage.checked = false;
			event = { ...event, body: flip(event.body) };
		}
		this.show(from, to, event, damaged);
		await to.receive(event);
	}

	show(from, to, event, damaged) {
		this.count++;
		this.bytes += event.body.length;
		this.state.textContent = `${this.count} ${this.count === 1 ? "event" : "events"}, ${size(this.bytes)}`;
		const row = this.row(from, to, event);
		if (damaged) row.classList.add("damaged");
		row.querySelector("code").textContent = event.body;
		this.list.scrollTop = this.list.scrollHeight;
	}

	row(from, to, event) {
		const [protocol, what] = kinds[event.kind === "olm" ? `olm ${event.type}` : event.mac ? "sas mac" : event.kind];
		let row = this.shown.get(event.session);
		if (!row) {
			row = document.createElement("li");
			row.className = `event ${from.name.toLowerCase()}`;
			row.innerHTML = `<details><summary><span class="way"></span><span class="tag"></span><span class="what"></span><span class="size"></span></summary><code></code></details>`;
			row.querySelector(".way").textContent = `${from.name} → ${to.name}`;
			row.querySelector(".tag").textContent = protocol;
			row.querySelector(".tag").classList.add(protocol.toLowerCase());
			this.list.append(row);
			if (event.session) this.shown.set(event.session, row);
			// The page must not grow without end.
			if (this.list.children.length > 200) this.list.firstElementChild.remove();
		}
		const total = (Number(row.dataset.bytes) || 0) + event.body.length;
		row.dataset.bytes = total;
		row.querySelector(".what").textContent = event.index ? `messages 0–${event.index}` : what;
		row.querySelector(".size").textContent = size(total);
		return row;
	}
}

/** Changes one character in the middle. */
function flip(body) {
	const i = body.length >> 1;
	return body.slice(0, i) + (body[i] === "A" ? "B" : "A") + body.slice(i + 1);
}

export function size(bytes) {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
	return `${(bytes / 1e6).toFixed(1)} MB`;
}
