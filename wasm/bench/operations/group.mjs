// The operations of a group session.
import { inOrder, messagesOf, onEach, repeat } from "../loops.mjs";
import { check, group, key, many, plain, sizes, unpickled } from "../prepare.mjs";

export const groups = [
	{
		name: "Group: create outbound",
		peer: "MegolmNew",
		setup: (Olm) =>
			repeat(() => {
				const s = new Olm.OutboundGroupSession();
				s.create();
				s.free();
			}),
	},
	{
		name: "Group: session_key",
		setup(Olm) {
			const { out } = group(Olm);
			return repeat(() => out.session_key());
		},
	},
	{
		// A new sender's key each time, as in a room.
		name: "Group: create inbound",
		peer: "MegolmInboundNew",
		setup: (Olm) =>
			onEach(
				() => {
					const { out, inbound, sessionKey } = group(Olm);
					out.free();
					inbound.free();
					return { sessionKey };
				},
				({ sessionKey }) => {
					const s = new Olm.InboundGroupSession();
					s.create(sessionKey);
					s.free();
				},
			),
	},
	...sizes.map(([label, size]) => ({
		name: `Group: encrypt ${size} B`,
		peer: `MegolmEncrypt/${label}`,
		setup(Olm) {
			const { out } = group(Olm);
			const plaintext = plain(size);
			return repeat(() => out.encrypt(plaintext));
		},
	})),
	...sizes.map(([label, size]) => ({
		name: `Group: decrypt ${size} B`,
		peer: `MegolmDecrypt/${label}`,
		setup(Olm) {
			const { out, inbound } = group(Olm);
			const [texts, pickle] = [many(messagesOf(size), () => out.encrypt(plain(size))), inbound.pickle(key)];
			return inOrder(() => unpickled(Olm.InboundGroupSession, pickle), texts, (s, text) => check(s.decrypt(text).plaintext, size));
		},
	})),
	{
		name: "Group: decrypt, 1000 messages ahead",
		setup(Olm) {
			const { out, sessionKey } = group(Olm);
			for (let i = 0; i < 1000; i++) out.encrypt("");
			const message = out.encrypt(plain(64));
			return repeat(() => {
				const s = new Olm.InboundGroupSession();
				s.create(sessionKey);
				s.decrypt(message);
				s.free();
			});
		},
	},
	{
		peer: "MegolmFar",
		setup(Olm) {
			const { out, inbound } = group(Olm);
			for (let i = 0; i < 1 << 16; i++) out.encrypt("");
			const [text, pickle] = [out.encrypt(plain(64)), inbound.pickle(key)];
			return onEach(() => unpickled(Olm.InboundGroupSession, pickle), (s) => check(s.decrypt(text).plaintext, 64));
		},
	},
	{
		name: "Group: export_session",
		peer: "MegolmExport",
		setup(Olm) {
			const { inbound } = group(Olm);
			return repeat(() => inbound.export_session(0));
		},
	},
	{
		name: "Group: import_session",
		peer: "MegolmImport",
		setup(Olm) {
			const exported = group(Olm).inbound.export_session(0);
			return repeat(() => {
				const s = new Olm.InboundGroupSession();
				s.import_session(exported);
				s.free();
			});
		},
	},
	{
		name: "Group: pickle inbound",
		peer: "PickleMegolm",
		setup(Olm) {
			const { inbound } = group(Olm);
			return repeat(() => inbound.pickle(key));
		},
	},
	{
		name: "Group: unpickle inbound",
		peer: "UnpickleMegolm",
		setup(Olm) {
			const pickle = group(Olm).inbound.pickle(key);
			return repeat(() => unpickled(Olm.InboundGroupSession, pickle).free());
		},
	},
	{
		peer: "HotMegolm",
		setup(Olm) {
			const { out, inbound } = group(Olm);
			const [text, pickle] = [out.encrypt(plain(64)), inbound.pickle(key)];
			return repeat(() => {
				const s = unpickled(Olm.InboundGroupSession, pickle);
				s.decrypt(text);
				s.pickle(key);
				s.free();
			});
		},
	},
	{
		peer: "Backfill",
		setup(Olm) {
			const { out, inbound } = group(Olm);
			const [texts, pickle] = [many(1000, () => out.encrypt(plain(64))), inbound.pickle(key)];
			return onEach(
				() => unpickled(Olm.InboundGroupSession, pickle),
				(s) => {
					for (const text of texts) s.decrypt(text);
				},
			);
		},
	},
];
