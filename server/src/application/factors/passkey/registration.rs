//! The registration of a passkey: what is asked, and whether the answer is right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::TimedCeremony as _;
use webauthn_rp::request::register::{
    CoseAlgorithmIdentifier, CredProtect, Nickname, PublicKeyCredentialUserEntity,
    RegistrationVerificationOptions, Username,
};
use webauthn_rp::response::register::error::RegCeremonyErr;
use webauthn_rp::{PublicKeyCredentialCreationOptions, Registration, RegistrationServerState};

use super::{Begun, HANDLE_BYTES, Owner, Passkey, ceremony_key, unbase64};
use crate::application::factors::error::PasskeyFault;
use crate::application::factors::site::Site;
use crate::storage::ProofKey;

/// Begins the registration of a passkey.
pub(in crate::application::factors) fn begin_registration(
    site: &Site,
    owner: &Owner<'_>,
) -> Result<Begun, PasskeyFault> {
    let user = PublicKeyCredentialUserEntity {
        name: Username::try_from(owner.username).map_err(|_| PasskeyFault::Refused)?,
        id: &owner.handle.0,
        display_name: Nickname::try_from(owner.name).ok(),
    };
    let exclude = owner.passkeys.iter().filter_map(Passkey::descriptor).collect();
    let mut options = PublicKeyCredentialCreationOptions::passkey(&site.id, user, exclude);
    options.pub_key_cred_params =
        options.pub_key_cred_params.remove(CoseAlgorithmIdentifier::Es384);
    // We ask for verification each time ourselves; not every authenticator knows the extension.
    options.extensions.cred_protect = CredProtect::None;
    let (server, client) = options.start_ceremony().map_err(|_| PasskeyFault::Refused)?;
    let state = server.encode().map_err(|_| PasskeyFault::Refused)?;
    let key = ceremony_key(server.sent_challenge().0);
    let options = serde_json::to_value(&client).map_err(|_| PasskeyFault::Refused)?;
    Ok(Begun { options, key, state: URL_SAFE_NO_PAD.encode(state) })
}

/// A registration as the browser sent it.
pub(in crate::application::factors) struct Registered(Registration);

impl Registered {
    pub(in crate::application::factors) fn read(json: &[u8]) -> Result<Self, PasskeyFault> {
        Registration::from_json_relaxed(json).map(Self).map_err(|_| PasskeyFault::Unreadable)
    }

    /// The ceremony that it answers.
    pub(in crate::application::factors) fn ceremony(&self) -> Result<ProofKey, PasskeyFault> {
        let challenge = self.0.challenge_relaxed().map_err(|_| PasskeyFault::Unreadable)?;
        Ok(ceremony_key(challenge.0))
    }

    /// What the authenticator says, in CBOR.
    pub(in crate::application::factors) fn object(&self) -> &[u8] {
        self.0.response().attestation_object()
    }

    /// The passkey, if everything about it is right.
    pub(in crate::application::factors) fn verify(
        &self,
        site: &Site,
        state: &str,
    ) -> Result<Passkey, PasskeyFault> {
        let state = unbase64(state).ok_or(PasskeyFault::Unreadable)?;
        let state = RegistrationServerState::<HANDLE_BYTES>::decode(state.as_slice())
            .map_err(|_| PasskeyFault::Unreadable)?;
        let origins = [site.origin.as_str()];
        let options = RegistrationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..RegistrationVerificationOptions::default()
        };
        let made = state.verify(&site.id, &self.0, &options).map_err(registration_fault)?;
        let Ok(handle) = made.user_id().encode();
        let Ok(fixed) = made.static_state().encode();
        let Ok(changing) = made.dynamic_state().encode();
        let Ok(transports) = made.transports().encode();
        Ok(Passkey {
            id: URL_SAFE_NO_PAD.encode(made.id().inner()),
            handle: URL_SAFE_NO_PAD.encode(handle),
            transports,
            fixed: URL_SAFE_NO_PAD.encode(fixed),
            changing: URL_SAFE_NO_PAD.encode(changing),
        })
    }
}

fn registration_fault(error: RegCeremonyErr) -> PasskeyFault {
    tracing::debug!(%error, "a passkey was not registered");
    match error {
        RegCeremonyErr::OriginMismatch
        | RegCeremonyErr::CrossOrigin
        | RegCeremonyErr::TopOriginMismatch => PasskeyFault::OtherOrigin,
        RegCeremonyErr::RpIdHashMismatch => PasskeyFault::OtherSite,
        RegCeremonyErr::ChallengeMismatch => PasskeyFault::OtherChallenge,
        RegCeremonyErr::UserNotVerified => PasskeyFault::NotVerified,
        RegCeremonyErr::AttestationSignature => PasskeyFault::WrongSignature,
        RegCeremonyErr::CollectedClientData(_)
        | RegCeremonyErr::CollectedClientDataRelaxed(_)
        | RegCeremonyErr::AttestationObject(_) => PasskeyFault::Unreadable,
        _ => PasskeyFault::Refused,
    }
}
