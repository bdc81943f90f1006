//! What the cost of an operation grows with: as in package bench.

use crate::operations::{megolm_decrypt, olm_decrypt};
use crate::prepare::*;
use crate::sample::{Loop, Operation, on_each, repeat};
use vodozemac::base64_decode;
use vodozemac::megolm::{ExportedSessionKey, GroupSession, InboundGroupSession};

pub fn all() -> Vec<Operation> {
    let mut all = vec![];
    for held in [1_000, 10_000, 100_000, 1_000_000] {
        all.push(Operation::new(format!("Growth/Sessions/{held}"), move || sessions_held(held)).heavy());
    }
    for size in (0..10).map(|i| 64 << (2 * i)) {
        all.push(Operation::new(format!("Growth/Size/{size}"), move || megolm_decrypt(size, false)).heavy());
        all.push(Operation::new(format!("Growth/OlmSize/{size}"), move || olm_decrypt(size, false)).heavy());
    }
    for distance in (0..25).map(|i| 1 << i) {
        all.push(Operation::new(format!("Growth/Jump/{distance}"), move || jump(distance)));
    }
    all
}

/// The pickles of many sessions, of at most 10,000 senders, and messages of any of them.
fn sessions_held(held: usize) -> Loop {
    let mut sessions: Vec<(String, String)> = vec![];
    for i in 0..held {
        if i < 10_000 {
            let mut out = GroupSession::new(megolm());
            let inbound = InboundGroupSession::new(&out.session_key(), megolm());
            sessions.push((save_group(&inbound), out.encrypt([0; 64]).to_base64()));
        } else {
            sessions.push((sessions[i % 10_000].0.clone(), String::new())); // the text is the first one's
        }
    }
    check_plaintext(&hot_megolm(&sessions[0].0, &sessions[0].1).0, 64);
    let mut state = 1u64;
    repeat(move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let i = (state >> 33) as usize % held;
        let (plaintext, changed) = hot_megolm(&sessions[i].0, &sessions[i % 10_000].1);
        sessions[i].0 = changed;
        plaintext
    })
}

/// The index from which every part of the ratchet changes.
const SEEN: u32 = (1 << 24) - 1;

/// No sender gets that far in the time that there is, so this one's pickle gets the ratchet of an export.
fn jump(distance: u32) -> Loop {
    let (out, mut inbound) = group();
    let here = inbound.export_at(SEEN).unwrap().to_base64();
    let there = base64_decode(inbound.export_at(SEEN + distance).unwrap().to_base64()).unwrap();
    let mut pickled = serde_json::to_value(out.pickle()).unwrap();
    pickled["ratchet"]["counter"] = (SEEN + distance).into();
    pickled["ratchet"]["inner"] = there[5..5 + 128].to_vec().into(); // behind the version and the index
    let mut out = GroupSession::from_pickle(serde_json::from_value(pickled).unwrap());
    let text = out.encrypt([0; 64]).to_base64();
    let begin = move || InboundGroupSession::import(&ExportedSessionKey::from_base64(&here).unwrap(), megolm());
    check_plaintext(&decrypt_group_text(&mut begin(), &text), 64);
    on_each(begin, move |s| decrypt_group_text(s, &text))
}
