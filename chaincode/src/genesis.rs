//! The state of height 0.

use crate::view::{View, feature_key, travel_key};
use landsea_types::genesis::{Genesis, GenesisMember};
use landsea_types::record::{KeyRecord, Party};
use landsea_types::role::{KeyPurpose, PartyStatus, Role, Roles};
use landsea_types::state::{Family, Leaf, StateRead, Table, Write};
use landsea_types::{Commit, Fp, Height};

/// Nothing is committed yet.
struct Empty;

impl StateRead for Empty {
    fn leaf(&self, _: Family, _: &[u8; 32]) -> Option<Leaf> {
        None
    }
    fn row(&self, _: Table, _: &[u8]) -> Option<Vec<u8>> {
        None
    }
    fn scan(&self, _: Table, _: &[u8], _: &[u8], _: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        Vec::new()
    }
}

/// The writes that make the genesis: members with their BRANCH parties, parameters, feature grants, templates and travel times.
pub fn genesis_writes(genesis: &Genesis) -> Vec<Write> {
    let mut view = View::new(&Empty);
    view.begin(&genesis.chain_id().0);
    for (member, record) in genesis.members.iter().zip(genesis.member_records()) {
        view.put_row(Table::Member, &[member.index.get()], &record);
        view.put_party(&branch_party(member));
    }
    for (key, value) in genesis.params().iter() {
        view.put_row(Table::Param, &key.number().to_be_bytes(), &value);
    }
    for grant in &genesis.features {
        view.put_row(Table::Feature, &feature_key(grant.feature, grant.member), grant);
    }
    for template in &genesis.templates {
        view.put_row(Table::Template, &template.id.to_be_bytes(), template);
    }
    for way in &genesis.travel {
        view.put_row(Table::Travel, &travel_key(&way.from, &way.to), &way.min_ms);
    }
    view.keep();
    view.into_writes()
}

fn branch_party(member: &GenesisMember) -> Party {
    Party {
        id: member.branch_account(),
        ver: 1,
        roles: Roles::of(&[Role::Branch]),
        home: member.index,
        kyc: Commit::default(),
        fingerprint: Fp::default(),
        institution_public: true,
        keys: vec![KeyRecord {
            public_key: member.branch_key,
            from_height: Height::ZERO,
            to_height: None,
            purpose: KeyPurpose::Sign,
        }],
        group: None,
        status: PartyStatus::Active,
        licences: Vec::new(),
        tags: Vec::new(),
        delegations: Vec::new(),
        recovery: None,
    }
}
