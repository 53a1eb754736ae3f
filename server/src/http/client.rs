//! Who is at the other end: the connection's peer, or whom a declared proxy says it speaks for.
//!
//! Every proxy appends the address of its own peer to `X-Forwarded-For`. Read from the right, the
//! addresses of declared proxies can be believed, as is the first other one: a declared proxy saw
//! it. What stands left of that was written by a stranger and says nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::request::Parts;
use http::{Extensions, HeaderMap};
use ipnet::IpNet;

use crate::application::Rules;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The address that throttles and places count.
pub(super) fn address(parts: &Parts, rules: &Rules) -> IpAddr {
    behind(&parts.extensions, &parts.headers, rules)
}

/// The same of a request that has its body yet.
pub(super) fn behind(extensions: &Extensions, headers: &HeaderMap, rules: &Rules) -> IpAddr {
    let known = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = known.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip().to_canonical());
    let is_proxy = |address: &IpAddr| is_in(&rules.trusted_proxies, address);
    if !is_proxy(&peer) {
        return peer;
    }
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    let hops = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
    let mut last = peer;
    for hop in hops {
        // A hop that can't be read hides whatever is left of it.
        let Some(address) = read(hop) else { return last };
        if !is_proxy(&address) {
            return address;
        }
        last = address;
    }
    last
}

fn is_in(networks: &[IpNet], address: &IpAddr) -> bool {
    networks.iter().any(|network| network.contains(address))
}

/// An address, with or without a port: some proxies add it.
fn read(hop: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(hop).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proxies: &[&str], peer: &str, lines: &[&[u8]]) -> String {
        let trusted_proxies = proxies.iter().map(|text| text.parse().unwrap()).collect();
        let rules = Rules { trusted_proxies, ..Rules::default() };
        let mut request = http::Request::builder();
        for line in lines {
            request = request.header(FORWARDED_FOR, *line);
        }
        let peer = ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1));
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(peer);
        address(&parts, &rules).to_string()
    }

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(seen(&[], "192.0.2.1", &[b"198.51.100.1"]), "192.0.2.1");
        assert_eq!(seen(&["10.0.0.0/8"], "192.0.2.1", &[b"198.51.100.1"]), "192.0.2.1");
    }

    #[test]
    fn the_first_stranger_from_the_right_is_the_client() {
        let proxies = &["10.0.0.0/8", "fd00::/8"];
        for (lines, client) in [
            (&[&b"198.51.100.1"[..]][..], "198.51.100.1"),
            (&[b"6.6.6.6, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (&[b"6.6.6.6", b"198.51.100.1", b"fd00::2,10.0.0.2"], "198.51.100.1"),
            (&[b"10.0.0.7, 198.51.100.1"], "198.51.100.1"),
            (&[b"198.51.100.1:4711"], "198.51.100.1"),
            (&[b"[2001:db8::1]:4711"], "2001:db8::1"),
            (&[b"[2001:db8::1]"], "2001:db8::1"),
            (&[b"::ffff:198.51.100.1"], "198.51.100.1"),
            (&[b"10.0.0.3,10.0.0.2"], "10.0.0.3"),
        ] {
            assert_eq!(seen(proxies, "10.0.0.1", lines), client, "{lines:?}");
            assert_eq!(seen(proxies, "::ffff:10.0.0.1", lines), client, "{lines:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_ends_the_walk() {
        let proxies = &["10.0.0.0/8"];
        for (line, client) in [
            (&b""[..], "10.0.0.1"),
            (b"unknown", "10.0.0.1"),
            (b"198.51.100.1, _hidden, 10.0.0.2", "10.0.0.2"),
            (b"198.51.100.1, \xff", "10.0.0.1"),
            (b"198.51.100.1,", "10.0.0.1"),
        ] {
            assert_eq!(seen(proxies, "10.0.0.1", &[line]), client, "{line:?}");
        }
    }
}
