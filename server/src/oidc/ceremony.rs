//! What ties a person's way back from a provider to the browser that went there.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::{Nonce, PkceCodeVerifier};
use sha2::{Digest, Sha256};

use crate::application::Entropy;

/// One way to a provider and back: 256 random bits that only the browser has, in a cookie.
///
/// All that the protocol needs is made of them by SHA-256, so that the store holds nothing to be
/// stolen, and nothing that is seen on the way tells another part: `state` (in addresses),
/// `nonce` (in the ID token), and PKCE's verifier (told only when the code is given in).
pub struct Ceremony([u8; 32]);

impl Ceremony {
    /// A new one.
    #[must_use]
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut secret = [0; 32];
        entropy.fill(&mut secret);
        Self(secret)
    }

    /// The one that a browser's cookie holds.
    #[must_use]
    pub fn from_cookie(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// What the cookie holds.
    #[must_use]
    pub fn cookie(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the provider gives back with the person.
    #[must_use]
    pub fn state(&self) -> String {
        self.part("state")
    }

    /// What finds it in the store: not what a provider or an address tells.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        self.hash("key")
    }

    pub(super) fn nonce(&self) -> Nonce {
        Nonce::new(self.part("nonce"))
    }

    pub(super) fn verifier(&self) -> PkceCodeVerifier {
        PkceCodeVerifier::new(self.part("verifier"))
    }

    fn part(&self, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.hash(name))
    }

    fn hash(&self, name: &str) -> [u8; 32] {
        let hash = Sha256::new().chain_update("siskin oidc ").chain_update(name);
        hash.chain_update([0]).chain_update(self.0).finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_brings_the_same_ceremony_back_and_no_part_tells_another() {
        let one = Ceremony([7; 32]);
        let again = Ceremony::from_cookie(&one.cookie()).unwrap();
        assert_eq!((one.state(), one.key()), (again.state(), again.key()));
        let nonce = one.nonce();
        let parts =
            [one.cookie(), one.state(), nonce.secret().clone(), one.verifier().into_secret()];
        for (n, part) in parts.iter().enumerate() {
            assert_eq!(part.len(), 43);
            assert!(parts.iter().skip(n + 1).all(|other| other != part));
        }
        for text in ["", "AAAA", &"A".repeat(44), "\u{0}"] {
            assert!(Ceremony::from_cookie(text).is_none(), "{text}");
        }
    }
}
