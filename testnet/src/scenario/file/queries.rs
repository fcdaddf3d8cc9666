//! The questions of query steps and their arguments.

use super::checks::Used;
use super::{Node, Reader};
use crate::scenario::args::Names;
use landsea_client::api::method;
use landsea_types::event::EventName;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The query that subscribes.
pub(crate) const EVENTS: &str = "events";

/// A question with its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    /// The method, or [`EVENTS`].
    pub(crate) name: &'static str,
    /// One of these must be written; none where nothing must.
    pub(crate) one_of: &'static [&'static str],
    /// These may be written.
    pub(crate) others: &'static [&'static str],
}

const fn query(name: &'static str, one_of: &'static [&'static str], others: &'static [&'static str]) -> Query {
    Query { name, one_of, others }
}

const PAGE: &[&str] = &["after", "limit"];

/// What a query step may ask.
pub(crate) const QUERIES: &[Query] = &[
    query(method::TRANSACTION, &["step", "id"], &[]),
    query(method::BLOCK, &["height"], &[]),
    query(method::HEADER, &["height"], &[]),
    query(method::VALIDATORS, &["height"], &[]),
    query(method::PARAMS, &[], &[]),
    query(method::DOCUMENT, &["doc", "paper", "fingerprint"], &[]),
    query(method::DOCUMENTS_BY_HOLDER, &["holder"], PAGE),
    query(method::CHAIN, &["doc"], PAGE),
    query(method::LOT, &["doc", "lot"], &["index"]),
    query(method::GOODS_KEY, &["paper", "key"], &["index"]),
    query(method::PLEDGE, &["pledge"], &[]),
    query(method::PLEDGES_BY_PARTY, &["bank"], PAGE),
    query(method::PARTY, &["party"], &[]),
    query(method::PARTY_BY_FINGERPRINT, &["party", "fingerprint"], &[]),
    query(method::PROOF, &["proof"], &[]),
    query(method::FINGERPRINT_DERIVE, &["document"], &[]),
    query(method::ATTEMPTS, &[], PAGE),
    query(method::EVIDENCE, &[], &[]),
    query(method::STATUS, &[], &[]),
    query(method::CHILDREN, &["doc"], &[]),
    query(method::LOTS_BY_DOC, &["doc"], PAGE),
    query(method::CELL, &["cell"], &[]),
    query(method::ENCUMBRANCE, &["target"], &[]),
    query(method::RESERVATION, &["target"], &[]),
    query(method::HOLD, &["hold"], &[]),
    query(method::HOLDS, &["target"], &[]),
    query(method::QUEUE, &["target"], &[]),
    query(method::OFFER, &["offer"], &[]),
    query(method::USE_MARK, &["evidence"], &[]),
    query(method::TIMELINE, &["doc", "lot"], &["index", "after", "limit"]),
    query(method::WHERE, &["doc", "lot"], &["index", "height"]),
    query(method::IN_TRANSIT, &["member"], PAGE),
    query(method::DELEGATIONS, &["party"], &[]),
    query(method::ESTIMATE_PRIORITY, &[], &[]),
    query(EVENTS, &[], &["from_height", "names", "members", "subjects"]),
];

/// What a hold, pledge or reservation may lie on.
const TARGETS: &[&str] = &["doc", "lot", "pledge", "party", "cell"];

impl Query {
    /// The question of a name.
    pub(crate) fn of(name: &str) -> Option<&'static Query> {
        QUERIES.iter().find(|query| query.name == name)
    }

    fn takes(&self, key: &str) -> bool {
        self.one_of.contains(&key) || self.others.contains(&key)
    }
}

impl Reader<'_> {
    /// Checks the arguments of a question, and notes the names in them that [`super::checks::collect`] does not know.
    pub(super) fn query_arguments(&mut self, query: &Query, args: &Node<'_>, used: &mut Vec<Used>) {
        let DeValue::Table(table) = args.get_ref() else {
            return self.fail(args.span(), "`args` is a table");
        };
        self.keys_of(query, table, args.span());
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "target" => self.target(value, used),
                "names" => self.event_names(value),
                key => note(key, value, used),
            }
        }
    }

    fn keys_of(&mut self, query: &Query, table: &DeTable<'_>, span: Range<usize>) {
        let there = [query.one_of, query.others].concat().join(", ");
        for (key, _) in table.iter().filter(|(key, _)| !query.takes(key.get_ref())) {
            let there = if there.is_empty() { "there are none" } else { &format!("there are {there}") };
            self.fail(key.span(), format!("{}: unknown argument `{}`; {there}", query.name, key.get_ref()));
        }
        let given = query.one_of.iter().filter(|key| table.contains_key(**key)).count();
        if given != usize::from(!query.one_of.is_empty()) {
            let wanted = query.one_of.join("`, `");
            let words = if query.one_of.len() > 1 { "needs exactly one of" } else { "needs the argument" };
            self.fail(span, format!("{}: {words} `{wanted}`", query.name));
        }
    }

    /// A target is a table of one entry.
    fn target(&mut self, value: &Node<'_>, used: &mut Vec<Used>) {
        let entry = match value.get_ref() {
            DeValue::Table(table) if table.len() == 1 => table.iter().next(),
            _ => None,
        };
        match entry.filter(|(key, _)| TARGETS.contains(&key.get_ref().as_ref())) {
            Some((key, inner)) => {
                note(key.get_ref(), inner, used);
                match key.get_ref().as_ref() {
                    "doc" => text_of(inner, |name| push(used, Names::Document, name, inner)),
                    "party" => text_of(inner, |name| push(used, Names::Party, name, inner)),
                    "pledge" => text_of(inner, |name| push(used, Names::Step, name, inner)),
                    _ => {}
                }
            }
            None => self.fail(value.span(), format!("a target is a table of one of {}", TARGETS.join(", "))),
        }
    }

    fn event_names(&mut self, value: &Node<'_>) {
        let DeValue::Array(items) = value.get_ref() else {
            return self.fail(value.span(), "`names` is a list of events");
        };
        for item in items {
            let known = item.get_ref().as_str().is_some_and(|name| EventName::from_name(name).is_some());
            if !known {
                let there: Vec<&str> = EventName::ALL.iter().map(|name| name.as_str()).collect();
                self.fail(item.span(), format!("unknown event; there are {}", there.join(", ")));
            }
        }
    }
}

/// Notes what a field of a query names, where the field means something else than in operations.
fn note(key: &str, value: &Node<'_>, used: &mut Vec<Used>) {
    match (key, value.get_ref()) {
        ("members", DeValue::Array(items)) => {
            items.iter().for_each(|item| text_of(item, |name| push(used, Names::Node, name, item)));
        }
        ("member", _) => text_of(value, |name| push(used, Names::Node, name, value)),
        ("evidence", _) => text_of(value, |name| push(used, Names::Document, name, value)),
        ("lot", _) => text_of(value, |name| {
            let doc = name.rsplit_once('.').filter(|(_, place)| place.parse::<usize>().is_ok());
            push(used, Names::Document, doc.map_or(name, |(doc, _)| doc), value);
        }),
        ("cell", _) => text_of(value, |name| {
            if let Some((keeper, _)) = name.split_once('/') {
                push(used, Names::Party, keeper, value);
            }
        }),
        ("height", _) => text_of(value, |name| {
            if name != "latest" {
                push(used, Names::Step, name, value);
            }
        }),
        _ => {}
    }
}

/// Does something with a text that is no reference.
fn text_of(value: &Node<'_>, then: impl FnOnce(&str)) {
    if let Some(text) = value.get_ref().as_str().filter(|text| !text.starts_with('@')) {
        then(text);
    }
}

fn push(used: &mut Vec<Used>, names: Names, name: &str, at: &Spanned<DeValue<'_>>) {
    used.push(Used { names, name: name.to_owned(), span: at.span() });
}
