import { cases } from "./case.js";
import { different, equal, matches, throws } from "./check.js";
import { account, base64, damaged } from "./people.js";

export const utilityCases = cases("Utility", {
	"sha256": ({ Olm }) => {
		const u = new Olm.Utility();
		equal(u.sha256(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU");
		equal(u.sha256("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0");
		equal(u.sha256(new TextEncoder().encode("abc")), u.sha256("abc"));
		equal(u.sha256("ä"), u.sha256(new Uint8Array([0xc3, 0xa4])));
		equal(u.free(), undefined);
	},

	"ed25519_verify knows RFC 8032": ({ Olm }) => {
		const u = new Olm.Utility();
		const key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo";
		const signature = "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw";
		equal(u.ed25519_verify(key, "", signature), undefined);
		equal(u.ed25519_verify(key, "", signature + "=="), undefined);
		throws(() => u.ed25519_verify(key, " ", signature), "OLM.BAD_MESSAGE_MAC");
		throws(() => u.ed25519_verify(key, "", damaged(signature)), "OLM.BAD_MESSAGE_MAC");
		throws(() => u.ed25519_verify(key, "", signature.slice(0, 84)), "OLM.BAD_MESSAGE_MAC");
		throws(() => u.ed25519_verify(key, "", signature.slice(0, 85)), "OLM.INVALID_BASE64");
		throws(() => u.ed25519_verify(key + "=", "", signature), "OLM.INVALID_BASE64");
		throws(() => u.ed25519_verify("", "", signature), "OLM.INVALID_BASE64");
	},
});

export const pkCases = cases("PK", {
	"encryption": ({ Olm }) => {
		const d = new Olm.PkDecryption();
		const key = d.generate_key();
		matches(key, base64);
		equal(key.length, 43);
		const e = new Olm.PkEncryption();
		equal(e.set_recipient_key(key), undefined);
		for (const plaintext of ["", "a", "sixteen letters!", "ä€\u{1f600}", "long ".repeat(20_000)]) {
			const m = e.encrypt(plaintext);
			equal(Object.keys(m), ["ciphertext", "mac", "ephemeral"]);
			equal([m.mac.length, m.ephemeral.length], [11, 43]);
			equal(d.decrypt(m.ephemeral, m.mac, m.ciphertext), plaintext);
		}
	},

	"a private key known from elsewhere": ({ Olm }) => {
		// RFC 7748, section 6.1
		const bytes = (hex: string) => Uint8Array.from(hex.match(/../g)!, (x) => parseInt(x, 16));
		const bob = bytes("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
		const d = new Olm.PkDecryption();
		equal(d.init_with_private_key(bob), "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08");
		equal(d.get_private_key(), bob);
		equal(d.init_with_private_key([...bob] as any), "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08");
		equal(d.init_with_private_key(Uint8Array.from([...bob, 1, 2])), "3p7bfXt9wbTTW2HC7OQ1Nz+DQ8hbeGdNrfx+FG+IK08");
		throws(() => d.init_with_private_key(bob.subarray(1)), "OLM.OLM_INPUT_BUFFER_TOO_SMALL");
		equal(d.get_private_key(), bob);
	},

	"what was damaged": ({ Olm, published }) => {
		const d = new Olm.PkDecryption();
		const e = new Olm.PkEncryption();
		throws(() => e.set_recipient_key("short"), "OLM.OLM_INPUT_BUFFER_TOO_SMALL");
		e.set_recipient_key(d.generate_key());
		const m = e.encrypt("hello");
		throws(() => d.decrypt(m.ephemeral, damaged(m.mac), m.ciphertext), "OLM.BAD_MESSAGE_MAC");
		throws(() => d.decrypt(damaged(m.ephemeral), m.mac, m.ciphertext), "OLM.BAD_MESSAGE_MAC");
		throws(() => d.decrypt(m.ephemeral.slice(1), m.mac, m.ciphertext), "OLM.INVALID_BASE64");
		throws(() => d.decrypt(m.ephemeral, m.mac.slice(1), m.ciphertext), "OLM.INVALID_BASE64");
		// The published package reports the error before this one.
		throws(() => new Olm.PkDecryption().decrypt(m.ephemeral, m.mac, "A"), published ? "OLM.SUCCESS" : "OLM.INVALID_BASE64");
		equal(d.decrypt(m.ephemeral, m.mac, m.ciphertext), "hello");
	},

	"pickles go round": ({ Olm }) => {
		const d = new Olm.PkDecryption();
		const key = d.generate_key();
		const pickle = d.pickle("k");
		equal(pickle.length, 118);
		const copy = new Olm.PkDecryption();
		equal(copy.unpickle("k", pickle), key);
		equal(copy.get_private_key(), d.get_private_key());
		equal(copy.pickle("k"), pickle);
		throws(() => copy.unpickle("l", pickle), "OLM.BAD_ACCOUNT_KEY");
	},

	"signing": ({ Olm }) => {
		const s = new Olm.PkSigning();
		const seed = s.generate_seed();
		equal([seed instanceof Uint8Array, seed.length], [true, 32]);
		different(seed, s.generate_seed());
		const key = s.init_with_seed(seed);
		equal(key.length, 43);
		const signature = s.sign("a message");
		equal(signature.length, 86);
		new Olm.Utility().ed25519_verify(key, "a message", signature);
		const again = new Olm.PkSigning();
		equal(again.init_with_seed(seed), key);
		equal(again.sign("a message"), signature);
		throws(() => again.init_with_seed(seed.subarray(1)), "OLM.OLM_INPUT_BUFFER_TOO_SMALL");
		// RFC 8032, section 7.1
		const known = Uint8Array.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60".match(/../g)!, (x) => parseInt(x, 16));
		equal(again.init_with_seed(known), "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo");
		equal(again.sign(""), "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw");
	},
});

export const unsetCases = cases("objects without keys", {
	"sign, encrypt, decrypt and export nothing": ({ Olm, published }) => {
		if (published) return; // goes on with keys of zeros
		throws(() => new Olm.PkSigning().sign("message"), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.PkDecryption().get_private_key(), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.PkDecryption().decrypt("A".repeat(43), "A".repeat(11), "A".repeat(43)), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.PkEncryption().encrypt("message"), "OLM.INVALID_BASE64");
		throws(() => new Olm.OutboundGroupSession().encrypt("message"), "OLM.BAD_SESSION_KEY");
		throws(() => new Olm.OutboundGroupSession().session_key(), "OLM.BAD_SESSION_KEY");
		throws(() => new Olm.InboundGroupSession().export_session(0), "OLM.UNKNOWN_MESSAGE_INDEX");
		throws(() => new Olm.Session().encrypt("message"), "OLM.CORRUPTED_PICKLE");
	},
});

export const sasCases = cases("SAS", {
	"both sides arrive at the same": ({ Olm }) => {
		const a = new Olm.SAS();
		const b = new Olm.SAS();
		equal(a.get_pubkey().length, 43);
		different(a.get_pubkey(), b.get_pubkey());
		equal((a as any).is_their_key_set(), false);
		throws(() => a.generate_bytes("info", 6), "OLM.OLM_SAS_THEIR_KEY_NOT_SET");
		throws(() => a.calculate_mac("input", "info"), "OLM.OLM_SAS_THEIR_KEY_NOT_SET");
		equal(a.set_their_key(b.get_pubkey()), undefined);
		b.set_their_key(a.get_pubkey());
		equal((a as any).is_their_key_set(), true);
		for (const n of [0, 5, 6, 32, 100, 8160]) {
			equal(a.generate_bytes("info", n), b.generate_bytes("info", n));
			equal(a.generate_bytes("info", n).length, n);
		}
		different(a.generate_bytes("info", 6), a.generate_bytes("another", 6));
		for (const method of ["calculate_mac", "calculate_mac_fixed_base64", "calculate_mac_long_kdf"] as const) {
			matches(a[method]("input", "info"), base64);
			equal(a[method]("input", "info").length, 43);
			equal(a[method]("input", "info"), b[method]("input", "info"));
			different(a[method]("input", "info"), a[method]("input", "other"));
			different(a[method]("input", "info"), a[method]("other", "info"));
		}
		different(a.calculate_mac("input", "info"), a.calculate_mac_fixed_base64("input", "info"));
		different(a.calculate_mac("input", "info"), a.calculate_mac_long_kdf("input", "info"));
	},

	"their key": ({ Olm }) => {
		const a = new Olm.SAS();
		throws(() => a.set_their_key(""), "OLM.OLM_INPUT_BUFFER_TOO_SMALL");
		throws(() => a.set_their_key("A".repeat(45)), "OLM.INVALID_BASE64");
		const b = new Olm.SAS();
		a.set_their_key(b.get_pubkey() + "="); // many implementations pad it
		b.set_their_key(a.get_pubkey());
		equal(a.generate_bytes("info", 6), b.generate_bytes("info", 6));
	},

	"many": ({ Olm, published }) => {
		if (published) return; // it crashes after some 2000
		for (let i = 0; i < 5000; i++) new Olm.SAS().free();
		new Olm.Utility().sha256("still there");
	},
});

export const constantCases = cases("the package", {
	"has these members, in this order": ({ Olm }) => {
		equal(Object.keys(Olm), [
			"init",
			"OutboundGroupSession",
			"InboundGroupSession",
			"Account",
			"Session",
			"Utility",
			"PkEncryption",
			"PkDecryption",
			"PkSigning",
			"SAS",
			"get_library_version",
			"PRIVATE_KEY_LENGTH",
		]);
		equal(Olm.PRIVATE_KEY_LENGTH, 32);
		equal(Olm.get_library_version().slice(0, 2), [3, 2]);
	},

	"init may be called again": async ({ Olm }) => {
		const first = Olm.init();
		equal(first === Olm.init({ locateFile: () => "nowhere" }), true);
		equal(await first, undefined);
	},

	"classes have these methods": ({ Olm }) => {
		const want: Record<string, string> = {
			Account:
				"free create identity_keys sign one_time_keys mark_keys_as_published max_number_of_one_time_keys generate_one_time_keys remove_one_time_keys generate_fallback_key fallback_key unpublished_fallback_key forget_old_fallback_key pickle unpickle",
			Session:
				"free pickle unpickle create_outbound create_inbound create_inbound_from session_id has_received_message matches_inbound matches_inbound_from encrypt decrypt describe",
			Utility: "free sha256 ed25519_verify",
			InboundGroupSession: "free pickle unpickle create import_session decrypt session_id first_known_index export_session",
			OutboundGroupSession: "free pickle unpickle create encrypt session_id session_key message_index",
			PkEncryption: "free set_recipient_key encrypt",
			PkDecryption: "free init_with_private_key generate_key get_private_key pickle unpickle decrypt",
			PkSigning: "free init_with_seed generate_seed sign",
			SAS: "free get_pubkey set_their_key is_their_key_set generate_bytes calculate_mac calculate_mac_fixed_base64 calculate_mac_long_kdf",
		};
		for (const [name, methods] of Object.entries(want)) {
			const Class = (Olm as any)[name];
			const object = new Class();
			equal(object instanceof Class, true);
			equal(object.constructor === Class, true);
			for (const method of methods.split(" ")) equal(typeof object[method], "function", `${name}.${method}`);
			object.free();
		}
	},

	"accounts of two instances do not mix": ({ Olm, published }) => {
		if (published) return;
		throws(() => new Olm.Session().create_inbound({} as any, "AAAA"), /account is of the wrong type/);
		throws(() => account(Olm).remove_one_time_keys(account(Olm) as any), /session is of the wrong type/);
	},
});
