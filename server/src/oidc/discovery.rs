//! What a provider says of itself: asked for when it is needed, and kept.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, JsonWebKeySet, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use siskin_domain::Timestamp;
use tokio::sync::Mutex;

use super::OidcError;
use super::fetch::{Fetch, FetchError};
use crate::application::Clock;

/// How long a description is believed. An older one still serves while there is no new one.
const BELIEVED_MS: i64 = 60 * 60 * 1000;
/// How long a provider that could not be asked is left in peace.
const PEACE_MS: i64 = 10 * 1000;
/// How long after a look for new keys there is no other.
const KEYS_EVERY_MS: i64 = 60 * 1000;

/// What a provider says beyond OpenID Connect's own description.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    /// It says who it is when a person comes back (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Extra {}

/// A provider's description with its keys.
pub(super) type Metadata = ProviderMetadata<
    Extra,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider's description, asked for at the first need.
pub(super) struct Discovery {
    issuer: IssuerUrl,
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    /// Locked while it is asked for: whoever needs it meanwhile gets the same answer.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, Timestamp)>,
    failed: Option<(OidcError, Timestamp)>,
    looked_for_keys_at: Option<Timestamp>,
}

impl Discovery {
    pub(super) fn new(issuer: IssuerUrl, fetch: Fetch, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, fetch, clock, known: Mutex::default() }
    }

    /// The description.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some((metadata, at)) = &known.metadata
            && is_younger(*at, now, BELIEVED_MS)
        {
            return Ok(Arc::clone(metadata));
        }
        let failed = match &known.failed {
            Some((error, at)) if is_younger(*at, now, PEACE_MS) => error.clone(),
            _ => match Metadata::discover_async(self.issuer.clone(), &self.fetch).await {
                Ok(metadata) => {
                    let metadata = Arc::new(metadata);
                    known.metadata = Some((Arc::clone(&metadata), now));
                    known.failed = None;
                    return Ok(metadata);
                }
                Err(error) => {
                    let error = said(error);
                    // Asking may have taken a while, which is no part of the peace.
                    known.failed = Some((error.clone(), self.clock.now()));
                    error
                }
            },
        };
        known.metadata.as_ref().map(|(metadata, _)| Arc::clone(metadata)).ok_or(failed)
    }

    /// The description with newer keys than this one has, if there are any: a provider changes
    /// its keys whenever it likes, and signs with one that we have not seen.
    pub(super) async fn newer_keys(&self, than: &Arc<Metadata>) -> Option<Arc<Metadata>> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        if let Some((metadata, _)) = &known.metadata
            && !Arc::ptr_eq(metadata, than)
        {
            return Some(Arc::clone(metadata));
        }
        if let Some(at) = known.looked_for_keys_at
            && is_younger(at, now, KEYS_EVERY_MS)
        {
            return None;
        }
        known.looked_for_keys_at = Some(now);
        let keys = JsonWebKeySet::fetch_async(than.jwks_uri(), &self.fetch).await;
        let keys = keys.map_err(said).inspect_err(|error| {
            tracing::warn!(%error, issuer = self.issuer.as_str(), "no newer keys of a provider");
        });
        let metadata = Arc::new(Metadata::clone(than).set_jwks(keys.ok()?));
        if let Some((old, _)) = &mut known.metadata {
            *old = Arc::clone(&metadata);
        }
        Some(metadata)
    }
}

/// Is something of then younger than that? What is of the future is not: the clock was set back.
fn is_younger(then: Timestamp, now: Timestamp, ms: i64) -> bool {
    (0..ms).contains(&(now.unix_ms() - then.unix_ms()))
}

/// What went wrong, without the answer's own words.
fn said(error: DiscoveryError<FetchError>) -> OidcError {
    OidcError::Unreachable(match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(_, _, why) | DiscoveryError::Validation(why) => why,
        DiscoveryError::Parse(error) => format!("its description can't be read: {error}"),
        other => other.to_string(),
    })
}
