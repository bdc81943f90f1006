// The card of the verification: both lists of emoji, and how the verification stands. At its end the lists are folded up.
import { button, element } from "./words.mjs";

export class Card {
	/** `on` is what the buttons do: match, differ, restart. */
	constructor(root, on) {
		this.root = root;
		this.title = element("h2");
		this.title.id = "verify-title";
		this.text = element("p");
		this.text.setAttribute("aria-live", "polite");
		this.lists = element("div", "compare");
		this.lists.id = "verify-emoji";
		const once = (f) => () => {
			for (const one of [this.yes, this.no]) one.disabled = true;
			f();
		};
		this.yes = button("primary", "They match", once(on.match));
		this.no = button("plain", "They don't match", once(on.differ));
		this.yes.id = "match";
		this.no.id = "differ";
		this.unfold = button("plain", "", () => this.fold(this.root.classList.contains("unfolded")));
		this.unfold.setAttribute("aria-controls", this.lists.id);
		this.unfold.id = "unfold";
		this.again = button("plain", "Start again", on.restart);
		this.again.id = "again";
		root.replaceChildren(element("div", "verify-text", this.title, this.text), this.lists, element("div", "buttons", this.yes, this.no, this.unfold, this.again));
	}

	fold(folded) {
		this.root.classList.toggle("unfolded", !folded);
		this.unfold.textContent = folded ? "Show the emoji" : "Hide the emoji";
		this.unfold.setAttribute("aria-expanded", String(!folded));
	}

	/** Shows how the verification of two people stands. */
	hear({ people, middle }) {
		const sides = Object.values(people);
		const states = sides.map(({ verification }) => verification.state);
		this.root.hidden = false;
		if (states.includes("waiting")) return this.stand("Verify each other", "Alice and Bob exchange keys…", "comparing");
		if (this.shown !== people) this.draw(sides);
		this.shown = people;
		const [a, b] = sides.map(({ verification }) => JSON.stringify(verification.emoji()));
		const same = a === b;
		if (states.includes("cancelled")) {
			const why = same ? "You said that they don't match, though they do." : middle ? "The emoji differ: Mallory is in the middle, and shares another secret with each." : "The emoji differ.";
			return this.stand("Not verified", `${why} Alice and Bob write no more.`, "bad");
		}
		if (states.every((state) => state === "verified")) {
			if (same) return this.stand("Verified", "Both see the same emoji, so nobody is in between.", "good");
			return this.stand("Verified the wrong keys", "The emoji differ, but you said that they match. Alice and Bob trust Mallory's keys now, and Mallory reads everything.", "bad");
		}
		this.stand("Verify each other", "Alice and Bob read their emoji to each other, on the telephone or face to face. If all seven are the same, nobody is in between.", "comparing");
	}

	stand(title, text, state) {
		const folded = state !== "comparing";
		this.title.textContent = title;
		if (this.text.textContent !== text) this.text.textContent = text;
		if (this.root.dataset.verified === state) return;
		const focused = this.root.contains(document.activeElement);
		this.root.dataset.verified = state;
		this.root.classList.toggle("folded", folded);
		this.yes.hidden = this.no.hidden = folded;
		this.yes.disabled = this.no.disabled = false;
		this.unfold.hidden = !folded;
		this.again.hidden = state !== "bad";
		this.fold(folded);
		// The button that was pressed is gone, so the focus needs another.
		if (focused) (folded ? this.unfold : this.yes).focus();
	}

	draw(sides) {
		this.lists.replaceChildren(
			...sides.map(({ name, verification }) => {
				const list = element(
					"ol",
					"emoji",
					...verification.emoji().map(({ emoji, name }) => {
						const sign = element("span", "sign", emoji);
						sign.setAttribute("aria-hidden", "true");
						return element("li", "", sign, element("span", "", name));
					}),
				);
				list.dataset.emoji = name.toLowerCase();
				list.setAttribute("aria-label", `What ${name} sees`);
				return element("div", `sees ${name.toLowerCase()}`, element("h3", "", `${name} sees`), list);
			}),
		);
	}
}
