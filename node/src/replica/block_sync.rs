//! Block sync: a member that is behind fetches committed heights and applies them under their certificates.

use super::peers::send;
use super::{Action, Replica, TimerId};
use crate::message::{CommittedBlock, FetchMessage};
use landsea_consensus::Input;
use landsea_p2p::Class;
use landsea_types::{Batch, ChainId, Height, Member};

/// One height behind is usually a matter of messages in flight: wait before asking, milliseconds.
const ASK_AFTER_MS: u64 = 300;
/// An unanswered request goes to somebody else after this time, milliseconds.
const ASK_AGAIN_MS: u64 = 2_000;

/// The request under way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BlockSync {
    /// Who was asked for which height.
    asked: Option<(Member, Height)>,
    /// Whether the timer runs that leads to a request.
    waits: bool,
    /// Which of the members that are ahead is asked; moves on when one does not answer well.
    turn: usize,
}

impl Replica {
    pub(super) fn on_tip(&mut self, peer: Member, chain: ChainId, height: Height, actions: &mut Vec<Action>) {
        if chain != self.chain {
            return actions.push(Action::PeerFault { peer, reason: "another chain" });
        }
        self.peers.note_heard(peer, height);
        self.peers.note_tip(peer, height);
        self.consider_block_sync(actions);
    }

    /// Somebody is ahead: ask now when far behind, else after a moment.
    pub(super) fn consider_block_sync(&mut self, actions: &mut Vec<Action>) {
        if self.block_sync.asked.is_some() {
            return;
        }
        let next = self.next_height();
        if !self.peers.at_least(next.next()).is_empty() {
            self.ask_for_next(actions);
        } else if !self.block_sync.waits && !self.peers.at_least(next).is_empty() {
            self.block_sync.waits = true;
            actions.push(Action::SetTimer { timer: TimerId::BlockSync, after_ms: ASK_AFTER_MS });
        }
    }

    /// The answer did not come, or the moment is over.
    pub(super) fn on_block_sync_timer(&mut self, actions: &mut Vec<Action>) {
        self.block_sync.waits = false;
        if let Some((peer, height)) = self.block_sync.asked.take()
            && height == self.next_height()
        {
            self.give_up_on(peer);
        }
        self.ask_for_next(actions);
    }

    /// A member that did not hold what it claimed is not asked again before it claims anew; one that answers stays the source, so that
    /// a liar costs one wait and not one for every round of turns.
    fn give_up_on(&mut self, peer: Member) {
        self.peers.forget_tip(peer);
        self.block_sync.turn = self.block_sync.turn.wrapping_add(1);
    }

    fn ask_for_next(&mut self, actions: &mut Vec<Action>) {
        let height = self.next_height();
        let ahead = self.peers.at_least(height);
        let Some(peer) = ahead.get(self.block_sync.turn % ahead.len().max(1)).copied() else { return };
        self.block_sync.asked = Some((peer, height));
        self.block_sync.waits = false;
        send(actions, peer, Class::Fetch, FetchMessage::WantCommitted { height }.encode());
        actions.push(Action::SetTimer { timer: TimerId::BlockSync, after_ms: ASK_AGAIN_MS });
    }

    /// After a commit: ask for the next height while members are known to be ahead.
    pub(super) fn continue_block_sync(&mut self, actions: &mut Vec<Action>) {
        if self.block_sync.asked.take().is_some() {
            actions.push(Action::CancelTimer { timer: TimerId::BlockSync });
        }
        self.consider_block_sync(actions);
    }

    /// A committed height as this node holds it.
    pub(super) fn committed_block(&self, height: Height) -> Option<CommittedBlock> {
        let snapshot = self.store.reader().snapshot();
        let block = snapshot.block(height)?;
        let certificate = snapshot.certificate(height)?;
        let batches = block.batches.iter().map(|id| snapshot.batch(id)).collect::<Option<Vec<_>>>()?;
        Some(CommittedBlock { block, certificate, batches })
    }

    pub(super) fn on_committed(&mut self, peer: Member, committed: CommittedBlock, actions: &mut Vec<Action>) {
        if committed.block.header.height != self.next_height() {
            return;
        }
        if let Err(reason) = self.check_committed(&committed) {
            actions.push(Action::PeerFault { peer, reason });
            if self.block_sync.asked.take_if(|(asked, _)| *asked == peer).is_some() {
                self.give_up_on(peer);
                self.ask_for_next(actions);
            }
            return;
        }
        let CommittedBlock { block, certificate, batches } = committed;
        // The certificate covers the header, the header the digests: what does not execute now is this node's own fault.
        let checked = batches.into_iter().map(|batch| self.check_decided(batch)).collect();
        assert!(
            self.header_fits(&block),
            "certified block {} does not fit this node's chain: compare versions",
            block.id()
        );
        let prepared = self.execute_with(&block, checked).unwrap_or_else(|| {
            panic!(
                "certified block {} of height {} does not execute to its roots on this node",
                block.id(),
                block.header.height
            )
        });
        self.candidates.insert(prepared);
        self.peers.note_tip(peer, certificate.height);
        self.feed(Input::Certified { certificate }, actions);
    }

    /// What the sender could have spoilt: a digest covers a batch's body but not its signature.
    fn check_committed(&self, committed: &CommittedBlock) -> Result<(), &'static str> {
        let CommittedBlock { block, certificate, batches } = committed;
        let names = certificate.block == block.id() && certificate.height == block.header.height;
        if !names || certificate.verify_under(&self.chain, &self.validators, &*self.suite).is_err() {
            return Err("committed block without a valid certificate");
        }
        if !block.is_well_formed() || !batches.iter().map(Batch::id).eq(block.batches.iter().copied()) {
            return Err("committed block with other batches than its header names");
        }
        let signed = |batch: &Batch| {
            let origin = self.validators.get(batch.body().origin);
            origin.is_some_and(|origin| batch.verify(&self.chain, &origin.public_key, &*self.suite).is_ok())
        };
        if batches.iter().all(signed) { Ok(()) } else { Err("committed block with a spoilt batch") }
    }
}
