//! Lots of goods, the keys they occupy and the warehouse cells they lie in.

use crate::role::{CellStatus, LotKind, LotStatus};
use crate::ticket::ClassedKey;
use crate::{AccountId, Commit, DocId, Fp, GoodsKey, LotId, Member, PledgeId, Qty, Timestamp, Uom};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A quantity of physical goods. It never changes: whatever changes it ends the lot and begins others, its children.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Lot {
    pub id: LotId,
    pub ver: u32,
    pub home: Member,
    pub kind: LotKind,
    pub uom: Uom,
    pub qty: Qty,
    pub packages: u32,
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub goods_class: [u8; 6],
    /// The keys that the lot occupies now: those of class S by its share of the cell, the others exclusively.
    pub keys: Vec<ClassedKey>,
    /// The keys that its document names. Containers leave and goods move between cells; the paper stays.
    pub paper_keys: Vec<ClassedKey>,
    pub custodian: AccountId,
    pub supervisor: Option<AccountId>,
    /// Where custody is now.
    pub place: Member,
    /// The operative title document.
    pub title: Option<DocId>,
    pub enc: Option<PledgeId>,
    pub parents: Vec<LotId>,
    pub origin_doc: DocId,
    pub status: LotStatus,
    /// Whether goods are missing from the lot or from the cell it lies in.
    pub deficit: bool,
    /// What was reported to have left a lot that lies in no cell.
    pub missing: Qty,
    /// The seal that is on the goods, as far as it is known.
    pub seal: Option<Commit>,
}

/// What everybody may see of a lot. Custodian and place make custody provable; neither is a bank or a holder.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicLot {
    pub status: LotStatus,
    pub title: Option<DocId>,
    pub custodian: AccountId,
    pub place: Member,
}

/// Who occupies a goods key: one lot, or the less-than-container lots of one master document.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Occupancy {
    /// Ascending, never empty.
    pub lots: Vec<LotId>,
}

/// The leaf of an occupied goods key: one of the lots.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicGoodsKey {
    pub lot: LotId,
}

impl Occupancy {
    /// The public part.
    pub fn public(&self) -> PublicGoodsKey {
        PublicGoodsKey { lot: self.lots.first().copied().unwrap_or_default() }
    }
}

/// A warehouse cell, tank, bin or stack: receipts over its goods never exceed what was counted in it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    pub key: GoodsKey,
    pub ver: u32,
    /// Fingerprint of the licensed site.
    pub site: Fp,
    pub keeper: AccountId,
    pub home: Member,
    pub uom: Uom,
    /// What the last count found, less what left and more what came since.
    pub counted: Qty,
    /// What was reported to have left since the last count and not to have come back: only so much comes back uncounted.
    pub away: Qty,
    /// When it was last counted; `None` before the first count.
    pub counted_at: Option<Timestamp>,
    pub supervisor: Option<AccountId>,
    pub evidence: Commit,
    /// Sum of the ACTIVE lots in the cell.
    pub receipts_sum: Qty,
    pub status: CellStatus,
}

impl Cell {
    /// Whether receipts speak of more than is there.
    pub fn is_short(&self) -> bool {
        self.receipts_sum > self.counted
    }
}

impl Lot {
    /// The public part.
    pub fn public(&self) -> PublicLot {
        PublicLot { status: self.status, title: self.title, custodian: self.custodian, place: self.place }
    }
}
