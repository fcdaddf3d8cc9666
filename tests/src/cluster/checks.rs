//! What must never happen, checked as it would happen.
//!
//! - **Agreement:** one block and one state root per height, on every member, in every life.
//! - **No equivocation:** a member sends one message per (height, round, step), whatever it forgot in a crash.
//! - **No way back:** a member that has committed a height stands at it or above after every restart, unless its disk was wiped.
//! - **No loss:** a transaction once reported as committed is in the state and among the outcomes of every member at that height.

use landsea_consensus::{ConsensusMessage, SignStep};
use landsea_node::replica::CommittedHeight;
use landsea_storage::{Store, Tip};
use landsea_types::consensus::VoteType;
use landsea_types::state::Table;
use landsea_types::{BlockId, Code, Hash, Height, Member, TxId};
use std::collections::BTreeMap;

/// What a height decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    pub block: BlockId,
    pub state_root: Hash,
    pub transactions: u32,
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
type Seat = (Member, Height, u32, SignStep);

/// Everything seen so far.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    decided: BTreeMap<Height, Decided>,
    acknowledged: BTreeMap<TxId, Acknowledged>,
    signed: BTreeMap<Seat, Option<BlockId>>,
    tips: BTreeMap<Member, Height>,
    faults: Vec<Fault>,
    evidence: Vec<Member>,
}

impl Checks {
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
    /// The hash of all committed blocks and roots.
    pub fn chain_hash(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for (height, decided) in &self.decided {
            hasher.update(&height.get().to_le_bytes()).update(&decided.block.0).update(&decided.state_root.0);
        }
        hasher.finalize()
    }

    /// Forgets how high a member was: its disk is gone.
    pub(super) fn forget_height(&mut self, member: Member) {
        self.tips.remove(&member);
    }

    pub(super) fn on_tip(&mut self, member: Member, tip: &Tip) {
        let known = self.tips.entry(member).or_default();
        assert!(tip.height >= *known, "member {member} went back from height {known} to {}", tip.height);
        *known = tip.height;
    }

    pub(super) fn on_committed(&mut self, member: Member, committed: &CommittedHeight) {
        let CommittedHeight { height, header, outcomes, .. } = committed;
        let decided = Decided { block: header.id(), state_root: header.state_root, transactions: header.transactions };
        let first = *self.decided.entry(*height).or_insert(decided);
        assert_eq!(decided, first, "member {member} decided height {height} differently from the others");
        for outcome in outcomes.iter().filter(|o| o.code != Code::AlreadyCommitted) {
            let now = Acknowledged { height: *height, code: outcome.code };
            let first = *self.acknowledged.entry(outcome.tx).or_insert(now);
            // The sweep's outcome has the zero id at many heights.
            assert!(first == now || outcome.tx.is_zero(), "{} was committed as {first:?} and as {now:?}", outcome.tx);
        }
    }

    /// Looks at a consensus message that a member sends: of its own messages there is one per step.
    pub(super) fn on_sent(&mut self, from: Member, bytes: &[u8]) {
        let message = ConsensusMessage::decode(bytes).expect("a member sends what decodes");
        let (seat, block) = match message {
            ConsensusMessage::Vote { vote, .. } if vote.message.voter == from => {
                let vote = vote.message;
                ((from, vote.height, vote.round, step_of(vote.kind)), vote.block)
            }
            ConsensusMessage::Proposal { proposal } if proposal.message.proposer == from => {
                let proposal = proposal.message;
                ((from, proposal.height, proposal.round, SignStep::Propose), Some(proposal.block))
            }
            _ => return,
        };
        let first = *self.signed.entry(seat).or_insert(block);
        assert_eq!(block, first, "member {from} signed two messages for one step: {seat:?}");
    }

    pub(super) fn on_fault(&mut self, by: Member, peer: Member, reason: &'static str) {
        self.faults.push(Fault { by, peer, reason });
    }
    pub(super) fn on_evidence(&mut self, member: Member) {
        self.evidence.push(member);
    }

    /// # Panics
    /// When an acknowledged transaction is missing on a member that has reached its height.
    pub(super) fn assert_holds_everything(&self, member: Member, store: &dyn Store) {
        let tip = store.tip().height;
        for (id, Acknowledged { height, code }) in &self.acknowledged {
            if *height > tip || id.is_zero() {
                continue;
            }
            let row = store.row(Table::Transaction, &id.0).unwrap_or_else(|| panic!("member {member} has lost {id}"));
            let (at, index): (Height, u32) =
                borsh::from_slice(&row).expect("rows of this table are a height and an index");
            let outcome = store.reader().snapshot().outcome(at, index).expect("every transaction has an outcome");
            assert_eq!((at, outcome.tx, outcome.code), (*height, *id, *code), "member {member} holds another outcome");
        }
    }

    /// # Panics
    /// When a member of a cluster without Byzantine members was accused of equivocation.
    pub(super) fn assert_no_equivocation(&self) {
        assert!(self.evidence.is_empty(), "evidence against {:?}", self.evidence);
    }
}

fn step_of(kind: VoteType) -> SignStep {
    match kind {
        VoteType::Prevote => SignStep::Prevote,
        VoteType::Precommit => SignStep::Precommit,
    }
}
