//! WebAuthn itself: what is asked of an authenticator, and whether its answer is right. Pure but
//! for the challenge, which the library draws.
//!
//! Discoverable credentials only, and user verification always: a passkey is two factors at once,
//! something one has and something one knows or is.

mod log_in;
mod registration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rp::bin::Decode as _;
use webauthn_rp::request::PublicKeyCredentialDescriptor;
use webauthn_rp::request::register::UserHandle;
use webauthn_rp::response::{AuthTransports, CredentialId};

pub(super) use log_in::{Shown, begin_log_in};
pub(super) use registration::{Registered, begin_registration};

use crate::application::Entropy;
use crate::storage::{ProofKey, ProofKind};

const HANDLE_BYTES: usize = 64;

/// A ceremony that has begun: what the browser is told, and what is kept until it answers.
pub(super) struct Begun {
    /// WebAuthn's options as JSON.
    pub(super) options: Value,
    /// What finds the ceremony again.
    pub(super) key: ProofKey,
    /// The library's own state, in base64url.
    pub(super) state: String,
}

/// The random name of an account to authenticators, the same for all its passkeys. It says
/// nothing about the account.
pub(super) struct Handle(UserHandle<HANDLE_BYTES>);

/// Who registers a passkey.
pub(super) struct Owner<'a> {
    pub(super) username: &'a str,
    pub(super) name: &'a str,
    pub(super) handle: &'a Handle,
    /// The passkeys that there are already, so that no authenticator makes a second one.
    pub(super) passkeys: &'a [Passkey],
}

/// A passkey as it is kept. The key is a public one: nothing in here is secret.
#[derive(Serialize, Deserialize)]
pub(super) struct Passkey {
    id: String,
    handle: String,
    transports: u8,
    /// The public key.
    fixed: String,
    /// The counter, among other things.
    changing: String,
}

impl Handle {
    pub(super) fn make(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; HANDLE_BYTES];
        entropy.fill(&mut bytes);
        let Ok(handle) = UserHandle::decode(bytes);
        Self(handle)
    }
}

impl Passkey {
    /// The account's handle.
    pub(super) fn handle(&self) -> Option<Handle> {
        let bytes = unbase64(&self.handle)?.try_into().ok()?;
        let Ok(handle) = UserHandle::decode(bytes);
        Some(Handle(handle))
    }

    /// What finds it.
    pub(super) fn key(&self) -> Option<ProofKey> {
        Some(key_of(&unbase64(&self.id)?))
    }

    fn descriptor(&self) -> Option<PublicKeyCredentialDescriptor<Vec<u8>>> {
        let id = CredentialId::<Vec<u8>>::decode(unbase64(&self.id)?).ok()?;
        let transports = AuthTransports::decode(self.transports).ok()?;
        Some(PublicKeyCredentialDescriptor { id, transports })
    }
}

fn key_of(credential: &[u8]) -> ProofKey {
    ProofKey::of(ProofKind::Passkey, credential)
}

fn ceremony_key(challenge: u128) -> ProofKey {
    ProofKey::of(ProofKind::Ceremony, &challenge.to_be_bytes())
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
