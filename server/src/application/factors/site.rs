//! Who the server is to an authenticator: the host and the origin of `SISKIN_PUBLIC_URL`.

use std::net::IpAddr;

use webauthn_rp::request::{AsciiDomain, RpId};

/// The relying party, as WebAuthn calls it.
pub(super) struct Site {
    pub(super) id: RpId,
    /// As browsers write it: without a port that the scheme implies.
    pub(super) origin: String,
}

impl Site {
    /// From scheme, host and port. `None` if the host is an address rather than a name: browsers
    /// make no passkeys for these.
    pub(super) fn of(public_url: &str) -> Option<Self> {
        let (scheme, rest) = public_url.split_once("://")?;
        let authority = rest.split('/').next().unwrap_or(rest);
        if authority.starts_with('[') {
            return None;
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
        if host.parse::<IpAddr>().is_ok() {
            return None;
        }
        let implied = if scheme == "https" { "443" } else { "80" };
        let origin = match port.filter(|port| *port != implied) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        };
        Some(Self { id: RpId::Domain(AsciiDomain::try_from(host).ok()?), origin })
    }
}

/// The host of an address, for people: without its port.
pub(super) fn host(public_url: &str) -> &str {
    let rest = public_url.split_once("://").map_or(public_url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_address_says_host_and_origin() {
        for (url, id, origin) in [
            ("https://siskin.example", "siskin.example", "https://siskin.example"),
            ("HTTPS://Siskin.Example:443/", "siskin.example", "https://siskin.example"),
            ("https://siskin.example:8443", "siskin.example", "https://siskin.example:8443"),
            ("http://localhost:3000", "localhost", "http://localhost:3000"),
        ] {
            let site = Site::of(url).unwrap();
            assert_eq!((site.id.as_ref(), site.origin.as_str()), (id, origin));
        }
    }

    #[test]
    fn people_read_the_host_alone() {
        for (url, name) in [
            ("https://siskin.example", "siskin.example"),
            ("http://localhost:3000/", "localhost"),
            ("http://[::1]:3000", "[::1]"),
            ("http://[::1]", "[::1]"),
        ] {
            assert_eq!(host(url), name);
        }
    }

    #[test]
    fn an_address_in_numbers_has_no_passkeys() {
        for url in ["http://127.0.0.1:3000", "https://192.0.2.1", "http://[::1]:3000", "nothing"] {
            assert!(Site::of(url).is_none(), "{url}");
        }
    }
}
