// For browsers without JavaScript modules.
document.querySelector("main").textContent = "This browser is too old for these pages: they need JavaScript modules.";
