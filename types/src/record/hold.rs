//! Holds: what bars acts on an object without changing its state or its owner.

use crate::record::Priority;
use crate::role::{HoldKind, HoldState};
use crate::{AccountId, Commit, DocId, GoodsKey, HoldId, LotId, Member, PledgeId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a hold stands on.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum HoldTarget {
    Doc(DocId),
    Lot(LotId),
    Pledge(PledgeId),
    Party(AccountId),
    /// A warehouse cell: also bars acts on the lots in it.
    Cell(GoodsKey),
}

impl HoldTarget {
    /// The id under which the `hold/` leaf stands.
    pub fn id(&self) -> [u8; 32] {
        match self {
            HoldTarget::Doc(id) => id.0,
            HoldTarget::Lot(id) => id.0,
            HoldTarget::Pledge(id) => id.0,
            HoldTarget::Party(id) => id.0,
            HoldTarget::Cell(id) => id.0,
        }
    }
}

/// A dispute, freeze or customs hold.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Hold {
    pub id: HoldId,
    pub ver: u32,
    pub kind: HoldKind,
    /// What it was placed on.
    pub placed_on: HoldTarget,
    /// Where it stands now: the same, or what the goods have become.
    pub targets: Vec<HoldTarget>,
    pub by: AccountId,
    pub by_member: Member,
    /// The court, or the interest of a disputing party.
    pub on_behalf: Commit,
    /// Order or case number.
    pub basis: Commit,
    pub placed: Priority,
    pub from: Timestamp,
    /// The end of its term; [`Timestamp::MAX`] when only an act ends it.
    pub until: Timestamp,
    pub state: HoldState,
    /// The court's acceptance notice, once a case is filed.
    pub filed: Option<Commit>,
    /// The second branch of a regulator's freeze.
    pub countersigned: Option<Member>,
    /// The order that lifted it.
    pub order: Option<Commit>,
}

/// One effective hold in a `hold/` leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    pub kind: HoldKind,
    pub until: Timestamp,
    /// `None` for a deficit, which no party placed.
    pub hold: Option<HoldId>,
}

/// The record of a `hold/` leaf: every effective hold on a target, the gravest first. The leaf exists iff there is one.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Standings {
    pub holds: Vec<Standing>,
}

/// What everybody may see of the effective holds on a target: the gravest.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicHold {
    pub kind: HoldKind,
    pub until: Timestamp,
}

impl Standings {
    /// The public part; `None` when nothing stands.
    pub fn public(&self) -> Option<PublicHold> {
        self.holds.first().map(|h| PublicHold { kind: h.kind, until: h.until })
    }
}
