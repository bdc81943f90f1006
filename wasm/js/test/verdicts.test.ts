// What is a signature and what is not, where implementations differ: the cases that others have collected.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ready } from "./packages.js";
import type { Olm } from "./suite/case.js";

const read = (name: string) => JSON.parse(readFileSync(join(import.meta.dirname, "../../../vectors", name), "utf8"));
const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64").replace(/=+$/, "");

interface Verdict {
	key: string;
	message: Uint8Array;
	signature: string;
	valid: boolean;
}

// A part of small order may be there, if the equation holds nevertheless.
const refused = ["low_order_A", "low_order_R", "low_order_residue", "non_canonical_A", "non_canonical_R"];

const cctv: Verdict[] = read("cctv/ed25519vectors.json").map((c: { key: string; msg: string; sig: string; flags: string[] | null }) => ({
	key: base64(c.key),
	message: new TextEncoder().encode(c.msg),
	signature: base64(c.sig),
	valid: !(c.flags ?? []).some((flag) => refused.includes(flag)),
}));

const speccheck: Verdict[] = read("speccheck/cases.json").map((c: { pub_key: string; message: string; signature: string }, i: number) => ({
	key: base64(c.pub_key),
	message: Buffer.from(c.message, "hex"),
	signature: base64(c.signature),
	valid: i === 3,
}));

describe.each(["olm.js", "olm_legacy.js", "@matrix-org/olm"] as const)("%s", (name) => {
	let Olm: Olm;
	beforeAll(async () => {
		Olm = await ready(name);
	});

	test.each([
		["of CCTV", cctv, 914, 43],
		['of "Taming the many EdDSAs"', speccheck, 12, 1],
	] as const)("the cases %s", (_, cases, number, valid) => {
		const utility = new Olm.Utility();
		let accepted = 0;
		for (const [i, { key, message, signature, valid }] of cases.entries()) {
			let got = true;
			try {
				utility.ed25519_verify(key, message, signature);
			} catch (error) {
				expect((error as Error).message).toMatch(/BAD_MESSAGE_MAC/);
				got = false;
			}
			// The published package takes more.
			if (valid || name !== "@matrix-org/olm") expect(got, `case ${i}`).toBe(valid);
			if (valid) accepted++;
		}
		utility.free();
		expect(cases.length).toBe(number);
		expect(accepted).toBe(valid);
	});
});
