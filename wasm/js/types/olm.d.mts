import Olm = require("./olm.js");

export default Olm;
export import init = Olm.init;
export import get_library_version = Olm.get_library_version;
export import PRIVATE_KEY_LENGTH = Olm.PRIVATE_KEY_LENGTH;
export import Account = Olm.Account;
export import Session = Olm.Session;
export import Utility = Olm.Utility;
export import InboundGroupSession = Olm.InboundGroupSession;
export import OutboundGroupSession = Olm.OutboundGroupSession;
export import PkEncryption = Olm.PkEncryption;
export import PkDecryption = Olm.PkDecryption;
export import PkSigning = Olm.PkSigning;
export import SAS = Olm.SAS;
