//! Samples of JSON-RPC requests and answers, about what the chain really holds.

use super::{Samples, entry};
use crate::fuzz::corpus::Entry;
use crate::fuzz::fixture::Fixture;
use landsea_client::Paper;
use landsea_client::api::{DeriveRequest, EventFilter, method};
use landsea_storage::{Snapshot, Store as _};
use landsea_types::Transaction;
use landsea_types::certificate::Question;
use landsea_types::state::{Family, Table};
use serde_json::{Value, json};

pub(super) fn all(chain: &Fixture) -> Samples {
    let (_disk, store) = chain.in_memory();
    let state = store.reader().snapshot();
    let calls = calls(chain, &*state);
    let named = |(number, (name, params)): (usize, &(&str, Value))| {
        let call = json!({"jsonrpc": "2.0", "id": number, "method": name, "params": params});
        entry(format!("{number:02}_{name}.json"), call.to_string().into_bytes())
    };
    let requests = calls.iter().enumerate().map(named).chain(others(&calls));
    vec![("rpc", requests.collect()), ("rpc_params", params(chain, &*state))]
}

fn first(state: &dyn Snapshot, family: Family) -> String {
    state.leaves(family, &[0; 32], 1).first().map_or("00".repeat(32), |(id, _)| hex::encode(id))
}

fn derive_request() -> DeriveRequest {
    let path = crate::source::workspace().join("testnet/scenarios/documents/s1_ncd.json");
    Paper::load(&path).expect("a document of the scenarios").derive_request()
}

/// One call of every method.
fn calls(chain: &Fixture, state: &dyn Snapshot) -> Vec<(&'static str, Value)> {
    let (_, bytes) = chain.transactions().last().expect("the chain holds transactions");
    let transaction = Transaction::decode(bytes, &chain.chain()).expect("a committed transaction decodes");
    let (id, sender, submit) = (transaction.id(), transaction.sender, json!({"transaction": hex::encode(bytes)}));
    let pledge =
        state.scan(Table::Pledge, &[], &[0xff; 40], 1).pop().map_or("00".repeat(32), |(key, _)| hex::encode(key));
    let of = |family| first(state, family);
    let question = Question::NotPledged { fp1: of(Family::Fp).parse().expect("hex") };
    vec![
        (method::STATUS, json!({})),
        (method::MEMBERS, json!({})),
        (method::STATISTICS, json!({"from": 1, "to": 9})),
        (method::SUBMIT, submit.clone()),
        (method::SUBMIT_AND_WAIT, submit.clone()),
        (method::SIMULATE, submit),
        (method::TRANSACTION, json!({"id": id})),
        (method::BLOCK, json!({"height": 7})),
        (method::HEADER, json!({"height": 7})),
        (method::VALIDATORS, json!({"height": 1})),
        (method::PARAMS, json!({})),
        (method::DOCUMENT, json!({"doc": of(Family::Doc)})),
        (method::DOCUMENT, json!({"fingerprint": of(Family::Fp)})),
        (method::DOCUMENTS_BY_HOLDER, json!({"holder": sender, "limit": 3})),
        (method::DOCUMENTS_BY_HOLDER, json!({"holder": sender, "after": of(Family::Doc)})),
        (method::CHAIN, json!({"doc": of(Family::Doc)})),
        (method::LOT, json!({"lot": of(Family::Lot)})),
        (method::GOODS_KEY, json!({"key": of(Family::GoodsKey)})),
        (method::PLEDGE, json!({"pledge": pledge})),
        (method::PLEDGES_BY_PARTY, json!({"bank": sender, "after": pledge, "limit": 2})),
        (method::PARTY, json!({"party": sender})),
        (method::PARTY_BY_FINGERPRINT, json!({"fingerprint": of(Family::Fp)})),
        (method::PROOF, json!({"proof": of(Family::Proof)})),
        (method::PROOFS_BY_DOC, json!({"doc": of(Family::Doc)})),
        (method::CERTIFICATE, json!({"question": question})),
        (method::FINGERPRINT_DERIVE, json!(derive_request())),
        (method::ATTEMPTS, json!({"after": 0, "limit": 5})),
        (method::EVIDENCE, json!({})),
        (method::SUBSCRIBE_EVENTS, json!({"from_height": 1})),
        (method::UNSUBSCRIBE_EVENTS, json!([1])),
    ]
}

/// Requests that are no single call: a batch of calls, a notification, no parameters, parameters by position.
fn others(calls: &[(&'static str, Value)]) -> Vec<Entry> {
    let call = |id: Value, (name, params): &(&str, Value)| json!({"jsonrpc": "2.0", "id": id, "method": name, "params": params});
    let batch: Vec<Value> = calls.iter().skip(4).take(6).zip(1..).map(|(c, id)| call(json!(id), c)).collect();
    vec![
        entry("batch.json", json!(batch).to_string().into_bytes()),
        entry("notification.json", json!({"jsonrpc": "2.0", "method": "status"}).to_string().into_bytes()),
        entry("no_params.json", json!({"jsonrpc": "2.0", "id": "x", "method": "params"}).to_string().into_bytes()),
        entry(
            "by_position.json",
            json!({"jsonrpc": "2.0", "id": null, "method": "block", "params": [3]}).to_string().into_bytes(),
        ),
    ]
}

fn params(chain: &Fixture, state: &dyn Snapshot) -> Vec<Entry> {
    let text = |name: &str, value: Value| entry(format!("{name}.json"), value.to_string().into_bytes());
    let fp = first(state, Family::Fp);
    let questions = super::questions(state);
    let filter = EventFilter { from_height: Some(landsea_types::Height::new(3)), ..EventFilter::default() };
    let block = &chain.blocks[5];
    let view =
        json!({"id": block.block.id(), "block": block.block, "certificate": block.certificate, "transactions": []});
    let mut all = vec![
        text("document", json!({"fingerprint": fp})),
        text("derive", json!(derive_request())),
        text("events", json!(filter)),
        text("block", view),
    ];
    let mut seen = std::collections::BTreeSet::new();
    let asked = questions.iter().filter(|q| seen.insert(q.number()));
    all.extend(asked.map(|q| text(&format!("question_{}", q.number()), json!(q))));
    all
}
