//! Is an ID token to be believed?

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreIdToken, CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm as Algorithm,
};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, Nonce,
    SignatureVerificationError,
};
use siskin_domain::Timestamp;

use super::OidcError;
use super::discovery::Metadata;

/// How far a provider's clock may be from ours.
const SKEW_MS: i64 = 60 * 1000;
/// How long ago the token may have been signed: it is fetched the moment the person comes back.
const FRESH_MS: i64 = 10 * 60 * 1000;

/// Signatures with a public key. A provider that offers others, or none, is not believed by them:
/// who knows our client secret is not the provider.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// What an ID token must fit to.
pub(super) struct Expected<'a> {
    pub(super) client_id: &'a ClientId,
    pub(super) nonce: &'a Nonce,
    pub(super) access_token: &'a AccessToken,
    pub(super) now: Timestamp,
}

/// Why it is not believed.
pub(super) enum Doubt {
    /// Other keys might tell: the provider may have changed them.
    Keys,
    /// Nothing would help.
    Final(&'static str),
}

impl From<Doubt> for OidcError {
    fn from(doubt: Doubt) -> Self {
        Self::Untrusted(match doubt {
            Doubt::Keys => "it is signed by none of the provider's keys",
            Doubt::Final(why) => why,
        })
    }
}

/// The claims of a token that is to be believed.
pub(super) fn verify<'t>(
    token: &'t CoreIdToken,
    metadata: &Metadata,
    expected: &Expected<'_>,
) -> Result<&'t CoreIdTokenClaims, Doubt> {
    let now = expected.now;
    // For a public client, as the crate calls one without a secret to sign with.
    let verifier = CoreIdTokenVerifier::new_public_client(
        expected.client_id.clone(),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(ALGORITHMS)
    .set_time_fn(move || time(now.plus_ms(-SKEW_MS)))
    .set_issue_time_verifier_fn(move |at| {
        let (from, to) = (time(now.plus_ms(-FRESH_MS - SKEW_MS)), time(now.plus_ms(SKEW_MS)));
        if (from..=to).contains(&at) { Ok(()) } else { Err(String::new()) }
    });
    let claims = token.claims(&verifier, expected.nonce).map_err(|error| doubt(&error))?;
    if claims.authorized_party().is_some_and(|party| party != expected.client_id) {
        return Err(Doubt::Final("it was made for another client"));
    }
    if let Some(hash) = claims.access_token_hash() {
        let own = token.signing_alg().ok().zip(token.signing_key(&verifier).ok());
        let own = own.and_then(|(algorithm, key)| {
            AccessTokenHash::from_token(expected.access_token, algorithm, key).ok()
        });
        if own.as_ref() != Some(hash) {
            return Err(Doubt::Final("it came with another access token"));
        }
    }
    Ok(claims)
}

fn doubt(error: &ClaimsVerificationError) -> Doubt {
    use SignatureVerificationError as Signature;
    Doubt::Final(match error {
        ClaimsVerificationError::SignatureVerification(
            Signature::NoMatchingKey | Signature::CryptoError(_) | Signature::AmbiguousKeyId(_),
        ) => return Doubt::Keys,
        ClaimsVerificationError::SignatureVerification(_) => "its signature is of no use",
        ClaimsVerificationError::InvalidIssuer(_) => "it was made by another issuer",
        ClaimsVerificationError::InvalidAudience(_) => "it was made for others",
        ClaimsVerificationError::InvalidNonce(_) => "it was made for another log-in",
        ClaimsVerificationError::Expired(_) => "it is not of now",
        _ => "its shape is unknown",
    })
}

fn time(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.unix_ms()).unwrap_or_default()
}
