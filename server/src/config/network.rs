//! An address or a network of addresses, as an operator writes it.

use std::net::IpAddr;
use std::str::FromStr;

use ipnet::IpNet;

/// An address (`192.0.2.7`) or a network in CIDR form (`10.0.0.0/8`, `fd00::/8`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(pub IpNet);

impl FromStr for Network {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let network = match text.parse::<IpAddr>() {
            Ok(address) => Ok(IpNet::from(address)),
            Err(_) => text.parse(),
        };
        network.map(Self).map_err(
            |_| "give addresses or networks, separated by commas: 192.0.2.7,10.0.0.0/8,fd00::/8",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_one() {
        let holds = |network: &str, address: &str| {
            network.parse::<Network>().unwrap().0.contains(&address.parse::<IpAddr>().unwrap())
        };
        assert!(holds("192.0.2.7", "192.0.2.7") && !holds("192.0.2.7", "192.0.2.8"));
        assert!(holds(" 10.0.0.0/8 ", "10.9.9.9") && !holds("10.0.0.0/8", "11.0.0.0"));
        assert!(holds("::1", "::1") && holds("fd00::/8", "fd12::1"));
        for text in ["", "here", "10.0.0.0/33", "10.0.0/8", "192.0.2.7:80", "*"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
