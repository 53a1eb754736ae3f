//! Where Kafka is.

use std::str::FromStr;

/// At least one `host:port`, separated by commas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brokers(String);

impl Brokers {
    /// As Kafka's clients want it: `host:port,host:port`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Brokers {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Never passed over in silence: events that nobody relays would look like none.
        if cfg!(not(feature = "kafka")) {
            return Err("this executable was built without the cargo feature \"kafka\"");
        }
        parse(text)
    }
}

fn parse(text: &str) -> Result<Brokers, &'static str> {
    let brokers: Vec<&str> = text.split(',').map(str::trim).collect();
    let all = brokers.iter().all(|broker| is_host_and_port(broker));
    if all { Ok(Brokers(brokers.join(","))) } else { Err("give host:port,host:port") }
}

fn is_host_and_port(broker: &str) -> bool {
    let Some((host, port)) = broker.rsplit_once(':') else { return false };
    // An IPv6 address is in brackets; a scheme or a path is none of a broker.
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host_ok = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        }
    };
    host_ok && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_hosts_with_ports() {
        let two = parse(" kafka-1.example.org:9092, [::1]:9093 ").unwrap();
        assert_eq!(two.as_str(), "kafka-1.example.org:9092,[::1]:9093");
        for text in
            ["", "kafka", "kafka:", ":9092", "a:9092,", "a:0", "a:x", "kafka://a:9092", "::1:9092"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn without_the_feature_brokers_are_refused() {
        let read = "kafka:9092".parse::<Brokers>();
        if cfg!(feature = "kafka") {
            assert!(read.is_ok());
        } else {
            assert!(read.unwrap_err().contains("without the cargo feature \"kafka\""));
        }
    }
}
