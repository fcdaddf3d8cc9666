//! Plans under which violations matter.

use crate::byzantine::Kind;
use crate::cluster::Faults;
use crate::simulation::disturb::{Disturbance, Weights};
use crate::simulation::{Plan, Signatures};
use landsea_types::Member;

/// A network that drops and reorders, so that rounds fail and members know different things.
pub(super) const LOSSY: Faults = Faults { delay_ms: (1, 80), loss_permille: 150, ..Faults::NONE };

/// Members that follow the protocol on a network that works.
pub(super) fn calm(seed: u64, validators: usize, heights: u64) -> Plan {
    Plan {
        signatures: Signatures::Fast,
        network: Faults { delay_ms: (1, 40), ..Faults::NONE },
        byzantine: Vec::new(),
        frail: Vec::new(),
        weights: Weights::default(),
        pause_ms: (200, 1_000),
        traffic_ms: (100, 500),
        ..Plan::draw(seed, validators, heights)
    }
}

/// As [`calm`], with one peer that misbehaves.
pub(super) fn with_peer(seed: u64, validators: usize, heights: u64, peer: &'static Kind) -> Plan {
    let member = Member::new((seed % validators as u64) as u8 + 1);
    Plan { byzantine: vec![(member, peer)], ..calm(seed, validators, heights) }
}

/// As [`calm`], with disturbances of some kinds, equally often.
pub(super) fn disturbed(seed: u64, validators: usize, heights: u64, kinds: &[Disturbance]) -> Plan {
    Plan { weights: Weights::only(kinds), ..calm(seed, validators, heights) }
}

/// As [`calm`], with brisk trade: documents are issued, passed on, pledged and redeemed.
pub(super) fn trade(seed: u64, heights: u64) -> Plan {
    Plan { traffic_ms: (20, 200), ..calm(seed, 4, heights) }
}
