//! Records in state, and the public part of each leaf.
//!
//! No record holds a name, a number, an amount or any other text: only identifiers, commitments and quantities of goods.

pub mod doc;
pub mod governance;
pub mod lot;
pub mod party;
pub mod pledge;
pub mod proof;

pub use doc::{ChainEntry, Doc, Leg, PublicDoc, PublicFp, ReceiptPart};
pub use governance::{FeatureGrant, FieldMatch, FieldRule, MemberRecord, MemberStatus, QuorumRule, Template};
pub use lot::{Lot, PublicGoodsKey, PublicLot};
pub use party::{KeyRecord, Licence, Party, PublicParty, Tag};
pub use pledge::{Attempt, Cooldown, Encumbrance, Pledge, Priority, PublicEncumbrance, PublicReservation, Reservation};
pub use proof::{Attestation, Proof, PublicHold, PublicProof};
