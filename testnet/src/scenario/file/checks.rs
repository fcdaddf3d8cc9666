//! Checks across the file: names that are used must be there.

use super::{Reader, Scenario, is_member};
use crate::scenario::args::{FIELDS, Names};
use crate::scenario::step::Step;
use crate::scenario::values::is_hex_id;
use landsea_client::Paper;
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody};
use landsea_types::{AccountId, ChainId, Fp, GoodsKey, Hash, Member, SecretKey, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::Spanned;
use toml::de::DeValue;

/// A name used in a step.
#[derive(Clone, Debug)]
pub(super) struct Used {
    pub(super) names: Names,
    pub(super) name: String,
    pub(super) span: Range<usize>,
}

/// A step with the names it uses.
pub(super) struct ReadStep {
    pub(super) step: Step,
    pub(super) id_span: Range<usize>,
    pub(super) used: Vec<Used>,
}

/// Heads of references that name no step.
const SPECIAL: &[&str] = &["quorum", "validators", "seen_height", "member", "party"];

/// Collects the references (`@6.height`) anywhere in a value.
pub(super) fn collect_references(value: &Spanned<DeValue<'_>>, used: &mut Vec<Used>) {
    match value.get_ref() {
        DeValue::Table(table) => table.values().for_each(|inner| collect_references(inner, used)),
        DeValue::Array(items) => items.iter().for_each(|item| collect_references(item, used)),
        DeValue::String(text) => {
            if let Some(reference) = text.strip_prefix('@') {
                let (head, rest) = reference.split_once('.').unwrap_or((reference, ""));
                let (names, name) = match head {
                    "member" => (Names::Node, rest),
                    "party" => (Names::Party, rest),
                    _ => (Names::Step, head),
                };
                used.push(Used { names, name: name.to_owned(), span: value.span() });
            }
        }
        _ => {}
    }
}

/// Collects the names used in arguments, see [`FIELDS`].
pub(super) fn collect(value: &Spanned<DeValue<'_>>, used: &mut Vec<Used>) {
    if let DeValue::Table(table) = value.get_ref() {
        for (key, inner) in table {
            collect_field(key.get_ref(), inner, used);
        }
    }
}

fn collect_field(key: &str, value: &Spanned<DeValue<'_>>, used: &mut Vec<Used>) {
    match key {
        "leg" | "legs" => collect_legs(value, used),
        "ticket" | "version" | "receipt" => collect(value, used),
        _ => {
            if let Some((_, names)) = FIELDS.iter().find(|(field, _)| *field == key) {
                note(*names, value, used);
            }
        }
    }
}

fn note(names: Names, value: &Spanned<DeValue<'_>>, used: &mut Vec<Used>) {
    match value.get_ref() {
        // References are collected by themselves.
        DeValue::String(name) if name.starts_with('@') => {}
        DeValue::String(name) => used.push(Used { names, name: name.to_string(), span: value.span() }),
        DeValue::Array(items) => items.iter().for_each(|item| note(names, item, used)),
        _ => {}
    }
}

/// In a leg only the carrier is a party; `from` and `to` are places.
fn collect_legs(value: &Spanned<DeValue<'_>>, used: &mut Vec<Used>) {
    match value.get_ref() {
        DeValue::Array(items) => items.iter().for_each(|item| collect_legs(item, used)),
        DeValue::Table(table) => {
            if let Some(carrier) = table.get("carrier") {
                note(Names::Party, carrier, used);
            }
        }
        _ => {}
    }
}

impl Reader<'_> {
    /// Checks every name against what the file declares and puts the scenario together.
    pub(super) fn complete(&mut self, mut scenario: Scenario, steps: Vec<ReadStep>) -> Option<Scenario> {
        let mut known = BTreeSet::new();
        for read in &steps {
            let is_new = known.insert(read.step.id.clone());
            if !is_new {
                self.fail(read.id_span.clone(), format!("the id `{}` stands twice", read.step.id));
            }
            for used in &read.used {
                self.check_used(used, &scenario, &known);
            }
            known.extend(read.step.save.clone());
        }
        self.check_neighbours(&steps, |s| s.together.as_ref(), "together");
        self.check_neighbours(&steps, |s| s.block.as_ref(), "block");
        if steps.is_empty() && self.errors.is_empty() {
            self.fail(0..0, "a scenario needs at least one [[step]]");
        }
        scenario.steps = steps.into_iter().map(|s| s.step).collect();
        Some(scenario)
    }

    fn check_used(&mut self, used: &Used, scenario: &Scenario, known: &BTreeSet<String>) {
        let name = used.name.as_str();
        let is_id = is_hex_id(name) || (used.names == Names::Step && SPECIAL.contains(&name));
        let (fits, what, there) = match used.names {
            Names::Document => (is_id || scenario.documents.contains_key(name), "document", keys(&scenario.documents)),
            Names::Party => {
                let fits = is_id || scenario.cast.contains_key(name) || is_member(name);
                (fits, "party", keys(&scenario.cast) + " and the branches' codes")
            }
            Names::Step => {
                let there = known.iter().cloned().collect::<Vec<_>>().join(", ");
                (is_id || known.contains(name), "earlier step", there)
            }
            Names::Node => (name.starts_with('*') || is_member(name), "node", "the members' codes".into()),
        };
        if !fits {
            let there = if there.is_empty() { "there is none".to_owned() } else { format!("there are {there}") };
            self.fail(used.span.clone(), format!("no {what} `{name}`; {there}"));
        }
    }

    /// A label that appears again after other steps would be a second group of the same name.
    fn check_neighbours(&mut self, steps: &[ReadStep], label: fn(&Step) -> Option<&String>, word: &str) {
        let mut closed: BTreeSet<&String> = BTreeSet::new();
        let mut open: Option<&String> = None;
        for read in steps {
            let here = label(&read.step);
            if here != open {
                closed.extend(open);
                open = here;
            }
            if let Some(name) = here.filter(|l| closed.contains(l)) {
                self.fail(read.id_span.clone(), format!("the steps of {word} = \"{name}\" must follow each other"));
            }
        }
    }
}

fn keys<T>(map: &BTreeMap<String, T>) -> String {
    map.keys().cloned().collect::<Vec<_>>().join(", ")
}

/// A ticket that pairs with a paper's goods keys, for checking lots before there is a branch to ask.
pub(super) fn sample_ticket(paper: &Paper) -> DeriveTicket {
    let request = paper.derive_request();
    let class = |c: char| u8::try_from(c).expect("classes are ASCII letters");
    let keys =
        |list: &[(char, Hash)]| list.iter().map(|(c, h)| ClassedKey { class: class(*c), key: GoodsKey(h.0) }).collect();
    let body = DeriveTicketBody {
        chain_id: ChainId([0; 32]),
        member: Member::new(1),
        applicant: AccountId([0; 32]),
        kind: request.kind,
        rules: request.rules,
        fp1: Fp(request.fp1.0),
        fp2: Fp(request.fp2.0),
        near: request.near.map(|h| Fp(h.0)),
        goods_keys: keys(&request.goods_keys),
        arrival_keys: keys(&request.arrival_keys),
        epoch: 0,
        not_after: Timestamp::ZERO,
    };
    DeriveTicket::new(body, &SecretKey::from_seed([0; 32]))
}
