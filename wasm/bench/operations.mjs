// The table of what is measured, for any package with libolm's classic API. Of an operation
//
//     name     is its row beside the published package: bench.mjs, results.md and the benchmark page
//     peer     is its name in the comparison with other implementations: bench/compare
//     setup    makes with a package what the operation works on, and returns a loop of loops.mjs
//     most     is how many iterations the published package can stand in a sample
//
// Not every operation is in both.
import { accounts } from "./operations/account.mjs";
import { groups } from "./operations/group.mjs";
import { others } from "./operations/others.mjs";
import { sessions } from "./operations/session.mjs";

const all = [...accounts, ...sessions, ...groups, ...others];

/** Those beside the published package. */
export const operations = all.filter(({ name }) => name);

/** Those of the comparison with other implementations. */
export const peerOperations = all.filter(({ peer }) => peer);
