/**
 * Olm and Megolm for new code. Call `init` once, then use the classes:
 *
 *     import { init, Account } from "@karst-im/olm/modern";
 *     await init();
 *     using account = new Account();
 *
 * Text is UTF-8; wherever text is taken, bytes are too. What fails throws an `OlmError` with a `code`.
 */
export { init, type WasmSource } from "./init.js";
export { OlmError, type OlmErrorCode } from "./errors.js";
export { Account, type IdentityKeys, type PublicKey } from "./account.js";
export { Session, type OlmMessage } from "./session.js";
export { InboundGroupSession, OutboundGroupSession, type GroupPlaintext } from "./group.js";
export { PkDecryption, PkEncryption, PkSigning, type PkMessage } from "./pk.js";
export { Sas } from "./sas.js";
export { emojiTable, type SasEmoji } from "./emoji.js";
export { sha256, verifySignature } from "./utility.js";
export type { Data } from "../core/memory.js";
