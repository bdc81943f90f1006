// The table of the benchmark: a row for each operation, with a bar that begins at equal speed.
import { duration, scale, tick, times } from "./scale.mjs";
import { element } from "./words.mjs";

export class Chart {
	rows = new Map(); // by the operation's name

	constructor(table, names) {
		this.ticks = table.querySelector("[data-ticks]");
		let group;
		for (const name of names) {
			const [head, rest] = name.split(": ");
			if (group?.head !== head) {
				const title = as("rowheader", element("th", "", head));
				Object.assign(title, { colSpan: 6, scope: "rowgroup" });
				const body = as("rowgroup", element("tbody", "", as("row", element("tr", "group", title))));
				table.append(body);
				group = { head, body };
			}
			this.rows.set(name, new Row(group.body, rest));
		}
	}

	/** Shows a result, { name, ours, theirs, ratio, spread }. `fresh` says that it was measured just now. */
	show(result, fresh = false) {
		const row = this.rows.get(result.name);
		if (!row) return;
		Object.assign(row, { result, fresh });
		this.draw();
	}

	/** What is shown now. */
	get results() {
		return [...this.rows.values()].flatMap(({ result }) => result ?? []);
	}

	draw() {
		const axis = scale(this.results.flatMap(({ ratio, spread }) => [ratio, ...spread]));
		const marks = axis.ticks.map(String).join();
		if (marks !== this.marks) {
			this.marks = marks;
			this.ticks.replaceChildren(...axis.ticks.map((ratio) => at(axis.place(ratio), element("span", ratio === 1 ? "one" : "", tick(ratio)))));
		}
		for (const row of this.rows.values()) row.draw(axis, marks);
	}
}

class Row {
	constructor(body, name) {
		this.root = as("row", element("tr"));
		const head = as("rowheader", element("th", "name", name));
		head.scope = "row";
		this.track = element("div", "track");
		this.lines = element("div", "lines");
		this.fill = element("div", "fill");
		this.whisker = element("div", "whisker");
		this.track.append(this.lines, this.fill, this.whisker);
		this.cells = { ratio: cell("times", ""), spread: cell("spread", "Spread"), ours: cell("time", "karst"), theirs: cell("time", "@matrix-org/olm") };
		const bar = as("cell", element("td", "bar", this.track));
		bar.setAttribute("aria-hidden", "true");
		this.root.append(head, bar, ...Object.values(this.cells));
		body.append(this.root);
	}

	draw({ ticks, place }, marks) {
		if (marks !== this.marks) this.lines.replaceChildren(...ticks.map((ratio) => at(place(ratio), element("span", ratio === 1 ? "one" : ""))));
		this.marks = marks;
		if (!this.result) return;
		const { ours, theirs, ratio, spread } = this.result;
		bar(this.fill, place(1), place(ratio));
		const [low, high] = spread.map(place);
		Object.assign(this.whisker.style, { left: percent(low), width: percent(high - low) });
		this.root.classList.toggle("fresh", this.fresh);
		this.cells.ratio.textContent = times(ratio);
		this.cells.spread.textContent = spread.map((n) => n.toFixed(2)).join(" to ");
		this.cells.ours.textContent = duration(ours);
		this.cells.theirs.textContent = duration(theirs);
	}
}

function cell(className, label) {
	const made = as("cell", element("td", className));
	made.dataset.label = label;
	return made;
}

/** Where the style draws a table as something else, only roles keep it a table. */
function as(role, made) {
	made.setAttribute("role", role);
	return made;
}

const percent = (part) => `${100 * part}%`;

function at(place, made) {
	made.style.left = percent(place);
	return made;
}

/** Draws a bar from the place of equal speed to the right, or to the left if it is slower. */
function bar(made, one, end) {
	const slower = end < one;
	made.classList.toggle("slower", slower);
	Object.assign(made.style, { left: slower ? "auto" : percent(one), right: slower ? percent(1 - one) : "auto", width: percent(Math.abs(end - one)) });
}
