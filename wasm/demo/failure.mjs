// What went wrong stands at the foot of the page, not only in the console.
const tell = (text) => {
	document.body.classList.add("failed");
	document.querySelector("[data-footer]").textContent = text;
};
addEventListener("error", ({ message }) => tell(message));
addEventListener("unhandledrejection", ({ reason }) => tell(String(reason)));
