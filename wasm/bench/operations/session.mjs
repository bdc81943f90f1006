// The operations of a one-to-one session.
import { inOrder, messagesOf, onEach, repeat } from "../loops.mjs";
import { account, begun, check, conversation, identityKey, key, many, oneTimeKey, pass, plain, sizes, unpickled } from "../prepare.mjs";

export const sessions = [
	{
		name: "Session: create_outbound",
		setup(Olm) {
			const [a, b] = [account(Olm), account(Olm, 1)];
			const [identity, oneTime] = [identityKey(b), oneTimeKey(b)];
			return repeat(() => {
				const s = new Olm.Session();
				s.create_outbound(a, identity, oneTime);
				s.free();
			});
		},
	},
	{
		peer: "OlmOutbound",
		setup(Olm) {
			const [a, b] = [account(Olm), account(Olm, 1)];
			const [identity, oneTime, plaintext] = [identityKey(b), oneTimeKey(b), plain(64)];
			return repeat(() => {
				const s = new Olm.Session();
				s.create_outbound(a, identity, oneTime);
				s.encrypt(plaintext);
				s.free();
			});
		},
	},
	{
		name: "Session: create_inbound",
		setup(Olm) {
			const { account, first } = begun(Olm);
			return repeat(() => {
				const s = new Olm.Session();
				s.create_inbound(account, first.body);
				s.free();
			});
		},
	},
	{
		peer: "OlmInbound",
		setup(Olm) {
			const [a, b, s] = [account(Olm), account(Olm, 50), new Olm.Session()];
			s.create_outbound(a, identityKey(b), oneTimeKey(b));
			const { body } = s.encrypt(plain(64));
			const pickle = b.pickle(key);
			return onEach(
				() => unpickled(Olm.Account, pickle),
				(b) => {
					const s = new Olm.Session();
					s.create_inbound(b, body);
					check(s.decrypt(0, body), 64);
					b.remove_one_time_keys(s);
					s.free();
				},
			);
		},
	},
	{
		name: "Session: matches_inbound",
		setup(Olm) {
			const { bob, first } = conversation(Olm);
			return repeat(() => bob.matches_inbound(first.body));
		},
	},
	{
		name: "Session: session_id",
		setup(Olm) {
			const { alice } = conversation(Olm);
			return repeat(() => alice.session_id());
		},
	},
	{
		name: "Session: describe",
		setup(Olm) {
			const { alice } = conversation(Olm);
			return repeat(() => alice.describe());
		},
	},
	...sizes.map(([label, size]) => ({
		name: `Session: encrypt ${size} B`,
		peer: `OlmEncrypt/${label}`,
		setup(Olm) {
			const { alice } = conversation(Olm);
			const plaintext = plain(size);
			return repeat(() => alice.encrypt(plaintext));
		},
	})),
	...sizes.map(([label, size]) => ({
		name: `Session: decrypt ${size} B`,
		peer: `OlmDecrypt/${label}`,
		setup(Olm) {
			const { alice, bob } = conversation(Olm);
			const [bodies, pickle] = [many(messagesOf(size), () => alice.encrypt(plain(size)).body), bob.pickle(key)];
			return inOrder(() => unpickled(Olm.Session, pickle), bodies, (s, body) => check(s.decrypt(1, body), size));
		},
	})),
	{
		name: "Session: a turn each (4 X25519)",
		peer: "OlmPingPong",
		setup(Olm) {
			const { alice, bob } = conversation(Olm);
			const plaintext = plain(64);
			return repeat(() => {
				pass(bob, alice, plaintext);
				pass(alice, bob, plaintext);
			});
		},
	},
	{
		peer: "OlmSkip40",
		setup(Olm) {
			const { alice, bob } = conversation(Olm);
			const bodies = many(40, () => alice.encrypt(plain(64)).body).reverse(); // the newest first
			const pickle = bob.pickle(key);
			return onEach(
				() => unpickled(Olm.Session, pickle),
				(bob) => {
					for (const body of bodies) bob.decrypt(1, body);
				},
			);
		},
	},
	{
		name: "Session: pickle",
		peer: "PickleSession",
		setup(Olm) {
			const { bob } = conversation(Olm);
			return repeat(() => bob.pickle(key));
		},
	},
	{
		name: "Session: unpickle",
		peer: "UnpickleSession",
		setup(Olm) {
			const pickle = conversation(Olm).bob.pickle(key);
			return repeat(() => unpickled(Olm.Session, pickle).free());
		},
	},
	{
		peer: "HotOlm",
		setup(Olm) {
			const { alice, bob } = conversation(Olm);
			const [{ type, body }, pickle] = [alice.encrypt(plain(64)), bob.pickle(key)];
			return repeat(() => {
				const s = unpickled(Olm.Session, pickle);
				s.decrypt(type, body);
				s.pickle(key);
				s.free();
			});
		},
	},
	{
		peer: "FanOut",
		setup(Olm) {
			const { alice, bob } = conversation(Olm);
			const pickle = alice.pickle(key);
			const devices = many(1000, () => unpickled(Olm.Session, pickle));
			const roomKey = plain(300);
			check(pass(devices[999], bob, roomKey), 300);
			return repeat(() => {
				for (const s of devices) s.encrypt(roomKey);
			});
		},
	},
];
