//! WebAuthn itself: what is asked of an authenticator, and whether its answer is right. Pure but
//! for the challenge, which the library draws.
//!
//! Discoverable credentials only, and user verification always: a passkey is two factors at once,
//! something one has and something one knows or is.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CoseAlgorithmIdentifier, CredProtect, Nickname, PublicKeyCredentialUserEntity,
    RegistrationVerificationOptions, UserHandle, Username,
};
use webauthn_rp::request::{PublicKeyCredentialDescriptor, TimedCeremony as _};
use webauthn_rp::response::auth::error::AuthCeremonyErr;
use webauthn_rp::response::register::error::RegCeremonyErr;
use webauthn_rp::response::register::{CompressedPubKey, DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication64, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration,
    RegistrationServerState,
};

use super::error::PasskeyFault;
use super::site::Site;
use crate::application::Entropy;
use crate::storage::{ProofKey, ProofKind};

const HANDLE_BYTES: usize = 64;

/// A public key that was kept, of whichever algorithm.
type PublicKey = CompressedPubKey<[u8; 32], [u8; 32], [u8; 48], Vec<u8>>;

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

/// Begins the registration of a passkey.
pub(super) fn begin_registration(site: &Site, owner: &Owner<'_>) -> Result<Begun, PasskeyFault> {
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
pub(super) struct Registered(Registration);

impl Registered {
    pub(super) fn read(json: &[u8]) -> Result<Self, PasskeyFault> {
        Registration::from_json_relaxed(json).map(Self).map_err(|_| PasskeyFault::Unreadable)
    }

    /// The ceremony that it answers.
    pub(super) fn ceremony(&self) -> Result<ProofKey, PasskeyFault> {
        let challenge = self.0.challenge_relaxed().map_err(|_| PasskeyFault::Unreadable)?;
        Ok(ceremony_key(challenge.0))
    }

    /// The passkey, if everything about it is right.
    pub(super) fn verify(&self, site: &Site, state: &str) -> Result<Passkey, PasskeyFault> {
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

/// Begins a log-in by whichever passkey the visitor has.
pub(super) fn begin_log_in(site: &Site) -> Result<Begun, PasskeyFault> {
    let options = DiscoverableCredentialRequestOptions::passkey(&site.id);
    let (server, client) = options.start_ceremony().map_err(|_| PasskeyFault::Refused)?;
    let state = server.encode().map_err(|_| PasskeyFault::Refused)?;
    let key = ceremony_key(server.sent_challenge().0);
    let options = serde_json::to_value(&client).map_err(|_| PasskeyFault::Refused)?;
    Ok(Begun { options, key, state: URL_SAFE_NO_PAD.encode(state) })
}

/// A log-in as the browser sent it.
pub(super) struct Shown(DiscoverableAuthentication64);

impl Shown {
    pub(super) fn read(json: &[u8]) -> Result<Self, PasskeyFault> {
        DiscoverableAuthentication64::from_json_relaxed(json)
            .map(Self)
            .map_err(|_| PasskeyFault::Unreadable)
    }

    /// The ceremony that it answers.
    pub(super) fn ceremony(&self) -> Result<ProofKey, PasskeyFault> {
        let challenge = self.0.challenge_relaxed().map_err(|_| PasskeyFault::Unreadable)?;
        Ok(ceremony_key(challenge.0))
    }

    /// What finds the passkey that was shown.
    pub(super) fn passkey(&self) -> ProofKey {
        key_of(self.0.raw_id().inner())
    }

    /// The passkey as it is to be kept from now on, if everything about the log-in is right.
    pub(super) fn verify(
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

fn key_of(credential: &[u8]) -> ProofKey {
    ProofKey::of(ProofKind::Passkey, credential)
}

fn ceremony_key(challenge: u128) -> ProofKey {
    ProofKey::of(ProofKind::Ceremony, &challenge.to_be_bytes())
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
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
