//! **Locks are respected:** a correct member that has precommitted a block prevotes another one only in a later round, and only when a
//! quorum prevoted that other block in between.

use super::seen::Seen;
use super::{Occurrence, require};
use landsea_consensus::ConsensusMessage;
use landsea_types::consensus::VoteType;
use landsea_types::{BlockId, Height, Vote};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Sent { from, message: ConsensusMessage::Vote { vote, .. } } = occurrence else { return Ok(()) };
    let Vote { kind: VoteType::Prevote, height, round, block: Some(block), voter } = vote.message else {
        return Ok(());
    };
    let Some((locked_in, locked)) = seen.precommitted.get(&(height, voter)).copied() else { return Ok(()) };
    let concerns = voter == *from && seen.is_correct(voter) && round > locked_in && block != locked;
    require(!concerns || has_polka(seen, height, locked_in..round, block), || {
        format!(
            "member {voter} precommitted {locked} in round {locked_in} of height {height} and prevoted {block} in round {round} \
             without a quorum for it in between"
        )
    })
}

/// Whether a quorum prevoted the block in one of the rounds.
fn has_polka(seen: &Seen, height: Height, mut rounds: std::ops::Range<u32>, block: BlockId) -> bool {
    let voters = |round| seen.prevotes.get(&(height, round, block)).map_or(0, |voters| voters.len());
    rounds.any(|round| voters(round) >= seen.validators.quorum())
}
