// A person's part of the page: what it reads and writes, and its keys.
import { element, visible } from "./words.mjs";

export class Panel {
	/** `onText` and `onFile` take what the person writes; without `onFile` there are no files. */
	constructor(name, { placeholder, label, onText, onFile, action }) {
		const id = name.toLowerCase();
		this.state = element("p", "state");
		this.state.dataset.state = "";
		this.facts = element("dl");
		this.chat = element("ol", "chat");
		this.chat.tabIndex = 0;
		this.chat.setAttribute("role", "log");
		this.chat.setAttribute("aria-label", `What ${name} reads and writes`);
		this.form = compose(placeholder, label, onText, onFile);

		const face = element("span", "face", name[0]);
		face.setAttribute("aria-hidden", "true");
		const title = element("h2", "", name);
		title.id = `name-${id}`;
		this.root = element("article", `person ${id}`, element("header", "", face, element("div", "", title, this.state), ...(action ? [action] : [])), element("details", "keys", element("summary", "", "Keys"), this.facts), this.chat, this.form);
		this.root.id = `panel-${id}`;
		this.root.setAttribute("aria-labelledby", title.id);
		if (onFile) drop(this.root, onFile);
		// The newest stays in sight, also when it grows, or when the keys above it take room.
		this.follow = new ResizeObserver(() => (this.chat.scrollTop = this.chat.scrollHeight));
		this.follow.observe(this.chat);
	}

	/** Adds an item to what the person sees, and returns it. */
	add(className, ...content) {
		const item = element("li", className, ...content);
		this.chat.append(item);
		this.follow.observe(item);
		this.root.dispatchEvent(new Event("news"));
		return item;
	}

	/** Says how things stand: tone is good, bad or none. */
	say(text, tone = "") {
		this.state.textContent = text;
		this.state.className = `state ${tone}`;
	}

	/** Shows the keys, as pairs of a name and a value. */
	show(facts) {
		this.facts.replaceChildren(...facts.flatMap(([name, value]) => [element("dt", "", name), element("dd", "", value)]));
	}

	/** Lets the person write, or not, for a reason that stands where it would. */
	enable(can, placeholder) {
		this.form.elements.text.placeholder = placeholder;
		for (const control of this.form.elements) control.disabled = !can;
		this.form.classList.toggle("off", !can);
	}
}

function compose(placeholder, label, onText, onFile) {
	const text = element("input");
	Object.assign(text, { name: "text", placeholder, autocomplete: "off" });
	text.setAttribute("aria-label", label);
	const form = element("form", "", text, element("button", "primary", "Send"));
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		const said = visible(text.value);
		if (!said) return;
		text.value = "";
		onText(said);
	});
	if (onFile) {
		const file = element("input");
		Object.assign(file, { type: "file", multiple: true });
		file.setAttribute("aria-label", "Send a file");
		file.addEventListener("change", () => {
			for (const one of file.files) onFile(one);
			file.value = "";
		});
		const plus = element("span", "", "+");
		plus.setAttribute("aria-hidden", "true");
		const attach = element("label", "attach", file, plus);
		attach.title = "Send a file";
		form.prepend(attach);
	}
	return form;
}

/** Takes files that are dropped. */
function drop(root, onFile) {
	root.addEventListener("dragover", (event) => {
		event.preventDefault();
		root.classList.add("over");
	});
	root.addEventListener("dragleave", ({ relatedTarget }) => root.contains(relatedTarget) || root.classList.remove("over"));
	root.addEventListener("drop", (event) => {
		event.preventDefault();
		root.classList.remove("over");
		for (const file of event.dataTransfer.files) onFile(file);
	});
}
