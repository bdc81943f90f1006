// A good call of every method of both APIs, for tests that make them bad.
import type * as Classic from "../../src/classic/classes.js";
import type * as Modern from "../../src/modern/index.js";

/** An object, or a class or nothing for what is static, and good arguments. */
export interface Made {
	readonly self: any;
	readonly args: unknown[];
}

/** Makes what a method is called with, anew. */
export type Make = () => Made;

/** The calls by the names of class and member: `Account.sign`, `new Account`, or the name of a function. */
export type Calls = Record<string, Make>;

export function classicCalls(Olm: typeof Classic): Calls {
	const account = (): Classic.Account => {
		const a = new Olm.Account();
		a.unpickle("k", pickles.bob);
		return a;
	};
	const session = (pickle: string) => () => {
		const s = new Olm.Session();
		s.unpickle("k", pickle);
		return s;
	};
	const alice = new Olm.Account();
	alice.create();
	const bob = new Olm.Account();
	bob.create();
	bob.generate_one_time_keys(5);
	bob.generate_fallback_key();
	bob.generate_fallback_key();
	const identity = JSON.parse(bob.identity_keys()).curve25519;
	const from = JSON.parse(alice.identity_keys()).curve25519;
	const [oneTime] = Object.values<string>(JSON.parse(bob.one_time_keys()).curve25519);
	const there = new Olm.Session();
	there.create_outbound(alice, identity, oneTime);
	const first = there.encrypt("first").body;
	const before = new Olm.Session();
	before.create_inbound(bob, first);
	const back = new Olm.Session();
	back.create_inbound(bob, first);
	back.decrypt(0, first);
	const answer = back.encrypt("answer").body;
	const out = new Olm.OutboundGroupSession();
	out.create();
	const key = out.session_key();
	const inbound = new Olm.InboundGroupSession();
	inbound.create(key);
	const groupMessage = out.encrypt("to all");
	const exported = inbound.export_session(0);
	const pk = new Olm.PkDecryption();
	const publicKey = pk.generate_key();
	const encryption = new Olm.PkEncryption();
	encryption.set_recipient_key(publicKey);
	const sealed = encryption.encrypt("backup");
	const seed = new Olm.PkSigning().generate_seed();
	const theirs = new Olm.SAS().get_pubkey();
	const pickles = {
		bob: bob.pickle("k"),
		there: there.pickle("k"),
		before: before.pickle("k"),
		back: back.pickle("k"),
		out: out.pickle("k"),
		inbound: inbound.pickle("k"),
		pk: pk.pickle("k"),
	};
	const signature = alice.sign("message");
	const ed25519 = JSON.parse(alice.identity_keys()).ed25519;
	for (const object of [alice, bob, there, before, back, out, inbound, pk, encryption]) object.free();

	const of = (make: () => object, ...args: (unknown | (() => unknown))[]) => () => ({ self: make(), args: args.map((a) => (typeof a === "function" ? a() : a)) });
	const Outbound = () => {
		const g = new Olm.OutboundGroupSession();
		g.unpickle("k", pickles.out);
		return g;
	};
	const Inbound = () => {
		const g = new Olm.InboundGroupSession();
		g.unpickle("k", pickles.inbound);
		return g;
	};
	const decryption = () => {
		const d = new Olm.PkDecryption();
		d.unpickle("k", pickles.pk);
		return d;
	};
	const recipient = () => {
		const e = new Olm.PkEncryption();
		e.set_recipient_key(publicKey);
		return e;
	};
	const signing = () => {
		const s = new Olm.PkSigning();
		s.init_with_seed(seed);
		return s;
	};
	const sas = () => {
		const s = new Olm.SAS();
		s.set_their_key(theirs);
		return s;
	};
	const empty = (Class: new () => object) => () => new Class();
	const utility = empty(Olm.Utility);

	const calls: Calls = {
		"Account.create": of(empty(Olm.Account)),
		"Account.identity_keys": of(account),
		"Account.sign": of(account, "message"),
		"Account.one_time_keys": of(account),
		"Account.mark_keys_as_published": of(account),
		"Account.max_number_of_one_time_keys": of(account),
		"Account.generate_one_time_keys": of(account, 3),
		"Account.remove_one_time_keys": of(account, session(pickles.back)),
		"Account.generate_fallback_key": of(account),
		"Account.fallback_key": of(account),
		"Account.unpublished_fallback_key": of(account),
		"Account.forget_old_fallback_key": of(account),
		"Account.pickle": of(account, "key"),
		"Account.unpickle": of(empty(Olm.Account), "k", pickles.bob),
		"Session.create_outbound": of(empty(Olm.Session), account, identity, oneTime),
		"Session.create_inbound": of(empty(Olm.Session), account, first),
		"Session.create_inbound_from": of(empty(Olm.Session), account, from, first),
		"Session.session_id": of(session(pickles.back)),
		"Session.has_received_message": of(session(pickles.back)),
		"Session.matches_inbound": of(session(pickles.back), first),
		"Session.matches_inbound_from": of(session(pickles.back), from, first),
		"Session.encrypt": of(session(pickles.there), "text"),
		"Session.decrypt": of(session(pickles.there), 1, answer),
		"Session.describe": of(session(pickles.back)),
		"Session.pickle": of(session(pickles.back), "key"),
		"Session.unpickle": of(empty(Olm.Session), "k", pickles.back),
		"Utility.sha256": of(utility, "input"),
		"Utility.ed25519_verify": of(utility, ed25519, "message", signature),
		"InboundGroupSession.create": of(empty(Olm.InboundGroupSession), key),
		"InboundGroupSession.import_session": of(empty(Olm.InboundGroupSession), exported),
		"InboundGroupSession.decrypt": of(Inbound, groupMessage),
		"InboundGroupSession.session_id": of(Inbound),
		"InboundGroupSession.first_known_index": of(Inbound),
		"InboundGroupSession.export_session": of(Inbound, 0),
		"InboundGroupSession.pickle": of(Inbound, "key"),
		"InboundGroupSession.unpickle": of(empty(Olm.InboundGroupSession), "k", pickles.inbound),
		"OutboundGroupSession.create": of(empty(Olm.OutboundGroupSession)),
		"OutboundGroupSession.encrypt": of(Outbound, "text"),
		"OutboundGroupSession.session_id": of(Outbound),
		"OutboundGroupSession.session_key": of(Outbound),
		"OutboundGroupSession.message_index": of(Outbound),
		"OutboundGroupSession.pickle": of(Outbound, "key"),
		"OutboundGroupSession.unpickle": of(empty(Olm.OutboundGroupSession), "k", pickles.out),
		"PkEncryption.set_recipient_key": of(empty(Olm.PkEncryption), publicKey),
		"PkEncryption.encrypt": of(recipient, "text"),
		"PkDecryption.init_with_private_key": of(empty(Olm.PkDecryption), seed),
		"PkDecryption.generate_key": of(empty(Olm.PkDecryption)),
		"PkDecryption.get_private_key": of(decryption),
		"PkDecryption.pickle": of(decryption, "key"),
		"PkDecryption.unpickle": of(empty(Olm.PkDecryption), "k", pickles.pk),
		"PkDecryption.decrypt": of(decryption, sealed.ephemeral, sealed.mac, sealed.ciphertext),
		"PkSigning.init_with_seed": of(empty(Olm.PkSigning), [...seed]),
		"PkSigning.generate_seed": of(empty(Olm.PkSigning)),
		"PkSigning.sign": of(signing, "message"),
		"SAS.get_pubkey": of(sas),
		"SAS.set_their_key": of(empty(Olm.SAS), theirs),
		"SAS.is_their_key_set": of(sas),
		"SAS.generate_bytes": of(sas, "info", 6),
		"SAS.calculate_mac": of(sas, "input", "info"),
		"SAS.calculate_mac_fixed_base64": of(sas, "input", "info"),
		"SAS.calculate_mac_long_kdf": of(sas, "input", "info"),
	};
	for (const name of ["Account", "Session", "Utility", "InboundGroupSession", "OutboundGroupSession", "PkEncryption", "PkDecryption", "PkSigning", "SAS"] as const) {
		calls[`new ${name}`] = () => ({ self: Olm[name], args: [] });
		calls[`${name}.free`] = of(empty(Olm[name]));
	}
	return calls;
}

export function modernCalls(M: typeof Modern): Calls {
	const alice = new M.Account();
	const bob = new M.Account();
	bob.generateOneTimeKeys(5);
	bob.generateFallbackKey();
	bob.generateFallbackKey();
	const identity = bob.identityKeys.curve25519;
	const oneTime = bob.oneTimeKeys[0].key;
	const there = alice.createOutboundSession(identity, oneTime);
	const first = there.encrypt("first");
	const bobPickle = bob.pickle("k");
	const { session: back } = bob.createInboundSession(first);
	const answer = back.encrypt("answer");
	const out = new M.OutboundGroupSession();
	const key = out.sessionKey;
	const inbound = new M.InboundGroupSession(key);
	const groupMessage = out.encrypt("to all");
	const exported = inbound.export();
	const pk = new M.PkDecryption();
	const sealed = new M.PkEncryption(pk.publicKey).encrypt("backup");
	const seed = M.PkSigning.generateSeed();
	const theirs = new M.Sas().publicKey;
	const from = alice.identityKeys.curve25519;
	const ed25519 = alice.identityKeys.ed25519;
	const signature = alice.sign("message");
	const [therePickle, backPickle, outPickle, inboundPickle, pkPickle] = [there, back, out, inbound, pk].map((o) => o.pickle("k"));
	const { publicKey } = pk;

	const of = (make: () => object, ...args: unknown[]) => () => ({ self: make(), args });
	const fixed = (self: unknown, ...args: unknown[]) => () => ({ self, args });
	const account = () => M.Account.fromPickle(bobPickle, "k");
	const session = (pickle = backPickle) => M.Session.fromPickle(pickle, "k");
	const outbound = () => M.OutboundGroupSession.fromPickle(outPickle, "k");
	const receiving = () => M.InboundGroupSession.fromPickle(inboundPickle, "k");
	const decryption = () => M.PkDecryption.fromPickle(pkPickle, "k");
	const signing = () => new M.PkSigning(seed);
	const encryption = () => new M.PkEncryption(publicKey);
	const sas = () => {
		const s = new M.Sas();
		s.establish(theirs);
		return s;
	};
	const calls: Calls = {
		"new Account": fixed(M.Account),
		"Account.fromPickle": fixed(M.Account, bobPickle, "k"),
		"Account.identityKeys": of(account),
		"Account.sign": of(account, "message"),
		"Account.generateOneTimeKeys": of(account, 98),
		"Account.oneTimeKeys": of(account),
		"Account.generateFallbackKey": of(account),
		"Account.fallbackKey": of(account),
		"Account.forgetOldFallbackKey": of(account),
		"Account.markKeysAsPublished": of(account),
		"Account.createOutboundSession": of(account, identity, oneTime),
		"Account.createInboundSession": of(account, first, from),
		"Session.fromPickle": fixed(M.Session, backPickle, "k"),
		"Session.idOf": fixed(M.Session, first),
		"Session.id": of(session),
		"Session.hasReceivedMessage": of(session),
		"Session.encrypt": of(() => session(therePickle), "text"),
		"Session.decrypt": of(() => session(therePickle), answer),
		"Session.decryptText": of(() => session(therePickle), answer),
		"Session.matches": of(session, first, from),
		"Session.describe": of(session),
		"new OutboundGroupSession": fixed(M.OutboundGroupSession),
		"OutboundGroupSession.fromPickle": fixed(M.OutboundGroupSession, outPickle, "k"),
		"OutboundGroupSession.id": of(outbound),
		"OutboundGroupSession.messageIndex": of(outbound),
		"OutboundGroupSession.sessionKey": of(outbound),
		"OutboundGroupSession.encrypt": of(outbound, "text"),
		"new InboundGroupSession": fixed(M.InboundGroupSession, key),
		"InboundGroupSession.import": fixed(M.InboundGroupSession, exported),
		"InboundGroupSession.fromPickle": fixed(M.InboundGroupSession, inboundPickle, "k"),
		"InboundGroupSession.id": of(receiving),
		"InboundGroupSession.firstKnownIndex": of(receiving),
		"InboundGroupSession.isVerified": of(receiving),
		"InboundGroupSession.decrypt": of(receiving, groupMessage),
		"InboundGroupSession.decryptText": of(receiving, groupMessage),
		"InboundGroupSession.export": of(receiving, 0),
		"new PkEncryption": fixed(M.PkEncryption, publicKey),
		"PkEncryption.encrypt": of(encryption, "text"),
		"new PkDecryption": fixed(M.PkDecryption, seed),
		"PkDecryption.publicKey": of(decryption),
		"PkDecryption.fromPickle": fixed(M.PkDecryption, pkPickle, "k"),
		"PkDecryption.privateKey": of(decryption),
		"PkDecryption.decrypt": of(decryption, sealed),
		"PkDecryption.decryptText": of(decryption, sealed),
		"new PkSigning": fixed(M.PkSigning, seed),
		"PkSigning.publicKey": of(signing),
		"PkSigning.generateSeed": fixed(M.PkSigning),
		"PkSigning.sign": of(signing, "message"),
		"new Sas": fixed(M.Sas),
		"Sas.publicKey": of(sas),
		"Sas.establish": of(() => new M.Sas(), theirs),
		"Sas.isEstablished": of(sas),
		"Sas.bytes": of(sas, "info", 6),
		"Sas.emoji": of(sas, "info"),
		"Sas.decimals": of(sas, "info"),
		"Sas.mac": of(sas, "input", "info"),
		"Sas.legacyMac": of(sas, "input", "info"),
		sha256: fixed(undefined, "input"),
		verifySignature: fixed(undefined, ed25519, "message", signature),
	};
	const makes: Record<string, () => object> = { Account: account, Session: session, OutboundGroupSession: outbound, InboundGroupSession: receiving, PkDecryption: decryption, PkSigning: signing, PkEncryption: encryption, Sas: sas };
	for (const [name, make] of Object.entries(makes)) {
		calls[`${name}.free`] = of(make);
		calls[`${name}.Symbol.dispose`] = of(make);
		calls[`${name}.toJSON`] = of(make);
		if ("pickle" in make()) calls[`${name}.pickle`] = of(make, "key");
	}
	return calls;
}

/** Runs a call. */
export function invoke(name: string, api: any, { self, args }: Made): unknown {
	if (name.startsWith("new ")) return Reflect.construct(self, args);
	const member = name.slice(name.indexOf(".") + 1);
	if (self === undefined) return Reflect.apply(api[name], undefined, args);
	if (member === "Symbol.dispose") return self[Symbol.dispose ?? Symbol.for("Symbol.dispose")]();
	const value = self[member];
	return typeof value === "function" ? Reflect.apply(value, self, args) : value;
}
