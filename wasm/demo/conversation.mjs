// Two people who write to each other, verify each other, and may have somebody in between.
import { loaded } from "./olm.mjs";
import { incoming, offer, outgoing } from "./file_item.mjs";
import { sendFile } from "./files.mjs";
import { Mallory } from "./mallory.mjs";
import { Panel } from "./panel.mjs";
import { Person } from "./person.mjs";
import { Rows } from "./rows.mjs";
import { tabs } from "./tabs.mjs";
import { Card } from "./card.mjs";
import { Wire } from "./wire.mjs";
import { element, groups, why } from "./words.mjs";

const $ = (selector) => document.querySelector(selector);
const main = $("main");
const wirePanel = $("#wire").content.firstElementChild;
const card = new Card($("#verify"), { match, differ, restart: begin });
let talk; // the conversation: the wire, the people, and the one in the middle

/** Makes a person, and its part of the page. */
function make(name, peer, wire) {
	const panel = new Panel(name, { placeholder: `Write to ${peer}`, label: `Message to ${peer}`, onText: write, onFile: attach });
	const refusals = new Map(); // items by the id of the event that they are about
	const person = new Person(name, peer, wire, {
		message: (text) => panel.add("theirs", text),
		file: (file) => incoming(panel.add("theirs file"), file),
		refused: (id, error) => refusals.set(id, panel.add("refused", `A message from ${peer} was refused: ${why(error)}. The session goes on.`)),
		lost: (id, file) => refusals.get(id)?.prepend(element("strong", "", `The file “${file}”: `)),
		verification: () => card.hear(talk),
		changed: () => show(person, panel),
	});
	function write(text) {
		const item = panel.add("mine", text);
		person.send(
			{ kind: "text", text },
			{
				refused() {
					item.classList.add("failed");
					item.append(element("span", "note fate", `${peer} could not read this: it was damaged on the way.`));
					offer(item, () => write(text));
				},
			},
		);
	}
	function attach(file) {
		sendFile(person, file, outgoing(panel.add("mine file"), file.name, peer, () => attach(file)));
	}
	return { person, panel, write };
}

function show(person, panel) {
	const { peer, verification } = person;
	const session = person.sessions.get(peer);
	panel.show([
		["Own fingerprint, Ed25519", groups(person.keys.ed25519)],
		["Own identity key, Curve25519", groups(person.keys.curve25519)],
		[`${peer}'s fingerprint, as the server says`, groups(person.known.get(peer).ed25519)],
		["Olm session", session ? groups(session.id) : "none yet"],
		["Its ratchet", session ? session.describe().replace(/ (receiver|skipped)/g, "\n$1").replace(/:$/gm, ": none") : "none yet"],
	]);
	if (verification.state === "cancelled") panel.say("Does not trust these keys", "bad");
	else if (verification.state === "verified") panel.say(`Has verified ${peer}`, "good");
	else panel.say(session ? `Encrypted, ${peer} not verified` : "Ready");
	panel.enable(verification.state !== "cancelled", verification.state === "cancelled" ? "Stopped: the emoji differ" : `Write to ${peer}`);
}

/** The emoji match. Whoever sits at the page says so for both. */
async function match() {
	for (const person of Object.values(talk.people)) await person.verify(person.verification.confirm());
	refresh();
}

/** The emoji differ. One cancels, and the other is told. */
async function differ() {
	const { Alice } = talk.people;
	await Alice.verify(Alice.verification.cancel("m.mismatched_sas"));
	refresh();
}

function refresh() {
	for (const person of Object.values(talk.people)) person.on.changed();
	card.hear(talk);
}

/** Begins anew, with new people. */
async function begin() {
	if (talk) {
		talk.wire.closed = true;
		talk.free();
	}
	document.body.classList.remove("ready");
	const wire = new Wire(new Rows(wirePanel), wirePanel.querySelector("#damage"));
	const { person: Alice, panel: left, write: alice } = make("Alice", "Bob", wire);
	const { person: Bob, panel: right, write: bob } = make("Bob", "Alice", wire);
	const people = (wire.people = { Alice, Bob });
	if (wirePanel.querySelector("#middle").checked) wire.middle = new Mallory("Alice", "Bob");
	wire.introduce("Alice", "Bob");
	wire.introduce("Bob", "Alice");
	talk = {
		wire,
		people,
		middle: wire.middle,
		free() {
			for (const one of [Alice, Bob, wire.middle]) one?.free();
		},
	};
	main.replaceChildren(left.root, wirePanel, right.root);
	tabs($(".tabs"), [
		{ name: "Alice", root: left.root },
		{ name: "The wire", root: wirePanel },
		{ name: "Bob", root: right.root },
	]);
	refresh();
	await Bob.verify(Bob.verification.commitment());
	alice("Hi Bob. Nobody but you can read this.");
	bob("Hello Alice! From now on every message has a key of its own.");
	alice("Drop a file on me, if you like 📎");
	document.body.classList.add("ready");
}

wirePanel.querySelector("#middle").addEventListener("change", begin);
await begin();
$("[data-footer]").textContent = `Ready to encrypt after ${loaded.toFixed(0)} ms. Nothing leaves this page.`;
