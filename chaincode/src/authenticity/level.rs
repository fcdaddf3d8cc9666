//! What the attestations of a case amount to: a pure function of template, case, document and time.
//!
//! Tags are compared, never values. An attestation counts while it is confirmed, not expired and independent; attesters of
//! one group are one source. Levels: 1 the applicant's claim, 2 a document confirmed by its issuer, 3 the quorum of the
//! template with every required field stated alike by two sources. The order of dates need not be stated: it only contradicts.
//! Level 4 adds that the goods have been seen (`physical`).

use landsea_types::record::{Attestation, Doc, FieldMatch, FieldRule, Proof, QuorumRule, Template};
use landsea_types::role::Roles;
use landsea_types::{AccountId, Commit, Fp, Hash, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The applicant's own claim.
pub(super) const LEVEL_CLAIM: u8 = 1;
/// A document of the case is confirmed by its issuer.
const LEVEL_ISSUER: u8 = 2;
/// Cross-matched by the quorum of the template.
pub(super) const LEVEL_MATCHED: u8 = 3;
/// Matched, and the goods have been seen.
pub(super) const LEVEL_SEEN: u8 = 4;

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
    let mut all_matched = true;
    for rule in template.fields.iter().filter(|r| r.required) {
        match compare(rule, &counted) {
            FieldAnswer::Matched => {}
            FieldAnswer::Undecided => all_matched &= matches!(rule.matching, FieldMatch::Order { .. }),
            FieldAnswer::Mismatch { attesters } => {
                let contradiction = Contradiction { field: rule.field, attesters };
                return Assessment { level: 0, contradiction: Some(contradiction) };
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

/// What one attester states about a field.
type Statement<'a> = (&'a Attestation, &'a [Hash]);

/// Compares every two statements of different attesters: one who contradicts itself is not two sources.
fn compare(rule: &FieldRule, counted: &[&Attestation]) -> FieldAnswer {
    let stated: Vec<Statement<'_>> = counted
        .iter()
        .filter(|a| rule.sources.contains(&a.doc_kind))
        .filter_map(|a| tags(a, rule.field).map(|tags| (*a, tags)))
        .collect();
    let mut answer = FieldAnswer::Undecided;
    for (a, b) in pairs(&stated).filter(|(a, b)| a.0.attester != b.0.attester && is_comparable(rule, a, b)) {
        if !agree(rule, a, b) {
            return FieldAnswer::Mismatch { attesters: stated.iter().map(|(a, _)| a.attester).collect() };
        }
        if source(a.0) != source(b.0) {
            answer = FieldAnswer::Matched;
        }
    }
    answer
}

fn pairs<'s, 'a>(stated: &'s [Statement<'a>]) -> impl Iterator<Item = (&'s Statement<'a>, &'s Statement<'a>)> {
    let behind = |n: usize| stated.iter().skip(n.saturating_add(1));
    stated.iter().enumerate().flat_map(move |(n, a)| behind(n).map(move |b| (a, b)))
}

/// The dates of two papers compare only if one of them is to be the earlier one.
fn is_comparable(rule: &FieldRule, a: &Statement<'_>, b: &Statement<'_>) -> bool {
    let one_is_earlier = rule.is_earlier(a.0.doc_kind) != rule.is_earlier(b.0.doc_kind);
    one_is_earlier || !matches!(rule.matching, FieldMatch::Order { .. })
}

fn agree(rule: &FieldRule, a: &Statement<'_>, b: &Statement<'_>) -> bool {
    let contains = |all: &[Hash], some: &[Hash]| some.iter().all(|tag| all.binary_search(tag).is_ok());
    match rule.matching {
        FieldMatch::Eq | FieldMatch::SetEq => a.1 == b.1,
        FieldMatch::Subset => contains(a.1, b.1) || contains(b.1, a.1),
        FieldMatch::Bucket { .. } => a.1.iter().any(|tag| b.1.binary_search(tag).is_ok()),
        FieldMatch::Order { .. } if rule.is_earlier(a.0.doc_kind) => contains(a.1, b.1),
        FieldMatch::Order { .. } => contains(b.1, a.1),
    }
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
