// What went wrong stands on the page, not only in the console.
const main = document.querySelector("main");

function tell(text) {
	document.body.classList.add("failed");
	document.querySelector("[data-footer]").textContent = "Nothing leaves this page.";
	let box = document.querySelector(".failure");
	if (!box) {
		box = document.createElement("p");
		box.className = "failure";
		box.setAttribute("role", "alert");
		main.before(box);
	}
	box.textContent = `Something went wrong: ${text}`;
}

addEventListener("error", ({ message }) => message && tell(message));
addEventListener("unhandledrejection", ({ reason }) => tell(String(reason)));
document.querySelector("[data-footer]").textContent = "Loading…";

/** Tells in one line what the page does without. */
export function notice(text) {
	const box = document.createElement("p");
	box.className = "notice";
	box.setAttribute("role", "status");
	box.textContent = text;
	main.before(box);
}
