//! A provider, as the operator has named it.

use std::net::IpAddr;

use openidconnect::{ClientId, ClientSecret, IssuerUrl};

/// The longest issuer, in bytes.
const LONGEST_ISSUER: usize = 255;

/// A provider, as the operator has named it. `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct ProviderConfig {
    /// Its name in addresses: `google`.
    pub name: String,
    /// Its name on buttons: `Google`.
    pub label: String,
    /// Who it is, and where its description is found.
    pub issuer: IssuerUrl,
    /// Who we are to it.
    pub client_id: ClientId,
    /// What proves that to it.
    pub client_secret: ClientSecret,
}

impl ProviderConfig {
    /// An issuer that can be trusted to be who it says: by https, or on this machine.
    ///
    /// # Errors
    /// What it should be instead.
    pub fn issuer(text: &str) -> Result<IssuerUrl, &'static str> {
        const SHAPE: &str = "give the issuer as the provider writes it, which begins with https:// \
                             (http:// only on this machine) and has no query";
        let issuer = IssuerUrl::new(text.to_owned()).map_err(|_| SHAPE)?;
        let url = issuer.url();
        let plain = url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        let safe = url.scheme() == "https" || url.scheme() == "http" && is_loopback(url.host_str());
        let fits = text.len() <= LONGEST_ISSUER && url.host_str().is_some();
        if plain && nobody && safe && fits { Ok(issuer) } else { Err(SHAPE) }
    }
}

/// Is this host the machine itself?
pub(super) fn is_loopback(host: Option<&str>) -> bool {
    let host = host.unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
