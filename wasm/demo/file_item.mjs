// A file that is on its way, as one of the two sees it.
import { sha256 } from "./olm.mjs";
import { button, element, size, why } from "./words.mjs";

/** Draws a file into an item of a chat. */
function draw(item, name) {
	const bar = element("progress");
	Object.assign(bar, { max: 1, value: 0 });
	bar.setAttribute("aria-label", name);
	const amount = element("span", "note");
	const fate = element("span", "note fate");
	item.append(element("strong", "", name), bar, amount, fate);
	return {
		bar,
		fate,
		progress(done, all, ms) {
			bar.value = all ? done / all : 1;
			amount.textContent = `${size(done)} of ${size(all)}` + (ms > 0 && done > 1e5 ? `, ${(done / 1e3 / ms).toFixed(0)} MB/s` : "");
		},
		refuse(text) {
			item.classList.add("failed");
			bar.remove();
			fate.textContent = text;
		},
	};
}

/** What the sender sees. */
export function outgoing(item, name, peer, again) {
	const { progress, fate, refuse } = draw(item, name);
	return {
		progress,
		sent: () => (fate.textContent = `Sent. ${peer} has not said yet whether it arrived.`),
		received() {
			item.classList.add("complete");
			fate.textContent = `${peer} has it.`;
		},
		refused() {
			refuse(`${peer} refused it: it was damaged on the way.`);
			offer(item, again);
		},
	};
}

/** What the receiver sees. */
export function incoming(item, name) {
	const { progress, fate, refuse } = draw(item, name);
	return {
		progress,
		refused: (error) => refuse(`Refused: ${why(error)}. Nothing of it was kept.`),
		async complete(blob) {
			const link = element("a", "", "Save");
			Object.assign(link, { href: URL.createObjectURL(blob), download: name });
			link.setAttribute("aria-label", `Save ${name}`);
			if (blob.type.startsWith("image/")) {
				const image = new Image();
				Object.assign(image, { src: link.href, alt: name });
				item.append(image);
			}
			fate.append(`SHA-256 ${sha256(new Uint8Array(await blob.arrayBuffer())).slice(0, 12)}… `, link);
			item.classList.add("complete");
		},
	};
}

/** Lets what was refused be sent again, once. */
export function offer(item, again) {
	const made = button("again", "Send again", () => {
		made.remove();
		again();
	});
	item.append(made);
}
