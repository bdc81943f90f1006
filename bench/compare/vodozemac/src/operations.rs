//! The operations that all peers have.

use crate::prepare::*;
use crate::sample::{Loop, Operation, in_order, messages_of, on_each, repeat};
use vodozemac::megolm::{ExportedSessionKey, GroupSession, InboundGroupSession, MegolmMessage, SessionKey};
use vodozemac::olm::{Account, Message, OlmMessage, PreKeyMessage, Session};
use vodozemac::pk_encryption::{Message as BackupMessage, PkDecryption, PkEncryption};
use vodozemac::sas::Sas;
use vodozemac::{Curve25519PublicKey, base64_encode};

const SIZES: [(&str, usize); 3] = [("64B", 64), ("1KiB", 1 << 10), ("32KiB", 32 << 10)];

pub fn all() -> Vec<Operation> {
    let mut all = vec![
        Operation::new("AccountNew", || repeat(Account::new)),
        Operation::new("OneTimeKeys50", || on_each(Account::new, |a| a.generate_one_time_keys(50))),
        Operation::new("AccountSign", || {
            let (a, message) = (Account::new(), [0; 256]);
            a.ed25519_key().verify(&message, &a.sign(message)).unwrap();
            repeat(move || a.sign(message).to_base64())
        }),
        Operation::new("OlmOutbound", outbound),
        Operation::new("OlmInbound", inbound),
        Operation::new("OlmPingPong", || {
            let (mut alice, mut bob) = sessions();
            repeat(move || {
                let text = encrypt_text(&mut bob, &[0; 64]);
                decrypt_text(&mut alice, &text);
                let text = encrypt_text(&mut alice, &[0; 64]);
                decrypt_text(&mut bob, &text)
            })
        }),
        Operation::new("OlmSkip40", || {
            let (mut alice, bob) = sessions();
            let mut texts: Vec<String> = (0..40).map(|_| encrypt_text(&mut alice, &[0; 64])).collect();
            texts.reverse(); // the newest first
            let pickled = save(&bob);
            let receive = move |bob: &mut Session| {
                texts.iter().map(|text| decrypt_text(bob, text)).last().unwrap()
            };
            check_plaintext(&receive(&mut load(&pickled)), 64);
            on_each(move || load(&pickled), receive)
        }),
        Operation::new("MegolmNew", || repeat(|| GroupSession::new(megolm()))),
        Operation::new("MegolmInboundNew", || {
            on_each(
                || GroupSession::new(megolm()).session_key().to_base64(),
                |key| InboundGroupSession::new(&SessionKey::from_base64(key).unwrap(), megolm()),
            )
        }),
        Operation::new("MegolmFar", || {
            let (mut out, inbound) = group();
            for _ in 0..1 << 16 {
                out.encrypt("");
            }
            let text = out.encrypt([0; 64]).to_base64();
            let pickled = save_group(&inbound);
            check_plaintext(&decrypt_group_text(&mut load_group(&pickled), &text), 64);
            on_each(move || load_group(&pickled), move |s| decrypt_group_text(s, &text))
        }),
        Operation::new("MegolmExport", || {
            let (_, mut s) = group();
            repeat(move || s.export_at(0).unwrap().to_base64())
        }),
        Operation::new("MegolmImport", || {
            let key = group().1.export_at(0).unwrap().to_base64();
            repeat(move || InboundGroupSession::import(&ExportedSessionKey::from_base64(&key).unwrap(), megolm()))
        }),
    ];
    for (name, size) in SIZES {
        let op = |kind: &str, raw: bool, prepare: fn(usize, bool) -> Loop| {
            Operation::new(format!("{kind}/{name}{}", if raw { "/raw" } else { "" }), move || prepare(size, raw))
        };
        for raw in [false, true] {
            all.push(op("OlmEncrypt", raw, olm_encrypt));
            all.push(op("OlmDecrypt", raw, olm_decrypt));
            all.push(op("MegolmEncrypt", raw, megolm_encrypt));
            all.push(op("MegolmDecrypt", raw, megolm_decrypt));
        }
    }
    all.extend(pickles());
    all.extend(loops());
    all.extend(others());
    all
}

fn outbound() -> Loop {
    let a = Account::new();
    let (b, one_time_key) = account(1);
    let (identity, one_time_key) = (b.curve25519_key().to_base64(), one_time_key.to_base64());
    repeat(move || {
        let identity = Curve25519PublicKey::from_base64(&identity).unwrap();
        let one_time_key = Curve25519PublicKey::from_base64(&one_time_key).unwrap();
        encrypt_text(&mut a.create_outbound_session(olm(), identity, one_time_key).unwrap(), &[0; 64])
    })
}

/// The one-time key is dropped as well.
fn inbound() -> Loop {
    let a = Account::new();
    let (b, one_time_key) = account(50);
    let mut alice = a.create_outbound_session(olm(), b.curve25519_key(), one_time_key).unwrap();
    let (text, from, pickled) = (encrypt_text(&mut alice, &[0; 64]), a.curve25519_key().to_base64(), b.pickle().encrypt(KEY));
    let accept = move |b: &mut Account| {
        let message = PreKeyMessage::from_base64(&text).unwrap();
        b.create_inbound_session(olm(), Curve25519PublicKey::from_base64(&from).unwrap(), &message).unwrap()
    };
    check_plaintext(&accept(&mut load_account(&pickled)).plaintext, 64);
    on_each(move || load_account(&pickled), accept)
}

fn olm_encrypt(size: usize, raw: bool) -> Loop {
    let (mut alice, _) = sessions();
    let plaintext = vec![0; size];
    if raw { repeat(move || alice.encrypt(&plaintext).unwrap()) } else { repeat(move || encrypt_text(&mut alice, &plaintext)) }
}

pub fn olm_decrypt(size: usize, raw: bool) -> Loop {
    let (mut alice, bob) = sessions();
    let plaintext = vec![0; size];
    let texts: Vec<String> = (0..messages_of(size)).map(|_| encrypt_text(&mut alice, &plaintext)).collect();
    let pickled = save(&bob);
    check_plaintext(&decrypt_text(&mut load(&pickled), &texts[0]), size);
    if raw {
        let messages = texts.iter().map(|t| OlmMessage::Normal(Message::from_base64(t).unwrap())).collect();
        return in_order(move || load(&pickled), messages, |bob, m| bob.decrypt(m).unwrap());
    }
    in_order(move || load(&pickled), texts, |bob, text| decrypt_text(bob, text))
}

fn megolm_encrypt(size: usize, raw: bool) -> Loop {
    let mut out = GroupSession::new(megolm());
    let plaintext = vec![0; size];
    if raw { repeat(move || out.encrypt(&plaintext)) } else { repeat(move || out.encrypt(&plaintext).to_base64()) }
}

pub fn megolm_decrypt(size: usize, raw: bool) -> Loop {
    let (mut out, inbound) = group();
    let plaintext = vec![0; size];
    let messages: Vec<MegolmMessage> = (0..messages_of(size)).map(|_| out.encrypt(&plaintext)).collect();
    let pickled = save_group(&inbound);
    check_plaintext(&load_group(&pickled).decrypt(&messages[0]).unwrap().plaintext, size);
    if raw {
        return in_order(move || load_group(&pickled), messages, |s, m| s.decrypt(m).unwrap());
    }
    let texts = messages.iter().map(MegolmMessage::to_base64).collect();
    in_order(move || load_group(&pickled), texts, |s, text: &String| decrypt_group_text(s, text))
}

/// In vodozemac's own format, and in libolm's ("compat") where it can.
fn pickles() -> Vec<Operation> {
    vec![
        Operation::new("PickleAccount50", || {
            let (a, _) = account(50);
            repeat(move || a.pickle().encrypt(KEY))
        }),
        Operation::new("PickleAccount50/compat", || {
            let (a, _) = account(50);
            repeat(move || a.to_libolm_pickle(KEY).unwrap())
        }),
        Operation::new("UnpickleAccount50", || {
            let pickled = account(50).0.pickle().encrypt(KEY);
            repeat(move || load_account(&pickled))
        }),
        Operation::new("UnpickleAccount50/compat", || {
            let pickled = account(50).0.to_libolm_pickle(KEY).unwrap();
            repeat(move || Account::from_libolm_pickle(&pickled, KEY).unwrap())
        }),
        Operation::new("PickleSession", || {
            let (s, _) = sessions();
            repeat(move || save(&s))
        }),
        Operation::new("UnpickleSession", || {
            let pickled = save(&sessions().0);
            repeat(move || load(&pickled))
        }),
        Operation::new("UnpickleSession/compat", || repeat(|| Session::from_libolm_pickle(by_libolm("session"), KEY).unwrap())),
        Operation::new("PickleMegolm", || {
            let (_, s) = group();
            repeat(move || save_group(&s))
        }),
        Operation::new("UnpickleMegolm", || {
            let pickled = save_group(&group().1);
            repeat(move || load_group(&pickled))
        }),
        Operation::new("UnpickleMegolm/compat", || repeat(|| InboundGroupSession::from_libolm_pickle(by_libolm("inbound"), KEY).unwrap())),
    ]
}

fn loops() -> Vec<Operation> {
    vec![
        Operation::new("HotOlm", || {
            let (mut alice, bob) = sessions();
            let (text, pickled) = (encrypt_text(&mut alice, &[0; 64]), save(&bob));
            check_plaintext(&decrypt_text(&mut load(&pickled), &text), 64);
            repeat(move || {
                let mut s = load(&pickled);
                (decrypt_text(&mut s, &text), save(&s))
            })
        }),
        Operation::new("HotMegolm", || {
            let (mut out, inbound) = group();
            let (text, pickled) = (out.encrypt([0; 64]).to_base64(), save_group(&inbound));
            check_plaintext(&hot_megolm(&pickled, &text).0, 64);
            repeat(move || hot_megolm(&pickled, &text))
        }),
        Operation::new("Backfill", || {
            let (mut out, inbound) = group();
            let texts: Vec<String> = (0..1000).map(|_| out.encrypt([0; 64]).to_base64()).collect();
            let pickled = save_group(&inbound);
            let all = move |s: &mut InboundGroupSession| texts.iter().map(|text| decrypt_group_text(s, text)).last().unwrap();
            check_plaintext(&all(&mut load_group(&pickled)), 64);
            on_each(move || load_group(&pickled), all)
        }),
        Operation::new("FanOut", || {
            let (alice, mut bob) = sessions();
            let pickled = save(&alice);
            let mut devices: Vec<Session> = (0..1000).map(|_| load(&pickled)).collect();
            let text = encrypt_text(&mut devices[999], &[0; 300]);
            check_plaintext(&decrypt_text(&mut bob, &text), 300);
            repeat(move || devices.iter_mut().map(|s| encrypt_text(s, &[0; 300])).last())
        }),
    ]
}

fn others() -> Vec<Operation> {
    vec![
        Operation::new("SAS", || {
            let theirs = Sas::new().public_key().to_base64();
            repeat(move || {
                let s = Sas::new();
                let ours = s.public_key().to_base64();
                let established = s.diffie_hellman_with_raw(&theirs).unwrap();
                (ours, established.bytes("MATRIX_KEY_VERIFICATION_SAS"))
            })
        }),
        Operation::new("PkEncrypt1KiB", || {
            let recipient = PkDecryption::new().public_key().to_base64();
            let plaintext = vec![0; 1 << 10];
            repeat(move || backup(&recipient, &plaintext))
        }),
        Operation::new("PkDecrypt1KiB", || {
            let d = PkDecryption::new();
            let (ciphertext, mac, ephemeral) = backup(&d.public_key().to_base64(), &[0; 1 << 10]);
            let open = move || d.decrypt(&BackupMessage::from_base64(&ciphertext, &mac, &ephemeral).unwrap()).unwrap();
            check_plaintext(&open(), 1 << 10);
            repeat(open)
        }),
    ]
}

fn backup(recipient: &str, plaintext: &[u8]) -> (String, String, String) {
    let m = PkEncryption::from_key(Curve25519PublicKey::from_base64(recipient).unwrap()).encrypt(plaintext).unwrap();
    (base64_encode(&m.ciphertext), base64_encode(&m.mac), m.ephemeral_key.to_base64())
}
