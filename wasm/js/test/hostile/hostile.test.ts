// Every argument of every method, as the types have them, replaced by whatever a caller could pass: other types, views
// that lie, objects that call back while they are read. No other object may change by a byte, the stack pointer and the
// scratch buffer must be as before, and what is thrown must say what is wrong.
import { beforeAll, describe, expect, test } from "vitest";
import { invoke, type Made } from "./calls.js";
import { apis, engines, world, type World } from "./world.js";

/** What an attack throws. */
class Sentinel extends Error {}

interface Value {
	readonly name: string;
	readonly value: unknown;
	/** Whether it calls back, so that objects of the call itself may go. */
	readonly attacks: boolean;
}

/** What is passed in the place of a good argument. */
function* values(w: World, name: string, make: () => Made, made: Made, at: number): Generator<Value> {
	const good = made.args[at] as any;
	const quiet = (name: string, value: unknown): Value => ({ name, value, attacks: false });
	for (const value of [undefined, null, NaN, Infinity, -1, 0.5, 2 ** 31, 2 ** 32 + 1, 2 ** 53, -1n, 1n, true, Symbol("s"), "", "\0", "\ud800", "ä".repeat(20_000), [], {}, () => {}, new Date(), /x/, new Map(), new ArrayBuffer(8)]) {
		yield quiet(typeof value === "symbol" ? "a symbol" : typeof value === "bigint" ? `${value}n` : `${String(value).slice(0, 20)} (${typeof value})`, value);
	}

	// Views.
	const bytes = typeof good === "string" ? new TextEncoder().encode(good) : good instanceof Uint8Array ? good : Uint8Array.from({ length: 43 }, (_, i) => 65 + (i % 26));
	class Lying extends Uint8Array {}
	const lie = (property: string, value: unknown) => Object.defineProperty(new Lying(bytes), property, { value });
	for (const [property, lies] of Object.entries({ length: [0, 1, 2 ** 20, -1, "3"], byteLength: [0, 2 ** 20], byteOffset: [2 ** 20], buffer: [new ArrayBuffer(0), w.memory().buffer], BYTES_PER_ELEMENT: [8], constructor: [Array] })) {
		for (const value of lies) yield quiet(`a view whose ${property} is said to be ${String(value)}`, lie(property, value));
	}
	yield quiet("doubles that are said to be bytes", Object.defineProperty(new Float64Array(1000), "BYTES_PER_ELEMENT", { value: 1 }));
	yield quiet("doubles", new Float64Array(8));
	yield quiet("a DataView", Object.defineProperty(new DataView(new ArrayBuffer(64)), "BYTES_PER_ELEMENT", { value: 1 }));
	const detached = new Uint8Array(64);
	structuredClone(detached.buffer, { transfer: [detached.buffer] });
	yield quiet("a detached view", detached);
	const Resizable = ArrayBuffer as any;
	const shrunk = new Uint8Array(new Resizable(4096, { maxByteLength: 8192 }), 2048);
	(shrunk.buffer as any).resize(1024);
	yield quiet("a view that its buffer has become too short for", shrunk);
	const tracking = new Uint8Array(new Resizable(64, { maxByteLength: 2 ** 20 }));
	(tracking.buffer as any).resize(2 ** 20);
	yield quiet("a view that has grown with its buffer", tracking);
	const growable = new Uint8Array(new (SharedArrayBuffer as any)(64, { maxByteLength: 2 ** 20 }));
	(growable.buffer as any).grow(2 ** 20);
	yield quiet("a view that has grown with its shared buffer", growable);
	yield quiet("the module's own memory", w.memory().subarray(0, 1000));
	yield quiet("a Proxy of a view", new Proxy(bytes, {}));

	// Objects that are none.
	const { Classic } = w;
	for (const Class of [Classic.Account, Classic.Session, Classic.Utility, Classic.SAS]) {
		yield quiet(`a forged ${Class.name}`, Object.create(Class.prototype));
		for (const place of [0, 1, 16, -1, 2 ** 31, "1", {}, Symbol("account")]) yield quiet(`a forged ${Class.name} at ${String(place)}`, Object.assign(Object.create(Class.prototype), { place, kind: "account" }));
		const other = new Class();
		yield quiet(`another object, a ${Class.name}`, other);
		other.free();
		yield quiet(`a freed ${Class.name}`, other);
	}

	// Objects that call back.
	const object = w.isObject(made.self) ? made.self : undefined;
	const argument = made.args.find(w.isObject) as any;
	const actions: Record<string, () => unknown> = {
		"frees the object": () => object?.free(),
		"frees the arguments": () => argument?.free(),
		"calls the method": () => {
			const again = make();
			try {
				invoke(name, w.api, object ? { self: object, args: again.args } : again);
			} finally {
				w.free(again);
			}
		},
		"makes objects and lets the memory grow": () => {
			const u = new Classic.Utility();
			const more = [new Classic.Account(), new Classic.Session(), new Classic.SAS()];
			u.sha256("x".repeat(100_000));
			for (const o of [u, ...more]) o.free();
		},
		throws: () => {
			throw new Sentinel("thrown by an argument");
		},
	};
	for (const [does, action] of Object.entries(actions)) {
		const attack = (name: string, value: unknown): Value => ({ name: `${name} that ${does}`, value, attacks: true });
		const after = <T>(value: T) => () => (action(), value);
		yield attack("valueOf", { valueOf: after(1) });
		yield attack("toString", { toString: after("1") });
		yield attack("Symbol.toPrimitive", { [Symbol.toPrimitive]: after(1) });
		yield attack("a function with a valueOf", Object.assign(() => {}, { valueOf: after(1) }));
		for (const property of ["place", "native", "length", "body", "type", "mac", "ephemeral", "ciphertext"]) {
			yield attack(`a getter ${property}`, Object.defineProperty(Object.create(good instanceof Object ? good : {}), property, { get: after(good?.[property] ?? 1) }));
		}
		for (const property of ["length", "byteLength", "byteOffset", "buffer", "BYTES_PER_ELEMENT", "constructor", Symbol.toStringTag, Symbol.iterator]) {
			yield attack(`a view with a getter ${String(property)}`, Object.defineProperty(new Lying(bytes), property, { get: after(1) }));
		}
		const growing = new Uint8Array(new (SharedArrayBuffer as any)(64, { maxByteLength: 2 ** 20 }));
		yield attack("a view that grows when its length is read, and", Object.defineProperty(growing, "length", { get: () => ((growing.buffer as any).grow(2 ** 20), action(), 64) }));
		yield attack("an array with a getter", Object.defineProperty([1, 2, 3], 1, { get: after(2) }));
		yield attack("an array of objects with a valueOf", [1, { valueOf: after(2) }]);
		yield attack("an array with an iterator", Object.assign([1], { [Symbol.iterator]: after([1, 2][Symbol.iterator]()) }));
		const traps: ProxyHandler<any> = Object.fromEntries(["get", "getPrototypeOf", "has", "ownKeys", "getOwnPropertyDescriptor"].map((trap) => [trap, (...a: any[]) => (action(), (Reflect as any)[trap](...a))]));
		yield attack("a Proxy", new Proxy(good instanceof Object ? good : bytes, traps));
		yield attack("a Proxy of a function", new Proxy(() => {}, traps));
	}
}

/** Whether a text says what is wrong, for the classic API; the modern one has a class of its own. */
function clear(w: World, error: unknown): boolean {
	if (error instanceof Sentinel) return true;
	if (w.Modern) return error instanceof w.Modern.OlmError && error.message !== "";
	return error instanceof Error && /^OLM(\.[A-Z_0-9]+$|: .)/.test(error.message) && error.message !== "OLM.UNKNOWN_ERROR";
}

describe.each(engines)("%s", (engine) => {
	describe.each(apis)("%s", (api) => {
		let w: World;
		beforeAll(async () => {
			w = await world(engine, api);
		});

		test("good calls are good", () => {
			for (const [name, make] of Object.entries(w.calls)) {
				const made = make();
				if (name.endsWith(".toJSON")) expect(() => invoke(name, w.api, made), name).toThrow(w.Modern!.OlmError);
				else w.free(invoke(name, w.api, made));
				w.free(made);
				w.unharmed(name);
			}
		});

		test("arguments of every kind", () => {
			let tried = 0;
			for (const [name, make] of Object.entries(w.calls)) {
				for (let at = 0; at < make().args.length; at++) tried += attacked(name, make, at);
				w.works(name);
			}
			expect(tried).toBeGreaterThan(engine === "wasm2js" ? 1500 : 5000);
		});

		let turn = 0;
		function attacked(name: string, make: () => Made, at: number): number {
			let made = make();
			let tried = 0;
			for (const { name: what, value, attacks } of values(w, name, make, made, at)) {
				// A part of them, each time others: the imitation is some 20 times slower, and attacks need everything anew.
				if (engine === "wasm2js" ? turn++ % 7 : attacks && turn++ % 3) continue;
				const label = `${name}, argument ${at}: ${what}`;
				const before = w.memory().slice(w.top);
				const own = w.isObject(made.self) ? w.region(made.self) : w.hidden;
				let failed = false;
				try {
					w.free(invoke(name, w.api, { self: made.self, args: made.args.map((a, i) => (i === at ? value : a)) }));
				} catch (error) {
					failed = true;
					if (!clear(w, error)) throw new Error(`${label}: threw ${String(error)}`, { cause: error });
				}
				tried++;
				w.unharmed(label);
				if (!attacks) unchanged(label, before, own, failed);
				if (!attacks && failed) continue;
				// The next one gets what it was meant to get. The values refer to the parts of `made`.
				const next = make();
				w.free(made);
				Object.assign(made as any, next);
			}
			w.free(made);
			return tried;
		}

		/** Nothing but the object itself has changed, and that not if the call failed, but for its last error. */
		function unchanged(label: string, before: Uint8Array, own: [number, number] | undefined, failed: boolean): void {
			const after = w.memory().subarray(w.top);
			if (!Buffer.compare(after.subarray(0, before.length), before) && after.length === before.length) return;
			for (let i = 0; i < after.length; i++) {
				if (after[i] === (before[i] ?? 0)) continue;
				const place = i + w.top;
				if (own && place >= own[0] && place < own[1] && (!failed || (place >= own[0] + 4 && place < own[0] + 8))) continue;
				expect.fail(`${label}: byte ${place} has changed`);
			}
		}

		test("objects of every kind as this", () => {
			const strangers = () => [undefined, null, 1, "text", Symbol("s"), {}, () => {}, new Uint8Array(8)];
			for (const [name, make] of Object.entries(w.calls)) {
				if (!/^\w+\.\w+$/.test(name) || name.endsWith(".toJSON")) continue;
				const made = make();
				if (!w.isObject(made.self)) continue;
				const member = name.split(".")[1];
				let prototype = made.self;
				while (!Object.hasOwn(prototype, member)) prototype = Object.getPrototypeOf(prototype);
				const { value, get } = Object.getOwnPropertyDescriptor(prototype, member)!;
				if (typeof (value ?? get) !== "function") continue; // a property of the object's own
				const others = Object.entries(w.calls)
					.filter(([other]) => other.endsWith(".free") && !name.startsWith(other.split(".")[0] + "."))
					.map(([, make]) => make().self);
				const freed = make().self;
				freed.free();
				const forged = [0, 1, 2, 1e9, "1", Symbol("account")].map((place) => Object.assign(Object.create(Object.getPrototypeOf(made.self)), { place, native: { place } }));
				const all = ["free", "pickle", "unpickle"].includes(member);
				for (const self of [...strangers(), ...(all ? [] : others), freed, ...(member === "free" ? [] : forged)] as any[]) {
					const before = w.memory().slice(w.top);
					let error: unknown;
					try {
						Reflect.apply(value ?? get, self, made.args);
					} catch (thrown) {
						error = thrown;
					}
					w.unharmed(name);
					// An object of the modern API does what it can do itself.
					if (w.Modern && others.includes(self)) continue;
					if (member !== "free") expect(error, `${name} of ${typeof self}`).toBeInstanceOf(Error);
					unchanged(name, before, undefined, true);
				}
				w.free(made);
				w.free(others);
			}
			w.works("this");
		});

		test("constructors that are called past the classes", () => {
			const { Account, Session, Utility, SAS } = w.Classic;
			const Base = Object.getPrototypeOf(Utility);
			for (const Class of [Account, Session, SAS]) {
				for (const args of [...["utility", "pk_encryption", "sas"].map((name) => [Class, name]), [undefined, "account"], ["account"], [Object, "utility"], []]) {
					let forged: any;
					try {
						forged = Reflect.construct(Base, args, Class);
					} catch (error) {
						if (!clear(w, error)) throw error;
						continue;
					}
					// There is room for what the methods write.
					const [from, to] = w.region(forged);
					const real = new Class();
					expect(to - from).toBe(w.region(real)[1] - w.region(real)[0]);
					w.free([forged, real]);
				}
			}
			w.unharmed("constructors");
			w.works("constructors");
		});

		test("objects of no kind as this, whatever was called before", () => {
			const { Utility } = w.Classic;
			const none = () => expect(() => Utility.prototype.sha256.call({}, "abc")).toThrow("this is of the wrong type");
			const utility = new Utility();
			none();
			utility.sha256("abc");
			none();
			utility.free();
			none();
		});

		test("arrays of bytes that are said to be made otherwise", () => {
			const species = Symbol.species in Uint8Array && Object.getOwnPropertyDescriptor(Uint8Array, Symbol.species);
			const text = "x".repeat(1000);
			const utility = new w.Classic.Utility();
			const hash = utility.sha256(text);
			const keys = new Set<string>();
			class Elsewhere extends Uint8Array {
				constructor(first: any, _at?: number, n?: number) {
					super(n ?? (typeof first === "number" ? first : first.byteLength));
				}
			}
			Object.defineProperty(Uint8Array, Symbol.species, { configurable: true, get: () => Elsewhere });
			try {
				for (const data of [text, new Uint8Array(1000).fill(120)]) expect(utility.sha256(data)).toBe(hash);
				for (let i = 0; i < 2; i++) {
					const pk = new w.Classic.PkDecryption();
					pk.generate_key();
					keys.add(String(Array.from(pk.get_private_key())));
					const account = new w.Classic.Account();
					account.create();
					keys.add(account.identity_keys());
				}
			} finally {
				delete (Uint8Array as any)[Symbol.species];
				if (species) Object.defineProperty(Uint8Array, Symbol.species, species);
			}
			expect(keys.size).toBe(4);
			w.unharmed("species");
		});

		test("a source of random bytes that calls back", () => {
			const { getRandomValues } = crypto;
			const utility = new w.Classic.Utility();
			let refused = 0;
			for (const [name, make] of Object.entries(w.calls)) {
				const made = make();
				const before = w.isObject(made.self) ? w.memory().slice(...w.region(made.self)) : undefined;
				let asked = 0;
				crypto.getRandomValues = () => {
					asked++;
					for (const call of [() => utility.sha256("abc"), () => made.self.free(), () => new w.Classic.SAS()]) {
						try {
							call();
							if (call !== calls) expect.fail(`${name}: a call within a call`);
						} catch (error) {
							refused++;
							expect((error as Error).message).toMatch(/a call within a call|is not a function/);
						}
					}
					throw new Sentinel("no random bytes");
				};
				const calls: unknown = undefined;
				try {
					w.free(invoke(name, w.api, made));
				} catch (error) {
					if (asked) expect(error, name).toBeInstanceOf(Sentinel);
				} finally {
					crypto.getRandomValues = getRandomValues;
				}
				w.unharmed(name);
				if (asked && before) expect(Buffer.compare(w.memory().subarray(...w.region(made.self)), before), `${name} has changed its object`).toBe(0);
				w.free(made);
			}
			expect(refused).toBeGreaterThan(20);
			w.works("random bytes");
		});
	});
});
