import { errors } from "../core/errors.js";
import { clear, copy, room, x } from "../core/memory.js";

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
	if (!x) throw errors.state("init() has not finished");
	const from = room(3);
	x.get_library_version(from, from + 1, from + 2);
	const [major, minor, patch] = copy();
	clear();
	return [major, minor, patch];
}
