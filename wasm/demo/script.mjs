/** Loads a script that leaves the global Olm, and returns that. */
export async function load(src) {
	await new Promise((done, fail) => {
		const script = document.createElement("script");
		Object.assign(script, { src, onload: done, onerror: () => fail(new Error(`${src} did not load`)) });
		document.head.append(script);
	});
	return window.Olm;
}
