// olm.node.mjs: what `import` gets in Node, Deno and Bun. It is the Olm that `require` gets, since objects of
// two would not mix; and the classes by their names, which are there when `init` has been called, as in Olm.
import Olm from "olm_script";
import type { InitOptions } from "./api.js";

export let { OutboundGroupSession, InboundGroupSession, Account, Session, Utility, PkEncryption, PkDecryption, PkSigning, SAS, get_library_version } = Olm;
export const PRIVATE_KEY_LENGTH = 32;
export default Olm;

const start = Olm.init;

export function init(options?: InitOptions): Promise<void> {
	const loaded = start(options);
	({ OutboundGroupSession, InboundGroupSession, Account, Session, Utility, PkEncryption, PkDecryption, PkSigning, SAS, get_library_version } = Olm);
	return loaded;
}

Olm.init = init;
