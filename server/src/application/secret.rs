//! Secrets of sessions and tokens: 256 random bits, known to the store by their hash only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::Entropy;
use crate::storage::{SessionKind, TokenHash};

/// What every API token begins with, so that leaked ones can be found and recognised.
const BEARER_PREFIX: &str = "sk_";
/// Longer texts are no secrets of ours and are not even hashed.
const MAX_LENGTH: usize = 64;

/// Makes a new secret and its hash: base64url of 32 random bytes, for bearers after `sk_`.
pub(super) fn make(entropy: &dyn Entropy, kind: SessionKind) -> (String, TokenHash) {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes);
    let text = URL_SAFE_NO_PAD.encode(bytes);
    let secret = match kind {
        SessionKind::Cookie => text,
        SessionKind::Bearer => format!("{BEARER_PREFIX}{text}"),
    };
    let token = digest(&secret);
    (secret, token)
}

/// What finds a secret in the store; `None` if it can't be one of this kind.
///
/// A fast hash is right here: 256 random bits can't be guessed, unlike a password.
pub(super) fn hash(secret: &str, kind: SessionKind) -> Option<TokenHash> {
    let is_bearer = secret.starts_with(BEARER_PREFIX);
    let fits = match kind {
        SessionKind::Bearer => is_bearer,
        SessionKind::Cookie => true,
    };
    (fits && !secret.is_empty() && secret.len() <= MAX_LENGTH).then(|| digest(secret))
}

fn digest(secret: &str) -> TokenHash {
    TokenHash(Sha256::digest(secret.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn secrets_are_43_characters_and_tokens_say_what_they_are() {
        assert_eq!(make(&Sevens, SessionKind::Cookie).0.len(), 43);
        let (secret, token) = make(&Sevens, SessionKind::Bearer);
        assert!(secret.starts_with("sk_") && secret.len() == 46);
        assert_eq!(hash(&secret, SessionKind::Bearer), Some(token));
    }

    #[test]
    fn what_can_be_no_secret_is_not_looked_up() {
        assert_eq!(hash("", SessionKind::Cookie), None);
        assert_eq!(hash(&"a".repeat(65), SessionKind::Cookie), None);
        assert_eq!(hash("abc", SessionKind::Bearer), None);
        assert!(hash("sk_abc", SessionKind::Bearer).is_some());
    }
}
