//! Parties and their keys.

use crate::operation::party::NewKey;
use crate::role::{KeyPurpose, LicenceKind, PartyStatus, Role, Roles};
use crate::{AccountId, Commit, Fp, Hash, Height, Member, PublicKey, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A key with the heights at which it signs: `from_height <= h < to_height`.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct KeyRecord {
    pub public_key: PublicKey,
    pub from_height: Height,
    pub to_height: Option<Height>,
    pub purpose: KeyPurpose,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    pub kind: LicenceKind,
    pub site: Fp,
    pub cells_root: Hash,
    pub from: Timestamp,
    pub to: Timestamp,
    pub by: Member,
}

#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Tag {
    pub tag: u16,
    pub by: Member,
    pub from: Timestamp,
    pub to: Timestamp,
}

/// Another party may act for this one in some operations until a time.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Delegation {
    pub to: AccountId,
    /// Operation numbers, ascending.
    pub operations: Vec<u16>,
    pub until: Timestamp,
}

/// Keys that take the place of lost ones unless the party shows that it has them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Recovery {
    pub keys: Vec<NewKey>,
    pub effective: Timestamp,
}

/// A firm, institution or branch.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Party {
    pub id: AccountId,
    pub ver: u32,
    pub roles: Roles,
    /// The member that onboarded it.
    pub home: Member,
    pub kyc: Commit,
    /// Network-keyed fingerprint of the USCC or LEI; zero for branches.
    pub fingerprint: Fp,
    pub institution_public: bool,
    pub keys: Vec<KeyRecord>,
    pub group: Option<Commit>,
    pub status: PartyStatus,
    pub licences: Vec<Licence>,
    pub tags: Vec<Tag>,
    pub delegations: Vec<Delegation>,
    pub recovery: Option<Recovery>,
}

/// What everybody may see of a party.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicParty {
    pub id: AccountId,
    pub ver: u32,
    pub roles: Roles,
    pub home: Member,
    pub status: PartyStatus,
}

impl Party {
    /// The public part.
    pub fn public(&self) -> PublicParty {
        PublicParty { id: self.id, ver: self.ver, roles: self.roles, home: self.home, status: self.status }
    }
    /// Whether the party has the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.has(role)
    }
    /// Whether key `index` is `public_key`, meant for `purpose` and valid at `height`.
    pub fn key_is_valid(&self, index: u16, public_key: &PublicKey, purpose: KeyPurpose, height: Height) -> bool {
        self.keys.get(usize::from(index)).is_some_and(|key| {
            key.public_key == *public_key
                && key.purpose == purpose
                && key.from_height <= height
                && key.to_height.is_none_or(|end| height < end)
        })
    }
    /// The licence of a kind over a site that is valid at a time.
    pub fn licence(&self, kind: LicenceKind, site: &Fp, at: Timestamp) -> Option<&Licence> {
        self.licences.iter().find(|l| l.kind == kind && l.site == *site && l.from <= at && at < l.to)
    }
    /// Whether `delegate` may act for the party in an operation at a time.
    pub fn delegates(&self, delegate: &AccountId, operation: u16, at: Timestamp) -> bool {
        let fits = |d: &Delegation| d.to == *delegate && d.operations.contains(&operation) && at < d.until;
        self.delegations.iter().any(fits)
    }
    /// Whether both parties belong to one independence group. No group equals nothing.
    pub fn same_group(&self, other: &Party) -> bool {
        self.group.is_some() && self.group == other.group
    }
}
