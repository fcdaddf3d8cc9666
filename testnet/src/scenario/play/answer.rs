//! What came of a step, and whether it is what was expected.

use super::trouble::Trouble;
use super::world::{World, at_path};
use crate::scenario::step::{Answer, EventSpec, Expectation};
use landsea_client::api::TransactionView;
use landsea_client::rpc::RpcError;
use landsea_types::event::{Event, EventName};
use landsea_types::{Code, Height, Member};
use serde_json::{Value, json};
use std::time::Duration;

/// What came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Got {
    /// A code's name and number, a verdict, or another word.
    pub(crate) word: String,
    /// The code, when the ledger gave one.
    pub(crate) code: Option<Code>,
    pub(crate) height: Option<Height>,
    pub(crate) args: Vec<u64>,
    pub(crate) events: Vec<Event>,
    pub(crate) json: Value,
    /// More about it, for people.
    pub(crate) detail: Option<String>,
    /// Whether the network was to blame.
    pub(crate) is_trouble: bool,
    /// From sending the transaction to its answer, as the client sees it.
    pub(crate) took: Option<Duration>,
}

impl Got {
    /// A word and the whole answer.
    pub(crate) fn word(word: impl Into<String>, json: Value) -> Self {
        Self { word: word.into(), json, ..Self::default() }
    }

    /// A committed transaction.
    pub(crate) fn of_view(view: &TransactionView) -> Self {
        let mut json = serde_json::to_value(view).expect("a view has only string keys");
        if let Some(map) = json.as_object_mut() {
            map.remove("body");
            map.extend(created(&view.events));
        }
        Self {
            word: view.code.to_string(),
            code: Some(view.code),
            height: Some(view.height),
            args: view.args.clone(),
            events: view.events.clone(),
            json,
            ..Self::default()
        }
    }

    /// Why nothing else came.
    pub(crate) fn of_trouble(trouble: &Trouble) -> Self {
        let (word, code) = match trouble {
            Trouble::Rpc(RpcError::Refused { code, .. }) => (code.to_string(), Some(*code)),
            Trouble::Rpc(RpcError::Unauthenticated { .. }) => ("UNAUTHENTICATED".into(), None),
            Trouble::Rpc(RpcError::Forbidden { .. }) => ("FORBIDDEN".into(), None),
            Trouble::Rpc(RpcError::Busy { .. }) => ("BUSY".into(), None),
            Trouble::Rpc(RpcError::QuotaExceeded { .. }) => ("QUOTA_EXCEEDED".into(), None),
            Trouble::Rpc(RpcError::WaitTimeout { .. }) => ("TIMEOUT".into(), None),
            Trouble::Rpc(RpcError::Height { .. }) => ("NO_HEIGHT".into(), None),
            Trouble::Rpc(RpcError::Unconfirmed { .. }) => ("UNCONFIRMED".into(), None),
            Trouble::Rpc(RpcError::Transport { .. } | RpcError::Tls { .. }) => ("UNREACHABLE".into(), None),
            Trouble::Rpc(RpcError::OtherAnswer { .. } | RpcError::OtherMember { .. }) => ("UNTRUE".into(), None),
            Trouble::Rpc(RpcError::Protocol { .. }) => ("BAD_REQUEST".into(), None),
            Trouble::Paper(_) | Trouble::Cannot(_) => ("NOT PREPARED".into(), None),
        };
        let detail = Some(trouble.to_string());
        Self { word, code, detail, is_trouble: trouble.is_network(), ..Self::default() }
    }

    fn matches(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Code { code } => self.code == Some(*code),
            Answer::Word { word } => self.word == *word || self.code.is_some_and(|code| code.name() == word),
        }
    }

    /// Whether it is good when the file says nothing.
    fn is_good(&self) -> bool {
        match self.code {
            Some(code) => code == Code::Ok,
            None => !matches!(
                self.word.as_str(),
                "UNAUTHENTICATED"
                    | "FORBIDDEN"
                    | "BUSY"
                    | "TIMEOUT"
                    | "NO_HEIGHT"
                    | "UNREACHABLE"
                    | "BAD_REQUEST"
                    | "NOT PREPARED"
                    | "INVALID"
                    | "DIFFERENT"
                    | "NULL"
            ),
        }
    }
}

/// The ids of what a transaction created.
fn created(events: &[Event]) -> serde_json::Map<String, Value> {
    let subject = |names: &[EventName]| events.iter().find(|e| names.contains(&e.name)).map(|e| json!(e.subject));
    let lots: Vec<Value> =
        events.iter().filter(|e| e.name == EventName::LotCreated).map(|e| json!(e.subject)).collect();
    let amended =
        events.iter().find(|e| e.name == EventName::Amended).and_then(|e| e.related.first()).map(|h| json!(h));
    let found = [
        ("doc", subject(&[EventName::DocIssued, EventName::DocAnchored]).or(amended)),
        ("pledge", subject(&[EventName::PledgeActive])),
        ("proof", subject(&[EventName::ProofOpened])),
        ("party", subject(&[EventName::PartyOnboarded])),
        ("hold", subject(&[EventName::HoldPlaced])),
        ("offer", subject(&[EventName::OfferMade])),
        ("event", subject(&[EventName::FlowEvent])),
        ("lots", (!lots.is_empty()).then_some(Value::Array(lots))),
    ];
    found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

impl Expectation {
    /// The expectation in words: its own answers, those of its group, or the usual one.
    pub(crate) fn in_words(&self, set: &[Answer], usual: &str) -> String {
        let list = |answers: &[Answer]| answers.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut words = match self.answers.is_empty() {
            true if set.is_empty() => usual.to_owned(),
            true => format!("one of {{{}}}", list(set).join(", ")),
            false => list(&self.answers).join(" or "),
        };
        if !self.events.is_empty() {
            let names: Vec<&str> = self.events.iter().map(|e| e.name.as_str()).collect();
            words += &format!(" [{}]", names.join(" "));
        }
        words
    }
}

/// Everything in which an answer differs from what was expected. `set` is that of the whole group.
pub(crate) fn problems(world: &World, expect: &Expectation, set: &[Answer], got: &Got) -> Vec<String> {
    let mut all = Vec::new();
    let fits = match (&expect.answers[..], set) {
        ([], []) => got.is_good(),
        ([], set) => set.iter().any(|a| got.matches(a)),
        (answers, _) => answers.iter().any(|a| got.matches(a)),
    };
    if !fits {
        all.push(got.detail.clone().unwrap_or_else(|| format!("came {}", got.word)));
    }
    all.extend(expect.events.iter().filter_map(|e| event_problem(world, e, &got.events)));
    all.extend(args_problem(world, &expect.args, &got.args));
    for (path, wanted) in &expect.fields {
        all.extend(field_problem(world, path, wanted, &got.json));
    }
    all
}

/// The answers of a group must be those of the set, in any order.
pub(crate) fn set_problem(set: &[Answer], gots: &[&Got]) -> Option<String> {
    let mut left: Vec<&Got> = gots.to_vec();
    for answer in set {
        let place = left.iter().position(|got| got.matches(answer));
        match place {
            Some(place) => drop(left.remove(place)),
            None => return Some(format!("nobody got {answer}")),
        }
    }
    (!left.is_empty()).then(|| format!("{} more than expected", left[0].word))
}

fn event_problem(world: &World, wanted: &EventSpec, events: &[Event]) -> Option<String> {
    let fits = |event: &&Event| {
        event.name == wanted.name
            && wanted.members.as_ref().is_none_or(|codes| has_members(world, codes, &event.members))
            && wanted.args.as_ref().is_none_or(|args| args_problem(world, args, &event.args).is_none())
    };
    let found = events.iter().filter(fits).count();
    let enough = wanted.count.map_or(found > 0, |count| found == count);
    (!enough).then(|| {
        let named: Vec<String> = events.iter().filter(|e| e.name == wanted.name).map(describe).collect();
        let there = if named.is_empty() { "there is none".into() } else { format!("there is {}", named.join(", ")) };
        let count = wanted.count.map(|c| format!("{c} times ")).unwrap_or_default();
        let members = wanted.members.as_ref().map(|m| format!(" to {}", m.join(" "))).unwrap_or_default();
        format!("expected {count}event {}{members}; {there}", wanted.name.as_str())
    })
}

fn describe(event: &Event) -> String {
    let members: Vec<String> = event.members.iter().map(ToString::to_string).collect();
    format!("{} args {:?} to members [{}]", event.name.as_str(), event.args, members.join(" "))
}

/// The members notified, in any order; in a small network several codes may be one member.
fn has_members(world: &World, codes: &[String], members: &[Member]) -> bool {
    let mut wanted: Vec<u8> = codes.iter().filter_map(|c| world.node(c).ok()).map(|n| n.member).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut there: Vec<u8> = members.iter().map(|m| m.get()).collect();
    there.sort_unstable();
    there.dedup();
    wanted == there
}

fn args_problem(world: &World, wanted: &[Value], args: &[u64]) -> Option<String> {
    for (position, value) in wanted.iter().enumerate() {
        let value = match world.resolve(value) {
            Ok(value) => value,
            Err(trouble) => return Some(trouble.to_string()),
        };
        let there = args.get(position).map_or(Value::Null, |n| json!(n));
        if there != value {
            return Some(format!("argument {position} is {there}, expected {value}"));
        }
    }
    None
}

fn field_problem(world: &World, path: &str, wanted: &Value, json: &Value) -> Option<String> {
    let wanted = match world.resolve(wanted) {
        Ok(value) => value,
        Err(trouble) => return Some(trouble.to_string()),
    };
    let there = at_path(json, path);
    let shown = there.clone().map_or("absent".to_owned(), |v| v.to_string());
    let fits = match (&there, wanted.as_object()) {
        (there, Some(conditions)) if is_conditions(conditions) => holds(there.as_ref(), conditions),
        (Some(there), _) => *there == wanted,
        (None, _) => false,
    };
    (!fits).then(|| format!("{path} is {shown}, expected {wanted}"))
}

const CONDITIONS: &[&str] = &["min", "max", "not", "one_of", "absent"];

fn is_conditions(map: &serde_json::Map<String, Value>) -> bool {
    !map.is_empty() && map.keys().all(|key| CONDITIONS.contains(&key.as_str()))
}

/// `min`, `max`, `not`, `one_of`, `absent`: all that are given must hold.
fn holds(there: Option<&Value>, conditions: &serde_json::Map<String, Value>) -> bool {
    let is_absent = there.is_none_or(Value::is_null);
    if let Some(absent) = conditions.get("absent") {
        return absent.as_bool() == Some(is_absent);
    }
    let Some(there) = there else { return false };
    let number = |v: &Value| v.as_i64();
    conditions.iter().all(|(name, limit)| match name.as_str() {
        "min" => number(there).zip(number(limit)).is_some_and(|(a, b)| a >= b),
        "max" => number(there).zip(number(limit)).is_some_and(|(a, b)| a <= b),
        "not" => there != limit,
        _ => limit.as_array().is_some_and(|all| all.contains(there)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn got(code: Code) -> Got {
        Got { word: code.to_string(), code: Some(code), ..Got::default() }
    }

    #[test]
    fn the_answers_of_a_group_may_come_in_any_order_but_all_must_come() {
        let set = [Answer::Code { code: Code::Ok }, Answer::Code { code: Code::AlreadyPledged }];
        let (ok, refused) = (got(Code::Ok), got(Code::AlreadyPledged));
        assert_eq!(set_problem(&set, &[&refused, &ok]), None);
        assert!(set_problem(&set, &[&ok, &ok]).is_some());
        assert!(set_problem(&set, &[&ok, &refused, &refused]).is_some());
    }

    #[test]
    fn a_verdict_and_a_code_of_one_name_are_both_met() {
        let held = Answer::of(&json!("HELD")).expect("a word");
        assert!(Got::word("HELD", Value::Null).matches(&held));
        assert!(got(Code::Held).matches(&held));
    }

    #[test]
    fn conditions_compare_numbers_and_absence() {
        let check = |there: Value, conditions: Value| holds(Some(&there), conditions.as_object().expect("an object"));
        assert!(check(json!(3), json!({"min": 3, "max": 3})) && !check(json!(2), json!({"min": 3})));
        assert!(check(json!("a"), json!({"one_of": ["a", "b"]})) && !check(json!("a"), json!({"not": "a"})));
        assert!(holds(None, json!({"absent": true}).as_object().expect("an object")));
    }
}
