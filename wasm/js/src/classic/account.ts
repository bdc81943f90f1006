import { argument, ask, call, check, count, output, random, Storable, transform } from "../core/native.js";
import { x, random as randomBytes, type Data } from "../core/memory.js";
import { Session } from "./session.js";

/** More than anybody makes at once; the account keeps 100. */
const mostKeys = 65536;

/** A device's long-term identity, its one-time keys and its fallback keys. */
export class Account extends Storable {
	constructor() {
		super("account");
	}

	create(): void {
		random(this, x.create_account, 64);
	}

	identity_keys(): string {
		return output(this, x.account_identity_keys, 116);
	}

	sign(message: Data): string {
		return transform(this, x.account_sign, message, "message", 86);
	}

	one_time_keys(): string {
		return output(this, x.account_one_time_keys, x.account_one_time_keys_length);
	}

	mark_keys_as_published(): void {
		ask(this, x.account_mark_keys_as_published);
	}

	max_number_of_one_time_keys(): number {
		return ask(this, x.account_max_number_of_one_time_keys);
	}

	generate_one_time_keys(number_of_keys: number): void {
		const n = number_of_keys === undefined ? 0 : count(number_of_keys, mostKeys, "number of keys");
		call(this, (p) => check(this, x.account_generate_one_time_keys(p, n, randomBytes(32 * n), 32 * n)));
	}

	remove_one_time_keys(session: Session): void {
		call(this, (p) => check(this, x.remove_one_time_keys(p, argument(session, Session, "session"))));
	}

	generate_fallback_key(): void {
		random(this, x.account_generate_fallback_key, 32);
	}

	fallback_key(): string {
		return output(this, x.account_fallback_key, 71);
	}

	unpublished_fallback_key(): string {
		return output(this, x.account_unpublished_fallback_key, 71);
	}

	forget_old_fallback_key(): void {
		ask(this, x.account_forget_old_fallback_key);
	}
}
