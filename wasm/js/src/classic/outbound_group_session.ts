import { ask, call, check, output, random, Storable } from "../core/native.js";
import { put, room, size, text, x, type Data } from "../core/memory.js";

/** The sending end of a group session. */
export class OutboundGroupSession extends Storable {
	constructor() {
		super("outbound_group_session");
	}

	create(): void {
		random(this, x.init_outbound_group_session, 160);
	}

	encrypt(plaintext: Data): string {
		return call(this, (p) => {
			const from = put(plaintext, "plaintext");
			const length = size;
			const n = x.group_encrypt_message_length(p, length);
			check(this, x.group_encrypt(p, from, length, room(n), n));
			return text();
		});
	}

	session_id(): string {
		return output(this, x.outbound_group_session_id, 43);
	}

	session_key(): string {
		return output(this, x.outbound_group_session_key, 306);
	}

	message_index(): number {
		return ask(this, x.outbound_group_session_message_index) >>> 0;
	}
}
