// What the published types say: every class, and every member with its parameters. A line that is not understood
// is an error, so that nothing is left out in silence.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { dist } from "../packages.js";

export interface Member {
	readonly name: string;
	readonly kind: "constructor" | "method" | "getter" | "property";
	readonly isStatic: boolean;
	/** Of the overload that has most. */
	parameters: number;
}

export interface Class {
	readonly name: string;
	readonly parent?: string;
	readonly isAbstract: boolean;
	readonly members: Member[];
}

const files = {
	classic: () => [join(dist, "olm.d.ts")],
	modern: () => readdirSync(join(dist, "types/modern")).map((file) => join(dist, "types/modern", file)),
};

/** The classes of an API. */
export function classesOf(api: keyof typeof files): Class[] {
	const found: Class[] = [];
	for (const file of files[api]()) {
		const text = readFileSync(file, "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
		const heads = text.match(/\bclass \w+/g)?.length ?? 0;
		const classes = [...text.matchAll(/^\s*(?:export )?(?:declare )?(abstract )?class (\w+)(?:<[^{]*?>)?(?: extends (\w+)(?:<[^{]*?>)?)?(?: implements \w+)? \{\n([^]*?)^\s*\}$/gm)];
		if (classes.length !== heads) throw new Error(`${file}: ${heads} classes, of which ${classes.length} were understood`);
		for (const [, isAbstract, name, parent, body] of classes) {
			const members = new Map<string, Member>();
			for (const declaration of body.split(";").map((line) => line.trim().replace(/\s+/g, " "))) {
				if (!declaration) continue;
				const member = parse(declaration, file);
				if (!member) continue;
				const key = `${member.isStatic} ${member.name}`;
				const before = members.get(key);
				if (before) before.parameters = Math.max(before.parameters, member.parameters);
				else members.set(key, member);
			}
			// Where the library of a program's own need not know the symbol, an interface has it.
			if (/\binterface \w+<[^{]*> extends Dispose /.test(text) && name === "OlmObject") members.set("dispose", { name: "Symbol.dispose", kind: "method", isStatic: false, parameters: 0 });
			found.push({ name, parent, isAbstract: !!isAbstract, members: [...members.values()] });
		}
	}
	return found;
}

function parse(declaration: string, file: string): Member | undefined {
	if (/^private constructor\(\)$/.test(declaration)) return undefined;
	const isStatic = declaration.startsWith("static ");
	const rest = declaration.replace(/^static /, "");
	const list = (parameters: string) => parameters.split(",").filter((p) => p.trim()).length;
	let match;
	if ((match = /^constructor\((.*)\)$/.exec(rest))) return { name: "constructor", kind: "constructor", isStatic, parameters: list(match[1]) };
	if ((match = /^get (\w+)\(\): .+$/.exec(rest))) return { name: match[1], kind: "getter", isStatic, parameters: 0 };
	if ((match = /^(\w+)\(([^()]*)\): .+$/.exec(rest))) return { name: match[1], kind: "method", isStatic, parameters: list(match[2]) };
	if ((match = /^readonly (\w+)(: \w+| = .+)$/.exec(rest))) return { name: match[1], kind: "property", isStatic, parameters: 0 };
	if (/^\[Symbol\.dispose\](: \(\) => |\(\): )void$/.test(rest)) return { name: "Symbol.dispose", kind: "method", isStatic, parameters: 0 };
	throw new Error(`${file}: ${declaration} was not understood`);
}

/** The members of a class and of those that it is made of. */
export function membersOf(classes: Class[], of: Class): Member[] {
	const parent = classes.find(({ name }) => name === of.parent);
	const own = of.members;
	if (!parent) return own;
	return [...own, ...membersOf(classes, parent).filter((m) => m.name !== "constructor" && !own.some(({ name, isStatic }) => name === m.name && isStatic === m.isStatic))];
}
