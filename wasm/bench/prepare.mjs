// What operations work on, made with any package that has libolm's classic API.

/** What pickles are encrypted under. */
export const key = "32 random bytes from a key store";

/** A plaintext of n bytes. Not of zeros: the published package ends a text there. */
export const plain = (n) => "x".repeat(n);

/** The sizes of a short message, a long one, and a small file, as the comparison names them. */
export const sizes = [
	["64B", 64],
	["1KiB", 1024],
	["32KiB", 32768],
];

export const many = (n, make) => Array.from({ length: n }, make);

/** Throws unless a text is the plaintext of that size. */
export function check(text, size) {
	if (text !== plain(size)) throw new Error("this is another plaintext");
}

export function account(Olm, oneTimeKeys = 0) {
	const made = new Olm.Account();
	made.create();
	if (oneTimeKeys) made.generate_one_time_keys(oneTimeKeys);
	return made;
}

const curve25519 = (json) => JSON.parse(json).curve25519;
export const identityKey = (account) => curve25519(account.identity_keys());
export const oneTimeKey = (account) => Object.values(curve25519(account.one_time_keys()))[0];

/** A session that Alice has begun, with her first message to Bob's account, which still has the key for it. */
export function begun(Olm) {
	const [a, b] = [account(Olm), account(Olm, 1)];
	const alice = new Olm.Session();
	alice.create_outbound(a, identityKey(b), oneTimeKey(b));
	a.free();
	return { alice, account: b, first: alice.encrypt("1") };
}

/** Both sides of a session in which both have sent, and its first message. */
export function conversation(Olm) {
	const { alice, account, first } = begun(Olm);
	const bob = new Olm.Session();
	bob.create_inbound(account, first.body);
	bob.decrypt(first.type, first.body);
	account.free();
	pass(bob, alice, "2");
	pass(alice, bob, "3");
	return { alice, bob, first };
}

/** Sends a text from one to the other, and returns what arrives. */
export function pass(from, to, text) {
	const { type, body } = from.encrypt(text);
	return to.decrypt(type, body);
}

/** Both ends of a group session, and its session key. */
export function group(Olm) {
	const [out, inbound] = [new Olm.OutboundGroupSession(), new Olm.InboundGroupSession()];
	out.create();
	const sessionKey = out.session_key();
	inbound.create(sessionKey);
	return { out, inbound, sessionKey };
}

/** An object of a class, read from its pickle. */
export function unpickled(Class, pickle) {
	const made = new Class();
	made.unpickle(key, pickle);
	return made;
}
