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
	return [3, 2, 16]; // what the module says too
}
