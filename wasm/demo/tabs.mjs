// On a narrow screen one part of the page is seen at a time, and tabs say which.
import { element } from "./words.mjs";

const narrow = matchMedia("(max-width: 860px)");

/** Makes tabs for parts of the page, each of them { name, root }. What comes into a part that is hidden marks its tab. */
export function tabs(bar, parts) {
	const made = parts.map(({ name, root }) => {
		const tab = element("button", "", name, element("span", "unread"));
		Object.assign(tab, { type: "button", id: `tab-${root.id}` });
		tab.setAttribute("role", "tab");
		tab.setAttribute("aria-controls", root.id);
		tab.addEventListener("click", () => choose(tab));
		root.addEventListener("news", () => narrow.matches && root.dataset.hidden === "true" && mark(tab, true));
		return tab;
	});
	bar.replaceChildren(...made);
	bar.onkeydown = ({ key }) => {
		const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
		if (!step) return;
		const next = made[(made.indexOf(document.activeElement) + step + made.length) % made.length];
		choose(next);
		next.focus();
	};
	const mark = (tab, unread) => {
		tab.classList.toggle("news", unread);
		tab.lastChild.textContent = unread ? " (new)" : "";
	};
	const choose = (chosen) => {
		for (const [i, { root }] of parts.entries()) {
			const here = made[i] === chosen;
			made[i].setAttribute("aria-selected", String(here));
			made[i].tabIndex = here ? 0 : -1;
			root.dataset.hidden = String(!here);
			if (here) mark(made[i], false);
		}
	};
	// Where all parts are seen, they are not the panels of tabs.
	const adapt = () => parts.forEach(({ root }, i) => {
		if (narrow.matches) root.setAttribute("role", "tabpanel");
		else {
			root.removeAttribute("role");
			mark(made[i], false);
		}
	});
	narrow.onchange = adapt;
	adapt();
	choose(made[0]);
}
