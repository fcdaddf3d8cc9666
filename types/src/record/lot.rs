//! Lots of goods and the keys they occupy.

use crate::role::{LotKind, LotStatus};
use crate::ticket::ClassedKey;
use crate::{AccountId, DocId, LotId, Member, PledgeId, Qty, Uom};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// A quantity of physical goods. All keys of the first part are exclusive.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct Lot {
    pub id: LotId,
    pub ver: u32,
    pub home: Member,
    pub kind: LotKind,
    pub uom: Uom,
    pub qty: Qty,
    pub packages: u32,
    #[serde(with = "crate::ids::ascii")]
    pub goods_class: [u8; 6],
    pub keys: Vec<ClassedKey>,
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
    pub deficit: bool,
}

/// What everybody may see of a lot.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct PublicLot {
    pub status: LotStatus,
    pub title: Option<DocId>,
}

/// The leaf of an occupied goods key.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
pub struct PublicGoodsKey {
    pub lot: LotId,
}

impl Lot {
    /// The public part.
    pub fn public(&self) -> PublicLot {
        PublicLot { status: self.status, title: self.title }
    }
}
