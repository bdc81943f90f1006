import Olm = require("./olm.js");

export = Olm;
