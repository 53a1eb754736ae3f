//! One provider: where a person is sent, and who they are when they come back.

use std::sync::Arc;

use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdTokenClaims,
    CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AuthType, AuthorizationCode, CsrfToken, EmptyAdditionalClaims, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, OAuth2TokenResponse as _, PkceCodeChallenge, RedirectUrl,
    RequestTokenError, Scope, SubjectIdentifier, TokenResponse as _, UserInfoClaims,
};

use super::discovery::{Discovery, Metadata};
use super::fetch::Fetch;
use super::verify::{Expected, verify};
use super::{Ceremony, OidcError, ProviderConfig};
use crate::application::Clock;
use crate::application::accounts::Identity;

/// The client that a description makes.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The longest subject, in bytes (OpenID Connect Core 1.0, section 2).
const LONGEST_SUBJECT: usize = 255;

/// A provider that the operator has named.
pub struct Provider {
    config: ProviderConfig,
    redirect: Option<RedirectUrl>,
    fetch: Fetch,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
}

/// Somebody who has come back, and is who the provider says.
pub struct Arrival {
    /// Who.
    pub identity: Identity,
    claims: Claims,
    access_token: AccessToken,
}

/// What a provider tells of a person, beyond who they are. Nothing in it is ours to rely on: it
/// only saves typing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// Their e-mail address, if the provider has verified it.
    pub email: Option<String>,
    /// Their name.
    pub name: Option<String>,
    /// What they are called there.
    pub username: Option<String>,
}

impl Provider {
    pub(super) fn new(
        config: ProviderConfig,
        public_url: &str,
        fetch: Fetch,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let redirect = format!("{public_url}/log-in/with/{}/callback", config.name);
        let fetch = fetch.for_issuer(&config.issuer);
        Self {
            redirect: RedirectUrl::new(redirect).ok(),
            discovery: Discovery::new(config.issuer.clone(), fetch.clone(), Arc::clone(&clock)),
            fetch,
            clock,
            config,
        }
    }

    /// Its name in addresses.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// Its name on buttons.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.config.label
    }

    /// Who it is.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.config.issuer.as_str()
    }

    /// The address there that a person is sent to.
    ///
    /// # Errors
    /// [`OidcError::Unreachable`].
    pub async fn begin(&self, ceremony: &Ceremony) -> Result<String, OidcError> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata)?;
        let (state, nonce) = (CsrfToken::new(ceremony.state()), ceremony.nonce());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            move || state.clone(),
            move || nonce.clone(),
        );
        let (url, ..) = request
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&ceremony.verifier()))
            .url();
        // The browser is sent there, and shown it as a link: no other scheme will do.
        match url.scheme() {
            "https" => Ok(url.into()),
            "http" if self.config.issuer.url().scheme() == "http" => Ok(url.into()),
            _ => Err(unreachable("it sends people to an address that is not https")),
        }
    }

    /// Was it this provider that sent the person back? `iss` is what stands in the address: a
    /// provider that says it always does must (RFC 9207).
    ///
    /// # Errors
    /// [`OidcError::Untrusted`]; [`OidcError::Unreachable`].
    pub async fn check_sender(&self, iss: Option<&str>) -> Result<(), OidcError> {
        let metadata = self.discovery.metadata().await?;
        let must = metadata.additional_metadata().authorization_response_iss_parameter_supported;
        match iss {
            Some(iss) if iss == self.issuer() => Ok(()),
            None if !must => Ok(()),
            _ => Err(OidcError::Untrusted("the person comes from another provider")),
        }
    }

    /// Gives a code in and learns who has come back.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn arrive(&self, ceremony: &Ceremony, code: String) -> Result<Arrival, OidcError> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata)?;
        let request = client.exchange_code(AuthorizationCode::new(code));
        let request = request.map_err(|_| unreachable("it names no token endpoint"))?;
        let request = request.set_pkce_verifier(ceremony.verifier());
        let tokens: CoreTokenResponse =
            request.request_async(&self.fetch).await.map_err(|error| match error {
                RequestTokenError::ServerResponse(answer) => {
                    OidcError::CodeRefused(answer.error().to_string())
                }
                RequestTokenError::Request(error) => OidcError::Unreachable(error.to_string()),
                RequestTokenError::Parse(error, _) => {
                    OidcError::Unreachable(format!("its answer can't be read: {}", error.path()))
                }
                RequestTokenError::Other(_) => unreachable("its answer is empty"),
            })?;
        let token = tokens.id_token().ok_or(OidcError::Untrusted("there is none"))?;
        let (nonce, access_token) = (ceremony.nonce(), tokens.access_token());
        let expected = Expected {
            client_id: &self.config.client_id,
            nonce: &nonce,
            access_token,
            now: self.clock.now(),
        };
        let claims = match verify(token, &metadata, &expected) {
            Ok(claims) => claims,
            Err(super::verify::Doubt::Keys) => {
                let newer = self.discovery.newer_keys(&metadata).await;
                verify(token, newer.as_ref().unwrap_or(&metadata), &expected)?
            }
            Err(doubt) => return Err(doubt.into()),
        };
        let subject = claims.subject().as_str();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            return Err(OidcError::Untrusted("its subject is empty or too long"));
        }
        let identity = Identity { issuer: self.issuer().to_owned(), subject: subject.to_owned() };
        Ok(Arrival { identity, claims: told(claims), access_token: access_token.clone() })
    }

    /// What the provider tells of somebody: in the ID token, or else when it is asked. One that
    /// does not answer has told nothing.
    pub async fn describe(&self, arrival: &Arrival) -> Claims {
        if arrival.claims.email.is_some() {
            return arrival.claims.clone();
        }
        match self.ask_for_claims(arrival).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::info!(%error, provider = self.name(), "nothing is told of a person");
                arrival.claims.clone()
            }
        }
    }

    async fn ask_for_claims(&self, arrival: &Arrival) -> Result<Claims, OidcError> {
        let metadata = self.discovery.metadata().await?;
        let client = self.client(&metadata)?;
        let subject = SubjectIdentifier::new(arrival.identity.subject.clone());
        let request = client.user_info(arrival.access_token.clone(), Some(subject));
        let request = request.map_err(|_| unreachable("it names no userinfo endpoint"))?;
        let claims: UserInfoClaims<EmptyAdditionalClaims, CoreGenderClaim> = request
            .request_async(&self.fetch)
            .await
            .map_err(|_| unreachable("its userinfo endpoint does not answer as it should"))?;
        let text = |text: &str| Some(text.to_owned());
        Ok(Claims {
            email: claims
                .email()
                .filter(|_| claims.email_verified() == Some(true))
                .and_then(|email| text(email)),
            name: claims.name().and_then(|name| name.get(None)).and_then(|name| text(name)),
            username: claims.preferred_username().and_then(|name| text(name)),
        })
    }

    fn client(&self, metadata: &Metadata) -> Result<Client, OidcError> {
        let redirect = self.redirect.clone();
        let redirect =
            redirect.ok_or_else(|| unreachable("SISKIN_PUBLIC_URL is no address to return to"))?;
        let (id, secret) = (self.config.client_id.clone(), self.config.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret));
        // Basic is what a provider understands that does not say (Core, section 9).
        let methods = metadata.token_endpoint_auth_methods_supported();
        let offers = |method| methods.is_none_or(|methods| methods.contains(&method));
        let in_body = !offers(CoreClientAuthMethod::ClientSecretBasic)
            && offers(CoreClientAuthMethod::ClientSecretPost);
        let how = if in_body { AuthType::RequestBody } else { AuthType::BasicAuth };
        Ok(client.set_redirect_uri(redirect).set_auth_type(how))
    }
}

fn told(claims: &CoreIdTokenClaims) -> Claims {
    let text = |text: &str| Some(text.to_owned());
    Claims {
        email: claims
            .email()
            .filter(|_| claims.email_verified() == Some(true))
            .and_then(|email| text(email)),
        name: claims.name().and_then(|name| name.get(None)).and_then(|name| text(name)),
        username: claims.preferred_username().and_then(|name| text(name)),
    }
}

fn unreachable(why: &str) -> OidcError {
    OidcError::Unreachable(why.to_owned())
}
