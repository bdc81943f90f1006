import { argument, call, check, count, kinds, output, random, read, Storable, transform } from "../core/native.js";
import { x, random as randomBytes, type Data } from "../core/memory.js";

/** More than anybody makes at once; the account keeps 100. */
export const mostKeys = 65536;

/** The length of a list of all the keys that an account keeps. */
export const listSize = 17 + 55 * 100;

/** A device's long-term identity, its one-time keys and its fallback keys. */
export class Account extends Storable {
	constructor() {
		super(Account);
	}

	create(): void {
		random(this, Account, x.create_account, 64);
	}

	identity_keys(): string {
		return output(this, Account, x.account_identity_keys, 116);
	}

	sign(message: Data): string {
		return transform(this, Account, x.account_sign, message, "message", 86);
	}

	one_time_keys(): string {
		return output(this, Account, x.account_one_time_keys, listSize);
	}

	mark_keys_as_published(): void {
		read(this, Account, x.account_mark_keys_as_published); // nothing need be saved, since the module calls no function for which the stack could be too full
	}

	max_number_of_one_time_keys(): number {
		return read(this, Account, x.account_max_number_of_one_time_keys);
	}

	generate_one_time_keys(number_of_keys: number): void {
		const n = number_of_keys === undefined ? 0 : count(number_of_keys, mostKeys, "number of keys");
		call(this, Account, (p) => check(x.account_generate_one_time_keys(p, n, randomBytes(32 * n), 32 * n)));
	}

	/** Takes a Session. The type says less, since sessions import accounts. */
	remove_one_time_keys(session: Storable): void {
		const id = session?.place;
		call(this, Account, (p) => check(x.remove_one_time_keys(p, argument(id, "session"))));
	}

	generate_fallback_key(): void {
		random(this, Account, x.account_generate_fallback_key, 32);
	}

	fallback_key(): string {
		return output(this, Account, x.account_fallback_key, 71);
	}

	unpublished_fallback_key(): string {
		return output(this, Account, x.account_unpublished_fallback_key, 71);
	}

	forget_old_fallback_key(): void {
		call(this, Account, x.account_forget_old_fallback_key);
	}
}

kinds.set(Account, "account");
