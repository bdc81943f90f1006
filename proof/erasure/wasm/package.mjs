// node package.mjs: searches the module's memory for what the package for JavaScript writes there.
//
// artefacts/run.mjs calls the module itself. Here the package does, with both of its interfaces: it draws the random bytes, copies
// keys, texts and pickles into the module's memory and takes results from it. After every method, also of one that throws, nothing
// secret may lie there but in objects that are in use: not on the stack, not where arguments and results were, not in memory
// that was given back. When all objects are freed, nothing at all.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Search } from "../artefacts/search.mjs";

const dist = new URL("../../../wasm/dist/", import.meta.url);
if (!existsSync(new URL("package.json", dist))) {
	console.error("FAIL: there is no wasm/dist: run wasm/build.sh");
	process.exit(1);
}
const wasmBinary = readFileSync(new URL("olm.wasm", dist));

let drawn = 0;
const bytesOf = (label, n) => {
	const blocks = [];
	for (let i = 0; 64 * i < n; i++) blocks.push(createHash("sha512").update(`${label} ${i}`).digest());
	return Buffer.concat(blocks).subarray(0, n);
};

/** One of the package's interfaces, with a module of its own. */
class Watch {
	search = new Search();
	left = new Set();
	methods = 0;
	places = new Map(); // objects in use -> { at, size }
	constructed;

	/** Is WebAssembly.instantiate for the package: notes the memory, and where objects are. */
	async instantiate(source) {
		const { module, instance } = await original(source);
		const exports = { ...instance.exports };
		this.memory = exports.memory;
		for (const [name, sizeOf] of Object.entries(exports)) {
			const kind = /^olm_(\w+)_size$/.exec(name)?.[1];
			const construct = exports["olm_" + kind];
			if (!construct) continue;
			exports["olm_" + kind] = (at) => {
				this.constructed = { at, size: sizeOf() };
				return construct(at);
			};
		}
		return { module, instance: { exports } };
	}

	/** Is crypto.getRandomValues for the package. */
	random(view) {
		assert.equal(view.buffer, this.memory.buffer, "random bytes that do not go to the module");
		const label = `random bytes ${++drawn}`;
		const bytes = bytesOf(label, view.length);
		view.set(bytes);
		for (let i = 0; i < bytes.length; i += 32) this.secret(`${label}, from ${i}`, bytes.subarray(i, i + 32));
		return view;
	}

	/** Takes note of a secret, and returns it. Of a long one the ends and the middle are enough. */
	secret(label, value) {
		const bytes = Buffer.from(value);
		const middle = bytes.length >> 1;
		if (bytes.length <= 600) this.search.secret(label, bytes);
		else for (const at of [0, middle, bytes.length - 200]) this.search.secret(`${label}, from ${at}`, bytes.subarray(at, at + 200));
		return value;
	}

	/** A secret text of n characters, in UTF-8 or in ASCII. */
	text(label, n = 40, extra = "") {
		return this.secret(label, extra + bytesOf(label, n).toString("base64").slice(0, n - 2 * extra.length) + extra);
	}

	/** Searches the memory; returns which secrets lie in objects. */
	look(after) {
		this.methods++;
		const live = new Set();
		for (const [at, label] of this.search.index.find(Buffer.from(this.memory.buffer))) {
			if ([...this.places.values()].some((p) => at >= p.at && at < p.at + p.size)) live.add(label);
			else this.left.add(`after ${after}: ${label} at ${at}`);
		}
		return live;
	}

	/** Runs a method and searches. What it returns may be secret. */
	run(name, method, secret) {
		const result = method();
		if (secret) this.secret(`what ${name} returned`, secret(result));
		this.look(name);
		return result;
	}

	fails(name, method) {
		assert.throws(method, undefined, name);
		this.look(name + ", which fails");
	}

	/** Runs what makes an object, or puts another in its place. */
	object(name, make, objectOf = (made) => made) {
		const made = make();
		this.places.set(objectOf(made), this.constructed);
		this.look(name);
		return made;
	}

	free() {
		for (const object of [...this.places.keys()]) {
			this.places.delete(object);
			object.free();
			this.look("free");
		}
	}
}

function damaged(text) {
	const at = text.length - 12;
	return text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
}

/** Everything with the classic interface. */
function classic(w, Olm) {
	const both = ["alice", "bob"].map((name) => {
		const account = w.object("new Account", () => new Olm.Account());
		w.run("Account.create", () => account.create());
		assert(w.look("the control").has(`random bytes ${drawn}, from 32`), "an identity key that is in use was not found");
		w.run("Account.sign", () => account.sign(w.text(`what ${name} signs`)));
		w.run("Account.sign, long", () => account.sign(w.text(`what ${name} signs at length`, 60000)));
		return account;
	});
	const [alice, bob] = both;
	w.run("generate_one_time_keys", () => bob.generate_one_time_keys(60));
	w.run("generate_fallback_key", () => bob.generate_fallback_key());
	const key = Object.values(JSON.parse(w.run("one_time_keys", () => bob.one_time_keys())).curve25519)[0];
	w.run("mark_keys_as_published", () => bob.mark_keys_as_published());
	const identity = JSON.parse(w.run("identity_keys", () => bob.identity_keys())).curve25519;

	const sessions = both.map(() => w.object("new Session", () => new Olm.Session()));
	w.fails("create_outbound with a key that is none", () => sessions[0].create_outbound(alice, "A".repeat(43), key));
	w.run("create_outbound", () => sessions[0].create_outbound(alice, identity, key));
	let first = true;
	for (const [from, n, extra] of [[0, 40, ""], [0, 40, "ä"], [1, 40, ""], [1, 20000, "ä"], [0, 20000, ""], [0, 200000, "ä"], [1, 9, ""]]) {
		const plaintext = w.text(`a plaintext of ${n} from ${from}${extra}`, n, extra);
		const { type, body } = w.run("encrypt", () => sessions[from].encrypt(plaintext));
		if (first) {
			w.run("create_inbound", () => sessions[1].create_inbound(bob, body));
			w.run("matches_inbound", () => sessions[1].matches_inbound(body));
			w.run("remove_one_time_keys", () => bob.remove_one_time_keys(sessions[1]));
			first = false;
		}
		w.fails("decrypt, damaged", () => sessions[1 - from].decrypt(type, damaged(body)));
		w.fails("decrypt, of another type", () => sessions[1 - from].decrypt(1 - type, body));
		assert.equal(w.run("decrypt", () => sessions[1 - from].decrypt(type, body)), plaintext);
		w.fails("decrypt, again", () => sessions[1 - from].decrypt(type, body));
	}
	w.fails("encrypt of half a character", () => sessions[0].encrypt(w.text("what can't be encrypted") + "\ud800"));

	const sender = w.object("new OutboundGroupSession", () => new Olm.OutboundGroupSession());
	w.run("OutboundGroupSession.create", () => sender.create());
	const share = w.run("session_key", () => sender.session_key(), (k) => k);
	const receiver = w.object("new InboundGroupSession", () => new Olm.InboundGroupSession());
	w.fails("InboundGroupSession.create, damaged", () => receiver.create(damaged(share)));
	w.run("InboundGroupSession.create", () => receiver.create(share));
	for (const n of [40, 30000]) {
		const plaintext = w.text(`a group's plaintext of ${n}`, n, "ä");
		const message = w.run("group encrypt", () => sender.encrypt(plaintext));
		w.fails("group decrypt, damaged", () => receiver.decrypt(damaged(message)));
		assert.equal(w.run("group decrypt", () => receiver.decrypt(message)).plaintext, plaintext);
	}
	const exported = w.run("export_session", () => receiver.export_session(1), (k) => k);
	const imported = w.object("new InboundGroupSession", () => new Olm.InboundGroupSession());
	w.run("import_session", () => imported.import_session(exported));
	w.fails("import_session, cut", () => imported.import_session(exported.slice(0, 200)));

	const sas = both.map(() => w.object("new SAS", () => new Olm.SAS()));
	w.run("set_their_key", () => sas[0].set_their_key(sas[1].get_pubkey()));
	w.fails("set_their_key, zero", () => sas[1].set_their_key("A".repeat(43)));
	w.run("generate_bytes", () => sas[0].generate_bytes("info", 32), (b) => b);
	for (const mac of ["calculate_mac", "calculate_mac_fixed_base64", "calculate_mac_long_kdf"])
		w.run(mac, () => sas[0][mac](w.text("what " + mac + " takes"), "info"));

	const decryption = w.object("new PkDecryption", () => new Olm.PkDecryption());
	const recipient = w.run("generate_key", () => decryption.generate_key());
	w.run("get_private_key", () => decryption.get_private_key(), (k) => k);
	w.run("init_with_private_key", () => decryption.init_with_private_key(w.secret("a backup's key", bytesOf("a backup's key", 32))));
	const encryption = w.object("new PkEncryption", () => new Olm.PkEncryption());
	w.run("set_recipient_key", () => encryption.set_recipient_key(recipient));
	w.run("set_recipient_key", () => encryption.set_recipient_key(decryption.init_with_private_key(bytesOf("a backup's key", 32))));
	for (const n of [40, 30000]) {
		const plaintext = w.text(`a backup of ${n}`, n, "ä");
		const m = w.run("pk encrypt", () => encryption.encrypt(plaintext));
		assert.equal(w.run("pk decrypt", () => decryption.decrypt(m.ephemeral, m.mac, m.ciphertext)), plaintext);
		w.fails("pk decrypt, with another MAC", () => decryption.decrypt(m.ephemeral, "AAAAAAAAAAA", m.ciphertext));
	}
	const signing = w.object("new PkSigning", () => new Olm.PkSigning());
	w.run("generate_seed", () => signing.generate_seed());
	w.run("init_with_seed", () => signing.init_with_seed(w.secret("a seed", bytesOf("a seed", 32))));
	w.run("pk sign", () => signing.sign(w.text("what a seed signs")));
	const utility = w.object("new Utility", () => new Olm.Utility());
	w.run("sha256", () => utility.sha256(w.text("what is hashed", 40000)));

	const strangers = [new Olm.Account(), new Olm.Session()];
	for (const [i, object] of [alice, sessions[0], sessions[1], sender, receiver, decryption].entries()) {
		const secret = i % 2 ? w.text(`pickle key ${i}`, 20000, "ä") : w.secret(`pickle key ${i}`, bytesOf(`pickle key ${i}`, 32));
		const pickle = w.run("pickle", () => object.pickle(secret));
		w.fails("unpickle, damaged", () => object.unpickle(secret, damaged(pickle)));
		w.fails("unpickle, another key", () => object.unpickle(w.text(`a wrong pickle key ${i}`), pickle));
		w.fails("unpickle, another kind", () => strangers[object === alice ? 1 : 0].unpickle(secret, pickle));
		w.object("unpickle", () => (object.unpickle(secret, pickle), object));
	}
}

/** What the modern interface does in other ways: objects that are whole from the beginning, and bytes. */
function modern(w, m) {
	const [alice, bob] = [1, 2].map(() => w.object("new Account", () => new m.Account()));
	w.run("generateOneTimeKeys", () => bob.generateOneTimeKeys(1));
	const key = bob.oneTimeKeys[0].key;
	const session = w.object("createOutboundSession", () => alice.createOutboundSession(bob.identityKeys.curve25519, key));
	w.fails("createOutboundSession with a key that is none", () => alice.createOutboundSession("A".repeat(43), key));
	const plaintext = w.text("a plaintext");
	const message = w.run("encrypt", () => session.encrypt(plaintext));
	w.fails("createInboundSession, damaged", () => bob.createInboundSession({ type: 0, body: damaged(message.body) }));
	const answer = w.object("createInboundSession", () => bob.createInboundSession(message), (made) => made.session);
	assert.equal(Buffer.from(answer.plaintext).toString(), plaintext);
	const reply = w.secret("bytes", bytesOf("bytes", 25000));
	const replied = w.run("encrypt", () => answer.session.encrypt(reply));
	assert.deepEqual(Buffer.from(w.run("decrypt", () => session.decrypt(replied))), reply);

	const sender = w.object("new OutboundGroupSession", () => new m.OutboundGroupSession());
	const share = w.run("sessionKey", () => sender.sessionKey, (k) => k);
	const receiver = w.object("new InboundGroupSession", () => new m.InboundGroupSession(share));
	w.fails("new InboundGroupSession, damaged", () => new m.InboundGroupSession(damaged(share)));
	const sent = w.run("group encrypt", () => sender.encrypt(plaintext));
	assert.equal(w.run("group decrypt", () => receiver.decryptText(sent)).plaintext, plaintext);
	const exported = w.run("export", () => receiver.export(), (k) => k);
	w.object("import", () => m.InboundGroupSession.import(exported));
	w.fails("import, cut", () => m.InboundGroupSession.import(exported.slice(0, 200)));

	const sas = w.object("new Sas", () => new m.Sas());
	const other = w.object("new Sas", () => new m.Sas());
	w.run("establish", () => sas.establish(other.publicKey));
	w.run("emoji", () => sas.emoji("info"));
	w.run("mac", () => sas.mac(w.text("what mac takes"), "info"));

	const decryption = w.object("new PkDecryption", () => new m.PkDecryption());
	w.run("privateKey", () => decryption.privateKey, (k) => k);
	const encryption = w.object("new PkEncryption", () => new m.PkEncryption(decryption.publicKey));
	const backup = w.run("pk encrypt", () => encryption.encrypt(reply));
	assert.deepEqual(Buffer.from(w.run("pk decrypt", () => decryption.decrypt(backup))), reply);
	const seed = w.run("generateSeed", () => m.PkSigning.generateSeed(), (k) => k);
	const signing = w.object("new PkSigning", () => new m.PkSigning(seed));
	w.run("pk sign", () => signing.sign(plaintext));
	w.run("sha256", () => m.sha256(w.text("what is hashed", 40000)));

	for (const [object, kind] of [[alice, m.Account], [session, m.Session], [sender, m.OutboundGroupSession], [receiver, m.InboundGroupSession], [decryption, m.PkDecryption]]) {
		const secret = w.text(`the pickle key of ${kind.name}`, 32);
		const pickle = w.run("pickle", () => object.pickle(secret));
		w.fails("fromPickle, damaged", () => kind.fromPickle(damaged(pickle), secret));
		w.object("fromPickle", () => kind.fromPickle(pickle, secret));
	}
}

let watch;
const original = WebAssembly.instantiate;
// Node has modules of its own.
WebAssembly.instantiate = (source, imports) => (source === wasmBinary ? watch.instantiate(source) : original(source, imports));
Object.defineProperty(globalThis.crypto, "getRandomValues", { value: (view) => watch.random(view) });

let failed = false;
for (const [name, load, script] of [
	["classic", async () => {
		const Olm = createRequire(import.meta.url)("../../../wasm/dist/olm.js");
		await Olm.init({ wasmBinary });
		return Olm;
	}, classic],
	["modern", async () => {
		const m = await import(new URL("modern.mjs", dist));
		await m.init(wasmBinary);
		return m;
	}, modern],
]) {
	watch = new Watch();
	script(watch, await load());
	watch.free();
	const left = watch.left;

	// The search must be able to fail: what is written where nobody has an object is found.
	watch.left = new Set();
	const planted = watch.text("what was planted");
	Buffer.from(watch.memory.buffer).write(planted, watch.memory.buffer.byteLength - 100);
	watch.look("planting");
	const control = [...watch.left].some((s) => s.includes("what was planted"));

	for (const line of [...left].slice(0, 50)) console.log(line);
	const labels = new Set([...left].map((line) => /: (.*) at \d+$/.exec(line)[1]));
	console.log(`erasure JavaScript, ${name}: ${labels.size} of ${watch.search.secrets.size - 1} secrets left after each of ${watch.methods - 1} methods, control ${control ? "found" : "NOT found"}`);
	failed ||= left.size > 0 || !control;
}
process.exitCode = failed ? 1 : 0;
