//! How many connections there are, and from where.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;
use parking_lot::Mutex;

use super::serve::Limits;

/// Counts connections and refuses those beyond the limits.
pub(super) struct Connections {
    most: usize,
    most_per_address: Option<usize>,
    proxies: Vec<IpNet>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The place of one connection; given back when dropped.
pub(super) struct Place {
    connections: Arc<Connections>,
    from: IpAddr,
}

impl Connections {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            most: limits.connections,
            most_per_address: limits.connections_per_address,
            proxies: limits.proxies.clone(),
            open: Mutex::default(),
        })
    }

    /// A place, if there is one. What comes from this very machine or a declared proxy has no
    /// limit of its own, since a proxy brings everybody.
    pub(super) fn take(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let from = from.to_canonical();
        let proxy = from.is_loopback() || self.proxies.iter().any(|net| net.contains(&from));
        let mut open = self.open.lock();
        let of_address = open.by_address.get(&from).copied().unwrap_or(0);
        let limit = self.most_per_address.filter(|_| !proxy);
        if open.total >= self.most || limit.is_some_and(|most| of_address >= most) {
            return None;
        }
        open.by_address.insert(from, of_address + 1);
        open.total += 1;
        Some(Place { connections: self.clone(), from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock();
        open.total -= 1;
        match open.by_address.get_mut(&self.from) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                open.by_address.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_are_limited_in_all_and_per_address() {
        let connections = Connections::new(&Limits {
            connections: 4,
            connections_per_address: Some(1),
            proxies: vec!["10.0.0.0/8".parse().unwrap()],
            ..Limits::default()
        });
        let [a, b, here, proxy] =
            ["192.0.2.1", "192.0.2.2", "127.0.0.1", "::ffff:10.1.1.1"].map(|a| a.parse().unwrap());
        let first = connections.take(a).unwrap();
        assert!(connections.take(a).is_none(), "one of an address");
        let _of_here = connections.take(here).unwrap();
        let _of_proxy = [connections.take(proxy).unwrap(), connections.take(proxy).unwrap()];
        assert!(connections.take(b).is_none(), "four in all");
        drop(first);
        assert!(connections.take(b).is_some(), "a place is given back");
    }
}
