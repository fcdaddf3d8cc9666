//! What strangers must not be told of a ledger: who has which part in it, what was committed to, how much there is and for how long.
//!
//! [`explore`] reads a whole ledger as somebody who may see all of it. [`Canaries`] are the ids and numbers of those answers that stand in
//! no public part; each is long enough to stand nowhere by chance, so that an answer in which one is found has let it out.

use crate::openrpc::Requests;
use landsea_client::api::method;
use landsea_types::Transaction;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A method and its parameters.
pub type Question = (String, Value);
/// What was asked, with the results.
pub type Told = Vec<(Question, Value)>;

/// Methods that find the object behind an id of unknown kind, with the parameter that takes it.
const VIEWS: &[(&str, &str)] = &[
    (method::DOCUMENT, "doc"),
    (method::LOT, "lot"),
    (method::PLEDGE, "pledge"),
    (method::PROOF, "proof"),
    (method::OFFER, "offer"),
    (method::HOLD, "hold"),
    (method::PARTY, "party"),
    (method::CELL, "cell"),
    (method::USE_MARK, "evidence"),
];
/// What a hold may stand on: the name in a target, and the kind of id.
const TARGETS: &[(&str, &str)] =
    &[("doc", "DocId"), ("lot", "LotId"), ("pledge", "PledgeId"), ("party", "AccountId"), ("cell", "GoodsKey")];
/// Events in a page, the most that there may be.
const PAGE: usize = 500;
/// Rounds after which every id that leads to others has been followed.
const ROUNDS_MAX: usize = 6;

/// Reads a ledger as one who may see all of it, and teaches its ids to the requests. `ask` gives the result to each question, `None` for
/// an error.
///
/// # Panics
/// When the ledger has more events than one page holds.
pub fn explore(requests: &mut Requests, members: usize, ask: impl Fn(&[Question]) -> Vec<Option<Value>>) -> Told {
    let (mut told, mut asked) = (Told::new(), BTreeSet::new());
    let mut put = |requests: &mut Requests, questions: Vec<Question>| {
        let new: Vec<Question> = questions.into_iter().filter(|(n, p)| asked.insert(format!("{n}{p}"))).collect();
        for (question, answer) in new.iter().zip(ask(&new)) {
            let Some(answer) = answer.filter(|a| !a.is_null()) else { continue };
            requests.learn_result(&question.0, &answer);
            told.push((question.clone(), answer));
        }
        !new.is_empty()
    };
    let question = |name: &str, params: Value| (name.to_owned(), params);
    let mut first = vec![
        question(method::EVENTS, json!({ "from": { "height": 1 }, "limit": PAGE })),
        question(method::ATTEMPTS, json!({})),
        question(method::GENESIS, json!({})),
    ];
    first.extend((1..=members).map(|member| question(method::IN_TRANSIT, json!({ "member": member }))));
    put(requests, first);
    let subjects = requests.ids("Hash").to_vec();
    let about =
        |id: &String| VIEWS.iter().map(|(name, field)| question(name, json!({ *field: id }))).collect::<Vec<_>>();
    put(requests, subjects.iter().flat_map(about).collect());
    let rounds = (0..ROUNDS_MAX).take_while(|_| {
        let mut questions = requests.about_each();
        for (field, kind) in TARGETS {
            let targets = requests.ids(kind).iter().map(|id| json!({ "target": { *field: id } }));
            questions.extend(targets.flat_map(|p| [question(method::HOLDS, p.clone()), question(method::QUEUE, p)]));
        }
        put(requests, questions)
    });
    assert!(rounds.count() < ROUNDS_MAX, "there are ids that were never asked about");
    // What a certificate says beyond its question are public parts and hashes of the tree, which lead nowhere.
    let certificates = certificates(requests);
    let answers = ask(&certificates).into_iter().zip(certificates);
    told.extend(answers.filter_map(|(answer, question)| Some((question, answer?))));
    for (_, answer) in told.iter().filter(|((name, _), _)| name == method::TRANSACTION) {
        let transaction: Transaction =
            serde_json::from_value(answer["body"].clone()).expect("one who sees all sees it");
        let bytes = hex::encode(transaction.encode());
        ["transaction", "transactions"].iter().for_each(|field| requests.learn_as(field, &bytes));
    }
    let events = told.iter().find(|((name, _), _)| name == method::EVENTS).map(|(_, page)| &page["events"]);
    assert!(events.and_then(Value::as_array).is_some_and(|all| (1..PAGE).contains(&all.len())), "one page holds all");
    told
}

/// Every question that a certificate answers about a document or a case.
fn certificates(requests: &Requests) -> Vec<Question> {
    const ABOUT_DOCUMENTS: &[&str] = &["doc_status", "not_pledged", "pledge", "custody"];
    let question = |question: Value| (method::CERTIFICATE.to_owned(), json!({ "question": question }));
    let documents = requests
        .ids("fp1")
        .iter()
        .flat_map(|fp1| ABOUT_DOCUMENTS.iter().map(move |about| question(json!({ "question": about, "fp1": fp1 }))));
    let cases = requests.ids("ProofId").iter();
    documents.chain(cases.map(|id| question(json!({ "question": "proof_level", "proof": id })))).collect()
}

/// Kinds of ids that records hold and no public part does, unless it is named there.
const KINDS: &[&str] = &["AccountId", "Commit", "Fp", "GoodsKey", "PublicKey"];
/// Fields of quantities and terms.
const NUMBERS: &[&str] = &[
    "qty",
    "counted",
    "receipts_sum",
    "away",
    "missing",
    "moved",
    "reg_until",
    "grace_until",
    "mirror_due",
    "expires",
    "storage_until",
];
/// Smaller numbers stand everywhere by chance.
const NUMBER_MIN: u64 = 1_000_000;
/// Answers with a public part. That of a party is its own id, which is public only to whoever has it.
const WITH_PUBLIC_PART: &[&str] = &[
    method::GENESIS,
    method::DOCUMENT,
    method::LOT,
    method::LOTS_BY_DOC,
    method::CELL,
    method::PLEDGE,
    method::OFFER,
    method::PROOF,
    method::PROOFS_BY_DOC,
    method::HOLD,
    method::HOLDS,
    method::QUEUE,
    method::USE_MARK,
    method::ENCUMBRANCE,
    method::RESERVATION,
    method::WHERE,
];
/// The fields of those answers that are for the parties concerned. Of a cell these are also its lots.
const PRIVATE: &[&str] = &["record", "marks", "position"];
/// Events whose subject is a party: that it is there, with its roles and its standing, is public.
const ABOUT_PARTIES: &[&str] = &["PartyOnboarded", "RoleAdded", "LicenceGranted"];
/// Events of which the object that a hold stands on is a public part, as the hold's own leaf is: also where the object is a party, but
/// no party that placed it.
const ABOUT_HOLDS: &[&str] = &["HoldPlaced", "HoldQueued", "HoldEffective", "HoldLifted", "HoldLapsed", "HoldChanged"];

/// What must not be let out.
#[derive(Debug, Default)]
pub struct Canaries {
    /// 64 hex digits, and what they are.
    texts: BTreeMap<String, &'static str>,
    numbers: BTreeSet<u64>,
    /// Parties on which a hold stands.
    held: BTreeSet<String>,
}

impl Canaries {
    /// What the answers to one who may see all say beyond their public parts, but for what they say of a stranger's own account.
    pub fn gather(requests: &Requests, told: &Told, stranger: &str) -> Self {
        let mut public = Self::default();
        for ((name, _), answer) in told {
            let is_own = name == method::PARTY && answer["public"]["id"] == stranger;
            if is_own {
                public.take_all(answer, &[]);
            } else if WITH_PUBLIC_PART.contains(&name.as_str()) {
                public.take_all(answer, if name == method::CELL { &["record", "lots"] } else { PRIVATE });
            }
        }
        let mut canaries = Self::default();
        for kind in KINDS {
            let ids = requests.ids(kind).iter().filter(|id| id.bytes().any(|b| b != b'0'));
            canaries.texts.extend(ids.filter(|id| !public.texts.contains_key(*id)).map(|id| (id.clone(), *kind)));
        }
        told.iter().for_each(|(_, answer)| canaries.take_numbers(answer, false));
        let holds = told.iter().filter(|((name, _), _)| name == method::HOLD).map(|(_, view)| &view["record"]);
        let parties = holds.filter_map(|record| record["placed_on"]["party"].as_str());
        canaries.held.extend(parties.map(str::to_owned));
        canaries.numbers.retain(|n| *n >= NUMBER_MIN && !public.numbers.contains(n));
        canaries
    }

    fn take_all(&mut self, value: &Value, but: &[&str]) {
        match value {
            Value::String(text) if text.len() == 64 => drop(self.texts.insert(text.clone(), "public")),
            Value::Number(number) => self.numbers.extend(number.as_u64()),
            Value::Array(list) => list.iter().for_each(|v| self.take_all(v, but)),
            Value::Object(map) => {
                let shown = map.iter().filter(|(name, _)| !but.contains(&name.as_str()));
                shown.for_each(|(_, v)| self.take_all(v, but));
            }
            _ => {}
        }
    }

    fn take_numbers(&mut self, value: &Value, is_private: bool) {
        match value {
            Value::Number(number) if is_private => self.numbers.extend(number.as_u64()),
            Value::Array(list) => list.iter().for_each(|v| self.take_numbers(v, is_private)),
            Value::Object(map) => map.iter().for_each(|(name, v)| {
                let is_number = NUMBERS.contains(&name.as_str());
                self.take_numbers(v, is_number);
            }),
            _ => {}
        }
    }

    /// How many there are: ids, and numbers.
    pub fn count(&self) -> (usize, usize) {
        (self.texts.len(), self.numbers.len())
    }
    /// Whether an id or a number is one.
    pub fn has(&self, text: &str) -> bool {
        self.texts.contains_key(text) || text.parse().is_ok_and(|number| self.numbers.contains(&number))
    }
    /// What an id or a number is.
    pub fn kind(&self, text: &str) -> &'static str {
        self.texts.get(text).copied().unwrap_or("a number")
    }

    /// Those that stand in an answer, also within longer texts and lists of bytes.
    pub fn found_in(&self, answer: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.look(answer, &mut found);
        found
    }

    fn look(&self, value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::String(text) => self.look_in_text(text, found),
            Value::Number(number) => {
                found.extend(number.as_u64().filter(|n| self.numbers.contains(n)).map(|n| n.to_string()));
            }
            Value::Array(list) => {
                let bytes: Option<Vec<u8>> =
                    list.iter().map(|v| v.as_u64().and_then(|n| u8::try_from(n).ok())).collect();
                bytes.into_iter().for_each(|bytes| self.look_in_text(&hex::encode(bytes), found));
                list.iter().for_each(|v| self.look(v, found));
            }
            Value::Object(map) => {
                let event = map.get("name").and_then(Value::as_str).unwrap_or_default();
                for (name, value) in map {
                    self.look_in_text(name, found);
                    match name.as_str() {
                        "subject" if ABOUT_PARTIES.contains(&event) => {}
                        "related" if ABOUT_HOLDS.contains(&event) => self.look_beside(value, found),
                        _ => self.look(value, found),
                    }
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Looks at what a hold's event names beside the party on which the hold stands.
    fn look_beside(&self, related: &Value, found: &mut BTreeSet<String>) {
        let is_held = |id: &Value| id.as_str().is_some_and(|id| self.held.contains(id));
        related.as_array().into_iter().flatten().filter(|id| !is_held(id)).for_each(|id| self.look(id, found));
    }

    fn look_in_text(&self, text: &str, found: &mut BTreeSet<String>) {
        for run in text.split(|c: char| !c.is_ascii_hexdigit()).filter(|run| run.len() >= 64) {
            let run = run.to_ascii_lowercase();
            let ids = (0..=run.len() - 64).map(|from| &run[from..from + 64]);
            found.extend(ids.filter(|id| self.texts.contains_key(*id)).map(str::to_owned));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canaries() -> Canaries {
        let texts = ["ab", "cd"].map(|id| (id.repeat(32), "AccountId"));
        let held = BTreeSet::from(["cd".repeat(32)]);
        Canaries { texts: BTreeMap::from(texts), numbers: BTreeSet::from([52_332_000]), held }
    }

    #[test]
    fn a_canary_is_found_wherever_it_stands() {
        let id = "ab".repeat(32);
        let places = [
            json!({ "deep": [{ "holder": id }] }),
            json!({ id.clone(): 1 }),
            json!(format!("no such party: {}", id.to_uppercase())),
            json!(format!("00{id}ff")),
            json!([vec![0xab; 40], 7]),
            json!({ "name": "Reserved", "subject": id }),
        ];
        for place in places {
            assert_eq!(canaries().found_in(&place), BTreeSet::from([id.clone()]), "{place}");
        }
        assert_eq!(canaries().found_in(&json!({ "args": [52_332_000_u64] })), BTreeSet::from(["52332000".into()]));
    }

    #[test]
    fn what_is_like_a_canary_the_subject_of_an_onboarding_and_the_object_of_a_hold_are_none() {
        let (id, held) = ("ab".repeat(32), "cd".repeat(32));
        let others = [
            json!("ab".repeat(31)),
            json!([vec![0xab; 31], 52_332]),
            json!({ "name": "PartyOnboarded", "subject": id, "parties": [] }),
            json!({ "name": "HoldPlaced", "subject": "ef".repeat(32), "related": [held] }),
        ];
        others.iter().for_each(|other| assert!(canaries().found_in(other).is_empty(), "{other}"));
        let named = [
            json!({ "name": "PartyOnboarded", "subject": id, "parties": [id] }),
            json!({ "name": "HoldPlaced", "related": [held, id] }),
            json!({ "name": "HoldPlaced", "related": [id], "parties": [] }),
            json!({ "name": "Transferred", "related": [held] }),
        ];
        named.iter().for_each(|named| assert_eq!(canaries().found_in(named).len(), 1, "{named}"));
    }
}
