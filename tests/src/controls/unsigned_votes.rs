//! Skip the signature of votes: a peer votes in the names of others.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::with_peer;
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::cluster::Mutation;
use landsea_consensus::ConsensusMessage;
use landsea_p2p::Class;
use landsea_types::consensus::Signed;
use landsea_types::{Member, Suite, Vote};
use std::sync::Arc;

pub(super) const CONTROL: Control = Control {
    name: "skip a vote's signature",
    caught_by: &["certificate quorum"],
    tolerates: &[],
    within: 3,
    plan: |seed| with_peer(seed, 4, 5, &PEER),
    mutation: |_| Box::new(Unchecked),
};

const NAME: &str = "votes in others' names";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Impersonator) };

/// Repeats each own vote in the names of all whom it does not tell.
struct Impersonator;

impl Behaviour for Impersonator {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let Ok(ConsensusMessage::Vote { vote, rebroadcast }) = ConsensusMessage::decode(bytes) else { return true };
        if class == Class::Consensus && vote.message.voter == me.member {
            for voter in me.others.iter().copied().filter(|m| *m != to) {
                let forged = Signed { message: Vote { voter, ..vote.message.clone() }, signature: FORGED };
                me.send(to, class, ConsensusMessage::Vote { vote: forged, rebroadcast }.encode());
            }
        }
        true
    }
}

struct Unchecked;

impl Mutation for Unchecked {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_members(suite)
    }
}
