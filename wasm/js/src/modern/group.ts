import { decryptGroup, InboundGroupSession as ClassicInbound } from "../classic/inbound_group_session.js";
import { OutboundGroupSession as ClassicOutbound } from "../classic/outbound_group_session.js";
import { copy, text, x, type Data } from "../core/memory.js";
import { read } from "../core/native.js";
import { unpadded } from "./base64.js";
import { number } from "./number.js";
import { made, Storable, unpickled, wrap } from "./object.js";

/** The sending end of a group session. */
export class OutboundGroupSession extends Storable<ClassicOutbound> {
	/** Makes a new session. */
	constructor() {
		super(made(ClassicOutbound, (native) => native.create()));
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): OutboundGroupSession {
		return wrap(OutboundGroupSession, unpickled(ClassicOutbound, pickle, key));
	}

	/** The same on all sides. */
	get id(): string {
		return this.native.session_id();
	}

	/** The index of the next message. */
	get messageIndex(): number {
		return this.native.message_index();
	}

	/** What lets others decrypt the next message and all after it: to be sent over one-to-one sessions. */
	get sessionKey(): string {
		return this.native.session_key();
	}

	/** Encrypts text or bytes, and signs them. */
	encrypt(plaintext: Data): string {
		return this.native.encrypt(plaintext);
	}
}

/** A message of a group session, decrypted. */
export interface GroupPlaintext<T> {
	/** What was encrypted. */
	readonly plaintext: T;
	/** Where in the session it stands. An index that comes twice with different messages is an attack. */
	readonly messageIndex: number;
}

/** The receiving end of a group session. */
export class InboundGroupSession extends Storable<ClassicInbound> {
	/** Begins with a session key, whose signature must be right. */
	constructor(sessionKey: Data) {
		super(made(ClassicInbound, (native) => native.create(unpadded(sessionKey))));
	}

	/** Begins with what `export` gave, which nobody has signed. */
	static import(exported: Data): InboundGroupSession {
		return wrap(
			InboundGroupSession,
			made(ClassicInbound, (native) => native.import_session(unpadded(exported))),
		);
	}

	/** Reads what `pickle` wrote. */
	static fromPickle(pickle: Data, key: Data): InboundGroupSession {
		return wrap(InboundGroupSession, unpickled(ClassicInbound, pickle, key));
	}

	/** The same on all sides. */
	get id(): string {
		return this.native.session_id();
	}

	/** The index of the first message that can be decrypted. */
	get firstKnownIndex(): number {
		return this.native.first_known_index();
	}

	/**
	 * Whether a signature has proved that the session is its sender's: an imported one waits for a message. That says
	 * nothing of the messages before this one, for which parts of an export can be forged. So don't replace a session
	 * that began with a session key by an imported one: keep both.
	 */
	get isVerified(): boolean {
		return !!read(this.native, ClassicInbound, x.inbound_group_session_is_verified);
	}

	/** Authenticates and decrypts a message. */
	decrypt(message: Data): GroupPlaintext<Uint8Array> {
		return decryptGroup(this.native, unpadded(message), (n, messageIndex) => ({ plaintext: copy(n), messageIndex }));
	}

	/** Decrypts a message that is text. */
	decryptText(message: Data): GroupPlaintext<string> {
		return decryptGroup(this.native, unpadded(message), (n, messageIndex) => ({ plaintext: text(n), messageIndex }));
	}

	/** What lets somebody decrypt all that this session can. */
	export(): string;
	/** What lets somebody decrypt the message with an index and all after it. */
	export(messageIndex: number): string;
	export(...messageIndex: number[]): string {
		return this.native.export_session(messageIndex.length ? number(messageIndex[0], "index") : this.firstKnownIndex);
	}
}
