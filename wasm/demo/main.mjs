import { init, sha256 } from "/dist/modern.mjs";
import { Person } from "./person.mjs";
import "./failure.mjs";
import { size, Wire } from "./wire.mjs";

const $ = (selector, root = document) => root.querySelector(selector);

const started = performance.now();
await init();
const loaded = performance.now() - started;

const wire = new Wire($("[data-wire]"), $("[data-wire-state]"), $("#damage"));
const alice = make("Alice");
const bob = make("Bob");
wire.people = { alice, bob };
$("[data-footer]").textContent = `The module was fetched, compiled and ready after ${loaded.toFixed(0)} ms. Nothing leaves this page.`;

/** Makes a person and connects it with its part of the page. */
function make(name) {
	const root = $(`[data-person="${name.toLowerCase()}"]`);
	const chat = $("[data-chat]", root);
	// The newest stays in sight, also when it grows, or when the keys above it take room.
	const follow = new ResizeObserver(() => (chat.scrollTop = chat.scrollHeight));
	follow.observe(chat);
	const add = (className, ...content) => {
		const item = document.createElement("li");
		item.className = className;
		item.append(...content);
		chat.append(item);
		follow.observe(item);
		return item;
	};
	const person = new Person(name, wire, {
		message: (text) => add("theirs", text),
		refused: (error) => add("refused", `Refused: ${error.message} (${error.code}). The session goes on.`),
		sas: (event) => verification(person, event),
		file: (file) => fileItem(add("theirs file"), file.name, "received"),
		changed: () => show(person, root),
	});
	person.root = root;
	const { ed25519, curve25519 } = person.account.identityKeys;
	$("[data-ed25519]", root).textContent = ed25519.match(/.{1,4}/g).join(" ");
	$("[data-curve25519]", root).textContent = curve25519.match(/.{1,4}/g).join(" ");

	$("[data-form]", root).addEventListener("submit", (event) => {
		event.preventDefault();
		const input = event.target.elements.text;
		if (!input.value) return;
		say(person, input.value, add);
		input.value = "";
	});
	const sendFile = async (file) => {
		const item = fileItem(add("mine file"), file.name, "encrypted and sent");
		ensureSession(person);
		await person.sendFile(file, item.progress);
		await item.done();
	};
	$("[data-file]", root).addEventListener("change", ({ target }) => {
		for (const file of target.files) sendFile(file);
		target.value = "";
	});
	root.addEventListener("dragover", (event) => {
		event.preventDefault();
		root.classList.add("over");
	});
	root.addEventListener("dragleave", ({ relatedTarget }) => root.contains(relatedTarget) || root.classList.remove("over"));
	root.addEventListener("drop", (event) => {
		event.preventDefault();
		root.classList.remove("over");
		for (const file of event.dataTransfer.files) sendFile(file);
	});
	person.add = add;
	return person;
}

function other(person) {
	return person === alice ? bob : alice;
}

/** Whoever writes first fetches the other's keys, and begins a session. */
function ensureSession(person) {
	if (!person.session) person.begin(other(person).published());
}

function say(person, text, add = person.add) {
	ensureSession(person);
	add("mine", text);
	person.send({ kind: "text", text });
}

function show(person, root) {
	const { session } = person;
	$("[data-session]", root).textContent = session ? session.id.match(/.{1,4}/g).join(" ") : "none yet";
	$("[data-ratchet]", root).textContent = session ? session.describe().replace(/ (receiver|skipped)/g, "\n$1").replace(/:$/gm, ": none") : "none yet";
	const state = $("[data-state]", root);
	state.textContent = person.verified ? `Has verified ${other(person).name}` : session ? `Encrypted, ${other(person).name} not verified` : "Ready";
	state.classList.toggle("good", person.verified);
}

/** A file that is on its way. */
function fileItem(item, name, verb) {
	item.innerHTML = `<strong></strong><progress max="1" value="0"></progress><span class="note"></span>`;
	$("strong", item).textContent = name;
	const note = $(".note", item);
	return {
		progress(done, all, ms) {
			$("progress", item).value = all ? done / all : 1;
			note.textContent = `${size(done)} of ${size(all)}` + (ms > 0 && done > 1e5 ? `, ${(done / 1e3 / ms).toFixed(0)} MB/s` : "");
		},
		async done(blob) {
			item.classList.add("complete");
			note.textContent += `, ${verb}`;
			if (!blob) return;
			const link = document.createElement("a");
			link.href = URL.createObjectURL(blob);
			link.download = name;
			link.textContent = "Save";
			if (blob.type.startsWith("image/")) {
				const image = new Image();
				image.src = link.href;
				image.alt = name;
				item.append(image);
			}
			const hash = sha256(new Uint8Array(await blob.arrayBuffer()));
			const print = document.createElement("span");
			print.className = "note";
			print.textContent = `SHA-256 ${hash.slice(0, 12)}… `;
			print.append(link);
			item.append(print);
		},
	};
}

// Verification: public keys are exchanged, both derive the same emoji, and after "They match" each
// proves its identity key under that secret.

const info = `MATRIX_KEY_VERIFICATION_SAS|alice|bob`;

function verification(person, { body, mac }) {
	if (!mac) {
		person.sas.establish(body);
		const slot = $(`[data-emoji="${person.name.toLowerCase()}"]`);
		slot.replaceChildren(
			...person.sas.emoji(info).map(({ emoji, name }) => {
				const figure = document.createElement("figure");
				figure.innerHTML = "<span></span><figcaption></figcaption>";
				$("span", figure).textContent = emoji;
				$("figcaption", figure).textContent = name;
				return figure;
			}),
		);
		return;
	}
	const from = other(person);
	person.verified = body === person.sas.mac(from.account.identityKeys.ed25519, `MAC|${from.name}|${person.name}`);
}

$("#match").addEventListener("click", async ({ target }) => {
	target.disabled = true;
	for (const person of [alice, bob]) {
		const body = person.sas.mac(person.account.identityKeys.ed25519, `MAC|${person.name}|${other(person).name}`);
		await wire.carry(person, { kind: "sas", mac: true, body });
	}
	target.textContent = "Verified ✓";
	target.classList.add("good");
});

await wire.carry(alice, { kind: "sas", body: alice.sas.publicKey });
await wire.carry(bob, { kind: "sas", body: bob.sas.publicKey });
$("#match").disabled = false;

say(alice, "Hi Bob. Nobody but you can read this.");
say(bob, "Hello Alice! From now on every message has a key of its own.");
say(alice, "Drop a file on me, if you like 📎");
document.body.classList.add("ready");
