//! How many connections there may be, and from where.

use std::net::IpAddr;

use ipnet::IpNet;

use super::places::{Place, Places};
use super::serve::Limits;
use crate::application::throttle::customer;

/// Lets connections in, within the limits.
pub(super) struct Connections {
    places: Places,
    per_address: Option<usize>,
    proxies: Vec<IpNet>,
}

impl Connections {
    pub(super) fn new(limits: &Limits) -> Self {
        let gauge = if limits.counted {
            metrics::gauge!("siskin_connections_open")
        } else {
            metrics::Gauge::noop()
        };
        Self {
            places: Places::new(limits.connections, gauge),
            per_address: limits.connections_per_address,
            proxies: limits.proxies.clone(),
        }
    }

    /// A place, if there is one; an IPv6 customer has a /64 and counts as one. What comes from this very machine or a declared proxy has no
    /// limit of its own, since a proxy brings everybody.
    pub(super) fn take(&self, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        let proxy = from.is_loopback() || self.proxies.iter().any(|net| net.contains(&from));
        self.places.take(customer(from), self.per_address.filter(|_| !proxy)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_and_this_machine_have_no_limit_of_their_own() {
        let connections = Connections::new(&Limits {
            connections: 10,
            connections_per_address: Some(1),
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..Limits::default()
        });
        let both = |from: [&str; 2]| {
            let places = from.map(|from| connections.take(from.parse().unwrap()));
            places.iter().flatten().count()
        };
        let twice = |from| both([from, from]);
        assert_eq!(twice("192.0.2.1"), 1);
        assert_eq!(both(["2001:db8::1", "2001:db8::2"]), 1, "one customer");
        assert_eq!(both(["2001:db8::1", "2001:db8:0:1::1"]), 2);
        assert_eq!(twice("127.0.0.1"), 2);
        assert_eq!(twice("::ffff:10.1.1.1"), 2);
    }
}
