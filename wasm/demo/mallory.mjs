// Somebody in the middle. Whoever asks the server for a key gets one of Mallory's. Mallory reads what is sent to that key,
// encrypts it anew for the other, and passes it on. Only comparing emoji shows that: each side shares a secret with
// Mallory, and none with the other.
import { Device } from "./device.mjs";
import { OlmError } from "./olm.mjs";
import { Verification } from "./verification.mjs";

export class Mallory {
	name = "Mallory";

	/** Between two people. For each of them there is a device that claims to be that one, and talks to the other. */
	constructor(a, b) {
		this.faces = { [a]: face(a, b), [b]: face(b, a) };
	}

	/** Takes the public keys that one gives to another, and returns others under the same name. */
	replace(from, to, keys) {
		this.faces[to].device.learn(keys);
		return this.faces[from].device.published();
	}

	/** Takes an event that one sent to the other, and returns what each of them gets, and what was read. */
	pass(from, to, event) {
		if (event.kind === "sas") return { deliver: this.verify(from, to, event) };
		if (event.kind !== "olm") return { deliver: [{ from, to, event }] }; // a chunk: its key was in what was read
		try {
			const content = this.faces[to].device.decrypt(from, event);
			return { read: content, deliver: [{ from, to, event: { ...event, ...this.faces[from].device.encrypt(to, content) } }] };
		} catch (error) {
			if (!(error instanceof OlmError)) throw error;
			return { deliver: [{ from, to, event }] };
		}
	}

	/** Verifies with both, with each in the name of the other. */
	verify(from, to, event) {
		const { [from]: behind, [to]: before } = this.faces;
		const answers = before.verification.take(event);
		const onward = { commitment: () => [behind.verification.commitment()], mac: () => [behind.verification.confirm()], cancel: () => [behind.verification.cancel(event.body)], key: () => [] };
		const as = (sender, receiver) => (made) => ({ from: sender, to: receiver, event: { kind: "sas", ...made } });
		return [...onward[event.step]().map(as(from, to)), ...answers.map(as(to, from))];
	}

	free() {
		for (const { device, verification } of Object.values(this.faces)) {
			device.free();
			verification.sas.free();
		}
	}
}

function face(name, peer) {
	const device = new Device(name);
	return { device, verification: new Verification(device, peer, name < peer) };
}
