//! Records in state, and the public part of each leaf.
//!
//! No record holds a name, a number, an amount or any other text: only identifiers, commitments and quantities of goods.

pub mod cargo;
pub mod doc;
pub mod governance;
pub mod hold;
pub mod lot;
pub mod party;
pub mod pledge;
pub mod proof;

pub use cargo::{CargoEvent, Flow};
pub use doc::{ChainEntry, Doc, Leg, PublicDoc, PublicFp, ReceiptPart, SaleNotice};
pub use governance::{FeatureGrant, FieldMatch, FieldRule, MemberRecord, MemberStatus, QuorumRule, Template, Travel};
pub use hold::{Hold, HoldTarget, PublicHold, Standing, Standings};
pub use lot::{Cell, Lot, Occupancy, PublicGoodsKey, PublicLot};
pub use party::{Delegation, KeyRecord, Licence, Party, PublicParty, Recovery, Tag};
pub use pledge::{
    Amount, Assigned, Attempt, Cooldown, Encumbrance, Enforcement, Joined, Mirror, Offer, Pledge, Priority,
    PublicEncumbrance, PublicReservation, Reservation,
};
pub use proof::{Attestation, Proof, PublicProof, PublicUse, UseMark, UseMarks};
