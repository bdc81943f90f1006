import { cases } from "./case.js";
import { different, equal, fail, matches, throws } from "./check.js";
import { account, answered, base64, begun, curve25519, damaged, oneTimeKey } from "./people.js";

export const sessionCases = cases("Session", {
	"a conversation": ({ Olm }) => {
		const { there, back, first } = begun(Olm);
		equal(Object.keys(first), ["type", "body"]);
		equal(first.type, 0);
		equal(back.has_received_message(), true);
		equal(there.has_received_message(), false);
		equal(there.encrypt("again").type, 0);
		const answer = back.encrypt("hello yourself");
		equal(answer.type, 1);
		equal(there.decrypt(answer.type, answer.body), "hello yourself");
		equal(there.has_received_message(), true);
		for (let i = 0; i < 20; i++) {
			const m = there.encrypt(`question ${i}`);
			equal(m.type, 1);
			equal(back.decrypt(m.type, m.body), `question ${i}`);
			const n = back.encrypt(`answer ${i}`);
			equal(there.decrypt(n.type, n.body), `answer ${i}`);
		}
	},

	"ids": ({ Olm }) => {
		const { there, back } = begun(Olm);
		matches(there.session_id(), base64);
		equal(there.session_id().length, 43);
		equal(back.session_id(), there.session_id());
		different(begun(Olm).there.session_id(), there.session_id());
	},

	"messages out of order": ({ Olm }) => {
		const { there, back } = answered(Olm);
		const messages = Array.from({ length: 50 }, (_, i) => ({ i, ...there.encrypt(`number ${i}`) }));
		for (const { i, type, body } of [...messages].reverse()) {
			// Of the messages that were skipped, 40 keys are kept.
			if (i >= 9) equal(back.decrypt(type, body), `number ${i}`);
			else throws(() => back.decrypt(type, body), "OLM.BAD_MESSAGE_MAC");
		}
		for (const { type, body } of messages) throws(() => back.decrypt(type, body), "OLM.BAD_MESSAGE_MAC");
	},

	"a gap of 2000 messages is bridged, one of 2001 is not": ({ Olm }) => {
		const { there, back } = answered(Olm);
		for (let i = 0; i < 2000; i++) there.encrypt("");
		const near = there.encrypt("near");
		const far = there.encrypt("far");
		throws(() => back.decrypt(far.type, far.body), "OLM.BAD_MESSAGE_MAC");
		equal(back.decrypt(near.type, near.body), "near");
		equal(back.decrypt(far.type, far.body), "far");
	},

	"describe": ({ Olm }) => {
		equal(new Olm.Session().describe(), "sender chain index: 0 receiver chain indices: skipped message keys:");
		const { there, back } = answered(Olm);
		there.encrypt("lost");
		there.encrypt("lost");
		const { type, body } = there.encrypt("");
		back.decrypt(type, body);
		equal(back.describe(), "sender chain index: 0 receiver chain indices: 3 1 skipped message keys: 1 0");
		for (let i = 0; i < 400; i++) there.encrypt("");
		const late = there.encrypt("");
		back.decrypt(late.type, late.body);
		const text = back.describe();
		equal(text.length, "sender chain index: 0 receiver chain indices: 404 1 skipped message keys:".length + 40 * 4);
		const long = answered(Olm);
		for (let i = 0; i < 1500; i++) long.there.encrypt("");
		const last = long.there.encrypt("");
		long.back.decrypt(last.type, last.body);
		equal(long.back.describe().length, 255);
		matches(long.back.describe(), /^sender chain index: 0 receiver chain indices: 1501 1 skipped message keys: 1499 1498 .*\.\.\.$/);
	},

	"create_inbound_from": ({ Olm }) => {
		const alice = account(Olm);
		const bob = account(Olm);
		const there = new Olm.Session();
		there.create_outbound(alice, curve25519(bob), oneTimeKey(bob));
		const { type, body } = there.encrypt("hello");
		const back = new Olm.Session();
		throws(() => back.create_inbound_from(bob, curve25519(bob), body), "OLM.BAD_MESSAGE_KEY_ID");
		throws(() => back.create_inbound_from(bob, "short", body), "OLM.INVALID_BASE64");
		equal(back.create_inbound_from(bob, curve25519(alice), body), undefined);
		equal(back.decrypt(type, body), "hello");
	},

	"matches_inbound": ({ Olm }) => {
		const { alice, bob, there, back, first } = begun(Olm);
		const other = begun(Olm);
		equal(back.matches_inbound(first.body), true);
		equal(there.matches_inbound(first.body), true);
		equal(back.matches_inbound(other.first.body), false);
		equal(back.matches_inbound_from(curve25519(alice), first.body), true);
		equal(back.matches_inbound_from(curve25519(bob), first.body), false);
		equal(back.matches_inbound("AAAA"), false);
		throws(() => back.matches_inbound("A"), "OLM.INVALID_BASE64");
	},

	"the errors of setup": ({ Olm }) => {
		const alice = account(Olm);
		const bob = account(Olm);
		const key = oneTimeKey(bob);
		const s = new Olm.Session();
		throws(() => s.create_outbound(alice, "", key), "OLM.INVALID_BASE64");
		throws(() => s.create_outbound(alice, curve25519(bob) + "=", key), "OLM.INVALID_BASE64");
		throws(() => s.create_outbound(alice, curve25519(bob), key.slice(1)), "OLM.INVALID_BASE64");
		throws(() => s.create_inbound(bob, ""), "OLM.BAD_MESSAGE_FORMAT");
		throws(() => s.create_inbound(bob, "A"), "OLM.INVALID_BASE64");
		throws(() => s.create_inbound(bob, "AAAA"), "OLM.BAD_MESSAGE_FORMAT");
		s.create_outbound(alice, curve25519(bob), key);
		throws(() => new Olm.Session().create_inbound(alice, s.encrypt("to somebody else").body), "OLM.BAD_MESSAGE_KEY_ID");
	},

	"the errors of decryption leave the session what it was": ({ Olm }) => {
		const { there, back, first } = answered(Olm);
		const message = there.encrypt("a secret");
		const before = back.pickle("k");
		throws(() => back.decrypt(1, ""), "OLM.BAD_MESSAGE_FORMAT");
		throws(() => back.decrypt(0, ""), "OLM.BAD_MESSAGE_FORMAT");
		throws(() => back.decrypt(1, "A"), "OLM.INVALID_BASE64");
		throws(() => back.decrypt(0, "A"), "OLM.INVALID_BASE64");
		throws(() => back.decrypt(0, message.body), "OLM.BAD_MESSAGE_FORMAT");
		throws(() => back.decrypt(1, first.body), "OLM.BAD_MESSAGE_FORMAT");
		throws(() => back.decrypt(1, "B" + message.body.slice(1)), "OLM.BAD_MESSAGE_VERSION");
		throws(() => back.decrypt(1, damaged(message.body)), "OLM.BAD_MESSAGE_MAC");
		throws(() => back.decrypt(1, damaged(message.body, message.body.length - 3)), "OLM.BAD_MESSAGE_MAC");
		throws(() => back.decrypt(0, first.body), "OLM.BAD_MESSAGE_MAC");
		equal(back.pickle("k"), before);
		equal(back.decrypt(1, message.body), "a secret");
	},

	"the type of a message may be a numeric string": ({ Olm }) => {
		const { there, back } = answered(Olm);
		const { body } = there.encrypt("hello");
		equal(back.decrypt("1" as any, body), "hello");
		const other = begun(Olm);
		equal(other.back.decrypt("0" as any, other.there.encrypt("again").body), "again");
	},

	"pickles go round": ({ Olm }) => {
		const { there, back } = answered(Olm);
		for (let i = 0; i < 5; i++) there.encrypt("lost");
		const message = there.encrypt("hello");
		back.decrypt(message.type, message.body);
		const pickle = back.pickle("secret");
		const copy = new Olm.Session();
		equal(copy.unpickle("secret", pickle), undefined);
		equal(copy.pickle("secret"), pickle);
		equal(copy.describe(), back.describe());
		const next = there.encrypt("next");
		equal(copy.decrypt(next.type, next.body), "next");
		throws(() => new Olm.Session().unpickle("wrong", pickle), "OLM.BAD_ACCOUNT_KEY");
		throws(() => new Olm.Session().unpickle("secret", damaged(pickle)), "OLM.BAD_ACCOUNT_KEY");
	},

	"a session of zeros has a pickle": ({ Olm }) => {
		const pickle = new Olm.Session().pickle("k");
		const s = new Olm.Session();
		s.unpickle("k", pickle);
		equal(s.pickle("k"), pickle);
		equal(pickle.length, Math.ceil((160 + 8) * 4 / 3));
	},

	"what is encrypted is not what is sent": ({ Olm }) => {
		const { there } = answered(Olm);
		const secret = "attack at dawn";
		const { body } = there.encrypt(secret);
		if (atob(body.slice(0, body.length & ~3)).includes(secret)) fail("the plaintext is in the message");
		different(there.encrypt(secret).body, there.encrypt(secret).body);
	},
});
