//! Pledges, encumbrances, reservations and the attempt journal.

use crate::operation::pledge::Create;
use crate::role::{OfferState, PledgeState, ReleaseReason, SecuredKind};
use crate::{
    AccountId, Bps, Code, Commit, DocId, Fp, Hash, Height, LotId, Member, OfferId, PledgeId, ProofId, Qty, Timestamp,
    Uom,
};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Rank of a pledge: the position of its transaction in the chain. Never changes.
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
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Priority {
    pub height: Height,
    /// Index of the transaction in its block.
    pub index: u32,
}

/// A document that joined a pledge later, with its own priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Joined {
    pub doc: DocId,
    pub priority: Priority,
}

/// A quantity of goods with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Amount {
    pub uom: Uom,
    pub qty: Qty,
}

/// The registration of a pledge in the registry of movables.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Mirror {
    pub registration: Commit,
    pub at: Timestamp,
    pub expires: Timestamp,
}

/// A default that the pledgee declared.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Enforcement {
    pub notice: Commit,
    pub since: Timestamp,
}

/// An earlier pledgee and the height at which it assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Assigned {
    pub from: AccountId,
    pub height: Height,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Pledge {
    pub id: PledgeId,
    pub ver: u32,
    pub pledgor: AccountId,
    pub pledgee: AccountId,
    /// The documents that now represent the goods; conversion and amendment replace entries.
    pub docs: Vec<DocId>,
    pub lots: Vec<LotId>,
    pub rank: u8,
    pub priority: Priority,
    pub state: PledgeState,
    pub created: Timestamp,
    pub reg_until: Timestamp,
    pub grace_until: Timestamp,
    pub extend_agreed: bool,
    pub claim: Commit,
    pub secured_kind: SecuredKind,
    pub cover_min_bps: Bps,
    pub finance_ref: Commit,
    pub proof_min_level: u8,
    pub proof: Option<ProofId>,
    pub supervisor: Option<AccountId>,
    pub home_pledgee: Member,
    pub home_pledgor: Member,
    pub release_reason: Option<ReleaseReason>,
    /// Documents whose priority is later than the pledge's own; replaced like the entries of `docs`.
    pub joined: Vec<Joined>,
    /// What was pledged, by unit: at creation, with what was added, without what was substituted.
    pub initial: Vec<Amount>,
    /// Whether the remaining goods have fallen below `cover_min_bps` of `initial` and have not come back.
    pub cover_low: bool,
    /// Commitment to the thresholds of temperature and the like, zero when none were agreed.
    pub conditions: Commit,
    pub mirror: Option<Mirror>,
    /// When the registration must be, or must have been renewed.
    pub mirror_due: Timestamp,
    pub mirror_overdue: bool,
    pub assigned_from: Vec<Assigned>,
    /// The assigning bank had itself pledged the claim.
    pub encumbered_claim: bool,
    pub enforcement: Option<Enforcement>,
}

impl Pledge {
    /// The priority over the goods of a document: the pledge's own, unless the document joined later.
    pub fn priority_of(&self, doc: &DocId) -> Priority {
        self.joined.iter().find(|j| j.doc == *doc).map_or(self.priority, |j| j.priority)
    }
}

/// A pledge that waits for the consents of its parties.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Offer {
    pub id: OfferId,
    pub ver: u32,
    pub bank: AccountId,
    pub terms: Create,
    pub until: Timestamp,
    /// Who has accepted so far.
    pub accepted: Vec<AccountId>,
    pub state: OfferState,
}

/// The record of an `enc/` leaf: what full nodes see beyond the public part.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Encumbrance {
    pub pledge: PledgeId,
    pub pledgee: AccountId,
    pub priority: Priority,
    /// Home of the pledgee: whom others may contact.
    pub member: Member,
}

/// What everybody may see of an encumbrance.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicEncumbrance {
    pub pledge: PledgeId,
    pub since_height: Height,
    pub index: u32,
    pub member: Member,
}

impl Priority {
    /// Before every transaction.
    pub const FIRST: Self = Self { height: Height::ZERO, index: 0 };
}

impl Encumbrance {
    /// The public part.
    pub fn public(&self) -> PublicEncumbrance {
        PublicEncumbrance {
            pledge: self.pledge,
            since_height: self.priority.height,
            index: self.priority.index,
            member: self.member,
        }
    }
}

/// The record of a `res/` leaf.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Reservation {
    pub doc: DocId,
    pub bank: AccountId,
    pub pledgor: AccountId,
    pub until: Timestamp,
    pub member: Member,
}

/// What everybody may see of a reservation.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicReservation {
    pub until: Timestamp,
    pub member: Member,
}

impl Reservation {
    /// The public part.
    pub fn public(&self) -> PublicReservation {
        PublicReservation { until: self.until, member: self.member }
    }
}

/// A bank that let a reservation lapse may not reserve the same lot again until then.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Cooldown {
    pub until: Timestamp,
}

/// A refused act that looks like fraud, kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Attempt {
    pub n: u64,
    pub time: Timestamp,
    pub height: Height,
    /// Who tried: a bank for 5001, an issuer for 3001, 3002 and 4001.
    pub by: AccountId,
    /// Fingerprint of the pledgor or first holder named, zero when unknown.
    pub pledgor: Fp,
    /// The document, lot or fingerprint aimed at.
    pub target: Hash,
    pub code: Code,
    /// Whether a valid pledgor or holder consent was in it; only then does it count against that firm.
    pub consented: bool,
    pub existing_home: Member,
    pub attempt_home: Member,
}
