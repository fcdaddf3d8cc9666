//! Members, feature grants and templates.

use crate::role::{DocKind, Role, TemplateCode};
use crate::{AccountId, Height, Member, PublicKey};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a member takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemberStatus {
    Active,
    Leaving,
    Suspended,
}

/// A member of the network as committed.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct MemberRecord {
    pub index: Member,
    /// Code as ASCII, padded with zero bytes.
    pub code: [u8; 8],
    pub gb2260: u32,
    pub branch: AccountId,
    pub validator_key: PublicKey,
    pub network_key: PublicKey,
    pub status: MemberStatus,
    pub since: Height,
}

/// Feature numbers; `LEGAL_BASIS + n` makes legal basis `n` pledgeable in the member.
pub mod feature {
    /// Titles of kind NCD may be issued.
    pub const NCD_TITLES: u16 = 1;
    /// Forwarders may issue titles.
    pub const FORWARDER_TITLES: u16 = 2;
    /// Change of medium.
    pub const CHANGE_OF_MEDIUM: u16 = 3;
    /// Base of the legal-basis features.
    pub const LEGAL_BASIS: u16 = 0x100;
}

/// A measure granted to one member.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct FeatureGrant {
    pub feature: u16,
    pub member: Member,
    pub from_height: Height,
}

/// The shortest time in which goods get from one node to another, either way.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Travel {
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub from: [u8; 8],
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub to: [u8; 8],
    pub min_ms: u64,
}

/// How the tags of a field are compared.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldMatch {
    /// One tag each, equal.
    Eq,
    /// Equal sets.
    SetEq,
    /// One set contains the other.
    Subset,
    /// The sets of neighbouring buckets intersect.
    Bucket {
        /// Width of a bucket, thousandths of the base unit; not zero.
        step: u64,
        /// Neighbouring buckets on either side.
        tolerance: u8,
    },
    /// Papers come in the order of their dates: the tag of the later one's date is among the tags of the earlier one's date
    /// and the days after it.
    Order {
        /// Days after the earlier date, at most 128.
        days: u8,
        /// How many of the rule's sources, from the first, are the earlier papers.
        earlier: u8,
        /// By how many days the later paper may yet precede the earlier one, at most 128: it publishes the tag of so many days
        /// after its date.
        grace: u8,
    },
}

/// One row of a template's field matrix.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct FieldRule {
    pub field: u16,
    pub sources: Vec<DocKind>,
    pub matching: FieldMatch,
    /// Whether a mismatch contradicts the case, and, save for the order of dates, whether level 3 needs two sources to state
    /// the field alike.
    pub required: bool,
}

impl FieldRule {
    /// Whether a kind is one of the earlier papers of a rule about the order of dates.
    pub fn is_earlier(&self, kind: DocKind) -> bool {
        let FieldMatch::Order { earlier, .. } = self.matching else { return false };
        self.sources.iter().take(usize::from(earlier)).any(|source| *source == kind)
    }
    /// How many tags a paper of a kind may publish: with more it would agree with everybody. `None` for sets.
    pub fn tags_max(&self, kind: DocKind) -> Option<usize> {
        match self.matching {
            FieldMatch::Eq => Some(1),
            FieldMatch::SetEq | FieldMatch::Subset => None,
            FieldMatch::Bucket { tolerance, .. } => Some(2 * usize::from(tolerance) + 1),
            FieldMatch::Order { days, .. } if self.is_earlier(kind) => Some(usize::from(days) + 1),
            FieldMatch::Order { .. } => Some(1),
        }
    }
}

/// At least `min` attesters with one of the roles.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct QuorumRule {
    pub any_of: Vec<Role>,
    pub min: u8,
}

/// What makes a trade authentic under a purpose.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Template {
    pub id: u16,
    pub ver: u16,
    pub code: TemplateCode,
    pub docs: Vec<DocKind>,
    pub fields: Vec<FieldRule>,
    /// All rules must hold for level 3.
    pub quorum: Vec<QuorumRule>,
    pub ttl_ms: u64,
}
