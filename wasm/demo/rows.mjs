// The list of what has passed over the wire.
import { element, size } from "./words.mjs";

const kinds = {
	"olm 0": ["Olm", "first message"],
	"olm 1": ["Olm", "message"],
	megolm: ["Megolm", "message"],
	"sas commitment": ["SAS", "hash of a key"],
	"sas key": ["SAS", "public key"],
	"sas mac": ["SAS", "proof of a fingerprint"],
	"sas cancel": ["SAS", "cancelled"],
	keys: ["Keys", "public keys"],
	room: ["Room", ""],
};

/** The page must not grow without end. */
const most = 200;

export class Rows {
	count = 0;
	bytes = 0;
	files = new Map(); // the chunks of a file have one row for all

	constructor(root) {
		this.root = root;
		this.list = root.querySelector("[data-wire]");
		this.state = root.querySelector("[data-wire-state]");
		this.list.replaceChildren();
		this.state.textContent = "Nothing has passed yet.";
	}

	/** Shows an event that went from somebody to somebody. `read` is what was read of it on the way. */
	show(from, to, event, { damaged = false, read } = {}) {
		this.count++;
		this.bytes += event.body.length;
		this.state.textContent = `${this.count} ${this.count === 1 ? "event" : "events"}, ${size(this.bytes)}`;
		const row = this.row(from, to, event);
		const total = (Number(row.dataset.bytes) || 0) + event.body.length;
		row.dataset.bytes = total;
		row.querySelector(".size").textContent = size(total);
		row.querySelector("code").textContent = event.body;
		if (damaged && !row.classList.contains("damaged")) {
			row.classList.add("damaged");
			row.querySelector(".what").append(element("b", "harm", " damaged"));
		}
		if (read) row.append(element("p", "read", `Mallory reads: ${readable(read)}`));
		this.list.scrollTop = this.list.scrollHeight;
		this.root.dispatchEvent(new Event("news"));
	}

	row(from, to, event) {
		const [protocol, what] = kinds[event.kind === "olm" ? `olm ${event.type}` : event.kind === "sas" ? `sas ${event.step}` : event.kind];
		const file = event.kind === "megolm" && event.last !== undefined && `${from} ${event.session}`;
		let row = this.files.get(file);
		if (!row) {
			row = element("li", `event ${from.toLowerCase()}`);
			const summary = element("summary", "", element("span", "way", `${from} → ${to}`), element("span", `tag ${protocol.toLowerCase()}`, protocol), element("span", "what", element("span")), element("span", "size"));
			row.append(element("details", "", summary, element("code")));
			this.list.append(row);
			if (file) this.files.set(file, row);
			if (this.list.children.length > most) this.list.firstElementChild.remove();
		}
		row.querySelector(".what span").textContent = event.about ?? (file ? `file, ${event.index + 1} parts` : event.kind === "megolm" ? `message ${event.index}` : what);
		return row;
	}
}

/** A content, as somebody in the middle reads it. */
function readable({ kind, text, name }) {
	return kind === "text" ? `“${text}”` : kind === "file" ? `the file “${name}” and its key` : "that it was read, or was not";
}
