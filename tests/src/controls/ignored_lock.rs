//! Ignore the lock: a member prevotes any valid block, whatever it precommitted before.
//!
//! A new block in a later round is handed to the member as one that a quorum had prevoted in the round before, which is the only reason
//! to leave a lock. The quorum never was.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::{LOSSY, calm};
use crate::cluster::Mutation;
use crate::simulation::Plan;
use landsea_consensus::{ConsensusMessage, PolkaCertificate};
use landsea_node::replica::Event;
use landsea_types::consensus::Signed;
use landsea_types::{Member, Proposal, Suite, Timestamp};
use std::sync::Arc;

const VALIDATORS: u8 = 4;

pub(super) const CONTROL: Control = Control {
    name: "ignore the lock",
    caught_by: &["locks are respected"],
    within: 10,
    plan: |seed| Plan { network: LOSSY, ..calm(seed, usize::from(VALIDATORS), 20) },
    mutation: |_| Box::new(NoLock),
};

struct NoLock;

/// A polka of everybody but the member that is to believe it, which knows its own votes.
fn made_up_polka(receiver: Member, proposal: &Proposal, round: u32) -> PolkaCertificate {
    let others = (1..=VALIDATORS).map(Member::new).filter(|m| *m != receiver);
    let signatures = others.map(|m| (m, FORGED)).collect();
    PolkaCertificate { height: proposal.height, round, block: proposal.block, signatures }
}

impl Mutation for NoLock {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_forged(suite)
    }
    fn patch(&mut self, member: Member, _: Timestamp, event: &mut Event, more: &mut Vec<Event>) {
        let Event::ConsensusBytes { peer, bytes } = event else { return };
        let Ok(ConsensusMessage::Proposal { proposal }) = ConsensusMessage::decode(bytes) else { return };
        let proposal = proposal.message;
        let Some(before) = proposal.round.checked_sub(1).filter(|_| proposal.pol_round.is_none()) else { return };
        let certificate = made_up_polka(member, &proposal, before);
        let proposal = Signed { message: Proposal { pol_round: Some(before), ..proposal }, signature: FORGED };
        more.push(Event::ConsensusBytes { peer: *peer, bytes: ConsensusMessage::Proposal { proposal }.encode() });
        *bytes = ConsensusMessage::Polka { certificate }.encode();
    }
}
