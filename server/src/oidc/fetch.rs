//! Asking a provider: by https, with limits, and never where a redirect leads.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::config::is_loopback;

/// What a provider's answer may cost.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How long it may take, from the connection to the last byte.
    pub time: Duration,
    /// How long its body may be, in bytes.
    pub bytes: usize,
}

impl Default for Limits {
    /// A page has 30 s in all, and up to four questions are asked for it. The descriptions and
    /// keys of well-known providers have a few kilobytes.
    fn default() -> Self {
        Self { time: Duration::from_secs(6), bytes: 256 * 1024 }
    }
}

/// Why a provider has not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("there is no client: its certificates can't be read")]
    NoClient,
    #[error("{0} is neither https nor on this machine")]
    NotSafe(String),
    #[error("the answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("{0}")]
    Failed(String),
}

/// The client. Clones share their connections.
#[derive(Clone)]
pub(super) struct Fetch {
    client: Option<reqwest::Client>,
    limits: Limits,
    /// May it ask this machine without https? For providers that are on it themselves.
    plain: bool,
}

impl Fetch {
    pub(super) fn new(limits: Limits) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(limits.time)
            .user_agent(concat!("siskin/", env!("CARGO_PKG_VERSION")))
            .build()
            .inspect_err(|error| tracing::error!(%error, "no OpenID provider can be asked"))
            .ok();
        Self { client, limits, plain: false }
    }

    /// The same for a provider with this issuer.
    pub(super) fn for_issuer(mut self, issuer: &openidconnect::IssuerUrl) -> Self {
        self.plain = issuer.url().scheme() == "http";
        self
    }

    async fn ask(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let uri = request.uri();
        let plain = self.plain && is_loopback(uri.host());
        if uri.scheme_str() != Some("https") && !(uri.scheme_str() == Some("http") && plain) {
            return Err(FetchError::NotSafe(uri.to_string()));
        }
        let client = self.client.as_ref().ok_or(FetchError::NoClient)?;
        let request = reqwest::Request::try_from(request).map_err(|error| failed(&error))?;
        let mut response = client.execute(request).await.map_err(|error| failed(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if body.len() + chunk.len() > self.limits.bytes {
                return Err(FetchError::TooLong(self.limits.bytes));
            }
            body.extend_from_slice(&chunk);
        }
        let mut whole = HttpResponse::new(body);
        *whole.status_mut() = response.status();
        *whole.headers_mut() = std::mem::take(response.headers_mut());
        Ok(whole)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.ask(request))
    }
}

/// The innermost reason, which is the one that tells: "connection refused".
fn failed(error: &reqwest::Error) -> FetchError {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    let kind = if error.is_timeout() { "it took too long: " } else { "" };
    FetchError::Failed(format!("{kind}{reason}"))
}
