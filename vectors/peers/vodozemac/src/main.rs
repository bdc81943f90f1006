//! The peer vodozemac, of whichever version it is built with. It writes accounts and key pairs of the public-key
//! encryption in libolm's format, and no sessions.

use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::io::{stdin, stdout, BufRead, Write};
use vodozemac::olm::{Account, OlmMessage, PreKeyMessage, Session, SessionConfig};
use vodozemac::{base64_decode, base64_encode, Curve25519PublicKey, KeyId};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

#[derive(Default)]
struct Peer {
    accounts: HashMap<String, Account>,
    sessions: HashMap<String, Session>,
    #[cfg(feature = "pk")]
    decryptions: HashMap<String, vodozemac::pk_encryption::PkDecryption>,
}

fn main() -> Result<()> {
    let mut peer = Peer::default();
    for line in stdin().lock().lines() {
        let q: Value = serde_json::from_str(&line?)?;
        let answer = peer.answer(&q).unwrap_or_else(|e| json!({ "error": e.to_string() }));
        let mut out = stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

impl Peer {
    fn answer(&mut self, q: &Value) -> Result<Value> {
        let text = |name: &str| q[name].as_str().unwrap_or_default().to_owned();
        let key = |name: &str| Curve25519PublicKey::from_base64(&text(name));
        let bytes = unhex(&text("bytes"));
        let object = text("object");
        match text("op").as_str() {
            "account" => {
                self.accounts.insert(object, Account::new());
            }
            "one_time_keys" => {
                self.account(&object)?.generate_one_time_keys(q["count"].as_u64().unwrap_or_default() as usize);
            }
            "fallback" => {
                self.account(&object)?.generate_fallback_key();
            }
            "forget_fallback" => {
                self.account(&object)?.forget_fallback_key();
            }
            "publish" => self.account(&object)?.mark_keys_as_published(),
            "keys" => {
                let a = self.account(&object)?;
                return Ok(json!({
                    "ed25519": a.ed25519_key().to_base64(),
                    "curve25519": a.curve25519_key().to_base64(),
                    "one_time": keys(a.one_time_keys()),
                    "fallback": keys(a.fallback_key()),
                }));
            }
            "sign" => {
                let message = String::from_utf8(bytes)?; // which old versions want it to be
                return Ok(json!({ "text": self.account(&object)?.sign(&message).to_base64() }));
            }
            "outbound" => {
                let (identity, one_time) = (key("identity")?, key("key")?);
                let a = self.account(&text("account"))?;
                let session = result(a.create_outbound_session(SessionConfig::version_1(), identity, one_time))?;
                self.sessions.insert(object, session);
            }
            "inbound" => {
                let (identity, message) = (key("identity")?, PreKeyMessage::from_base64(&text("text"))?);
                let created = create_inbound(self.account(&text("account"))?, identity, &message)?;
                self.sessions.insert(object, created.session);
                return Ok(json!({ "bytes": hex(&created.plaintext) }));
            }
            "remove" => {} // went when the session was created
            "encrypt" => {
                let session = self.sessions.get_mut(&object).ok_or("no such session")?;
                return Ok(match result(session.encrypt(&bytes))? {
                    OlmMessage::PreKey(m) => json!({ "type": 0, "text": m.to_base64() }),
                    OlmMessage::Normal(m) => json!({ "type": 1, "text": m.to_base64() }),
                });
            }
            "pickle" if q["format"].is_null() => {
                #[cfg(feature = "pk")]
                if let Some(d) = self.decryptions.get(&object) {
                    return Ok(json!({ "text": d.to_libolm_pickle(&bytes)? }));
                }
                return Ok(json!({ "text": self.account(&object)?.to_libolm_pickle(&bytes)? }));
            }
            "unpickle" => {
                self.accounts.insert(object, Account::from_libolm_pickle(&text("text"), &bytes)?);
            }
            #[cfg(feature = "pk")]
            "pk" => {
                let d = vodozemac::pk_encryption::PkDecryption::new();
                let public = d.public_key().to_base64();
                self.decryptions.insert(object, d);
                return Ok(json!({ "curve25519": public }));
            }
            #[cfg(feature = "pk")]
            "pk_encrypt" => {
                let m = result(vodozemac::pk_encryption::PkEncryption::from_key(key("key")?).encrypt(&bytes))?;
                return Ok(json!({
                    "text": base64_encode(&m.ciphertext),
                    "mac": base64_encode(&m.mac),
                    "ephemeral": m.ephemeral_key.to_base64(),
                }));
            }
            op => return Err(format!("no such operation: {op}").into()),
        }
        Ok(json!({}))
    }

    fn account(&mut self, name: &str) -> Result<&mut Account> {
        self.accounts.get_mut(name).ok_or_else(|| "no such account".into())
    }
}

#[cfg(feature = "plain")]
fn create_inbound(a: &mut Account, identity: Curve25519PublicKey, m: &PreKeyMessage) -> Result<vodozemac::olm::InboundCreationResult> {
    Ok(a.create_inbound_session(identity, m)?)
}

#[cfg(not(feature = "plain"))]
fn create_inbound(a: &mut Account, identity: Curve25519PublicKey, m: &PreKeyMessage) -> Result<vodozemac::olm::InboundCreationResult> {
    Ok(a.create_inbound_session(SessionConfig::version_1(), identity, m)?)
}

#[cfg(feature = "plain")]
fn result<T>(value: T) -> Result<T> {
    Ok(value)
}

#[cfg(not(feature = "plain"))]
fn result<T, E: std::error::Error + 'static>(value: std::result::Result<T, E>) -> Result<T> {
    Ok(value?)
}

/// The ids are as libolm writes them: four bytes where vodozemac has eight.
fn keys(all: HashMap<KeyId, Curve25519PublicKey>) -> Map<String, Value> {
    let id = |id: KeyId| base64_encode(&base64_decode(id.to_base64()).unwrap()[4..]);
    all.into_iter().map(|(i, key)| (id(i), key.to_base64().into())).collect()
}

fn hex(b: &[u8]) -> String {
    b.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap()).collect()
}
