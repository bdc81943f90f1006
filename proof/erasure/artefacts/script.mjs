// A program over all objects. After every operation each secret that has been in use may be in the objects that
// need it, and nowhere else in memory.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cipherKeys, expanded, extracted, hkdf, messageKey, nextChain, nextR3, nonce, olmRatchet, olmRoot, publicKey, shared } from "./derive.mjs";
import { Search } from "./search.mjs";

const failure = 0xffffffff;

/** What a program does with a library: it wipes its own arguments, but for the random bytes. */
class Caller {
	randoms = 0;
	extracted = 0;
	kinds = new Map();

	constructor(host) {
		this.host = host;
		this.search = new Search(host);
	}

	random(n) {
		const blocks = [];
		for (let i = 0; i < n; i += 64) blocks.push(createHash("sha512").update(`random ${this.randoms++}`).digest());
		return Buffer.concat(blocks).subarray(0, n);
	}

	async put(bytes) {
		const at = await this.host.alloc(Math.max(bytes.length, 1));
		await this.host.write(at, Buffer.from(bytes));
		return at;
	}

	async object(name, kind) {
		const size = await this.host.call(`olm_${kind}_size`);
		const memory = await this.host.alloc(size);
		this.kinds.set(name, kind);
		this.search.objects.set(name, { at: memory, size, handle: await this.host.call(`olm_${kind}`, memory) });
	}

	handle(name) {
		return this.search.objects.get(name).handle;
	}

	/**
	 * Calls a function: strings that name objects stand for them, buffers are arguments, { random } too, which the
	 * function wipes. { kept } it leaves to its owner: that is so in libolm.
	 */
	async call(f, ...args) {
		const result = await this.pass(f, args);
		assert.notEqual(result, failure, f);
		await this.search.search(f);
		return result;
	}

	/** Calls a function that fails: what objects hold they may hold afterwards, but a new one that it is given holds nothing. */
	async fails(f, ...args) {
		assert.equal(await this.pass(f, args), failure, f + " has not failed");
		const old = [...this.search.objects.keys()].filter((name) => !name.startsWith("new "));
		await this.search.search(f + ", which fails", old);
	}

	async pass(f, args) {
		for (const key of extracted.splice(0)) this.search.secret(`extracted key ${++this.extracted}`, key);
		const written = [];
		const values = [];
		for (const arg of args) {
			if (typeof arg === "number") values.push(arg);
			else if (typeof arg === "string") values.push(this.handle(arg));
			else if (arg === null) values.push(0);
			else if (arg.random) values.push(await this.put(arg.random), arg.random.length);
			else if (arg.kept) {
				const at = await this.put(arg.kept);
				written.push([at, arg.kept.length]);
				values.push(at, arg.kept.length);
			}
			else if (arg.out !== undefined) values.push((arg.at = await this.host.alloc(Math.max(arg.out, 1))), arg.out);
			else {
				const at = await this.put(arg);
				written.push([at, arg.length]);
				values.push(at, arg.length);
			}
		}
		const result = await this.host.call("olm_" + f, ...values);
		for (const arg of args) {
			if (arg?.out !== undefined) {
				arg.bytes = await this.host.read(arg.at, arg.out);
				await this.host.write(arg.at, Buffer.alloc(arg.out));
			}
		}
		for (const [at, n] of written) await this.host.write(at, Buffer.alloc(n));
		return result;
	}

	/** Calls a function that writes n bytes, and returns them. */
	async output(f, n, ...args) {
		const out = { out: n };
		await this.call(f, ...args, out);
		return out.bytes;
	}

	async clear(name) {
		const kind = this.kinds.get(name);
		for (const secret of this.search.secrets.values()) secret.where = secret.where.filter((w) => w !== name);
		await this.host.call("olm_clear_" + kind, this.handle(name));
		await this.search.search("clear_" + kind);
	}
}

const text = (s) => Buffer.from(s);

/** A message of which one character is another. */
function damaged(message, place) {
	const other = Buffer.from(message);
	other[place] = other[place] === 65 ? 66 : 65;
	return other;
}

const raw = (base64) => Buffer.from(base64.toString(), "base64");

/** An account. */
async function account(c, name) {
	await c.object(name, "account");
	const random = c.random(64);
	const key = expanded(random.subarray(0, 32));
	const curve = random.subarray(32);
	c.search.secret(name + "'s seed", random.subarray(0, 32));
	c.search.secret(name + "'s signing key", key, name);
	c.search.secret(name + "'s identity key", curve, name);
	await c.call("create_account", name, { random });
	const { curve25519 } = JSON.parse(await c.output("account_identity_keys", 116, name));
	assert.deepEqual(raw(curve25519), publicKey(curve), "the random bytes are used otherwise");
	const [wide, reduced] = nonce(key, text("message"));
	c.search.secret(name + "'s nonce, hashed", wide);
	c.search.secret(name + "'s nonce", reduced);
	await c.output("account_sign", 86, name, text("message"));
	return { curve, public: publicKey(curve), curve25519: text(curve25519) };
}

async function pickle(c, name, kind, again) {
	const key = c.random(32);
	c.search.secret(`the pickle key of ${again}`, key);
	c.search.secret(`what comes of the pickle key of ${again}`, cipherKeys(key, "Pickle"));
	const out = await c.output(`pickle_${kind}`, await c.host.call(`olm_pickle_${kind}_length`, c.handle(name)), name, key);
	await c.object(again, kind);
	for (const secret of c.search.secrets.values()) if (secret.where.includes(name)) secret.where.push(again);
	const rest = kind === "pk_decryption" ? [null, 0] : [];
	const other = kind === "account" ? "session" : "account";
	await c.object("new " + kind, kind);
	await c.object("new " + other, other);
	await c.fails(`unpickle_${kind}`, "new " + kind, key, damaged(out, 40), ...rest);
	await c.fails(`unpickle_${kind}`, "new " + kind, text("another key"), out, ...rest);
	await c.fails(`unpickle_${other}`, "new " + other, key, out);
	await c.call(`unpickle_${kind}`, again, key, out, ...rest);
	await c.clear(name);
}

/** A chain of message keys, as both sides go along it. */
class Chain {
	n = 0;

	constructor(c, label, key, ...where) {
		Object.assign(this, { c, label, key, where });
		c.search.secret(`${label}, chain key 0`, key, ...where);
	}

	/** The key of the next message, which some object moves past. */
	step(...where) {
		const message = messageKey(this.key);
		const label = `${this.label}, message key ${this.n}`;
		this.c.search.secret(label, message);
		this.c.search.secret(`${label}, what comes of it`, cipherKeys(message, "OLM_KEYS"));
		const old = `${this.label}, chain key ${this.n}`;
		this.key = nextChain(this.key);
		this.c.search.lives(old, ...this.c.search.secrets.get(old).where.filter((w) => !where.includes(w)));
		this.c.search.secret(`${this.label}, chain key ${++this.n}`, this.key, ...where);
		return label;
	}

	/** Another object follows to the same place. */
	follow(from, name) {
		const old = `${this.label}, chain key ${from}`;
		if (this.c.search.secrets.has(old)) this.c.search.lives(old, ...this.c.search.secrets.get(old).where.filter((w) => w !== name));
		const now = this.c.search.secrets.get(`${this.label}, chain key ${this.n}`);
		now.where = [...now.where, name];
	}
}

async function send(c, from, random) {
	const type = await c.host.call("olm_encrypt_message_type", c.handle(from));
	const n = await c.host.call("olm_encrypt_message_length", c.handle(from), 11);
	const message = await c.output("encrypt", n, from, text("a plaintext"), ...(random ? [{ random }] : [null, 0]));
	return { type, message };
}

async function receive(c, to, { type, message }) {
	const out = { out: 100 };
	const [mac, ciphertext] = [message.length - 3, message.length - 30];
	for (const place of [mac, ciphertext]) await c.fails("decrypt", to, type, damaged(message, place), out);
	await c.fails("decrypt", to, type, message, { out: 1 });
	const n = await c.call("decrypt", to, type, message, out);
	assert.equal(out.bytes.subarray(0, n).toString(), "a plaintext");
}

async function olm(c) {
	const a = await account(c, "alice");
	const b = await account(c, "bob");
	const oneTime = c.random(32);
	c.search.secret("a one-time key", oneTime, "bob");
	await c.call("account_generate_one_time_keys", "bob", 1, { random: oneTime });
	const list = JSON.parse(await c.output("account_one_time_keys", await c.host.call("olm_account_one_time_keys_length", c.handle("bob")), "bob"));
	const published = Object.values(list.curve25519)[0];
	assert.deepEqual(raw(published), publicKey(oneTime));
	const fallback = c.random(32);
	c.search.secret("a fallback key", fallback, "bob");
	await c.call("account_generate_fallback_key", "bob", { random: fallback });

	await c.object("alice's session", "session");
	const random = c.random(64);
	const [base, ratchet] = [random.subarray(0, 32), random.subarray(32)];
	const secrets = [shared(a.curve, raw(published)), shared(base, b.public), shared(base, raw(published))];
	secrets.forEach((s, i) => c.search.secret(`shared secret ${i}`, s));
	const [root, chain] = olmRoot(secrets);
	c.search.secret("the base key", base);
	c.search.secret("ratchet key 0", ratchet, "alice's session");
	c.search.secret("root key 0", root, "alice's session");
	const first = new Chain(c, "chain 0", chain, "alice's session");
	await c.call("create_outbound_session", "alice's session", "alice", b.curve25519, text(published), { random });

	first.step("alice's session");
	const m0 = await send(c, "alice's session");
	await c.object("bob's session", "session");
	c.search.secret("chain 0, chain key 0", chain, "bob's session");
	c.search.lives("root key 0", "alice's session", "bob's session");
	const oneTimeKey = 8;
	await c.object("new session", "session");
	await c.fails("create_inbound_session", "new session", "bob", damaged(m0.message, oneTimeKey));
	await c.call("create_inbound_session", "bob's session", "bob", m0.message);
	c.search.lives("a one-time key");
	await c.call("remove_one_time_keys", "bob", "bob's session");
	first.follow(0, "bob's session");
	await receive(c, "bob's session", m0);

	// Two messages, the second first.
	const early = first.step("alice's session");
	const m1 = await send(c, "alice's session");
	first.step("alice's session");
	const m2 = await send(c, "alice's session");
	c.search.lives(early, "bob's session");
	first.follow(1, "bob's session");
	await receive(c, "bob's session", m2);
	c.search.lives(early);
	await receive(c, "bob's session", m1);

	// The other direction: new ratchet keys.
	let [now, mine, their] = [root, "bob's session", "alice's session"];
	let theirKey = ratchet;
	for (let turn = 1; turn <= 4; turn++) {
		const key = c.random(32);
		const dh = shared(key, publicKey(theirKey));
		const [next, chain] = olmRatchet(now, dh);
		c.search.secret(`ratchet key ${turn}`, key, mine);
		c.search.secret(`shared secret of turn ${turn}`, dh);
		c.search.secret(`root key ${turn}`, next, mine);
		const old = `root key ${turn - 1}`;
		c.search.lives(old, their);
		const it = new Chain(c, `chain ${turn}`, chain);
		it.step(mine);
		const m = await send(c, mine, key);
		c.search.lives(`ratchet key ${turn - 1}`);
		c.search.lives(old);
		// The chain that they sent on is over.
		for (const [label, s] of c.search.secrets) if (label.startsWith(`chain ${turn - 1}, chain key`)) s.where = s.where.filter((w) => w !== their);
		c.search.lives(`root key ${turn}`, mine, their);
		it.follow(0, their);
		await receive(c, their, m);
		[now, theirKey, mine, their] = [next, key, their, mine];
	}
	await pickle(c, "alice", "account", "alice again");
	await pickle(c, "bob's session", "session", "bob's session again");
	await pickle(c, "alice's session", "session", "alice's session again");
	for (const name of ["alice again", "bob", "alice's session again", "bob's session again"]) await c.clear(name);
}

async function megolm(c) {
	await c.object("sender", "outbound_group_session");
	await c.object("receiver", "inbound_group_session");
	const random = c.random(160);
	const ratchet = Buffer.from(random.subarray(0, 128));
	const key = expanded(random.subarray(128));
	c.search.secret("the group's seed", random.subarray(128));
	c.search.secret("the group's signing key", key, "sender");
	c.search.secret("the group's ratchet", ratchet.subarray(0, 96), "sender");
	c.search.secret("R3, 0", Buffer.from(ratchet.subarray(96)), "sender");
	await c.call("init_outbound_group_session", "sender", { random });
	const share = await c.output("outbound_group_session_key", 306, "sender");
	c.search.lives("the group's ratchet", "sender", "receiver");
	c.search.lives("R3, 0", "sender", "receiver");
	await c.call("init_inbound_group_session", "receiver", share);
	for (let i = 0; i < 3; i++) {
		c.search.secret(`what comes of the ratchet at ${i}`, cipherKeys(ratchet, "MEGOLM_KEYS"));
		const next = nextR3(ratchet.subarray(96));
		c.search.secret(`R3, ${i + 1}`, next, "sender");
		// The receiver has the first, and where it is now.
		c.search.lives(`R3, ${i}`, ...(i === 0 ? ["receiver"] : []));
		const n = await c.host.call("olm_group_encrypt_message_length", c.handle("sender"), 11);
		const message = await c.output("group_encrypt", n, "sender", text("a plaintext"));
		c.search.lives(`R3, ${i}`, "receiver");
		if (i > 1) c.search.lives(`R3, ${i - 1}`);
		const out = { out: 100 };
		const [signature, mac] = [message.length - 3, message.length - 90];
		for (const place of [signature, mac]) await c.fails("group_decrypt", "receiver", damaged(message, place), out, await c.host.alloc(4));
		const length = await c.call("group_decrypt", "receiver", message, out, await c.host.alloc(4));
		assert.equal(out.bytes.subarray(0, length).toString(), "a plaintext");
		next.copy(ratchet, 96);
	}
	await pickle(c, "sender", "outbound_group_session", "sender again");
	await pickle(c, "receiver", "inbound_group_session", "receiver again");
	// An export moves the session to where it exports from, as in libolm. The rest of R0 to R2 changes as well.
	const exported = { out: 220 };
	c.search.lives("R3, 2");
	await c.call("export_inbound_group_session", "receiver again", exported, 70000);
	c.search.secret("the ratchet at 70000", raw(exported.bytes).subarray(5 + 32, 5 + 128), "receiver again");
	await c.search.search("an export");
	await c.clear("sender again");
	await c.clear("receiver again");
}

async function sas(c) {
	const keys = [c.random(32), c.random(32)];
	for (const [i, key] of keys.entries()) {
		await c.object("sas " + i, "sas");
		c.search.secret(`the key of sas ${i}`, key, "sas " + i);
		await c.call("create_sas", "sas " + i, { kept: key });
	}
	const secret = shared(keys[0], publicKey(keys[1]));
	c.search.secret("the secret of sas", secret, "sas 0");
	await c.call("sas_set_their_key", "sas 0", text(publicKey(keys[1]).toString("base64").replace("=", "")));
	await c.output("sas_generate_bytes", 6, "sas 0", text("info"));
	c.search.secret("the MAC key of sas", hkdf(Buffer.alloc(32), secret, "info", 32));
	await c.output("sas_calculate_mac", 43, "sas 0", text("input"), text("info"));
	await c.clear("sas 0");
	await c.clear("sas 1");
}

async function pk(c) {
	const [key, ephemeral, seed] = [c.random(32), c.random(32), c.random(32)];
	await c.object("decryption", "pk_decryption");
	c.search.secret("the key of the backup", key, "decryption");
	await c.call("pk_key_from_private", "decryption", { out: 43 }, key);
	const secret = shared(ephemeral, publicKey(key));
	c.search.secret("an ephemeral key", ephemeral);
	c.search.secret("the secret of the backup", secret);
	c.search.secret("what comes of the secret of the backup", hkdf(Buffer.alloc(32), secret, "", 80));
	await c.object("encryption", "pk_encryption");
	await c.call("pk_encryption_set_recipient_key", "encryption", text(publicKey(key).toString("base64").replace("=", "")));
	const outs = [{ out: await c.host.call("olm_pk_ciphertext_length", c.handle("encryption"), 11) }, { out: 11 }, { out: 43 }];
	await c.call("pk_encrypt", "encryption", text("a plaintext"), ...outs, { kept: ephemeral });
	const out = { out: 100 };
	await c.fails("pk_decrypt", "decryption", outs[2].bytes, damaged(outs[1].bytes, 3), outs[0].bytes, out);
	const n = await c.call("pk_decrypt", "decryption", outs[2].bytes, outs[1].bytes, outs[0].bytes, out);
	assert.equal(out.bytes.subarray(0, n).toString(), "a plaintext");
	await pickle(c, "decryption", "pk_decryption", "decryption again");
	await c.object("signing", "pk_signing");
	c.search.secret("a signing seed", seed);
	const signing = expanded(seed);
	c.search.secret("what comes of the signing seed", signing, "signing");
	await c.call("pk_signing_key_from_seed", "signing", { out: 43 }, seed);
	nonce(signing, text("message")).forEach((x, i) => c.search.secret("the nonce of a backup's signature " + i, x));
	await c.output("pk_sign", 86, "signing", text("message"));
	await c.clear("decryption again");
	await c.clear("signing");
}

/** Runs everything and returns the search. */
export async function run(host) {
	const c = new Caller(host);
	await olm(c);
	await megolm(c);
	await sas(c);
	await pk(c);
	return c;
}
