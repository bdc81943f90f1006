import { call, check, count, input, kinds, output, read, Storable } from "../core/native.js";
import { bytes, message, room, size, text, x, type Data } from "../core/memory.js";

/** The receiving end of a group session. */
export class InboundGroupSession extends Storable {
	constructor() {
		super(InboundGroupSession);
	}

	create(session_key: Data): void {
		input(this, InboundGroupSession, x.init_inbound_group_session, session_key, "session key");
	}

	import_session(session_key: Data): void {
		input(this, InboundGroupSession, x.import_inbound_group_session, session_key, "session key");
	}

	decrypt(message: Data): { plaintext: string; message_index: number } {
		return decryptGroup(this, message, (n, message_index) => ({ plaintext: text(n), message_index }));
	}

	session_id(): string {
		return output(this, InboundGroupSession, x.inbound_group_session_id, 43);
	}

	first_known_index(): number {
		return read(this, InboundGroupSession, x.inbound_group_session_first_known_index) >>> 0;
	}

	export_session(message_index: number): string {
		const index = count(message_index, 0xffffffff, "index");
		return output(this, InboundGroupSession, (p, at, n) => x.export_inbound_group_session(p, at, n, index), 220);
	}
}

kinds.set(InboundGroupSession, "inbound_group_session");

/** Decrypts a message and hands the length of the plaintext, which lies in the scratch buffer, and the index to `read`. */
export function decryptGroup<T>(session: InboundGroupSession, body: Data, read: (size: number, index: number) => T): T {
	return call(session, InboundGroupSession, (p) => {
		const index = room(4);
		const n = check(x.group_decrypt(p, message(body), size, room(size), size, index));
		return read(n, new DataView(bytes.buffer).getUint32(index, true));
	});
}
