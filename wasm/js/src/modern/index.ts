/**
 * Olm and Megolm for new code. Call `init` once, then use the classes:
 *
 *     import { init, Account } from "@karst-im/olm/modern";
 *     await init();
 *     using account = new Account();
 *
 * Text is UTF-8; wherever text is taken, bytes are too. What fails throws an `OlmError` with a `code`.
 */
import { named } from "../core/names.js";
import { Account } from "./account.js";
import { OlmError } from "./errors.js";
import { InboundGroupSession, OutboundGroupSession } from "./group.js";
import { PkDecryption, PkEncryption, PkSigning } from "./pk.js";
import { Sas } from "./sas.js";
import { Session } from "./session.js";

export { init, type WasmSource } from "./init.js";
export { OlmError, type OlmErrorCode } from "./errors.js";
export { Account, type IdentityKeys, type InboundSession, type PublicKey } from "./account.js";
export { Session, type OlmMessage } from "./session.js";
export { InboundGroupSession, OutboundGroupSession, type GroupPlaintext } from "./group.js";
export { PkDecryption, PkEncryption, PkSigning, type PkMessage } from "./pk.js";
export { Sas } from "./sas.js";
export { emojiTable, type SasEmoji } from "./emoji.js";
export { sha256, verifySignature } from "./utility.js";
export type { Data } from "../core/memory.js";

named({ OlmError, Account, Session, InboundGroupSession, OutboundGroupSession, PkDecryption, PkEncryption, PkSigning, Sas });
