// Elements and words that the pages share.

/** Makes an element of a class with contents, text or elements. */
export function element(tag, className = "", ...content) {
	const made = document.createElement(tag);
	if (className) made.className = className;
	made.append(...content);
	return made;
}

export function button(className, text, onClick) {
	const made = element("button", className, text);
	made.type = "button";
	made.addEventListener("click", onClick);
	return made;
}

/** A text as it is sent, without space around it. Nothing, if nothing of it can be seen. */
export function visible(text) {
	// White space, controls, format characters, and letters that are drawn as blanks.
	return /[^\s\p{Cc}\p{Cf}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text) ? text.trim() : "";
}

export function size(bytes) {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
	return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A key in groups of four, which can be compared by eye. */
export function groups(key) {
	return key.match(/.{1,4}/g).join(" ");
}

const reasons = {
	BAD_MESSAGE_MAC: "it was changed on the way",
	BAD_MESSAGE_KEY_ID: "it was changed on the way, or made with a key that is gone",
	BAD_SIGNATURE: "it was changed on the way, as its signature is wrong",
	UNKNOWN_MESSAGE_INDEX: "it was sent before the key was handed over",
};

/** Why something was refused, in words, with the error's code. */
export function why({ code, message }) {
	return `${reasons[code] ?? message} (${code})`;
}
