//! The RPC interface of real nodes: requests drawn from its description, bytes sent twice, events across restarts.

use landsea_client::api::{EventCursor, EventFilter, EventNotice, EventsRequest, method};
use landsea_client::keys::Identity;
use landsea_client::rpc::RpcClient;
use landsea_tests::canaries::{Canaries, Question, Told, explore};
use landsea_tests::openrpc::Requests;
use landsea_tests::processes::Processes;
use landsea_tests::secrets;
use landsea_types::{Code, Height};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::str::FromStr;
use std::time::Duration;

const QUICK: u64 = 250;
/// Requests that the short run draws; the variable RPC_FUZZ_REQUESTS asks for more, RPC_FUZZ_SEED for others.
const REQUESTS: usize = 800;
const SEED: u64 = 20_260_601;
/// Methods of which the run must have seen a result, or it has tested little.
const ANSWERED_MIN: usize = 30;
/// Requests whose answer to the branch holds what the strangers, answered too, were not told.
const WITHHELD_MIN: u64 = 100;
/// Calls in a batch, the most that a node takes.
const BATCH: usize = 64;
/// Requests of each asker that one token serves; it is good for ten minutes.
const TOKEN_SERVES: usize = 1_000;
/// A ledger at whose end there are documents, live pledges, holds, cargo and cases.
const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/leaks.toml");
/// Who has a part in that ledger that no stranger may learn.
const HIDDEN: &[(&str, &str)] = &[
    ("B3", "the pledgee"),
    ("B1", "the pledgee before, financing bank of a case"),
    ("B2", "the bank that reserved and tried a second pledge"),
    ("B4", "the bank that realised, disputes and offers"),
    ("E1", "pledgor, holder and applicant"),
    ("E2", "the nominee"),
    ("SUP", "the supervisor"),
    ("SW", "an attester"),
    ("TAXG", "another attester"),
];
/// What the pledgor of the live pledge must have been told of it.
const TOLD_TO_THE_FIRM: &[&str] = &["B3", "B1", "SUP", "SW", "TAXG"];

fn from_environment<T: FromStr<Err: Display>>(name: &str, default: T) -> T {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap_or_else(|e| panic!("{name}: {e}")))
}

/// Sends a request and returns the HTTP status and the body.
fn http(to: SocketAddr, head: &str, token: Option<&str>, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(to).expect("the node listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    let bearer = token.map(|t| format!("Authorization: Bearer {t}\r\n")).unwrap_or_default();
    let kind = "Content-Type: application/json\r\nConnection: close\r\n";
    let length = body.len();
    let request = format!("{head} HTTP/1.1\r\nHost: localhost\r\n{kind}{bearer}Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).expect("the node reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the node answers in text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    (status, body.to_owned())
}

/// One call in JSON.
fn call(id: usize, name: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": name, "params": params })
}

/// Who sends the requests.
struct Asker {
    name: &'static str,
    identity: Option<Identity>,
    token: Option<String>,
    /// The account of one that has a part in nothing, who may read its own record; `None` for whoever has a part in the ledger.
    stranger: Option<String>,
    /// The canaries that it may be told; any when `None`.
    may_know: Option<BTreeSet<String>>,
    results: u64,
    errors: u64,
    /// Canaries that it was told.
    told: BTreeSet<String>,
}

impl Asker {
    fn new(name: &'static str, identity: Option<Identity>) -> Self {
        let (may_know, told) = (None, BTreeSet::new());
        Self { name, identity, token: None, stranger: None, may_know, results: 0, errors: 0, told }
    }
    /// Somebody who has a part in nothing.
    fn stranger(name: &'static str, identity: Option<Identity>) -> Self {
        let account = identity.as_ref().map(|identity| identity.account.to_string());
        Self {
            stranger: Some(account.unwrap_or_default()),
            may_know: Some(BTreeSet::new()),
            ..Self::new(name, identity)
        }
    }

    /// A token ends after ten minutes.
    fn renew(&mut self, subject: &Subject) {
        self.token = self.identity.as_ref().map(|identity| subject.all.token(identity, &subject.all.codes()[0]));
    }

    /// Where a result shows a stranger what no public part holds, whatever it says.
    fn leak(&self, result: &Value, path: &str) -> Option<String> {
        let own = self.stranger.as_deref()?;
        match result {
            Value::Object(map) => map.iter().find_map(|(name, value)| {
                let is_shown = match name.as_str() {
                    "record" => !value.is_null() && value["id"] != own,
                    "body" | "position" => !value.is_null(),
                    "parties" => ![json!([]), json!([own])].contains(value),
                    "marks" | "touched" | "entries" => value != &json!([]),
                    _ => false,
                };
                let path = format!("{path}/{name}");
                if is_shown { Some(path) } else { self.leak(value, &path) }
            }),
            Value::Array(list) => list.iter().find_map(|value| self.leak(value, path)),
            _ => None,
        }
    }

    /// Whether an answer may repeat to a stranger what the request named. An error says what is not known; a party and the question of a
    /// certificate are known by the id that was asked about; and whoever holds signed bytes has what is in them.
    fn may_repeat(name: &str, answer: &Value) -> bool {
        const REPEATED: &[&str] =
            &[method::PARTY, method::CERTIFICATE, method::SIMULATE, method::SUBMIT, method::SUBMIT_AND_WAIT];
        answer.get("error").is_some() || REPEATED.contains(&name)
    }
}

/// What is wrong with an answer.
fn defect(requests: &Requests, status: u16, answer: &Value) -> Option<String> {
    let error = &answer["error"];
    if status != 200 {
        return Some(format!("HTTP status {status}"));
    }
    if error.is_null() {
        return answer.get("result").is_none().then(|| "neither result nor error".into());
    }
    let code = error["code"].as_i64().unwrap_or_default();
    let Some(name) = requests.error_name(code) else { return Some(format!("error {code} is not described")) };
    if [-32603, -32601, 1014].contains(&code) {
        return Some(format!("{name}: {error}"));
    }
    (error["data"]["name"] != name).then(|| format!("no explanation of {name}: {error}"))
}

/// The ledger that the requests are about, and what of it is no stranger's business.
struct Subject {
    all: Processes,
    address: SocketAddr,
    requests: Requests,
    canaries: Canaries,
    /// What the papers of the scenario say, which is no ledger's business.
    words: BTreeSet<String>,
    /// What the branch was told of all that there is.
    told: Told,
}

impl Subject {
    fn played(seed: u64) -> (Self, Vec<Asker>) {
        let all = Processes::after_scenario(SCENARIO.as_ref(), "leaks");
        let code = all.codes()[0].clone();
        let address = all.network.node(&code).expect("a member's code").rpc_address().expect("an address");
        let (status, document) = http(address, "GET /openrpc.json", None, "");
        assert_eq!(status, 200);
        let mut requests = Requests::new(serde_json::from_str(&document).expect("JSON"), seed);
        let (branch, rival) = (all.branch_token(&code), all.actor("RIVAL"));
        let told = explore(&mut requests, all.codes().len(), |questions| in_batches(address, &branch, questions));
        let canaries = Canaries::gather(&requests, &told, &rival.account.to_string());
        let words = secrets::of_scenario(SCENARIO);
        let subject = Self { all, address, requests, canaries, words, told };
        subject.assert_alive();
        let actor = |tag| Some(subject.all.actor(tag));
        let askers = vec![
            Asker::stranger("anybody", None),
            Asker::stranger("a rival bank", Some(rival)),
            Asker { may_know: Some(subject.own("B2")), ..Asker::new("a refused bank", actor("B2")) },
            Asker::new("the firm", actor("E1")),
            Asker::new("the branch", subject.all.network.branch(&code)),
        ];
        (subject, askers)
    }

    /// What a bank knows by itself: its own record, and what it has sent. The alarm that it set off is not among it.
    fn own(&self, tag: &str) -> BTreeSet<String> {
        let account = self.account(tag);
        let part = |((name, _), answer): &(Question, Value)| match name.as_str() {
            method::PARTY if answer["public"]["id"] == account => Some(answer.clone()),
            method::TRANSACTION if answer["body"]["sender"] == account => Some(answer["body"].clone()),
            _ => None,
        };
        self.told.iter().filter_map(part).flat_map(|part| self.canaries.found_in(&part)).collect()
    }
    /// The account of a firm of the scenario.
    fn account(&self, tag: &str) -> String {
        self.all.actor(tag).account.to_string()
    }

    /// A ledger where all had ended, or canaries that had flown, would let everything pass.
    fn assert_alive(&self) {
        let told = &self.told;
        let (ids, numbers) = self.canaries.count();
        println!("{} answers explored, {ids} ids and {numbers} numbers are canaries", told.len());
        for (tag, what) in HIDDEN {
            assert!(self.canaries.has(&self.account(tag)), "{what} is no canary");
        }
        assert!(!self.canaries.has(&self.account("RIVAL")), "the rival has a part in something");
        let records = |name: &str| {
            let views = told.iter().filter(|((n, _), _)| n == name).map(|(_, view)| &view["record"]);
            views.filter(|record| !record.is_null()).collect::<Vec<_>>()
        };
        let live: Vec<&Value> = records(method::PLEDGE).into_iter().filter(|p| p["state"] == "ACTIVE").collect();
        assert_eq!(live.len(), 1, "{live:?}");
        for term in ["claim", "finance_ref", "reg_until", "grace_until"] {
            let value = live[0][term].to_string().replace('"', "");
            assert!(self.canaries.has(&value), "{term} {value} is no canary");
        }
        for (name, least) in [(method::DOCUMENT, 8), (method::LOT, 8), (method::HOLD, 4), (method::PROOF, 2)] {
            assert!(records(name).len() >= least, "{name}: {} records", records(name).len());
        }
        for quantity in [73_519_000, 52_332_000, 21_187_000] {
            assert!(self.canaries.has(&format!("{quantity}")), "{quantity} is no canary");
        }
    }

    /// Sends one request and judges the answer; gives the canaries in it and whether it is a result.
    fn ask(&self, asker: &Asker, name: &str, needs_token: bool, params: &Value) -> (BTreeSet<String>, Option<Value>) {
        let body = call(1, name, params).to_string();
        let (status, text) = http(self.address, "POST /", asker.token.as_deref(), &body);
        let context = || format!("{}, request {body}, answer {text}", asker.name);
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {}", context()));
        assert_eq!(defect(&self.requests, status, &answer), None, "{}", context());
        let result = answer.get("result").cloned();
        assert!(result.is_none() || !needs_token || asker.token.is_some(), "no token: {}", context());
        if name == method::DISCOVER {
            // The description only names what there is, and the same to all.
            return (BTreeSet::new(), result);
        }
        let lower = text.to_lowercase();
        assert_eq!(self.words.iter().find(|word| lower.contains(*word)), None, "in clear: {}", context());
        if name == method::SUBMIT_AND_WAIT && asker.token.is_none() {
            // The signature on the bytes shows who asks: whoever holds them has all that their outcome shows.
            return (BTreeSet::new(), result);
        }
        let mut found = self.canaries.found_in(&answer);
        if let Some(known) = &asker.may_know {
            let lower = body.to_lowercase();
            found.retain(|canary| !(Asker::may_repeat(name, &answer) && lower.contains(canary)));
            let more: Vec<_> = found.difference(known).map(|canary| (self.canaries.kind(canary), canary)).collect();
            assert_eq!(more, [], "let out: {}", context());
            let leak = result.as_ref().and_then(|result| asker.leak(result, ""));
            assert_eq!(leak, None, "let out: {}", context());
        }
        (found, result)
    }

    /// A subscription tells what the page of events did, which was judged.
    fn assert_subscription(&self, client: &RpcClient) {
        let from = Some(EventCursor::at(Height::new(1)));
        let request = EventsRequest { from, ..EventsRequest::default() };
        let page = self.all.block_on(client.events(&request)).expect("the node answers").events;
        assert!(!page.is_empty());
        let told = self.all.block_on(async {
            let filter = EventFilter { from, ..EventFilter::default() };
            let mut stream = client.subscribe_events(&filter).await.expect("the node listens");
            let mut told = Vec::new();
            while told.len() < page.len() {
                told.push(stream.next().await.expect("it can be read").expect("there is more"));
            }
            told
        });
        assert_eq!(told, page);
    }
}

/// Asks many questions at once.
fn in_batches(address: SocketAddr, token: &str, questions: &[Question]) -> Vec<Option<Value>> {
    let mut answers = Vec::new();
    for some in questions.chunks(BATCH) {
        let calls: Vec<Value> = some.iter().enumerate().map(|(id, (name, params))| call(id, name, params)).collect();
        let (status, text) = http(address, "POST /", Some(token), &json!(calls).to_string());
        let mut given: Vec<Value> = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{status}, {e}: {text}"));
        given.sort_by_key(|answer| answer["id"].as_u64());
        assert_eq!(given.len(), some.len(), "{text}");
        answers.extend(given.into_iter().map(|answer| answer.get("result").cloned()));
    }
    answers
}

/// What came of all requests.
#[derive(Default)]
struct Tally {
    by_method: BTreeMap<String, u64>,
    withheld: u64,
}

impl Tally {
    /// Sends one request as everybody, another one first each time.
    fn ask_all(&mut self, subject: &Subject, askers: &mut [Asker], (name, params): &Question, needs_token: bool) {
        let (mut strangers_answered, mut is_secret) = (0, false);
        askers.rotate_left(1);
        for asker in askers.iter_mut() {
            let (found, result) = subject.ask(asker, name, needs_token, params);
            strangers_answered += usize::from(asker.stranger.is_some() && result.is_some());
            is_secret |= asker.name == "the branch" && !found.is_empty();
            match result {
                Some(_) => {
                    asker.results += 1;
                    *self.by_method.entry(name.clone()).or_default() += 1;
                }
                None => asker.errors += 1,
            }
            asker.told.extend(found);
        }
        self.withheld += u64::from(is_secret && strangers_answered == 2);
    }

    /// Canaries that nobody is ever told would let everything pass.
    fn judge(&self, subject: &Subject, askers: &[Asker]) {
        println!("results by method: {:?}", self.by_method);
        for Asker { name, results, errors, told, .. } in askers {
            println!("{name}: {results} results, {errors} errors, told {} canaries", told.len());
        }
        println!("{} requests were answered to both strangers without what the branch was told", self.withheld);
        assert!(self.by_method.len() >= ANSWERED_MIN, "{:?}", self.by_method);
        assert!(self.withheld >= WITHHELD_MIN, "{}", self.withheld);
        let missing = |name: &str, tags: &mut dyn Iterator<Item = &str>| {
            let told = askers.iter().find(|asker| asker.name == name).map(|asker| &asker.told).expect("it asked");
            tags.filter(|tag| !told.contains(&subject.account(tag))).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(missing("the branch", &mut HIDDEN.iter().map(|(tag, _)| *tag)), [""; 0]);
        assert_eq!(missing("the firm", &mut TOLD_TO_THE_FIRM.iter().copied()), [""; 0]);
    }
}

#[test]
fn drawn_requests_are_answered_or_explained_and_no_stranger_is_told_what_the_parties_are() {
    let (count, seed) = (from_environment("RPC_FUZZ_REQUESTS", REQUESTS), from_environment("RPC_FUZZ_SEED", SEED));
    println!("seed {seed}, {count} requests drawn");
    let (mut subject, mut askers) = Subject::played(seed);
    let (mut tally, methods) = (Tally::default(), subject.requests.methods());
    askers.iter_mut().for_each(|asker| asker.renew(&subject));
    for (question, _) in &subject.told {
        let needs_token = methods.iter().any(|(name, needs_token)| *name == question.0 && *needs_token);
        tally.ask_all(&subject, &mut askers, question, needs_token);
    }
    for n in 0..count / askers.len() {
        if n % TOKEN_SERVES == 0 {
            askers.iter_mut().for_each(|asker| asker.renew(&subject));
        }
        let (name, needs_token) = &methods[n % methods.len()];
        let question = (name.clone(), subject.requests.params(name));
        tally.ask_all(&subject, &mut askers, &question, *needs_token);
    }
    tally.judge(&subject, &askers);
    let code = subject.all.codes()[0].clone();
    subject.assert_subscription(&subject.all.client(&code));
    subject.assert_subscription(&subject.all.client(&code).with_identity(subject.all.actor("RIVAL")));
    assert!(subject.all.is_alive(&code), "{}", subject.all.describe());
    let log = std::fs::read_to_string(subject.all.folder(&code).join("node.log")).expect("the node writes a log");
    assert!(!log.contains("panicked"), "{}", subject.all.describe());
}

#[test]
fn a_batch_and_an_unknown_method_are_answered_with_explained_errors() {
    let all = Processes::start(4, QUICK);
    let address = all.network.node(&all.codes()[0]).expect("a code").rpc_address().expect("an address");
    let call = |id: usize, name: &str, params: Value| call(id, name, &params);
    let batch =
        json!([call(1, "status", json!({})), call(2, "nothing", json!({})), call(3, "chain", json!({ "doc": 1 }))]);
    let (status, text) = http(address, "POST /", None, &batch.to_string());
    let answers: Vec<Value> = serde_json::from_str(&text).expect("a list");
    let names: Vec<&Value> = answers.iter().map(|a| &a["error"]["data"]["name"]).collect();
    assert_eq!((status, names), (200, vec![&Value::Null, &json!("METHOD_NOT_FOUND"), &json!("INVALID_PARAMS")]));
    let (_, text) = http(address, "POST /", None, &call(4, "subscribe_events", json!({})).to_string());
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(answer["error"]["data"]["name"], "INVALID_REQUEST", "{text}");
    let many: Vec<Value> = (0..65).map(|id| call(id, "status", json!({}))).collect();
    let (_, text) = http(address, "POST /", None, &json!(many).to_string());
    assert!(text.contains("-32010"), "{text}");
}

#[test]
fn the_same_bytes_again_are_answered_with_the_first_outcome_by_every_node() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let transaction = all.new_firm(&codes[0]);
    let simulated = all.block_on(all.client(&codes[0]).simulate(&transaction)).expect("it can be tried");
    assert_eq!((simulated.code, simulated.explanation), (Code::Ok, None));
    let first = all.block_on(all.client(&codes[0]).submit_and_wait(&transaction)).expect("it commits");
    all.wait_for_height(&codes, first.height);
    for code in &codes {
        let again = all.block_on(all.client(code).submit_and_wait(&transaction)).expect("the first outcome");
        assert_eq!(again, first, "{code}");
    }
    let address = all.network.node(&codes[1]).expect("a code").rpc_address().expect("an address");
    for name in [method::SUBMIT, method::SIMULATE] {
        let params = json!({ "transaction": hex::encode(transaction.encode()) });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": name, "params": params }).to_string();
        let (_, text) = http(address, "POST /", None, &body);
        let answer: Value = serde_json::from_str(&text).expect("JSON");
        let data = &answer["error"]["data"];
        assert_eq!((&data["code"], &data["name"]), (&json!(1002), &json!("ALREADY_COMMITTED")), "{text}");
        assert_eq!((&data["outcome"]["height"], &data["outcome"]["code"]), (&json!(first.height), &json!(0)), "{text}");
    }
    // The same firm again is another transaction, and refused: simulation says why.
    let mut another = transaction.clone();
    another.nonce += 1_000;
    let another = another.sign(&all.network.branch(&codes[0]).expect("a code").secret);
    let simulated = all.block_on(all.client(&codes[0]).simulate(&another)).expect("it can be tried");
    assert_eq!(simulated.explanation.map(|e| e.name), Some("DUPLICATE_PARTY".into()));
}

/// Events of the whole chain, by pages.
fn by_pages(all: &Processes, client: &RpcClient, to: Height) -> Vec<EventNotice> {
    let mut request = EventsRequest { from: Some(EventCursor::default()), limit: Some(1), ..EventsRequest::default() };
    let mut heard = Vec::new();
    loop {
        let page = all.block_on(client.events(&request)).expect("the node answers");
        heard.extend(page.events);
        if page.next.height > to {
            return heard;
        }
        request.from = Some(page.next);
    }
}

#[test]
fn a_subscriber_that_breaks_off_after_every_event_hears_each_once_across_restarts() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let mut last = Height::ZERO;
    for _ in 0..4 {
        last = all.commit_new(&codes[0]).height;
    }
    all.wait_for_height(&codes, last);
    let expected = by_pages(&all, &all.client(&codes[1]), last);
    let places: BTreeSet<(Height, u32)> = expected.iter().map(|e| (e.height, e.index)).collect();
    assert!(expected.len() >= 4 && places.len() == expected.len(), "{places:?}");
    let (mut heard, mut from) = (Vec::new(), EventCursor::default());
    while heard.len() < expected.len() {
        if heard.len() == 2 {
            all.kill(&codes[0]);
            all.start_node(&codes[0]);
            all.wait_for_height(&codes, last);
        }
        let filter = EventFilter { from: Some(from), ..EventFilter::default() };
        let notice = all.block_on(async {
            let mut stream = all.client(&codes[0]).subscribe_events(&filter).await.expect("the node listens");
            stream.next().await.expect("it can be read").expect("there is more")
        });
        from = notice.next;
        heard.push(notice);
    }
    assert_eq!(heard, expected);
}

#[test]
fn an_answer_is_confirmed_by_two_of_four_and_not_by_one() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let view = all.commit_new(&codes[0]);
    all.wait_for_height(&codes, view.height);
    let genesis = all.network.genesis.clone();
    let several = |all: &Processes| {
        let witnesses = codes[1..].iter().map(|code| all.client(code)).collect();
        all.client(&codes[0]).with_witnesses(witnesses, &genesis).expect("enough nodes")
    };
    let confirmed = all.block_on(several(&all).transaction(&view.id)).expect("two say so").expect("it is committed");
    assert_eq!((confirmed.height, confirmed.code), (view.height, Code::Ok));
    all.kill(&codes[0]);
    all.kill(&codes[1]);
    assert!(all.block_on(several(&all).transaction(&view.id)).is_ok(), "two are left");
    all.kill(&codes[2]);
    let alone = all.block_on(several(&all).transaction(&view.id)).expect_err("one is left");
    assert!(alone.to_string().contains("one answer by members"), "{alone}");
}
