//! Everything that was seen so far.

use super::Occurrence;
use crate::chain::Chain;
use landsea_consensus::{ConsensusMessage, SignStep};
use landsea_node::replica::CommittedHeight;
use landsea_types::consensus::{ValidatorSet, VoteType};
use landsea_types::{BlockId, ChainId, Code, Hash, Header, Height, Member, Suite, TxId, Vote};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Heights below the highest decided one for which votes and headers are kept.
const HEIGHTS_KEPT: u64 = 64;

/// What a height decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    pub block: BlockId,
    pub state_root: Hash,
    pub transactions: u32,
    /// Block time, milliseconds since 1970.
    pub time: u64,
}

/// Where a transaction was committed first, and its code there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub height: Height,
    pub code: Code,
}

/// A report of a peer's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub by: Member,
    pub peer: Member,
    pub reason: &'static str,
}

/// One step in which a member may sign one message.
pub(super) type Seat = (Member, Height, u32, SignStep);

/// Everything seen so far.
pub struct Seen {
    pub(super) chain: ChainId,
    pub(super) validators: ValidatorSet,
    /// The suite by which signatures are judged, whatever the members use.
    pub(super) suite: Arc<dyn Suite>,
    pub(super) byzantine: BTreeSet<Member>,
    pub(super) decided: BTreeMap<Height, Decided>,
    pub(super) acknowledged: BTreeMap<TxId, Acknowledged>,
    pub(super) signed: BTreeMap<Seat, Option<BlockId>>,
    pub(super) tips: BTreeMap<Member, Height>,
    /// Headers by height, of blocks that were on the wire.
    pub(super) headers: BTreeMap<(Height, BlockId), Header>,
    /// Who prevoted a block in a round.
    pub(super) prevotes: BTreeMap<(Height, u32, BlockId), BTreeSet<Member>>,
    /// The last block that a member precommitted at a height, with its round.
    pub(super) precommitted: BTreeMap<(Height, Member), (u32, BlockId)>,
    faults: Vec<Fault>,
    evidence: Vec<Member>,
    rounds_max: u32,
}

impl Seen {
    /// Nothing yet, of a chain whose signatures are judged by `suite`.
    pub fn new(chain: &Chain, suite: Arc<dyn Suite>) -> Self {
        Self {
            chain: chain.id(),
            validators: chain.genesis.validator_set(),
            suite,
            byzantine: BTreeSet::new(),
            decided: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            signed: BTreeMap::new(),
            tips: BTreeMap::new(),
            headers: BTreeMap::new(),
            prevotes: BTreeMap::new(),
            precommitted: BTreeMap::new(),
            faults: Vec::new(),
            evidence: Vec::new(),
            rounds_max: 0,
        }
    }

    /// What each height decided.
    pub fn decided(&self) -> &BTreeMap<Height, Decided> {
        &self.decided
    }
    /// Transactions that were reported as committed.
    pub fn acknowledged(&self) -> &BTreeMap<TxId, Acknowledged> {
        &self.acknowledged
    }
    /// Where a transaction was committed.
    pub fn height_of(&self, id: &TxId) -> Option<Height> {
        self.acknowledged.get(id).map(|a| a.height)
    }
    /// The code of a committed transaction.
    pub fn code_of(&self, id: &TxId) -> Option<Code> {
        self.acknowledged.get(id).map(|a| a.code)
    }
    /// Faults that members reported of others.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
    /// Members against whom evidence of equivocation was stored, once per storing member and pair of messages.
    pub fn evidence(&self) -> &[Member] {
        &self.evidence
    }
    /// The messages that a member signed and sent at heights above `height`.
    pub fn signed_above(&self, member: Member, height: Height) -> usize {
        self.signed.keys().filter(|(m, h, _, _)| *m == member && *h > height).count()
    }
    /// The messages that a member signed and sent at heights up to `height`.
    pub fn signed_through(&self, member: Member, height: Height) -> usize {
        self.signed.keys().filter(|(m, h, _, _)| *m == member && *h <= height).count()
    }
    /// The highest round in which a height was decided.
    pub fn rounds_max(&self) -> u32 {
        self.rounds_max
    }
    /// The hash of all committed blocks and roots.
    pub fn chain_hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (height, decided) in &self.decided {
            hasher.update(&height.get().to_le_bytes()).update(&decided.block.0).update(&decided.state_root.0);
        }
        hasher.finalize()
    }
    /// Whether the member follows the protocol.
    pub fn is_correct(&self, member: Member) -> bool {
        !self.byzantine.contains(&member)
    }
    /// Asks nothing of a member any more.
    pub fn excuse(&mut self, member: Member) {
        self.byzantine.insert(member);
    }
    /// Forgets how high a member was: its disk is gone.
    pub fn forget_height(&mut self, member: Member) {
        self.tips.remove(&member);
    }

    /// Adds what happened.
    pub fn note(&mut self, occurrence: &Occurrence<'_>) {
        match occurrence {
            Occurrence::Sent { from, message } => self.note_sent(*from, message),
            Occurrence::Shown { block } => {
                let key = (block.header.height, block.id());
                self.headers.entry(key).or_insert_with(|| block.header.clone());
            }
            Occurrence::Stepped { member, tip } => {
                self.tips.insert(*member, tip.height);
            }
            Occurrence::Committed { member, committed, .. } if self.is_correct(*member) => {
                self.note_committed(committed);
            }
            Occurrence::Blamed { by, peer, reason } => {
                self.faults.push(Fault { by: *by, peer: *peer, reason });
            }
            Occurrence::Accused { member, .. } => self.evidence.push(*member),
            Occurrence::Committed { .. }
            | Occurrence::Halted { .. }
            | Occurrence::Loaded { .. }
            | Occurrence::Healed { .. }
            | Occurrence::Ended { .. } => {}
        }
    }

    fn note_committed(&mut self, committed: &CommittedHeight) {
        let CommittedHeight { height, header, outcomes, round } = committed;
        self.rounds_max = self.rounds_max.max(*round);
        let decided = Decided::of(header);
        if self.decided.insert(*height, decided).is_none() {
            self.forget_before(Height::new(height.get().saturating_sub(HEIGHTS_KEPT)));
        }
        for outcome in outcomes.iter().filter(|o| o.code != Code::AlreadyCommitted && !o.tx.is_zero()) {
            self.acknowledged.entry(outcome.tx).or_insert(Acknowledged { height: *height, code: outcome.code });
        }
    }

    /// Votes and headers of long decided heights are not needed any more. What was signed is kept: a member may be far behind.
    fn forget_before(&mut self, height: Height) {
        self.headers = self.headers.split_off(&(height, BlockId([0; 32])));
        self.prevotes = self.prevotes.split_off(&(height, 0, BlockId([0; 32])));
        self.precommitted = self.precommitted.split_off(&(height, Member::new(0)));
    }

    fn note_sent(&mut self, from: Member, message: &ConsensusMessage) {
        if let Some((seat, block)) = seat_of(from, message) {
            self.signed.entry(seat).or_insert(block);
        }
        if let ConsensusMessage::Vote { vote, .. } = message
            && vote.message.voter == from
        {
            self.note_vote(&vote.message);
        }
    }

    fn note_vote(&mut self, vote: &Vote) {
        let Vote { kind, height, round, block: Some(block), voter } = *vote else { return };
        match kind {
            VoteType::Prevote => {
                self.prevotes.entry((height, round, block)).or_default().insert(voter);
            }
            VoteType::Precommit => {
                let last = self.precommitted.entry((height, voter)).or_insert((round, block));
                if round > last.0 {
                    *last = (round, block);
                }
            }
        }
    }
}

impl Decided {
    pub(super) fn of(header: &Header) -> Self {
        let Header { state_root, transactions, .. } = *header;
        Self { block: header.id(), state_root, transactions, time: header.time.get() }
    }
}

/// Whether a code refuses a transaction before anything in it is looked at, as it must refuse one that was committed before. Its sender's key
/// comes first in the order of checks and may have gone meanwhile.
pub(super) fn is_refused_repeat(code: Code) -> bool {
    matches!(code, Code::AlreadyCommitted | Code::KeyNotValid)
}

/// The seat of an own message, and what was signed there. Messages of others, passed on, have none.
pub(super) fn seat_of(from: Member, message: &ConsensusMessage) -> Option<(Seat, Option<BlockId>)> {
    match message {
        ConsensusMessage::Vote { vote, .. } if vote.message.voter == from => {
            let vote = &vote.message;
            Some(((from, vote.height, vote.round, step_of(vote.kind)), vote.block))
        }
        ConsensusMessage::Proposal { proposal } if proposal.message.proposer == from => {
            let proposal = &proposal.message;
            Some(((from, proposal.height, proposal.round, SignStep::Propose), Some(proposal.block)))
        }
        _ => None,
    }
}

fn step_of(kind: VoteType) -> SignStep {
    match kind {
        VoteType::Prevote => SignStep::Prevote,
        VoteType::Precommit => SignStep::Precommit,
    }
}
