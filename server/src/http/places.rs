//! How many of something are open at once, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use metrics::Gauge;
use parking_lot::Mutex;

/// Counts what is open and refuses what is beyond the limits. Clones count together.
#[derive(Clone)]
pub(super) struct Places {
    most: usize,
    open: Arc<Mutex<Open>>,
    gauge: Gauge,
}

#[derive(Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// All are taken.
    Altogether,
    /// The address has as many as it may.
    Address,
}

/// One place; given back when dropped.
pub(super) struct Place {
    open: Arc<Mutex<Open>>,
    from: IpAddr,
    gauge: Gauge,
}

impl Places {
    /// So many in all; `gauge` shows how many are taken.
    pub(super) fn new(most: usize, gauge: Gauge) -> Self {
        Self { most, open: Arc::default(), gauge }
    }

    /// How many are taken.
    pub(super) fn taken(&self) -> usize {
        self.open.lock().total
    }

    /// A place for an address, which has a limit of its own unless that is `None`.
    pub(super) fn take(&self, from: IpAddr, most_of_it: Option<usize>) -> Result<Place, Full> {
        let mut open = self.open.lock();
        if open.total >= self.most {
            return Err(Full::Altogether);
        }
        let of_address = open.by_address.get(&from).copied().unwrap_or(0);
        if most_of_it.is_some_and(|most| of_address >= most) {
            return Err(Full::Address);
        }
        open.by_address.insert(from, of_address + 1);
        open.total += 1;
        self.gauge.increment(1);
        Ok(Place { open: Arc::clone(&self.open), from, gauge: self.gauge.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.gauge.decrement(1);
        let mut open = self.open.lock();
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
    fn places_are_limited_in_all_and_per_address_and_given_back() {
        let places = Places::new(3, Gauge::noop());
        let [a, b] = ["192.0.2.1", "192.0.2.2"].map(|address| address.parse().unwrap());
        let first = places.take(a, Some(1)).unwrap();
        assert_eq!(places.take(a, Some(1)).err(), Some(Full::Address));
        let others = [places.take(b, None).unwrap(), places.take(b, None).unwrap()];
        assert_eq!(places.take(b, None).err(), Some(Full::Altogether));
        drop(first);
        drop(places.take(b, None).unwrap());
        drop(others);
        assert!(places.open.lock().by_address.is_empty());
        assert_eq!(places.open.lock().total, 0);
    }
}
