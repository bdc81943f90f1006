/** Gives classes the names under which callers know them, which are lost when a bundle is made small. */
export function named(classes: Record<string, Function>): void {
	for (const value in classes) Object.defineProperty(classes[value], "name", { value });
}
