// The tests of the classic API. They need no more than the language, so that they run in Node, in
// pages and in workers alike, and on any implementation.
import { accountCases } from "./account.js";
import type { Case } from "./case.js";
import { groupCases } from "./group.js";
import { hostileCases } from "./hostile.js";
import { constantCases, pkCases, sasCases, unsetCases, utilityCases } from "./others.js";
import { sessionCases } from "./session.js";

export const suite: Case[] = [
	...constantCases,
	...accountCases,
	...sessionCases,
	...groupCases,
	...utilityCases,
	...pkCases,
	...unsetCases,
	...sasCases,
	...hostileCases,
];
