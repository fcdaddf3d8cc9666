//! Never send again: what the network lost stays lost, and members wait for each other's votes without end.

use super::Control;
use super::plans::calm;
use crate::cluster::{Faults, Mutation};
use crate::simulation::Plan;
use landsea_consensus::ConsensusMessage;
use landsea_node::replica::Event;
use landsea_types::{Member, Timestamp};

pub(super) const CONTROL: Control = Control {
    name: "never send a vote again",
    caught_by: &["liveness after healing"],
    within: 5,
    plan: |seed| {
        let network = Faults { delay_ms: (1, 40), loss_permille: 200, ..Faults::NONE };
        Plan { network, ..calm(seed, 4, 20) }
    },
    mutation: |_| Box::new(SaidOnce),
};

struct SaidOnce;

impl Mutation for SaidOnce {
    fn patch(&mut self, _: Member, _: Timestamp, event: &mut Event, _: &mut Vec<Event>) {
        let Event::ConsensusBytes { bytes, .. } = event else { return };
        if ConsensusMessage::decode(bytes).is_ok_and(|message| message.is_rebroadcast()) {
            *event = Event::Submit { transactions: Vec::new() };
        }
    }
}
