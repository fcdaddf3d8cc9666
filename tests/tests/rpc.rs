//! The RPC interface of real nodes: requests drawn from its description, bytes sent twice, events across restarts.

use landsea_client::api::{EventCursor, EventFilter, EventNotice, EventsRequest, method};
use landsea_client::rpc::RpcClient;
use landsea_tests::openrpc::Requests;
use landsea_tests::processes::Processes;
use landsea_types::{Code, Height};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const QUICK: u64 = 250;
/// Requests of the short run; the variable RPC_FUZZ_REQUESTS asks for more, RPC_FUZZ_SEED for others.
const REQUESTS: u64 = 1_500;
const SEED: u64 = 20_260_601;
/// Methods of which the run must have seen a result, or it has tested little.
const ANSWERED_MIN: usize = 20;

fn from_environment(name: &str, default: u64) -> u64 {
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

/// Where an answer shows what anybody at all must not see: whole records, contents of transactions, parties of events.
fn leak(answer: &Value, path: &str) -> Option<String> {
    match answer {
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            let is_shown = match name.as_str() {
                "record" | "body" => !value.is_null(),
                "parties" => value != &json!([]),
                _ => false,
            };
            let path = format!("{path}/{name}");
            if is_shown { Some(path) } else { leak(value, &path) }
        }),
        Value::Array(list) => list.iter().find_map(|value| leak(value, path)),
        _ => None,
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

#[test]
fn drawn_requests_get_an_answer_or_an_explained_error_and_anybody_sees_no_record() {
    let (count, seed) = (from_environment("RPC_FUZZ_REQUESTS", REQUESTS), from_environment("RPC_FUZZ_SEED", SEED));
    println!("seed {seed}, {count} requests");
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let address = all.network.node(&code).expect("a member's code").rpc_address().expect("an address");
    let (status, document) = http(address, "GET /openrpc.json", None, "");
    assert_eq!(status, 200);
    let mut requests = Requests::new(serde_json::from_str(&document).expect("JSON"), seed);
    for _ in 0..3 {
        let transaction = all.new_firm(&code);
        let view = all.block_on(all.client(&code).submit_and_wait(&transaction)).expect("it commits");
        requests.learn(&serde_json::to_value(&view).expect("plain data"));
        requests.learn(&json!(hex::encode(transaction.encode())));
    }
    let (token, methods) = (all.branch_token(&code), requests.methods());
    let mut answered: BTreeMap<String, u64> = BTreeMap::new();
    for n in 0..count {
        let (name, needs_token) = &methods[n as usize % methods.len()];
        let params = requests.params(name);
        let is_branch = (n / methods.len() as u64).is_multiple_of(2);
        let body = json!({ "jsonrpc": "2.0", "id": n, "method": name, "params": params }).to_string();
        let (status, text) = http(address, "POST /", is_branch.then_some(token.as_str()), &body);
        let answer: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("seed {seed}, {body}: {e}: {text}"));
        let mut wrong = defect(&requests, status, &answer);
        let result = answer.get("result");
        if !is_branch
            && wrong.is_none()
            && let Some(result) = result
        {
            let reached = needs_token.then(|| "answered without a token".to_owned());
            // Whoever holds the signed bytes has all that its outcome shows; the description only names what there is.
            let is_about_state = ![method::SUBMIT_AND_WAIT, method::DISCOVER].contains(&name.as_str());
            wrong = reached.or(leak(result, "").filter(|_| is_about_state));
        }
        assert_eq!(wrong, None, "seed {seed}, request {body}, answer {text}");
        if let Some(result) = result {
            requests.learn(result);
            *answered.entry(name.clone()).or_default() += 1;
        }
    }
    println!("results by method: {answered:?}");
    assert!(answered.len() >= ANSWERED_MIN || count < REQUESTS, "{answered:?}");
    assert!(all.is_alive(&code), "{}", all.describe());
    let log = std::fs::read_to_string(all.folder(&code).join("node.log")).expect("the node writes a log");
    assert!(!log.contains("panicked"), "{}", all.describe());
}

#[test]
fn a_batch_and_an_unknown_method_are_answered_with_explained_errors() {
    let all = Processes::start(4, QUICK);
    let address = all.network.node(&all.codes()[0]).expect("a code").rpc_address().expect("an address");
    let call =
        |id: u64, name: &str, params: Value| json!({ "jsonrpc": "2.0", "id": id, "method": name, "params": params });
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
