import { none, run } from "../core/calls.js";
import { copy, room, x } from "../core/memory.js";
import { ready } from "../core/native.js";

// In libolm's order.
export { OutboundGroupSession } from "./outbound_group_session.js";
export { InboundGroupSession } from "./inbound_group_session.js";
export { Account } from "./account.js";
export { Session } from "./session.js";
export { Utility } from "./utility.js";
export { PkDecryption, PkEncryption, PkSigning } from "./pk.js";
export { SAS } from "./sas.js";

/** The version of libolm whose interface this is. */
export function get_library_version(): [number, number, number] {
	ready();
	return run(none, 0, () => {
		const at = room(3);
		x.get_library_version(at, at + 1, at + 2);
		const version = copy();
		return [version[0], version[1], version[2]];
	});
}
