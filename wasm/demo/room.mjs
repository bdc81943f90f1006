// A room of three: who is in it, and what each of them can read.
import { loaded } from "./olm.mjs";
import { Member } from "./member.mjs";
import { Panel } from "./panel.mjs";
import { Rows } from "./rows.mjs";
import { tabs } from "./tabs.mjs";
import { Wire } from "./wire.mjs";
import { button, element, groups, why } from "./words.mjs";

const $ = (selector) => document.querySelector(selector);
const wirePanel = $("#wire").content.firstElementChild;
const wire = new Wire(new Rows(wirePanel), wirePanel.querySelector("#damage"));
const room = new Set(["Alice", "Bob"]);
const members = ["Alice", "Bob", "Carol"].map(make);
const names = members.map(({ member }) => member.name);

function make(name) {
	const door = button("plain", "", () => move(name));
	const panel = new Panel(name, { placeholder: "Write to the room", label: `Message of ${name} to the room`, onText: write, action: door });
	const member = new Member(name, wire, room, {
		message(from, text, index, item = panel.add("")) {
			item.className = "theirs";
			item.replaceChildren(element("span", `who ${from.toLowerCase()}`, from), text, element("span", "note", `message ${index}`));
		},
		locked: (from) => panel.add("locked", element("span", `who ${from.toLowerCase()}`, from), `${name} has no key for this message.`),
		refused: (from, error) => panel.add("refused", `A message from ${from} was refused: ${why(error)}. The session goes on.`),
		changed: show,
	});
	function write(text) {
		panel.add("mine", text);
		return member.say(text);
	}
	function show() {
		const inside = room.has(name);
		door.textContent = inside ? "Leave" : "Join";
		door.setAttribute("aria-label", inside ? `${name} leaves the room` : `${name} joins the room`);
		panel.say(!inside ? "Not in the room" : member.own ? `Next message: number ${member.own.messageIndex}` : "Next message: new session", inside ? "" : "soft");
		panel.enable(inside, inside ? "Write to the room" : `${name} is not in the room`);
		panel.show([
			["Own fingerprint, Ed25519", groups(member.keys.ed25519)],
			["Sends with the Megolm session", member.own ? groups(member.own.id) : "none yet"],
			...[...member.others].map(([id, { from, group }]) => [`Reads ${from}'s session from message ${group.firstKnownIndex} on`, groups(id)]),
		]);
	}
	wire.people[name] = member;
	return { member, panel, write, show };
}

/** Lets somebody in, or out. The server tells everybody, and so does the wire: that is not encrypted. */
function move(name) {
	const joins = !room.has(name);
	if (joins) room.add(name);
	else room.delete(name);
	wire.rows.show(name, "all", { kind: "room", about: joins ? "joins" : "leaves", body: JSON.stringify({ type: "m.room.member", state_key: name, membership: joins ? "join" : "leave" }) });
	for (const { member, panel } of members) {
		panel.add("event-line", `${name} ${joins ? "joined" : "left"}.`);
		member.forget();
	}
}

for (const { member } of members) {
	for (const other of members) if (other.member !== member) member.learn(other.member.published());
}
$("main").append(...members.map(({ panel }) => panel.root), wirePanel);
tabs($(".tabs"), [...members.map(({ panel }, i) => ({ name: names[i], root: panel.root })), { name: "The wire", root: wirePanel }]);
for (const { show } of members) show();

const [alice, bob] = members;
await alice.write("Hello room. Carol is not in yet.");
await bob.write("So she cannot read us, though she gets all of it.");
await alice.write("Let her join, and write again.");
$("[data-footer]").textContent = `Ready to encrypt after ${loaded.toFixed(0)} ms. Nothing leaves this page.`;
document.body.classList.add("ready");
