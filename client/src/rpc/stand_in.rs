//! A node that says what a test has it say: HTTP on 127.0.0.1, one answer a connection.

use crate::api::Status;
use landsea_types::genesis::{Genesis, GenesisMember, SUITE};
use landsea_types::{BlockId, ChainId, Hash, Height, Member, SecretKey, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// One call as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    pub(super) method: String,
    /// The token beside it, decoded no further.
    pub(super) token: Option<String>,
}

/// What was asked so far.
pub(super) type Log = Arc<Mutex<Vec<Heard>>>;

/// Starts a node; it answers for as long as the test process lives. Gives its address and what it hears.
pub(super) fn start(answer: impl Fn(&str, &Value) -> Value + Send + 'static) -> (String, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let log = Log::default();
    let heard = Arc::clone(&log);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.expect("loopback accepts"), &answer, &heard);
        }
    });
    (url, log)
}

fn serve(stream: TcpStream, answer: &impl Fn(&str, &Value) -> Value, log: &Log) {
    let mut reader = BufReader::new(stream);
    let (mut length, mut token) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("the client sends a head");
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().expect("a length"),
            "authorization" => token = Some(value.trim_start_matches("Bearer ").to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the client sends a body");
    let call: Value = serde_json::from_slice(&body).expect("the client sends JSON");
    let method = call["method"].as_str().expect("a method").to_owned();
    log.lock().expect("no panic while held").push(Heard { method: method.clone(), token });
    let result = answer(&method, &call["params"]);
    let text = json!({ "jsonrpc": "2.0", "id": call["id"], "result": result }).to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length:";
    write!(reader.into_inner(), "{head} {}\r\n\r\n{text}", text.len()).expect("the client listens");
}

/// The status of a node that says that it is a member's.
pub(super) fn status(chain_id: ChainId, member: Member) -> Value {
    json!(Status {
        chain_id,
        member,
        code: format!("m{member}"),
        version: "0".into(),
        height: Height::new(7),
        block_time: Timestamp::new(9),
        state_root: Hash::default(),
        block_id: BlockId::default(),
        round: 0,
        step: "propose".into(),
        voting: true,
        peers: vec![],
        mempool_transactions: 0,
        memory_bytes: 0,
        cpu_ms: 0,
    })
}

/// A genesis of four members.
pub(super) fn genesis() -> Genesis {
    let member = |index: u8| {
        let key = |use_of: &str| SecretKey::derive(&[index; 32], use_of).public();
        GenesisMember {
            index: Member::new(index),
            code: format!("m{index}"),
            name_en: format!("Member {index}"),
            name_zh: format!("{index}"),
            gb2260: 500_000,
            operator: "test".into(),
            validator_key: key("validator"),
            network_key: key("network"),
            branch_key: key("branch"),
        }
    };
    Genesis {
        name: "test".into(),
        time: Timestamp::new(1_700_000_000_000),
        suite: SUITE.into(),
        members: (1..=4).map(member).collect(),
        parameters: BTreeMap::new(),
        features: vec![],
        templates: vec![],
        travel: vec![],
    }
}
