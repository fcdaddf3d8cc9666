//! What the attestations of a case amount to: a pure function of template, case, document and time.
//!
//! Tags are compared, never values. An attestation counts while it is confirmed, not expired and independent; attesters of
//! one group are one source. Levels: 1 the applicant's claim, 2 a document confirmed by its issuer, 3 the quorum of the
//! template with every required field stated alike by two sources. Level 4 needs flow events and joins with them.

use landsea_types::record::{Attestation, Doc, FieldRule, Proof, QuorumRule, Template};
use landsea_types::role::Roles;
use landsea_types::{AccountId, Commit, Fp, Hash, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The applicant's own claim.
pub(super) const LEVEL_CLAIM: u8 = 1;
/// A document of the case is confirmed by its issuer.
const LEVEL_ISSUER: u8 = 2;
/// Cross-matched by the quorum of the template.
const LEVEL_MATCHED: u8 = 3;

/// Accounts and groups whose attestations never count: the applicant, the firm, the financing bank, the pledgee.
#[derive(Clone, Debug, Default)]
pub(super) struct Barred {
    accounts: BTreeSet<AccountId>,
    groups: BTreeSet<Commit>,
}

impl Barred {
    /// Bars an account and its group; no group equals nothing.
    pub(super) fn bar(&mut self, account: AccountId, group: Option<Commit>) {
        self.accounts.insert(account);
        self.groups.extend(group);
    }
    /// Whether the account is barred, itself or by its group.
    pub(super) fn covers(&self, account: &AccountId, group: Option<&Commit>) -> bool {
        self.accounts.contains(account) || group.is_some_and(|g| self.groups.contains(g))
    }
}

/// Two sources state a required field differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Contradiction {
    pub(super) field: u16,
    /// Everybody who stated the field.
    pub(super) attesters: Vec<AccountId>,
}

/// What a case amounts to at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Assessment {
    pub(super) level: u8,
    pub(super) contradiction: Option<Contradiction>,
}

/// One independent source: a group, or a party that belongs to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Group(Commit),
    Alone(AccountId),
}

/// How the sources of a field compare.
enum FieldAnswer {
    /// One source or none: neither match nor mismatch.
    Undecided,
    Matched,
    Mismatch {
        attesters: Vec<AccountId>,
    },
}

/// Assesses a case at a time.
pub(super) fn assess(template: &Template, proof: &Proof, doc: &Doc, barred: &Barred, now: Timestamp) -> Assessment {
    let counted = counted(proof, barred, now);
    let answers: Vec<(u16, FieldAnswer)> =
        template.fields.iter().filter(|r| r.required).map(|rule| (rule.field, compare(rule, &counted))).collect();
    let mut all_matched = true;
    for (field, answer) in answers {
        match answer {
            FieldAnswer::Matched => {}
            FieldAnswer::Undecided => all_matched = false,
            FieldAnswer::Mismatch { attesters } => {
                return Assessment { level: 0, contradiction: Some(Contradiction { field, attesters }) };
            }
        }
    }
    let level = if all_matched && quorum_holds(&template.quorum, &sources(&counted)) {
        LEVEL_MATCHED
    } else if counted.iter().any(|a| is_issuers_word(a, doc)) {
        LEVEL_ISSUER
    } else {
        LEVEL_CLAIM
    };
    Assessment { level, contradiction: None }
}

fn counted<'p>(proof: &'p Proof, barred: &Barred, now: Timestamp) -> Vec<&'p Attestation> {
    let counts = |a: &&Attestation| a.is_confirmed(now) && !barred.covers(&a.attester, a.group.as_ref());
    proof.attestations.iter().filter(counts).collect()
}

fn source(attestation: &Attestation) -> Source {
    attestation.group.map_or(Source::Alone(attestation.attester), Source::Group)
}

/// The independent sources with the roles they attested in.
fn sources(counted: &[&Attestation]) -> Vec<Roles> {
    let mut by_source: BTreeMap<Source, Roles> = BTreeMap::new();
    for attestation in counted {
        let roles = by_source.entry(source(attestation)).or_default();
        *roles = Roles(roles.0 | attestation.roles.0);
    }
    by_source.into_values().collect()
}

/// Whether the issuer of the document, or the carrier of an adopted leg note, confirms its own paper.
fn is_issuers_word(attestation: &Attestation, doc: &Doc) -> bool {
    let of_doc = attestation.attester == doc.issuer && attestation.doc_fp == doc.fp1;
    let adopted = |fp: &Fp| *fp != Fp::default() && *fp == attestation.doc_fp;
    of_doc || doc.legs.iter().any(|leg| leg.carrier == attestation.attester && adopted(&leg.note_fp))
}

/// EQ and SET_EQ both compare the sorted tags: EQ has one, SET_EQ one per element.
fn compare(rule: &FieldRule, counted: &[&Attestation]) -> FieldAnswer {
    let stated: Vec<(&Attestation, &[Hash])> = counted
        .iter()
        .filter(|a| rule.sources.contains(&a.doc_kind))
        .filter_map(|a| tags(a, rule.field).map(|tags| (*a, tags)))
        .collect();
    let distinct: BTreeSet<&[Hash]> = stated.iter().map(|(_, tags)| *tags).collect();
    let independent: BTreeSet<Source> = stated.iter().map(|(a, _)| source(a)).collect();
    match (distinct.len(), independent.len()) {
        (0, _) | (1, 0 | 1) => FieldAnswer::Undecided,
        (1, _) => FieldAnswer::Matched,
        _ if is_one_source(&stated) => FieldAnswer::Undecided,
        _ => FieldAnswer::Mismatch { attesters: stated.iter().map(|(a, _)| a.attester).collect() },
    }
}

/// Whether all statements come from one attester, whose own papers disagree: that is not two sources.
fn is_one_source(stated: &[(&Attestation, &[Hash])]) -> bool {
    stated.iter().map(|(a, _)| a.attester).collect::<BTreeSet<_>>().len() < 2
}

fn tags(attestation: &Attestation, field: u16) -> Option<&[Hash]> {
    let found = attestation.fields.iter().find(|f| f.field == field)?;
    (!found.tags.is_empty()).then_some(found.tags.as_slice())
}

/// Whether every seat of the quorum can be given to a different source: one source never fills two seats.
fn quorum_holds(rules: &[QuorumRule], sources: &[Roles]) -> bool {
    let seats: Vec<&QuorumRule> =
        rules.iter().flat_map(|rule| std::iter::repeat_n(rule, usize::from(rule.min))).collect();
    if seats.len() > sources.len() {
        return false;
    }
    let mut taken = BTreeMap::new();
    (0..seats.len()).all(|seat| give_seat(seat, &seats, sources, &mut taken, &mut BTreeSet::new()))
}

/// Gives a seat to a source, moving those who sit elsewhere if that helps; `taken` maps sources to their seats.
fn give_seat(
    seat: usize,
    seats: &[&QuorumRule],
    sources: &[Roles],
    taken: &mut BTreeMap<usize, usize>,
    tried: &mut BTreeSet<usize>,
) -> bool {
    let Some(rule) = seats.get(seat) else { return false };
    for (index, roles) in sources.iter().enumerate() {
        if !roles.has_any(&rule.any_of) || !tried.insert(index) {
            continue;
        }
        let is_free = match taken.get(&index).copied() {
            None => true,
            Some(other) => give_seat(other, seats, sources, taken, tried),
        };
        if is_free {
            taken.insert(index, seat);
            return true;
        }
    }
    false
}
