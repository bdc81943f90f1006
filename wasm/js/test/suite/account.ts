import { cases } from "./case.js";
import { different, equal, matches, refuses, throws } from "./check.js";
import { account, base64, begun, curve25519, damaged, oneTimeKey } from "./people.js";

export const accountCases = cases("Account", {
	"identity keys are 116 bytes of JSON": ({ Olm }) => {
		const a = account(Olm);
		matches(a.identity_keys(), /^\{"curve25519":"[A-Za-z0-9+/]{43}","ed25519":"[A-Za-z0-9+/]{43}"\}$/);
		equal(a.identity_keys().length, 116);
		different(a.identity_keys(), account(Olm).identity_keys());
		a.free();
	},

	"before create the keys are zeros": ({ Olm }) => {
		const zero = "A".repeat(43);
		equal(new Olm.Account().identity_keys(), `{"curve25519":"${zero}","ed25519":"${zero}"}`);
	},

	"before create nothing is signed, and no session begins": ({ Olm, published }) => {
		if (published) return; // goes on with keys of zeros
		const a = new Olm.Account();
		const bob = account(Olm);
		throws(() => a.sign("message"), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.Session().create_outbound(a, curve25519(bob), oneTimeKey(bob)), "OLM.BAD_ACCOUNT_KEY");
		// Nor after it was stored and read.
		a.unpickle("k", a.pickle("k"));
		throws(() => a.sign("message"), "OLM.BAD_ACCOUNT_KEY");
	},

	"methods return undefined": ({ Olm }) => {
		const a = new Olm.Account();
		equal(a.create(), undefined);
		equal(a.generate_one_time_keys(2), undefined);
		equal(a.generate_fallback_key(), undefined);
		equal(a.mark_keys_as_published(), undefined);
		equal(a.forget_old_fallback_key(), undefined);
		equal(a.unpickle("k", account(Olm).pickle("k")), undefined);
		equal(a.free(), undefined);
	},

	"one-time keys are listed newest first": ({ Olm }) => {
		const a = account(Olm);
		equal(a.one_time_keys(), '{"curve25519":{}}');
		equal(a.max_number_of_one_time_keys(), 100);
		a.generate_one_time_keys(3);
		matches(a.one_time_keys(), /^\{"curve25519":\{"AAAAAw":"[^"]{43}","AAAAAg":"[^"]{43}","AAAAAQ":"[^"]{43}"\}\}$/);
		a.mark_keys_as_published();
		equal(a.one_time_keys(), '{"curve25519":{}}');
		a.generate_one_time_keys(1);
		equal(Object.keys(JSON.parse(a.one_time_keys()).curve25519), ["AAAABA"]);
	},

	"the oldest one-time keys give way": ({ Olm }) => {
		const a = account(Olm);
		a.generate_one_time_keys(150);
		const ids = Object.keys(JSON.parse(a.one_time_keys()).curve25519);
		equal(ids.length, 100);
		equal([ids[0], ids[99]], ["AAAAlg", "AAAAMw"]);
	},

	"the number of one-time keys is taken as libolm takes it": ({ Olm }) => {
		const a = account(Olm);
		const listed = () => Object.keys(JSON.parse(a.one_time_keys()).curve25519).length;
		a.generate_one_time_keys(undefined as any);
		a.generate_one_time_keys(0);
		equal(listed(), 0);
		a.generate_one_time_keys("2" as any);
		equal(listed(), 2);
		a.generate_one_time_keys(1.9);
		equal(listed(), 3);
		equal(throws(() => a.generate_one_time_keys(-1), /./).name, "RangeError");
		equal(listed(), 3);
	},

	"more one-time keys than memory are refused": ({ Olm, published }) => {
		if (published) return; // it corrupts its memory
		const a = account(Olm);
		const before = a.pickle("");
		for (const n of [2 ** 31, 2 ** 32 + 1, 1e308, Infinity, NaN, "many", {}]) {
			refuses(() => a.generate_one_time_keys(n as any), "RangeError", /number of keys must be from 0 to/);
		}
		equal(a.pickle(""), before);
		a.generate_one_time_keys(5000); // more than 64 KiB of random bytes
		equal(Object.keys(JSON.parse(a.one_time_keys()).curve25519).length, 100);
	},

	"fallback keys": ({ Olm }) => {
		const a = account(Olm);
		equal(a.fallback_key(), '{"curve25519":{}}');
		equal(a.unpublished_fallback_key(), '{"curve25519":{}}');
		a.generate_fallback_key();
		const first = a.fallback_key();
		matches(first, /^\{"curve25519":\{"AAAAAQ":"[^"]{43}"\}\}$/);
		equal(a.unpublished_fallback_key(), first);
		a.mark_keys_as_published();
		equal(a.unpublished_fallback_key(), '{"curve25519":{}}');
		equal(a.fallback_key(), first);
		a.generate_fallback_key();
		equal(Object.keys(JSON.parse(a.unpublished_fallback_key()).curve25519), ["AAAAAg"]);
		a.forget_old_fallback_key();
		equal(Object.keys(JSON.parse(a.fallback_key()).curve25519), ["AAAAAg"]);
	},

	"a forgotten fallback key begins no session": ({ Olm }) => {
		const alice = account(Olm);
		const bob = account(Olm);
		bob.generate_fallback_key();
		const key = Object.values(JSON.parse(bob.fallback_key()).curve25519)[0] as string;
		const there = new Olm.Session();
		there.create_outbound(alice, curve25519(bob), key);
		const { body } = there.encrypt("hello");
		bob.mark_keys_as_published();
		bob.generate_fallback_key();
		new Olm.Session().create_inbound(bob, body); // the one before the current one is still good
		bob.forget_old_fallback_key();
		throws(() => new Olm.Session().create_inbound(bob, body), "OLM.BAD_MESSAGE_KEY_ID");
	},

	"signatures verify": ({ Olm }) => {
		const a = account(Olm);
		const u = new Olm.Utility();
		const key = JSON.parse(a.identity_keys()).ed25519;
		for (const message of ["", "a message", "ä€\u{1f600}", "x".repeat(60_000)]) {
			const signature = a.sign(message);
			matches(signature, base64);
			equal(signature.length, 86);
			equal(u.ed25519_verify(key, message, signature), undefined);
			throws(() => u.ed25519_verify(key, message + "!", signature), "OLM.BAD_MESSAGE_MAC");
		}
		equal(a.sign(new TextEncoder().encode("a message")), a.sign("a message"));
	},

	"a one-time key is removed once": ({ Olm }) => {
		const { bob, back, first } = begun(Olm);
		throws(() => bob.remove_one_time_keys(back), "OLM.BAD_MESSAGE_KEY_ID");
		throws(() => new Olm.Session().create_inbound(bob, first.body), "OLM.BAD_MESSAGE_KEY_ID");
	},

	"pickles go round": ({ Olm }) => {
		const a = account(Olm);
		oneTimeKey(a);
		a.generate_one_time_keys(3);
		a.generate_fallback_key();
		for (const key of ["", "secret", "ä".repeat(100), new Uint8Array([0, 255, 7])]) {
			const copy = () => (typeof key === "string" ? key : key.slice()); // the published package zeroes it
			const pickle = a.pickle(copy());
			matches(pickle, base64);
			equal(a.pickle(copy()), pickle); // the same key and state, the same text
			const b = new Olm.Account();
			b.unpickle(copy(), pickle);
			equal(b.pickle(copy()), pickle);
			equal([b.identity_keys(), b.one_time_keys(), b.fallback_key()], [a.identity_keys(), a.one_time_keys(), a.fallback_key()]);
			throws(() => new Olm.Account().unpickle("another", pickle), "OLM.BAD_ACCOUNT_KEY");
		}
	},

	"what is no pickle is refused": ({ Olm }) => {
		const pickle = account(Olm).pickle("k");
		throws(() => new Olm.Account().unpickle("k", ""), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.Account().unpickle("k", "x"), "OLM.INVALID_BASE64");
		throws(() => new Olm.Account().unpickle("k", "not a pickle"), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.Account().unpickle("k", damaged(pickle)), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.Account().unpickle("k", new Olm.Session().pickle("k")), "OLM.BAD_LEGACY_ACCOUNT_PICKLE");
		throws(() => new Olm.Session().unpickle("k", pickle), "OLM.UNKNOWN_PICKLE_VERSION");
		throws(() => new Olm.PkDecryption().unpickle("k", pickle), "OLM.UNKNOWN_PICKLE_VERSION");
	},

	"a failed unpickle leaves the account what it was": ({ Olm, published }) => {
		if (published) return;
		const a = account(Olm);
		const before = a.pickle("k");
		throws(() => a.unpickle("k", new Olm.Session().pickle("k")), "OLM.BAD_LEGACY_ACCOUNT_PICKLE");
		throws(() => a.unpickle("l", before), "OLM.BAD_ACCOUNT_KEY");
		equal(a.pickle("k"), before);
		// And one that succeeds replaces it, instead of adding to its lists.
		a.generate_one_time_keys(5);
		a.unpickle("k", before);
		equal(a.pickle("k"), before);
	},
});
