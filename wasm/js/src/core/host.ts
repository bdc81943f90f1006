/** The global object. Pages called it `window` before the language had a name for it. */
export const host = (typeof window === "object" ? window : globalThis) as any;

/** A module of Node, of Deno or of Bun, without an import that a bundler for browsers would follow. */
export function builtin(name: string): any {
	return typeof process === "object" && process.getBuiltinModule ? process.getBuiltinModule(name) : undefined;
}
