//! What a step expects: answers, events, arguments, fields.

use super::{Node, Reader};
use crate::scenario::step::{Answer, EventSpec, Expectation};
use crate::scenario::values::{json_map, json_of};
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::role::DocState;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Words that an answer may be, besides codes and the states of documents.
const WORDS: &[&str] = &[
    "DONE",
    "ACCEPTED",
    "ANSWER",
    "NULL",
    "FORBIDDEN",
    "UNAUTHENTICATED",
    "BUSY",
    "TIMEOUT",
    "NO_HEIGHT",
    "UNREACHABLE",
    "BAD_REQUEST",
    "FREE",
    "RESERVED",
    "ENCUMBERED",
    "HELD",
    "DELIVERED",
    "REPLACED",
    "PAPER",
    "UNKNOWN",
    "REGISTERED",
    "UNOCCUPIED",
    "OCCUPIED",
    "NOT_ENCUMBERED",
    "LEVEL",
    "CUSTODY",
    "NO_GOODS",
    "ABSENT",
    "UNCHANGED",
    "CHANGED",
    "RENEWED",
    "STALE",
    "INVALID",
    "SAME",
    "DIFFERENT",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EventInput {
    name: Spanned<String>,
    #[serde(default)]
    members: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    count: Option<usize>,
}

impl Reader<'_> {
    /// Takes everything that begins with `expect` out of the step.
    pub(super) fn expectation(&mut self, table: &mut DeTable<'_>) -> Option<Expectation> {
        let before = self.errors.len();
        let mut answers = self.answers(table.remove("expect"));
        answers.extend(self.answers(table.remove("expect_one_of")));
        let set = self.answers(table.remove("expect_set"));
        let events = self.events(table.remove("expect_events"));
        let args = table.remove("expect_args").map(|node| self.json_list(&node)).unwrap_or_default();
        let fields = table.remove("expect_fields").map(|node| self.fields(&node)).unwrap_or_default();
        (self.errors.len() == before).then_some(Expectation { answers, set, events, args, fields })
    }

    fn answers(&mut self, node: Option<Node<'_>>) -> Vec<Answer> {
        let Some(node) = node else { return Vec::new() };
        match node.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.answer(item)).collect(),
            _ => self.answer(&node).into_iter().collect(),
        }
    }

    fn answer(&mut self, node: &Node<'_>) -> Option<Answer> {
        let read = json_of(node.get_ref()).ok().and_then(|value| Answer::of(&value));
        let is_known = |word: &str| {
            WORDS.contains(&word)
                || DocState::ALL.iter().any(|state| state.to_string() == word)
                || Code::ALL.iter().any(|code| code.name() == word)
        };
        match read {
            Some(Answer::Word { word }) if !is_known(&word) => {
                let there = WORDS.join(", ");
                let problem = format!("unknown answer `{word}`; an outcome code, its name, or one of {there}");
                self.fail(node.span(), problem);
                None
            }
            None => {
                let problem = "expected \"OK\", an outcome code such as 5001, its name, or a verdict such as \"FREE\"";
                self.fail(node.span(), problem);
                None
            }
            answer => answer,
        }
    }

    fn events(&mut self, node: Option<Node<'_>>) -> Vec<EventSpec> {
        let Some(node) = node else { return Vec::new() };
        match node.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| self.event(item)).collect(),
            _ => self.event(&node).into_iter().collect(),
        }
    }

    fn event(&mut self, node: &Node<'_>) -> Option<EventSpec> {
        let mut args = None;
        let input = match node.get_ref() {
            DeValue::String(name) => {
                EventInput { name: Spanned::new(node.span(), name.to_string()), members: None, count: None }
            }
            DeValue::Table(table) => {
                let mut table = table.clone();
                args = table.remove("args").map(|a| self.json_list(&a));
                self.read_table::<EventInput>(table, node.span())?
            }
            _ => {
                self.fail(node.span(), "expected an event's name or { name, members, args, count }");
                return None;
            }
        };
        let name = self.event_name(&input.name)?;
        let members = input
            .members
            .map(|list| list.into_iter().filter(|code| self.check_member(code)).map(Spanned::into_inner).collect());
        Some(EventSpec { name, members, args, count: input.count })
    }

    fn event_name(&mut self, name: &Spanned<String>) -> Option<EventName> {
        let found = EventName::from_name(name.get_ref());
        if found.is_none() {
            let names: Vec<&str> = EventName::ALL.iter().map(|e| e.as_str()).collect();
            self.fail(name.span(), format!("unknown event `{}`; there are {}", name.get_ref(), names.join(", ")));
        }
        found
    }

    fn json_list(&mut self, node: &Node<'_>) -> Vec<Value> {
        match json_of(node.get_ref()) {
            Ok(Value::Array(items)) => items,
            Ok(other) => vec![other],
            Err(problem) => {
                self.fail(node.span(), problem);
                Vec::new()
            }
        }
    }

    fn fields(&mut self, node: &Node<'_>) -> BTreeMap<String, Value> {
        let read = match node.get_ref() {
            DeValue::Table(table) => json_map(table),
            _ => Err("`expect_fields` is a table of path = value".into()),
        };
        match read {
            Ok(map) => map.into_iter().collect(),
            Err(problem) => {
                self.fail(node.span(), problem);
                BTreeMap::new()
            }
        }
    }
}
