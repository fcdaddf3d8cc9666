//! Everything that follows from the seed.

use crate::members::MemberInfo;
use landsea_types::SecretKey;
use landsea_types::genesis::{Genesis, GenesisMember, ParamKey, SUITE, templates};
use landsea_types::record::FeatureGrant;
use landsea_types::record::governance::feature;
use landsea_types::role::LegalBasis;
use landsea_types::{Commit, Height, Member, Timestamp};
use std::collections::BTreeMap;

/// Block time of every test genesis: 2025-01-01T00:00:00Z. It only has to lie before the first block.
const GENESIS_TIME: Timestamp = Timestamp::new(1_735_689_600_000);

/// The root of a network's keys.
#[derive(Clone)]
pub struct Seed {
    text: String,
    master: [u8; 32],
}

impl Seed {
    /// Takes any text as a seed.
    pub fn new(text: &str) -> Self {
        Self { text: text.into(), master: blake3::derive_key("landsea/testnet-seed/v1", text.as_bytes()) }
    }
    /// The text it was made from.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// A key for a purpose.
    pub fn key(&self, label: &str) -> SecretKey {
        SecretKey::derive(&self.master, label)
    }
    /// 32 bytes for a purpose that is not a key pair.
    pub fn bytes(&self, label: &str) -> [u8; 32] {
        *blake3::keyed_hash(&self.master, label.as_bytes()).as_bytes()
    }
    /// The key of fingerprints that the branches share.
    pub fn fingerprint_key(&self) -> [u8; 32] {
        self.bytes("fingerprint")
    }
    /// A commitment to a text under a salt of this network.
    pub fn commit(&self, text: &str) -> Commit {
        landsea_client::paper::commitment(&self.bytes("commitment salt"), text.as_bytes())
    }
}

/// A measure granted to members beyond, or taken from, those of every test network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Feature number, see [`feature`].
    pub feature: u16,
    /// Code of the member.
    pub member: String,
}

/// What differs from the default genesis.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenesisChanges {
    /// Parameters with other values than the defaults.
    pub parameters: BTreeMap<ParamKey, u64>,
    /// Features granted besides the default ones.
    pub granted: Vec<Grant>,
    /// Features taken from the default ones.
    pub denied: Vec<Grant>,
}

/// The genesis of a test network.
pub fn genesis(seed: &Seed, members: &[MemberInfo], changes: &GenesisChanges) -> Genesis {
    Genesis {
        name: format!("landsea test network ({} members)", members.len()),
        time: GENESIS_TIME,
        suite: SUITE.into(),
        members: members.iter().map(|m| member(seed, m)).collect(),
        parameters: changes.parameters.clone(),
        features: grants(members, changes),
        templates: templates::built_in(),
        travel: Vec::new(),
    }
}

fn member(seed: &Seed, info: &MemberInfo) -> GenesisMember {
    let public = |purpose: &str| seed.key(&format!("{purpose} {}", info.code)).public();
    GenesisMember {
        index: Member::new(info.index),
        code: info.code.clone(),
        name_en: info.name_en.clone(),
        name_zh: info.name_zh.clone(),
        gb2260: info.gb2260,
        operator: info.operator.clone(),
        validator_key: public("validator"),
        network_key: public("network"),
        branch_key: public("branch"),
    }
}

/// NCD titles and four legal bases everywhere, forwarder titles in Hainan.
fn grants(members: &[MemberInfo], changes: &GenesisChanges) -> Vec<FeatureGrant> {
    use LegalBasis::{Agreement, DomesticWhr, MaritimeBl, NcdConvention};
    let bases = [Agreement, NcdConvention, MaritimeBl, DomesticWhr].map(|b| feature::LEGAL_BASIS + b as u16);
    let everywhere: Vec<u16> = std::iter::once(feature::NCD_TITLES).chain(bases).collect();
    let codes: Vec<String> = members.iter().map(|m| m.code.clone()).collect();
    let grant = |feature: u16, member: &str| Grant { feature, member: member.into() };
    let mut all: Vec<Grant> = codes.iter().flat_map(|c| everywhere.iter().map(move |f| grant(*f, c))).collect();
    all.push(grant(feature::FORWARDER_TITLES, "hi"));
    all.extend(changes.granted.iter().cloned());
    all.retain(|g| !changes.denied.contains(g));
    let present = |g: Grant| {
        let code = crate::members::stand_in(&g.member, &codes)?;
        let info = members.iter().find(|m| m.code == code)?;
        Some((g.feature, info.index))
    };
    let mut pairs: Vec<(u16, u8)> = all.into_iter().filter_map(present).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs
        .into_iter()
        .map(|(feature, index)| FeatureGrant { feature, member: Member::new(index), from_height: Height::ZERO })
        .collect()
}

/// The number of a feature by its name in files.
pub fn feature_number(name: &str) -> Option<u16> {
    FEATURES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// The names of features in files.
pub const FEATURES: &[(&str, u16)] = &[
    ("NCD_TITLES", feature::NCD_TITLES),
    ("FORWARDER_TITLES", feature::FORWARDER_TITLES),
    ("CHANGE_OF_MEDIUM", feature::CHANGE_OF_MEDIUM),
    ("AGREEMENT", feature::LEGAL_BASIS + LegalBasis::Agreement as u16),
    ("NCD_CONVENTION", feature::LEGAL_BASIS + LegalBasis::NcdConvention as u16),
    ("MARITIME_BL", feature::LEGAL_BASIS + LegalBasis::MaritimeBl as u16),
    ("DOMESTIC_WHR", feature::LEGAL_BASIS + LegalBasis::DomesticWhr as u16),
    ("STANDARD_WARRANT", feature::LEGAL_BASIS + LegalBasis::StandardWarrant as u16),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::members;

    #[test]
    fn the_same_seed_gives_the_same_chain_and_another_seed_another() {
        let make = |seed: &str, n| genesis(&Seed::new(seed), &members(n), &GenesisChanges::default());
        let first = make("a", 15);
        assert_eq!(first.check(), Ok(()));
        assert_eq!(first.chain_id(), make("a", 15).chain_id());
        assert_ne!(first.chain_id(), make("b", 15).chain_id());
        assert_ne!(first.chain_id(), make("a", 4).chain_id());
    }

    #[test]
    fn any_size_from_four_makes_a_sound_genesis() {
        for n in [4, 5, 7, 15, 16, 20] {
            let made = genesis(&Seed::new("x"), &members(n), &GenesisChanges::default());
            assert_eq!(made.check(), Ok(()), "{n} members");
        }
    }

    #[test]
    fn only_hainan_lets_forwarders_issue_titles_unless_the_grant_is_taken_away() {
        let count = |changes: &GenesisChanges| {
            let made = genesis(&Seed::new("x"), &members(15), changes);
            let titles = made.features.iter().filter(|f| f.feature == feature::FORWARDER_TITLES);
            titles.map(|f| f.member.get()).collect::<Vec<_>>()
        };
        assert_eq!(count(&GenesisChanges::default()), [13]);
        let denied = vec![Grant { feature: feature::FORWARDER_TITLES, member: "hi".into() }];
        assert!(count(&GenesisChanges { denied, ..GenesisChanges::default() }).is_empty());
    }
}
