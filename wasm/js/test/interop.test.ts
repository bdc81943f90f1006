// This package and the published one in one process: each reads what the other writes, whatever the
// objects have been through. The seed is printed; SEED repeats a run, STEPS sets its length.
import { beforeAll, describe, expect, test } from "vitest";
import type { Olm } from "./suite/case.js";
import { ready } from "./packages.js";

const steps = Number(process.env.STEPS ?? 10_000);
const seed = Number(process.env.SEED ?? Date.now() % 1e9);

let packages: Olm[];
beforeAll(async () => {
	packages = [await ready("olm.js"), await ready("@matrix-org/olm")];
});

type Of<K extends keyof Olm> = Olm[K] extends new () => infer T ? T : never;
type Any = { pickle(key: string): string; unpickle(key: string, pickle: string): unknown; free(): void };

/** An object that either package may hold: `move` brings it over to the other by way of a pickle. */
class Moving<T extends Any> {
	constructor(
		readonly kind: "Account" | "Session" | "InboundGroupSession" | "OutboundGroupSession" | "PkDecryption",
		public at: number,
		public object: T,
	) {}

	move(): void {
		const text = this.object.pickle("key");
		this.at = 1 - this.at;
		const there = new packages[this.at][this.kind]() as unknown as T;
		there.unpickle("key", text);
		// The same state is the same text in both packages.
		if (there.pickle("key") !== text) throw new Error(`${this.kind}: the pickles differ`);
		this.object.free();
		this.object = there;
	}

	to(at: number): T {
		if (this.at !== at) this.move();
		return this.object;
	}
}

function randomly(seed: number): (n: number) => number {
	return (n) => {
		seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
		return Math.floor((seed / 2 ** 32) * n);
	};
}

test(`${steps} random steps, seed ${seed}`, () => {
	const random = randomly(seed);
	const choose = <T>(list: T[]): T => list[random(list.length)];
	const plaintext = () => "Nachricht № ".repeat(random(4)) + "x".repeat(1 + random(1 << random(12)));

	const accounts = Array.from({ length: 4 }, (_, i) => {
		const object = new packages[i % 2].Account();
		object.create();
		return new Moving<Of<"Account">>("Account", i % 2, object);
	});
	interface Pair {
		ends: Moving<Of<"Session">>[];
		/** Messages on their way, by receiver. */
		wire: { type: number; body: string; text: string }[][];
		owner: Moving<Of<"Account">>;
		/** How many messages were sent to each end in its present chain: gaps stay small enough. */
	}
	const pairs: Pair[] = [];
	const groups: { out: Moving<Of<"OutboundGroupSession">>; ins: Moving<Of<"InboundGroupSession">>[]; sent: string[]; texts: string[] }[] = [];
	const done = { sessions: 0, olm: 0, megolm: 0, moves: 0, pk: 0, sas: 0, signatures: 0, failures: 0 };

	// What finds nothing to do returns false, and is no step.
	const actions: Record<string, () => void | false> = {
		move() {
			const all: Moving<any>[] = [...accounts, ...pairs.flatMap((p) => p.ends), ...groups.flatMap((g) => [g.out, ...g.ins])];
			choose(all).move();
			done.moves++;
		},

		session() {
			const alice = choose(accounts);
			const bob = choose(accounts.filter((a) => a !== alice));
			let key: string;
			if (random(3)) {
				bob.object.generate_one_time_keys(1 + random(3));
				key = choose(Object.values<string>(JSON.parse(bob.object.one_time_keys()).curve25519));
			} else {
				if (random(2) || bob.object.fallback_key() === '{"curve25519":{}}') bob.object.generate_fallback_key();
				key = Object.values<string>(JSON.parse(bob.object.fallback_key()).curve25519)[0];
			}
			if (random(2)) bob.object.mark_keys_as_published();
			const at = alice.at;
			const there = new packages[at].Session();
			const identity = JSON.parse(bob.object.identity_keys()).curve25519;
			there.create_outbound(alice.object, identity, key);
			const text = plaintext();
			const first = there.encrypt(text);
			// The other package begins the receiving session, if its account is there.
			const back = new packages[bob.at].Session();
			const from = JSON.parse(alice.object.identity_keys()).curve25519;
			if (random(2)) back.create_inbound(bob.object, first.body);
			else back.create_inbound_from(bob.object, from, first.body);
			expect(back.matches_inbound_from(from, first.body)).toBe(true);
			expect(back.decrypt(first.type, first.body)).toBe(text);
			bob.object.remove_one_time_keys(back);
			expect(back.session_id()).toBe(there.session_id());
			pairs.push({ ends: [new Moving("Session", at, there), new Moving("Session", bob.at, back)], wire: [[], []], owner: bob });
			if (pairs.length > 12) for (const end of pairs.splice(random(12), 1)[0].ends) end.object.free();
			done.sessions++;
		},

		encrypt() {
			if (!pairs.length) return false;
			const { ends, wire } = choose(pairs);
			const from = random(2);
			const text = plaintext();
			const m = ends[from].object.encrypt(text);
			wire[1 - from].push({ ...m, text });
			if (wire[1 - from].length > 20) wire[1 - from].shift(); // lost
		},

		decrypt() {
			if (!pairs.length) return false;
			const { ends, wire } = choose(pairs);
			const to = random(2);
			if (!wire[to].length) return false;
			const i = random(3) ? 0 : random(wire[to].length);
			const [{ type, body, text }] = wire[to].splice(i, 1);
			// Both packages try it on the same state, and must come to the same result and the same state.
			const end = ends[to];
			const state = end.object.pickle("key");
			const twin = new packages[1 - end.at].Session();
			twin.unpickle("key", state);
			const run = (s: Of<"Session">) => {
				try {
					return s.decrypt(type, body);
				} catch (error) {
					return error as Error;
				}
			};
			const [here, there] = [run(end.object), run(twin)];
			if (here instanceof Error) {
				expect((there as Error).message).toBe(here.message);
				done.failures++;
			} else {
				expect(here === text && there === text).toBe(true);
			}
			expect(twin.pickle("key")).toBe(end.object.pickle("key"));
			expect(twin.describe()).toBe(end.object.describe());
			twin.free();
			done.olm++;
		},

		damage() {
			if (!pairs.length) return false;
			const { ends, wire } = choose(pairs);
			const to = random(2);
			if (!wire[to].length) return false;
			const { type, body } = choose(wire[to]);
			const i = random(body.length);
			const bad = body.slice(0, i) + choose([..."AZaz09+/=-"]) + body.slice(i + 1 + random(2));
			if (bad === body) return false;
			const end = ends[to];
			const state = end.object.pickle("key");
			const results = packages.map((Olm) => {
				const s = new Olm.Session();
				s.unpickle("key", state);
				try {
					return s.decrypt(type, bad);
				} catch (error) {
					return (error as Error).message;
				} finally {
					s.free();
				}
			});
			expect(results[0]).toBe(results[1]);
			done.failures++;
		},

		group() {
			const at = random(2);
			const out = new packages[at].OutboundGroupSession();
			out.create();
			groups.push({ out: new Moving("OutboundGroupSession", at, out), ins: [], sent: [], texts: [] });
			if (groups.length > 5) {
				const [g] = groups.splice(random(5), 1);
				for (const m of [g.out, ...g.ins]) m.object.free();
			}
		},

		join() {
			if (!groups.length) return false;
			const g = choose(groups);
			const at = random(2);
			const inbound = new packages[at].InboundGroupSession();
			if (g.ins.length && random(2)) {
				const from = choose(g.ins).object;
				inbound.import_session(from.export_session(from.first_known_index() + random(5)));
			} else {
				inbound.create(g.out.object.session_key());
			}
			expect(inbound.session_id()).toBe(g.out.object.session_id());
			g.ins.push(new Moving("InboundGroupSession", at, inbound));
			if (g.ins.length > 5) g.ins.shift()!.object.free();
		},

		groupEncrypt() {
			if (!groups.length) return false;
			const g = choose(groups);
			for (let n = random(4); n >= 0; n--) {
				g.texts.push(plaintext());
				g.sent.push(g.out.object.encrypt(g.texts.at(-1)!));
			}
			expect(g.out.object.message_index()).toBe(g.sent.length);
		},

		groupDecrypt() {
			const g = groups.length ? choose(groups) : undefined;
			if (!g?.ins.length || !g.sent.length) return false;
			const end = choose(g.ins);
			const i = random(g.sent.length);
			if (i < end.object.first_known_index()) {
				expect(() => end.object.decrypt(g.sent[i])).toThrow("OLM.UNKNOWN_MESSAGE_INDEX");
			} else {
				expect(end.object.decrypt(g.sent[i])).toEqual({ plaintext: g.texts[i], message_index: i });
			}
			done.megolm++;
		},

		pk() {
			const at = random(2);
			const d = new Moving("PkDecryption", at, new packages[at].PkDecryption());
			const key = d.object.generate_key();
			const e = new packages[random(2)].PkEncryption();
			e.set_recipient_key(key);
			const text = plaintext();
			const m = e.encrypt(text);
			expect(d.object.decrypt(m.ephemeral, m.mac, m.ciphertext)).toBe(text);
			d.move();
			expect(d.object.decrypt(m.ephemeral, m.mac, m.ciphertext)).toBe(text);
			d.object.free();
			e.free();
			const seed = Uint8Array.from({ length: 32 }, () => random(256));
			const signed = packages.map((Olm) => {
				const s = new Olm.PkSigning();
				const made = [s.init_with_seed(seed), s.sign(text)];
				s.free();
				return made;
			});
			expect(signed[0]).toEqual(signed[1]);
			done.pk++;
		},

		sas() {
			if (done.sas > 300) return false; // the published package leaks its stack
			const [a, b] = [new packages[0].SAS(), new packages[1].SAS()];
			a.set_their_key(b.get_pubkey());
			b.set_their_key(a.get_pubkey());
			const [input, info] = [plaintext(), plaintext()];
			const all = (s: Of<"SAS">) => [
				[...s.generate_bytes(info, random(1) + 200)],
				s.calculate_mac(input, info),
				s.calculate_mac_fixed_base64(input, info),
				s.calculate_mac_long_kdf(input, info),
			];
			expect(all(a)).toEqual(all(b));
			a.free();
			b.free();
			done.sas++;
		},

		sign() {
			const a = choose(accounts);
			const text = plaintext();
			const signature = a.object.sign(text);
			const key = JSON.parse(a.object.identity_keys()).ed25519;
			for (const Olm of packages) {
				const u = new Olm.Utility();
				u.ed25519_verify(key, text, signature);
				expect(() => u.ed25519_verify(key, text + " ", signature)).toThrow("OLM.BAD_MESSAGE_MAC");
				u.free();
			}
			done.signatures++;
		},
	};
	const weighted = Object.keys(actions).flatMap((name) => Array(({ encrypt: 8, decrypt: 8, move: 4, groupDecrypt: 4, groupEncrypt: 2 } as Record<string, number>)[name] ?? 1).fill(name));
	let step = 0;
	for (let tries = 0; step < steps && tries < 3 * steps; tries++) {
		const name = choose(weighted);
		try {
			if (actions[name]() !== false) step++;
		} catch (error) {
			(error as Error).message += ` (${name}, step ${step}, SEED=${seed})`;
			throw error;
		}
	}
	expect(step).toBe(steps);
	console.log(JSON.stringify({ steps: step, ...done }));
	for (const [what, n] of Object.entries(done)) expect(n, what).toBeGreaterThan(Math.min(steps / 200, 300));
});

describe("each reads the other's pickles", () => {
	test.each(["Account", "Session", "InboundGroupSession", "OutboundGroupSession", "PkDecryption"] as const)("%s", (kind) => {
		for (const [from, to] of [packages, [...packages].reverse()]) {
			const object: Any & { create?(...values: any[]): void } = new from[kind]();
			if (kind === "Account" || kind === "OutboundGroupSession") object.create!();
			for (const key of ["", "key", "ключ".repeat(50)]) {
				const text = object.pickle(key);
				const copy: Any = new to[kind]();
				copy.unpickle(key, text);
				expect(copy.pickle(key)).toBe(text);
			}
		}
	});
});
