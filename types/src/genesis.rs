//! The genesis file: members, parameters, feature grants and templates. Its hash is the chain id.

pub mod params;
pub mod templates;

use crate::consensus::{Validator, ValidatorSet};
use crate::crypto::hash_of;
use crate::record::{FeatureGrant, MemberRecord, MemberStatus, Template, Travel};
use crate::{AccountId, ChainId, Height, Member, PublicKey, Timestamp, bounds};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
pub use params::{ParamKey, Params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The signature and hash suite of this release.
pub const SUITE: &str = "ed25519+blake3";

/// A founding member.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct GenesisMember {
    pub index: Member,
    /// Two to eight lower-case letters or digits, such as `cq`.
    pub code: String,
    pub name_en: String,
    pub name_zh: String,
    pub gb2260: u32,
    pub operator: String,
    /// Signs votes, batches and tickets.
    pub validator_key: PublicKey,
    /// Identifies the node on the peer-to-peer network.
    pub network_key: PublicKey,
    /// Signs the branch's transactions.
    pub branch_key: PublicKey,
}

impl GenesisMember {
    /// The branch's account.
    pub fn branch_account(&self) -> AccountId {
        AccountId(hash_of("branch-account", &(&self.code, &self.branch_key)))
    }
}

/// Everything that fixes a chain.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    pub name: String,
    /// Block time of height 0, milliseconds since 1970.
    pub time: Timestamp,
    pub suite: String,
    pub members: Vec<GenesisMember>,
    /// Values that differ from the defaults.
    #[serde(default)]
    pub parameters: BTreeMap<ParamKey, u64>,
    #[serde(default)]
    pub features: Vec<FeatureGrant>,
    #[serde(default)]
    pub templates: Vec<Template>,
    /// Travel times; between other nodes the parameter `min_travel_ms` holds.
    #[serde(default)]
    pub travel: Vec<Travel>,
}

/// What is wrong with a genesis file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    #[error("not valid JSON for a genesis: {0}")]
    Json(String),
    #[error("suite {0:?} is not supported; this release knows {SUITE:?}")]
    Suite(String),
    #[error("{0} members; a network needs 4 to {max}", max = bounds::MEMBERS_MAX)]
    MemberCount(usize),
    #[error("member {index}: {problem}")]
    Member { index: u8, problem: String },
    #[error("parameter {key}: {problem}")]
    Parameter { key: String, problem: String },
    #[error("feature grant {position}: member {member} is not in the member table")]
    Feature { position: usize, member: u8 },
    #[error("template {id}: {problem}")]
    Template { id: u16, problem: String },
    #[error("travel time {position}: {problem}")]
    Travel { position: usize, problem: String },
}

impl Genesis {
    /// Reads and checks a genesis file's text.
    ///
    /// # Errors
    /// The first defect, with its place.
    pub fn from_json(text: &str) -> Result<Self, GenesisError> {
        let genesis: Genesis = serde_json::from_str(text).map_err(|e| GenesisError::Json(e.to_string()))?;
        genesis.check()?;
        Ok(genesis)
    }

    /// The file's text.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("a genesis has only string keys");
        text.push('\n');
        text
    }

    /// The chain id: the hash of everything above.
    pub fn chain_id(&self) -> ChainId {
        ChainId(hash_of("genesis", self))
    }

    /// Checks what the field types cannot.
    ///
    /// # Errors
    /// The first defect found.
    pub fn check(&self) -> Result<(), GenesisError> {
        if self.suite != SUITE {
            return Err(GenesisError::Suite(self.suite.clone()));
        }
        if !(4..=bounds::MEMBERS_MAX).contains(&self.members.len()) {
            return Err(GenesisError::MemberCount(self.members.len()));
        }
        for (position, member) in self.members.iter().enumerate() {
            self.check_member(position, member)?;
        }
        for (key, value) in &self.parameters {
            key.check(*value).map_err(|problem| GenesisError::Parameter { key: key.to_string(), problem })?;
        }
        self.check_grants()
    }

    fn check_member(&self, position: usize, member: &GenesisMember) -> Result<(), GenesisError> {
        let index = member.index.get();
        let fail = |problem: &str| Err(GenesisError::Member { index, problem: problem.into() });
        if usize::from(index) != position + 1 {
            return fail("indices must count up from 1");
        }
        let code_ok = (2..=8).contains(&member.code.len())
            && member.code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !code_ok {
            return fail("the code must be 2 to 8 lower-case letters or digits");
        }
        let keys = [member.validator_key, member.network_key, member.branch_key];
        if keys.iter().any(PublicKey::is_weak) {
            return fail("a key is malformed or weak");
        }
        let earlier = &self.members[..position];
        if earlier.iter().any(|m| m.code == member.code) {
            return fail("the code stands twice");
        }
        if earlier.iter().any(|m| m.validator_key == member.validator_key || m.network_key == member.network_key) {
            return fail("a key stands twice");
        }
        Ok(())
    }

    fn check_grants(&self) -> Result<(), GenesisError> {
        for (position, grant) in self.features.iter().enumerate() {
            if self.member(grant.member).is_none() {
                return Err(GenesisError::Feature { position, member: grant.member.get() });
            }
        }
        for (i, template) in self.templates.iter().enumerate() {
            let fail = |problem: &str| Err(GenesisError::Template { id: template.id, problem: problem.into() });
            if self.templates.iter().skip(i + 1).any(|t| t.id == template.id) {
                return fail("the id stands twice");
            }
            if template.quorum.is_empty() || template.ttl_ms == 0 {
                return fail("needs a quorum and a time to live");
            }
        }
        self.check_travel()
    }

    fn check_travel(&self) -> Result<(), GenesisError> {
        for (position, way) in self.travel.iter().enumerate() {
            let fail = |problem: &str| Err(GenesisError::Travel { position, problem: problem.into() });
            if way.from == way.to {
                return fail("leads nowhere");
            }
            let same = |other: &Travel| {
                [other.from, other.to] == [way.from, way.to] || [other.to, other.from] == [way.from, way.to]
            };
            if self.travel.iter().take(position).any(same) {
                return fail("stands twice");
            }
        }
        Ok(())
    }

    /// The entry of a member.
    pub fn member(&self, member: Member) -> Option<&GenesisMember> {
        self.members.iter().find(|m| m.index == member)
    }

    /// The entry of a member code, such as `cq`.
    pub fn member_by_code(&self, code: &str) -> Option<&GenesisMember> {
        self.members.iter().find(|m| m.code == code)
    }

    /// The validator set of height 1.
    pub fn validator_set(&self) -> ValidatorSet {
        let seats = self.members.iter().map(|m| Validator { member: m.index, public_key: m.validator_key });
        ValidatorSet::new(seats.collect()).expect("a checked genesis has distinct members and keys")
    }

    /// The parameters in force at the start.
    pub fn params(&self) -> Params {
        Params::with(&self.parameters)
    }

    /// The member records of height 0.
    pub fn member_records(&self) -> Vec<MemberRecord> {
        self.members.iter().map(member_record).collect()
    }
}

fn member_record(member: &GenesisMember) -> MemberRecord {
    let mut code = [0u8; 8];
    for (to, from) in code.iter_mut().zip(member.code.bytes()) {
        *to = from;
    }
    MemberRecord {
        index: member.index,
        code,
        gb2260: member.gb2260,
        branch: member.branch_account(),
        validator_key: member.validator_key,
        network_key: member.network_key,
        status: MemberStatus::Active,
        since: Height::ZERO,
    }
}
