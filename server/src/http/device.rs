//! What a log-in tells its owner later of where it came from: a few words, made here, of what a
//! request says. Neither the `User-Agent` nor the address is kept.

use std::net::IpAddr;

use http::{HeaderMap, header};

use crate::storage::Client;

/// Browsers, the more special ones first: most of them name others, too.
const BROWSERS: [(&str, &str); 12] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-", "Python"),
];
/// Systems, in the same way.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Who begins a session.
pub(super) fn client_of(headers: &HeaderMap, from: IpAddr) -> Client {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Client { device: device(agent.unwrap_or_default()), place: place(from) }
}

/// The browser and the system, as far as they are known; words of ours only.
fn device(agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(word, _)| agent.contains(word)).map(|(_, name)| *name)
    };
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => String::new(),
    }
}

/// The network, no closer than an IPv4 /24 or an IPv6 /48.
fn place(from: IpAddr) -> String {
    match from.to_canonical() {
        from if from.is_unspecified() => String::new(),
        from if from.is_loopback() => "this computer".to_owned(),
        IpAddr::V4(v4) if v4.is_private() || v4.is_link_local() => "this network".to_owned(),
        IpAddr::V6(v6) if v6.is_unique_local() || v6.is_unicast_link_local() => {
            "this network".to_owned()
        }
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("the network {a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            let network = std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
            format!("the network {network}/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_in_our_words() {
        for (agent, told) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.14.1", "curl"),
            ("<script>alert(1)</script>", ""),
            ("", ""),
        ] {
            assert_eq!(device(agent), told, "{agent}");
        }
    }

    #[test]
    fn places_are_no_closer_than_a_network() {
        for (from, told) in [
            ("127.0.0.1", "this computer"),
            ("::1", "this computer"),
            ("::ffff:127.0.0.1", "this computer"),
            ("192.168.1.20", "this network"),
            ("fd00::7", "this network"),
            ("fe80::1", "this network"),
            ("203.0.113.77", "the network 203.0.113.0/24"),
            ("::ffff:203.0.113.77", "the network 203.0.113.0/24"),
            ("2001:db8:7:8:9:a:b:c", "the network 2001:db8:7::/48"),
            ("0.0.0.0", ""),
        ] {
            assert_eq!(place(from.parse().unwrap()), told, "{from}");
        }
    }
}
