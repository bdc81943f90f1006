// Shows on the page what went wrong, which otherwise only the console would tell.
const main = document.querySelector("main");

function tell(text) {
	document.body.classList.add("failed");
	document.querySelector("[data-footer]").textContent = "Nothing leaves this page.";
	const box = document.querySelector(".failure") ?? above("failure", "alert");
	box.textContent = `Something went wrong: ${text}`;
}

/** A line above the page's contents. */
function above(className, role) {
	const box = document.createElement("p");
	box.className = className;
	box.setAttribute("role", role);
	main.before(box);
	return box;
}

addEventListener("error", ({ message }) => message && tell(message));
addEventListener("unhandledrejection", ({ reason }) => tell(String(reason)));
document.querySelector("[data-footer]").textContent = "Loading…";

/** Says in one line what the page has to do without. */
export function notice(text) {
	above("notice", "status").textContent = text;
}
