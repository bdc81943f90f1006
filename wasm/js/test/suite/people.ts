import type { Olm } from "./case.js";

export const base64 = /^[A-Za-z0-9+/]+$/;

type Account = InstanceType<Olm["Account"]>;
type Session = InstanceType<Olm["Session"]>;

export function account(Olm: Olm): Account {
	const made = new Olm.Account();
	made.create();
	return made;
}

export function curve25519(account: Account): string {
	return JSON.parse(account.identity_keys()).curve25519;
}

export function oneTimeKey(account: Account): string {
	account.generate_one_time_keys(1);
	const keys: string[] = Object.values(JSON.parse(account.one_time_keys()).curve25519);
	account.mark_keys_as_published();
	return keys[0];
}

export interface Conversation {
	alice: Account;
	bob: Account;
	there: Session;
	back: Session;
	first: { type: 0 | 1; body: string };
}

/** Alice has written to Bob, who has read it. */
export function begun(Olm: Olm, text = "hello"): Conversation {
	const alice = account(Olm);
	const bob = account(Olm);
	const there = new Olm.Session();
	there.create_outbound(alice, curve25519(bob), oneTimeKey(bob));
	const first = there.encrypt(text);
	const back = new Olm.Session();
	back.create_inbound(bob, first.body);
	if (back.decrypt(first.type, first.body) !== text) throw new Error("the first message arrived changed");
	bob.remove_one_time_keys(back);
	return { alice, bob, there, back, first };
}

/** Bob has answered. */
export function answered(Olm: Olm): Conversation {
	const c = begun(Olm);
	const answer = c.back.encrypt("hello yourself");
	c.there.decrypt(answer.type, answer.body);
	return c;
}

export function groupPair(Olm: Olm) {
	const out = new Olm.OutboundGroupSession();
	out.create();
	const inbound = new Olm.InboundGroupSession();
	inbound.create(out.session_key());
	return { out, inbound };
}

/** Replaces the character in the middle. */
export function damaged(text: string, at = text.length >> 1): string {
	return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}
