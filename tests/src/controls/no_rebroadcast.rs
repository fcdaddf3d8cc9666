//! Never send again: what the network lost stays lost, and members wait for each other's votes without end.

use super::Control;
use super::plans::calm;
use crate::cluster::{Faults, Mutation};
use crate::simulation::Plan;
use landsea_consensus::ConsensusMessage;
use landsea_node::replica::Event;
use landsea_types::consensus::Signed;
use landsea_types::{Member, Timestamp, Vote};
use std::collections::BTreeMap;

/// A copy of a vote that comes this much after the first one, at any member, was sent again; milliseconds.
const ONE_SENDING_MS: u64 = 150;

pub(super) const CONTROL: Control = Control {
    name: "never send a vote again",
    caught_by: &["liveness after healing"],
    tolerates: &[],
    within: 3,
    plan: |seed| {
        let network = Faults { delay_ms: (1, 40), loss_permille: 200, ..Faults::NONE };
        Plan { network, ..calm(seed, 4, 20) }
    },
    mutation: |_| Box::new(SaidOnce::default()),
};

/// Swallows every vote that is sent again.
#[derive(Default)]
struct SaidOnce {
    first: BTreeMap<Vote, Timestamp>,
}

impl SaidOnce {
    fn is_late(&mut self, vote: &Signed<Vote>, now: Timestamp) -> bool {
        now.since(*self.first.entry(vote.message.clone()).or_insert(now)) > ONE_SENDING_MS
    }
    fn is_swallowed(&mut self, message: &ConsensusMessage, now: Timestamp) -> bool {
        match message {
            ConsensusMessage::Vote { vote, .. } => self.is_late(vote, now),
            ConsensusMessage::Polka { certificate } => certificate.votes().any(|vote| self.is_late(&vote, now)),
            ConsensusMessage::Round { certificate } => certificate.signed_votes().any(|vote| self.is_late(&vote, now)),
            ConsensusMessage::Proposal { .. } => false,
        }
    }
}

impl Mutation for SaidOnce {
    fn patch(&mut self, _: Member, now: Timestamp, event: &mut Event, _: &mut Vec<Event>) {
        let Event::ConsensusBytes { bytes, .. } = event else { return };
        if ConsensusMessage::decode(bytes).is_ok_and(|message| self.is_swallowed(&message, now)) {
            *event = Event::Submit { transactions: Vec::new() };
        }
    }
}
