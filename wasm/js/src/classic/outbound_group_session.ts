import { call, check, kinds, output, random, read, Storable } from "../core/native.js";
import { put, room, size, text, x, type Data } from "../core/memory.js";

/** The sending end of a group session. */
export class OutboundGroupSession extends Storable {
	constructor() {
		super(OutboundGroupSession);
	}

	create(): void {
		random(this, OutboundGroupSession, x.init_outbound_group_session, 160);
	}

	encrypt(plaintext: Data): string {
		return call(this, OutboundGroupSession, (p) => {
			check(x.group_encrypt(p, put(plaintext, "plaintext"), size, room(x.group_encrypt_message_length(p, size)), size));
			return text();
		});
	}

	session_id(): string {
		return output(this, OutboundGroupSession, x.outbound_group_session_id, 43);
	}

	session_key(): string {
		return output(this, OutboundGroupSession, x.outbound_group_session_key, 306);
	}

	message_index(): number {
		return read(this, OutboundGroupSession, x.outbound_group_session_message_index) >>> 0;
	}
}

kinds.set(OutboundGroupSession, "outbound_group_session");
