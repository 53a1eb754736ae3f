//! Cross-site request forgery: what a browser sends with a cookie must come from our own pages.

use http::{HeaderMap, header};

use crate::application::Rules;

/// The request came from another origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request came from another origin")]
pub struct CrossOrigin;

/// Lets a request pass that came from our own pages, or from no page at all.
///
/// Browsers say where a request comes from in `Sec-Fetch-Site` and `Origin`, and no page can
/// forge either. A request that has neither comes from another program, which has no cookies of
/// other people. Both are looked at, and each can refuse.
///
/// # Errors
/// [`CrossOrigin`].
pub fn same_origin(headers: &HeaderMap, rules: &Rules) -> Result<(), CrossOrigin> {
    let site_ok =
        headers.get("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let origin_ok = headers
        .get(header::ORIGIN)
        .is_none_or(|origin| origin.to_str().is_ok_and(|origin| is_ours(origin, headers, rules)));
    if site_ok && origin_ok { Ok(()) } else { Err(CrossOrigin) }
}

/// The origin is the public one, or that of the very host that was asked: behind a tunnel or on
/// another of the machine's addresses, the operator's public address is not the only one.
fn is_ours(origin: &str, headers: &HeaderMap, rules: &Rules) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let asked = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    origin.eq_ignore_ascii_case(origin_of(&rules.public_url))
        || matches!((asked, host), (Some(a), Some(h)) if a.eq_ignore_ascii_case(h))
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn ask(headers: &[(&'static str, &'static str)]) -> Result<(), CrossOrigin> {
        let rules = Rules { public_url: "https://siskin.example/".to_owned(), ..Rules::default() };
        let headers = headers
            .iter()
            .map(|(k, v)| (HeaderName::from_static(k), HeaderValue::from_static(v)))
            .collect();
        same_origin(&headers, &rules)
    }

    #[test]
    fn our_own_pages_and_other_programs_pass() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "same-origin")],
            &[("sec-fetch-site", "none")],
            &[("origin", "https://siskin.example")],
            &[("origin", "HTTPS://Siskin.Example"), ("sec-fetch-site", "same-origin")],
            &[("origin", "http://127.0.0.1:3000"), ("host", "127.0.0.1:3000")],
        ] {
            assert_eq!(ask(headers), Ok(()), "{headers:?}");
        }
    }

    #[test]
    fn other_sites_do_not() {
        for headers in [
            &[("sec-fetch-site", "cross-site")][..],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://siskin.example")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "http://siskin.example")],
            &[("origin", "https://siskin.example.evil.example")],
            &[("origin", "https://siskin.example:8443")],
            &[("origin", "http://127.0.0.1:3001"), ("host", "127.0.0.1:3000")],
        ] {
            assert_eq!(ask(headers), Err(CrossOrigin), "{headers:?}");
        }
    }
}
