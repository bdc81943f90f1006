import { check, count, input, kinds, Native, output, random, read } from "../core/native.js";
import type { Call } from "../core/exports.js";
import { copy, put, room, size, text, x, type Data } from "../core/memory.js";

/** What HKDF can give. */
const mostBytes = 255 * 32;

/** One side of a verification with short authentication strings. */
export class SAS extends Native {
	constructor() {
		super(SAS);
		random(this, SAS, x.create_sas, 32);
	}

	get_pubkey(): string {
		return output(this, SAS, x.sas_get_pubkey, 43);
	}

	set_their_key(their_key: Data): void {
		input(this, SAS, x.sas_set_their_key, their_key, "key");
	}

	is_their_key_set(): boolean {
		return !!read(this, SAS, x.sas_is_their_key_set);
	}

	generate_bytes(info: Data, length: number): Uint8Array {
		const n = count(length, mostBytes, "length");
		return read(this, SAS, (p) => {
			check(x.sas_generate_bytes(p, put(info, "info"), size, room(n), n));
			return copy();
		});
	}

	calculate_mac(input: Data, info: Data): string {
		return mac(this, x.sas_calculate_mac, input, info);
	}

	calculate_mac_fixed_base64(input: Data, info: Data): string {
		return mac(this, x.sas_calculate_mac_fixed_base64, input, info);
	}

	calculate_mac_long_kdf(input: Data, info: Data): string {
		return mac(this, x.sas_calculate_mac_long_kdf, input, info);
	}
}

kinds.set(SAS, "sas");

function mac(sas: SAS, f: Call, input: Data, info: Data): string {
	return read(sas, SAS, (p) => {
		check(f(p, put(input, "input"), size, put(info, "info"), size, room(43), 43));
		return text();
	});
}
