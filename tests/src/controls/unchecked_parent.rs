//! Skip the parent check: a block is a child of whatever it says.

use super::Control;
use super::plans::with_peer;
use super::wrapped::{StoreChange, open_changed};
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::cluster::Mutation;
use landsea_consensus::ConsensusMessage;
use landsea_node::message::decode_block;
use landsea_node::replica::Event;
use landsea_p2p::Class;
use landsea_storage::{MemoryDisk, OpenError, Store, Tip};
use landsea_types::{BlockId, Height, Member, Proposal, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub(super) const CONTROL: Control = Control {
    name: "skip the parent check",
    caught_by: &["validity"],
    tolerates: &[],
    within: 3,
    plan: |seed| with_peer(seed, 4, 8, &PEER),
    mutation: |_| Box::new(AnyParent::default()),
};

const NAME: &str = "blocks with another parent";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Orphaner::default()) };

/// Proposes its own blocks above a parent that nobody knows.
#[derive(Default)]
struct Orphaner {
    /// What was sent instead of an own block.
    orphans: BTreeMap<BlockId, BlockId>,
}

impl Orphaner {
    fn on_block(&mut self, me: &mut Puppeteer<'_>, to: Member, bytes: &[u8]) -> bool {
        let Some(mut block) = decode_block(bytes).filter(|block| block.header.proposer == me.member) else {
            return true;
        };
        let own = block.id();
        block.header.parent = BlockId([0x0f; 32]);
        self.orphans.insert(own, block.id());
        me.send(to, Class::Header, borsh::to_vec(&block).expect("writing to a vector cannot fail"));
        false
    }

    fn on_consensus(&self, me: &mut Puppeteer<'_>, to: Member, bytes: &[u8]) -> bool {
        let Ok(ConsensusMessage::Proposal { proposal }) = ConsensusMessage::decode(bytes) else { return true };
        let Some(orphan) = self.orphans.get(&proposal.message.block).copied() else { return true };
        let proposal = me.proposal(Proposal { block: orphan, ..proposal.message });
        me.send(to, Class::Consensus, proposal);
        false
    }
}

impl Behaviour for Orphaner {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        match class {
            Class::Header => self.on_block(me, to, bytes),
            Class::Consensus => self.on_consensus(me, to, bytes),
            Class::Fetch | Class::Batch => true,
        }
    }
}

/// The parent that the last block claimed, by the member that looks at it.
type Claims = Arc<Mutex<BTreeMap<Member, (Height, BlockId)>>>;

#[derive(Default)]
struct AnyParent {
    claims: Claims,
}

struct ClaimedParent {
    member: Member,
    claims: Claims,
}

impl StoreChange for ClaimedParent {
    fn tip(&self, tip: Tip) -> Tip {
        let claims = self.claims.lock().unwrap_or_else(PoisonError::into_inner);
        let claimed = claims.get(&self.member).filter(|(height, _)| *height == tip.height.next());
        let block_id = claimed.map_or(tip.block_id, |(_, parent)| *parent);
        Tip { block_id, ..tip }
    }
}

impl Mutation for AnyParent {
    fn open_store(&mut self, member: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        open_changed(disk, ClaimedParent { member, claims: Arc::clone(&self.claims) })
    }
    fn patch(&mut self, member: Member, _: Timestamp, event: &mut Event, _: &mut Vec<Event>) {
        let Event::BlockBytes { bytes, .. } = event else { return };
        if let Some(block) = decode_block(bytes) {
            let claim = (block.header.height, block.header.parent);
            self.claims.lock().unwrap_or_else(PoisonError::into_inner).insert(member, claim);
        }
    }
}
