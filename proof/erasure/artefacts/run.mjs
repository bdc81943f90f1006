// node run.mjs wasm MODULE, or node run.mjs library PROGRAM FOLDER: runs the script and prints what is left.
import { library, wasm } from "./hosts.mjs";
import { run } from "./script.mjs";

const [kind, ...args] = process.argv.slice(2);
const host = await (kind === "wasm" ? wasm : library)(...args);
const { search } = await run(host);
const left = [...new Set(search.left.map((l) => l.replace(/ at .*/, "")))];

// The search must be able to fail: a secret that lies where nobody needs it is found.
search.left = [];
const planted = Buffer.from("a secret that nobody has wiped..");
search.secret("what was planted", planted);
const at = await host.alloc(planted.length);
await host.write(at, planted);
await search.search("planting");
const control = search.left.some((s) => s.includes("what was planted"));
host.close();

for (const line of left.slice(0, 50)) console.log(line);
console.log(`erasure ${host.name}: ${left.length} of ${search.secrets.size - 1} secrets left after each of ${search.searches} operations, control ${control ? "found" : "NOT found"}`);
process.exit(left.length || !control ? 1 : 0);
