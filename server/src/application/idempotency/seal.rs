//! Seals kept answers, so that the store can't read them.

use std::sync::Arc;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};

use super::{KeptAnswer, digest};
use crate::application::Entropy;
use crate::storage::AnswerKey;

/// Length of a ChaCha20-Poly1305 nonce (RFC 8439), which stands before what is sealed.
const NONCE: usize = 12;

/// Seals and opens the answer of one request. Its key is made of a root that depends on the
/// `Idempotency-Key` and the whole request: only who can repeat the request can open the answer.
#[derive(Clone)]
pub(super) struct Sealer {
    key: Key,
    entropy: Arc<dyn Entropy>,
}

impl Sealer {
    pub(super) fn new(root: &[u8; 32], entropy: Arc<dyn Entropy>) -> Self {
        Self { key: digest("siskin idempotency seal v1", &[root]).into(), entropy }
    }

    /// The sealed answer; bound to its place in the store.
    pub(super) fn seal(&self, place: &AnswerKey, answer: &KeptAnswer) -> Vec<u8> {
        let plain = serde_json::to_vec(answer).unwrap_or_default();
        let mut nonce = [0; NONCE];
        self.entropy.fill(&mut nonce);
        let payload = Payload { msg: &plain, aad: &place.0 };
        let cipher = ChaCha20Poly1305::new(&self.key);
        // Encryption fails for messages of 256 GiB and more; an empty seal would open as `None`.
        let sealed = cipher.encrypt(Nonce::from_slice(&nonce), payload).unwrap_or_default();
        [&nonce[..], &sealed].concat()
    }

    /// What was sealed, unless it was changed, moved, or sealed for another request.
    pub(super) fn open(&self, place: &AnswerKey, sealed: &[u8]) -> Option<KeptAnswer> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let payload = Payload { msg: sealed, aad: &place.0 };
        let cipher = ChaCha20Poly1305::new(&self.key);
        let plain = cipher.decrypt(Nonce::from_slice(nonce), payload).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::application::OsEntropy;

    fn sealer(root: u8) -> Sealer {
        Sealer::new(&[root; 32], Arc::new(OsEntropy))
    }
    fn answer() -> KeptAnswer {
        KeptAnswer { status: 201, location: None, cookie: None, body: "sk_secret".to_owned() }
    }
    const PLACE: AnswerKey = AnswerKey([7; 32]);

    #[test]
    fn an_answer_is_opened_by_its_own_request_only() {
        let sealed = sealer(1).seal(&PLACE, &answer());
        assert_eq!(sealer(1).open(&PLACE, &sealed), Some(answer()));
        assert_eq!(sealer(2).open(&PLACE, &sealed), None);
        assert_eq!(sealer(1).open(&AnswerKey([8; 32]), &sealed), None);
        assert_eq!(sealer(1).open(&PLACE, &sealed[..5]), None);
    }

    #[test]
    fn nothing_of_it_can_be_read() {
        let sealed = sealer(1).seal(&PLACE, &answer());
        assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
    }
}
