//! Accounts, sessions and texts.

use vodozemac::megolm::{GroupSession, InboundGroupSession, InboundGroupSessionPickle, MegolmMessage, SessionConfig as MegolmConfig};
use vodozemac::olm::{Account, AccountPickle, Message, OlmMessage, Session, SessionConfig, SessionPickle};
use vodozemac::Curve25519PublicKey;

/// The key under which the pickles of libolm.txt are.
pub const KEY: &[u8; 32] = b"0123456789abcdef0123456789abcdef";

pub fn olm() -> SessionConfig {
    SessionConfig::version_1()
}

pub fn megolm() -> MegolmConfig {
    MegolmConfig::version_1()
}

pub fn check_plaintext(plaintext: &[u8], size: usize) {
    assert!(plaintext == vec![0; size], "the plaintext is another one");
}

pub fn account(one_time_keys: usize) -> (Account, Curve25519PublicKey) {
    let mut a = Account::new();
    a.generate_one_time_keys(one_time_keys.max(1));
    let key = *a.one_time_keys().values().next().unwrap();
    (a, key)
}

pub fn load_account(pickled: &str) -> Account {
    Account::from_pickle(AccountPickle::from_encrypted(pickled, KEY).unwrap())
}

/// What an event carries.
pub fn encrypt_text(s: &mut Session, plaintext: &[u8]) -> String {
    match s.encrypt(plaintext).unwrap() {
        OlmMessage::Normal(m) => m.to_base64(),
        OlmMessage::PreKey(m) => m.to_base64(),
    }
}

pub fn decrypt_text(s: &mut Session, text: &str) -> Vec<u8> {
    s.decrypt(&OlmMessage::Normal(Message::from_base64(text).unwrap())).unwrap()
}

/// Both sides of a session in which both have sent.
pub fn sessions() -> (Session, Session) {
    let a = Account::new();
    let (mut b, one_time_key) = account(1);
    let mut alice = a.create_outbound_session(olm(), b.curve25519_key(), one_time_key).unwrap();
    let OlmMessage::PreKey(first) = alice.encrypt("1").unwrap() else { panic!("the first message is none") };
    let mut bob = b.create_inbound_session(olm(), a.curve25519_key(), &first).unwrap().session;
    let text = encrypt_text(&mut bob, b"2");
    decrypt_text(&mut alice, &text);
    let text = encrypt_text(&mut alice, b"3");
    decrypt_text(&mut bob, &text);
    (alice, bob)
}

pub fn save(s: &Session) -> String {
    s.pickle().encrypt(KEY)
}

pub fn load(pickled: &str) -> Session {
    Session::from_pickle(SessionPickle::from_encrypted(pickled, KEY).unwrap())
}

/// Both sides of a Megolm session, the receiver's as it is after unpickling.
pub fn group() -> (GroupSession, InboundGroupSession) {
    let out = GroupSession::new(megolm());
    let inbound = load_group(&save_group(&InboundGroupSession::new(&out.session_key(), megolm())));
    (out, inbound)
}

pub fn save_group(s: &InboundGroupSession) -> String {
    s.pickle().encrypt(KEY)
}

pub fn load_group(pickled: &str) -> InboundGroupSession {
    InboundGroupSession::from_pickle(InboundGroupSessionPickle::from_encrypted(pickled, KEY).unwrap())
}

pub fn decrypt_group_text(s: &mut InboundGroupSession, text: &str) -> Vec<u8> {
    s.decrypt(&MegolmMessage::from_base64(text).unwrap()).unwrap().plaintext
}

/// What a bridge does for a message.
pub fn hot_megolm(pickled: &str, text: &str) -> (Vec<u8>, String) {
    let mut s = load_group(pickled);
    let plaintext = decrypt_group_text(&mut s, text);
    (plaintext, save_group(&s))
}

/// A pickle that libolm wrote.
pub fn by_libolm(name: &str) -> &'static str {
    include_str!("libolm.txt").lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(' ')).unwrap()
}
