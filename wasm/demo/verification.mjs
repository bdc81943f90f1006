// One side of a verification by emoji, as in Matrix. The side that answers commits to its key by a hash before it sees
// the other's. Otherwise somebody in between could try keys until the emoji match.
import { Sas, sha256 } from "./olm.mjs";

export class Verification {
	sas = new Sas();
	state = "waiting"; // then "comparing"; in the end "verified" or "cancelled"

	/** `starts` says whether this side sends its key first. */
	constructor(device, peer, starts) {
		Object.assign(this, { device, peer, starts });
	}

	/** The first event, from the side that answers. */
	commitment() {
		return { step: "commitment", body: sha256(this.sas.publicKey) };
	}

	/** Takes an event from the other side, and returns what is to be answered. */
	take({ step, body }) {
		if (step === "commitment") {
			this.promised = body;
			return [{ step: "key", body: this.sas.publicKey }];
		}
		if (step === "key") {
			if (this.starts && sha256(body) !== this.promised) return [this.cancel("m.mismatched_commitment")];
			this.theirs = body;
			this.sas.establish(body);
			this.state = "comparing";
			return this.starts ? [] : [{ step: "key", body: this.sas.publicKey }];
		}
		if (step === "mac" && this.state === "comparing") {
			// This proves that whoever sees these emoji owns the fingerprint that the server gave out.
			const expected = this.sas.mac(this.device.known.get(this.peer).ed25519, info("MAC", this.peer, this.device.name));
			if (body !== expected) return [this.cancel("m.key_mismatch")];
			this.state = "verified";
		}
		if (step === "cancel") this.state = "cancelled";
		return [];
	}

	/** What this side's owner compares. */
	emoji() {
		const own = [this.device.name, this.sas.publicKey];
		const other = [this.peer, this.theirs];
		return this.sas.emoji(info("SAS", ...(this.starts ? [own, other] : [other, own]).flat()));
	}

	/** They match, says the owner. */
	confirm() {
		return { step: "mac", body: this.sas.mac(this.device.keys.ed25519, info("MAC", this.device.name, this.peer)) };
	}

	cancel(reason) {
		this.state = "cancelled";
		return { step: "cancel", body: reason };
	}
}

const info = (what, ...of) => ["MATRIX_KEY_VERIFICATION_" + what, ...of].join("|");
