import type * as OlmType from "../../types/olm.js";

/** The classic API. */
export type Olm = typeof OlmType;

/** An implementation of it. */
export interface Subject {
	readonly Olm: Olm;
	/** Whether it is the published @matrix-org/olm, whose known faults a test then expects. */
	readonly published: boolean;
}

/** A test: throws if it fails. */
export interface Case {
	readonly name: string;
	readonly run: (subject: Subject) => void | Promise<void>;
}

/** Makes a list of tests. */
export function cases(group: string, tests: Record<string, Case["run"]>): Case[] {
	return Object.entries(tests).map(([name, run]) => ({ name: `${group}: ${name}`, run }));
}
