// The secrets of the protocol, computed with Node's cryptography from the random bytes that the library is given.
import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync } from "node:crypto";

const hex = (s) => Buffer.from(s, "hex");

export const hmac = (key, data) => createHmac("sha256", key).update(data).digest();

/** The keys that HKDF has extracted, RFC 5869 section 2.2, between its input and its output. */
export const extracted = [];

export function hkdf(salt, ikm, info, n) {
	extracted.push(hmac(salt, ikm));
	return Buffer.from(hkdfSync("sha256", ikm, salt, info, n));
}

const zeros = Buffer.alloc(32);

function privateKey(key) {
	return createPrivateKey({ key: Buffer.concat([hex("302e020100300506032b656e04220420"), key]), format: "der", type: "pkcs8" });
}

/** X25519, RFC 7748 section 5. */
export function shared(key, their) {
	const publicKey = createPublicKey({ key: Buffer.concat([hex("302a300506032b656e032100"), their]), format: "der", type: "spki" });
	return diffieHellman({ privateKey: privateKey(key), publicKey });
}

export const publicKey = (key) => createPublicKey(privateKey(key)).export({ format: "der", type: "spki" }).subarray(-32);

/** The expanded key of an Ed25519 seed, RFC 8032 section 5.1.5. */
export function expanded(seed) {
	const h = createHash("sha512").update(seed).digest();
	h[0] &= 248;
	h[31] = (h[31] & 127) | 64;
	return h;
}

const order = 2n ** 252n + 27742317777372353535851937790883648493n;

/** The nonce of a signature, RFC 8032 section 5.1.6: as hashed, and reduced. */
export function nonce(key, message) {
	const wide = createHash("sha512").update(key.subarray(32)).update(message).digest();
	let n = BigInt("0x" + Buffer.from(wide).reverse().toString("hex")) % order;
	const reduced = Buffer.alloc(32);
	for (let i = 0; i < 32; i++, n >>= 8n) reduced[i] = Number(n & 255n);
	return [wide, reduced];
}

/** Olm's specification, the initial setup: root key and chain key of three shared secrets. */
export function olmRoot(secrets) {
	const out = hkdf(zeros, Buffer.concat(secrets), "OLM_ROOT", 64);
	return [out.subarray(0, 32), out.subarray(32)];
}

/** The next root key and the chain key of a new ratchet key. */
export function olmRatchet(root, dh) {
	const out = hkdf(root, dh, "OLM_RATCHET", 64);
	return [out.subarray(0, 32), out.subarray(32)];
}

export const messageKey = (chain) => hmac(chain, Buffer.of(1));
export const nextChain = (chain) => hmac(chain, Buffer.of(2));

/** The AES key, the MAC key and the IV that come of a secret. */
export const cipherKeys = (secret, info) => hkdf(zeros, secret, info, 80);
export const nextR3 = (r3) => hmac(r3, Buffer.of(3));
