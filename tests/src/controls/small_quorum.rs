//! Decide with 9 of 15: the textbook 2f+1, which is not safe at n = 15.
//!
//! Nine votes that agree, the own one among them, are completed to a quorum of eleven by two that nobody cast.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::calm;
use crate::cluster::Mutation;
use landsea_consensus::ConsensusMessage;
use landsea_node::replica::Event;
use landsea_types::consensus::{Signed, VoteType};
use landsea_types::{BlockId, Height, Member, Suite, Timestamp, Vote};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const VALIDATORS: usize = 15;
/// Votes of others that make nine with the own one.
const OTHERS_NEEDED: usize = 8;
/// Votes that are made up.
const MADE_UP: usize = 2;

pub(super) const CONTROL: Control = Control {
    name: "quorum of 9 of 15",
    caught_by: &["certificate quorum"],
    tolerates: &[],
    within: 3,
    plan: |seed| calm(seed, VALIDATORS, 3),
    mutation: |_| Box::new(SmallQuorum::default()),
};

/// What a member has heard votes for: the receiver, then the subject of the votes.
type Subject = (Member, Height, u32, VoteType, Option<BlockId>);

#[derive(Default)]
struct SmallQuorum {
    heard: BTreeMap<Subject, BTreeSet<Member>>,
}

impl SmallQuorum {
    /// The votes to add once enough have been heard.
    fn completion(&mut self, receiver: Member, vote: &Vote) -> Vec<ConsensusMessage> {
        let subject = (receiver, vote.height, vote.round, vote.kind, vote.block);
        let heard = self.heard.entry(subject).or_default();
        if !heard.insert(vote.voter) || heard.len() != OTHERS_NEEDED {
            return Vec::new();
        }
        let silent = (1..=VALIDATORS).map(|i| Member::new(i as u8)).filter(|m| *m != receiver && !heard.contains(m));
        let made_up = silent.take(MADE_UP).map(|voter| Signed { message: Vote { voter, ..*vote }, signature: FORGED });
        made_up.map(|vote| ConsensusMessage::Vote { vote, rebroadcast: false }).collect()
    }
}

impl Mutation for SmallQuorum {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_forged(suite)
    }
    fn patch(&mut self, member: Member, _: Timestamp, event: &mut Event, more: &mut Vec<Event>) {
        let Event::ConsensusBytes { peer, bytes } = event else { return };
        if let Ok(ConsensusMessage::Vote { vote, .. }) = ConsensusMessage::decode(bytes) {
            let peer = *peer;
            let added = self.completion(member, &vote.message).into_iter();
            more.extend(added.map(|vote| Event::ConsensusBytes { peer, bytes: vote.encode() }));
        }
    }
}
