//! What [`crate::fuzzing`] feeds to the readers of passkeys.

use webauthn_rp::response::{auth, register};

use super::passkey::{Registered, Shown};

/// An authenticator's answer: the JSON of a browser with CBOR inside, or that alone, so that an
/// invented one need not be in base64.
pub(crate) fn passkey(data: &[u8]) {
    object(data);
    shown(data);
    if let Ok(made) = Registered::read(data) {
        let _ = made.ceremony();
        object(made.object());
    }
    if let Ok(log_in) = Shown::read(data) {
        let _ = (log_in.ceremony(), log_in.passkey());
        shown(log_in.data());
    }
}

/// What the library reads while it verifies a registration whose challenge is right.
fn object(cbor: &[u8]) {
    let _ = register::AttestationObject::try_from(cbor);
    let _ = register::AuthenticatorData::try_from(cbor);
}

/// The same for a log-in.
fn shown(data: &[u8]) {
    let _ = auth::AuthenticatorData::try_from(data);
}
