import type { Exports } from "../core/exports.js";
import { start, x } from "../core/memory.js";
import { named } from "../core/names.js";
import {
	Account,
	get_library_version,
	InboundGroupSession,
	OutboundGroupSession,
	PkDecryption,
	PkEncryption,
	PkSigning,
	SAS,
	Session,
	Utility,
} from "./classes.js";

/** What `init` understands. */
export interface InitOptions {
	/** Says where a file of the package is, of which there is one: `olm.wasm`. */
	locateFile?: (path: string, directory: string) => string;
	/** The module itself, if it need not be fetched. */
	wasmBinary?: ArrayBuffer | ArrayBufferView;
}

export type Olm = ReturnType<typeof olm>;

/**
 * Makes the object that clients know as `Olm`. `load` is called once, by the first call of `init`;
 * every other call returns the same promise.
 */
export function olm(load: (options?: InitOptions) => Promise<Exports>) {
	let loaded: Promise<void> | undefined;

	const Olm = {
		init(options?: InitOptions): Promise<void> {
			if (!loaded) {
				// As in libolm the classes are there from now on.
				Object.assign(Olm, classes);
				loaded = load(options).then((exports) => {
					start(exports);
					Olm.PRIVATE_KEY_LENGTH = x.pk_private_key_length();
				});
			}
			return loaded;
		},
	} as { init(options?: InitOptions): Promise<void>; PRIVATE_KEY_LENGTH: number } & typeof classes;
	return Olm;
}

/** In libolm's order. */
const classes = {
	OutboundGroupSession,
	InboundGroupSession,
	Account,
	Session,
	Utility,
	PkEncryption,
	PkDecryption,
	PkSigning,
	SAS,
	get_library_version,
};

named(classes);
