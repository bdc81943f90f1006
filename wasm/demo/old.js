// For browsers that know no modules of JavaScript.
document.querySelector("main").textContent = "This browser is too old for these pages: they are written in modules of JavaScript.";
