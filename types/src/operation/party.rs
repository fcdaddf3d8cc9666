//! Bodies of the `party` operations.

use crate::role::{KeyPurpose, LicenceKind, Role, Roles};
use crate::ticket::DeriveTicket;
use crate::{AccountId, Commit, Fp, Hash, Height, PublicKey, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A key to be registered.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct NewKey {
    pub public_key: PublicKey,
    pub purpose: KeyPurpose,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Onboard {
    pub roles: Roles,
    /// Commitment to the USCC or LEI.
    pub kyc: Commit,
    /// The ticket whose fp1 is the party fingerprint (kind PARTY), applied for by the branch itself.
    pub ticket: DeriveTicket,
    /// Whether the code may be shown by opening `kyc` (institutions).
    pub institution_public: bool,
    pub keys: Vec<NewKey>,
    /// Independence group, if any.
    pub group: Option<Commit>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct AddRole {
    pub party: AccountId,
    pub expect_ver: u32,
    pub role: Role,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Suspend {
    pub party: AccountId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Resume {
    pub party: AccountId,
    pub expect_ver: u32,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RotateKey {
    pub party: AccountId,
    pub expect_ver: u32,
    /// Index of the key that ends.
    pub old_key: u16,
    pub new_key: NewKey,
    /// First height at which the new key signs; the old one signs until the height before.
    pub from_height: Height,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct GrantLicence {
    pub party: AccountId,
    pub expect_ver: u32,
    pub kind: LicenceKind,
    /// The ticket whose fp1 is the site's fingerprint (kind SITE).
    pub ticket: DeriveTicket,
    /// Merkle root of the site's cells, zero when it has none.
    pub cells_root: Hash,
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RevokeLicence {
    pub party: AccountId,
    pub expect_ver: u32,
    pub kind: LicenceKind,
    pub site: Fp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RecoverKey {
    pub party: AccountId,
    pub expect_ver: u32,
    /// The keys that take the place of all signing keys after the delay.
    pub keys: Vec<NewKey>,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct SetTag {
    pub party: AccountId,
    pub expect_ver: u32,
    /// Number of the list or mark.
    pub tag: u16,
    pub from: Timestamp,
    pub to: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Untag {
    pub party: AccountId,
    pub expect_ver: u32,
    pub tag: u16,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Delegate {
    pub party: AccountId,
    pub expect_ver: u32,
    pub to: AccountId,
    /// Operation numbers, ascending.
    pub operations: Vec<u16>,
    pub until: Timestamp,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct RevokeDelegation {
    pub party: AccountId,
    pub expect_ver: u32,
    pub to: AccountId,
}

#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct Exit {
    pub party: AccountId,
    pub expect_ver: u32,
}
