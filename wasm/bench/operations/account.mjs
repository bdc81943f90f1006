// The operations of an account.
import { onEach, repeat } from "../loops.mjs";
import { account, key, plain, unpickled } from "../prepare.mjs";

export const accounts = [
	{
		name: "Account: create",
		peer: "AccountNew",
		setup: (Olm) => repeat(() => account(Olm).free()),
	},
	{
		name: "Account: identity_keys",
		setup(Olm) {
			const a = account(Olm);
			return repeat(() => a.identity_keys());
		},
	},
	{
		name: "Account: sign 256 B",
		peer: "AccountSign",
		setup(Olm) {
			const [a, message] = [account(Olm), plain(256)];
			return repeat(() => a.sign(message));
		},
	},
	{
		name: "Account: generate 10 one-time keys",
		setup(Olm) {
			const a = account(Olm);
			return repeat(() => a.generate_one_time_keys(10));
		},
	},
	{
		peer: "OneTimeKeys50",
		setup: (Olm) => onEach(() => account(Olm), (a) => a.generate_one_time_keys(50)),
	},
	{
		name: "Account: list 50 one-time keys",
		setup(Olm) {
			const a = account(Olm, 50);
			return repeat(() => a.one_time_keys());
		},
	},
	{
		name: "Account: generate_fallback_key",
		setup(Olm) {
			const a = account(Olm);
			return repeat(() => a.generate_fallback_key());
		},
	},
	{
		name: "Account: mark_keys_as_published",
		setup(Olm) {
			const a = account(Olm, 50);
			return repeat(() => a.mark_keys_as_published());
		},
	},
	{
		name: "Account: pickle, 50 one-time keys",
		peer: "PickleAccount50",
		setup(Olm) {
			const a = account(Olm, 50);
			return repeat(() => a.pickle(key));
		},
	},
	{
		name: "Account: unpickle, 50 one-time keys",
		peer: "UnpickleAccount50",
		setup(Olm) {
			const pickle = account(Olm, 50).pickle(key);
			return repeat(() => unpickled(Olm.Account, pickle).free());
		},
	},
];
