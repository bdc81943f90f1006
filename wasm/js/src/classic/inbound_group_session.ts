import { ask, call, check, count, input, output, Storable } from "../core/native.js";
import { bytes, message, room, size, text, x, type Data } from "../core/memory.js";

/** The receiving end of a group session. */
export class InboundGroupSession extends Storable {
	constructor() {
		super("inbound_group_session");
	}

	create(session_key: Data): void {
		input(this, x.init_inbound_group_session, session_key, "session key");
	}

	import_session(session_key: Data): void {
		input(this, x.import_inbound_group_session, session_key, "session key");
	}

	decrypt(message: Data): { plaintext: string; message_index: number } {
		return decryptGroup(this, message, (n, message_index) => ({ plaintext: text(n), message_index }));
	}

	session_id(): string {
		return output(this, x.inbound_group_session_id, 43);
	}

	first_known_index(): number {
		return ask(this, x.inbound_group_session_first_known_index) >>> 0;
	}

	export_session(message_index: number): string {
		const index = count(message_index, 0xffffffff, "index");
		return output(this, (p, at, n) => x.export_inbound_group_session(p, at, n, index), 220);
	}
}

/** Decrypts a message and hands the length of the plaintext, which lies on the desk, and the index to `read`. */
export function decryptGroup<T>(session: InboundGroupSession, body: Data, read: (size: number, index: number) => T): T {
	return call(session, (p) => {
		const index = room(4);
		const from = message(body);
		const n = check(session, x.group_decrypt(p, from, size, room(size), size, index));
		return read(n, new DataView(bytes.buffer).getUint32(index, true));
	});
}
