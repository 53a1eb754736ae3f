//! A log-in by passkey: what is asked, and whether the answer is right.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::TimedCeremony as _;
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::response::CredentialId;
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions,
};

use super::{Begun, Passkey, ceremony_key, key_of, unbase64};
use crate::application::factors::error::PasskeyFault;
use crate::application::factors::site::Site;
use crate::storage::ProofKey;

/// A public key that was kept, of whichever algorithm.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

/// Begins a log-in by whichever passkey the visitor has.
pub(in crate::application::factors) fn begin_log_in(site: &Site) -> Result<Begun, PasskeyFault> {
    let options = DiscoverableCredentialRequestOptions::passkey(&site.id);
    let (server, client) = options.start_ceremony().map_err(|_| PasskeyFault::Refused)?;
    let state = server.encode().map_err(|_| PasskeyFault::Refused)?;
    let key = ceremony_key(server.sent_challenge().0);
    let options = serde_json::to_value(&client).map_err(|_| PasskeyFault::Refused)?;
    Ok(Begun { options, key, state: URL_SAFE_NO_PAD.encode(state) })
}

/// A log-in as the browser sent it.
pub(in crate::application::factors) struct Shown(DiscoverableAuthentication64);

impl Shown {
    pub(in crate::application::factors) fn read(json: &[u8]) -> Result<Self, PasskeyFault> {
        DiscoverableAuthentication64::from_json_relaxed(json)
            .map(Self)
            .map_err(|_| PasskeyFault::Unreadable)
    }

    /// The ceremony that it answers.
    pub(in crate::application::factors) fn ceremony(&self) -> Result<ProofKey, PasskeyFault> {
        let challenge = self.0.challenge_relaxed().map_err(|_| PasskeyFault::Unreadable)?;
        Ok(ceremony_key(challenge.0))
    }

    /// What finds the passkey that was shown.
    pub(in crate::application::factors) fn passkey(&self) -> ProofKey {
        key_of(self.0.raw_id().inner())
    }

    /// What the authenticator says, and signs.
    pub(in crate::application::factors) fn data(&self) -> &[u8] {
        self.0.response().authenticator_data()
    }

    /// The passkey as it is to be kept from now on, if everything about the log-in is right.
    pub(in crate::application::factors) fn verify(
        &self,
        site: &Site,
        state: &str,
        kept: &Passkey,
    ) -> Result<Passkey, PasskeyFault> {
        let state = unbase64(state).ok_or(PasskeyFault::Unreadable)?;
        let state = DiscoverableAuthenticationServerState::decode(state.as_slice())
            .map_err(|_| PasskeyFault::Unreadable)?;
        let changing = self.checked(site, state, kept)?;
        let Ok(changing) = changing.encode();
        Ok(Passkey {
            id: kept.id.clone(),
            handle: kept.handle.clone(),
            transports: kept.transports,
            fixed: kept.fixed.clone(),
            changing: URL_SAFE_NO_PAD.encode(changing),
        })
    }

    fn checked(
        &self,
        site: &Site,
        state: DiscoverableAuthenticationServerState,
        kept: &Passkey,
    ) -> Result<DynamicState, PasskeyFault> {
        // What was kept was right once: if it can't be read now, nobody can log in with it.
        let gone = || PasskeyFault::Unknown;
        let id = unbase64(&kept.id).ok_or_else(gone)?;
        let id = CredentialId::<&[u8]>::decode(id.as_slice()).map_err(|_| gone())?;
        let handle = kept.handle().ok_or_else(gone)?;
        let fixed = unbase64(&kept.fixed).ok_or_else(gone)?;
        let fixed = StaticState::<PublicKey>::decode(fixed.as_slice()).map_err(|_| gone())?;
        let changing = unbase64(&kept.changing).and_then(|bytes| bytes.try_into().ok());
        let changing = DynamicState::decode(changing.ok_or_else(gone)?).map_err(|_| gone())?;
        let mut credential =
            AuthenticatedCredential::new(id, &handle.0, fixed, changing).map_err(|_| gone())?;
        let origins = [site.origin.as_str()];
        let options = AuthenticationVerificationOptions::<&str, &str> {
            allowed_origins: &origins,
            error_on_unsolicited_extensions: false,
            ..AuthenticationVerificationOptions::default()
        };
        state.verify(&site.id, &self.0, &mut credential, &options).map_err(log_in_fault)?;
        Ok(credential.dynamic_state())
    }
}

fn log_in_fault(error: AuthCeremonyErr) -> PasskeyFault {
    tracing::debug!(%error, "a passkey was not taken");
    match error {
        AuthCeremonyErr::OriginMismatch
        | AuthCeremonyErr::CrossOrigin
        | AuthCeremonyErr::TopOriginMismatch => PasskeyFault::OtherOrigin,
        AuthCeremonyErr::RpIdHashMismatch => PasskeyFault::OtherSite,
        AuthCeremonyErr::ChallengeMismatch => PasskeyFault::OtherChallenge,
        AuthCeremonyErr::UserNotVerified => PasskeyFault::NotVerified,
        AuthCeremonyErr::SignatureCounter => PasskeyFault::CounterWentBack,
        AuthCeremonyErr::AssertionSignature => PasskeyFault::WrongSignature,
        AuthCeremonyErr::UserHandleMismatch
        | AuthCeremonyErr::CredentialIdMismatch
        | AuthCeremonyErr::MissingUserHandle => PasskeyFault::Unknown,
        AuthCeremonyErr::CollectedClientData(_)
        | AuthCeremonyErr::CollectedClientDataRelaxed(_)
        | AuthCeremonyErr::AuthenticatorData(_) => PasskeyFault::Unreadable,
        _ => PasskeyFault::Refused,
    }
}
