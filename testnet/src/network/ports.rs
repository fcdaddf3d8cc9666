//! Free loopback ports.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// Ports tried lie below the range from which systems take ports for outgoing connections.
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Whether nobody listens on the address.
pub(crate) fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// `wanted` different free ports, or `None` when the range has too few.
pub(crate) fn pick(wanted: usize) -> Option<Vec<SocketAddr>> {
    let start = u16::try_from(landsea_client::random::number() % u64::from(COUNT)).expect("below 12,000");
    let candidates = (0..COUNT).map(|i| FIRST + (start + i) % COUNT);
    let mut found = BTreeSet::new();
    let mut picked = Vec::with_capacity(wanted);
    for port in candidates {
        if picked.len() == wanted {
            break;
        }
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if is_free(address) && found.insert(port) {
            picked.push(address);
        }
    }
    (picked.len() == wanted).then_some(picked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picked_ports_are_different_and_a_taken_one_is_noticed() {
        let ports = pick(8).expect("a test machine has eight free ports");
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 8);
        let held = TcpListener::bind(ports[0]).or_else(|_| TcpListener::bind("127.0.0.1:0")).expect("can listen");
        assert!(!is_free(held.local_addr().expect("it listens")));
    }
}
