//! JSON-RPC: the parameter and answer types by themselves, and a whole node that is asked anything.

use super::{from_json, kind, text};
use crate::fuzz::caught::stray_panics;
use crate::fuzz::fixture::{NETWORK_SEED, fixture};
use crate::fuzz::{Answer, Check};
use landsea_client::api;
use landsea_client::rpc::now;
use landsea_client::token::{TOKEN_TTL_MAX_MS, Token, TokenBody};
use landsea_node::config::NodeConfig;
use landsea_storage::{RocksStore, StoreConfig};
use landsea_testnet::network::seed::GenesisChanges;
use landsea_testnet::{Network, NetworkOptions};
use landsea_types::Timestamp;
use landsea_types::certificate::Question;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How long a node may take to listen.
const PATIENCE: Duration = Duration::from_secs(120);

/// What both sides read from each other.
pub(super) fn params() -> Check {
    Box::new(|bytes| {
        let text = match text(bytes) {
            Ok(text) => text,
            Err(answer) => return answer,
        };
        let mut read = Vec::new();
        macro_rules! try_all {
            ($($name:literal: $of:ty),+ $(,)?) => {$(
                match from_json::<$of>(text) {
                    Ok(_) => read.push($name.to_owned()),
                    Err(error) => read.extend((read.is_empty()).then(|| kind(&error)).filter(|_| $name == "question")),
                }
            )+};
        }
        try_all!(
            "document": api::DocumentRequest,
            "derive": api::DeriveRequest,
            "events": api::EventFilter,
            "question": Question,
            "status": api::Status,
            "block": api::BlockView,
            "transaction": api::TransactionView,
            "derived": api::Derived,
            "notice": api::EventNotice,
            "view": api::DocumentView,
        );
        read.join(" ")
    })
}

/// A node over the chain of the corpus, running on threads of this process until it ends.
struct Node {
    address: SocketAddr,
    connection: Option<TcpStream>,
    token: (String, Timestamp),
    panics: u64,
    _folder: tempfile::TempDir,
}

/// Asks a request twice, as anybody and as a branch. Every answer is JSON, none an internal error, and no thread of the node panics.
pub(super) fn requests() -> Check {
    let mut node = Node::start();
    Box::new(move |bytes| {
        // The server's library answers a subscription over HTTP with an internal error; nothing of the node runs then.
        let subscribes = bytes.windows(b"subscribe".len()).any(|w| w == b"subscribe");
        let (anybody, branch) = (node.ask(bytes, false, subscribes), node.ask(bytes, true, subscribes));
        assert_eq!(stray_panics(), node.panics, "a thread of the node panicked");
        if anybody == branch { anybody } else { format!("{anybody}; a branch: {branch}") }
    })
}

impl Node {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = NetworkOptions { validators: 4, seed: NETWORK_SEED.into(), changes: GenesisChanges::default() };
        let network = Network::create(&folder.path().join("net"), &options).expect("sound options");
        // The chain of the corpus differs in parameters, not in keys.
        let genesis = fixture().genesis.to_json();
        std::fs::write(network.dir.join("genesis.json"), genesis).expect("a file of ours");
        let entry = network.nodes[0].clone();
        let mut config = NodeConfig::load(&network.node_dir(&entry).join("node.toml")).expect("just written");
        config.log.filter = "off".into();
        // Other targets may have their turn before a connection is used again.
        config.limits.head_timeout_ms = 24 * 60 * 60 * 1_000;
        let mut store = RocksStore::open(&config.data_dir, StoreConfig::default()).expect("the folder is empty");
        fixture().fill(&mut store, |_| {});
        drop(store);
        std::thread::spawn(move || landsea_node::run(config).expect("a sound configuration runs"));
        let address = entry.rpc_address().expect("an address");
        let mut node =
            Self { address, connection: None, token: Default::default(), panics: stray_panics(), _folder: folder };
        node.wait_until_it_answers();
        node
    }

    fn wait_until_it_answers(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(self.address).is_err() {
            assert!(Instant::now() < deadline, "the node does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(self.ask(br#"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"#, true, false), "200 result");
    }

    /// A branch's token, made anew before it expires.
    fn token(&mut self) -> String {
        if self.token.1.since(now()) < TOKEN_TTL_MAX_MS / 4 {
            let member = &fixture().genesis.members[0];
            let secret = fixture().key("branch", member);
            let not_after = now().saturating_add(TOKEN_TTL_MAX_MS / 2);
            let body = TokenBody {
                account: member.branch_account(),
                key: 0,
                public_key: secret.public(),
                audience: member.index,
                not_after,
            };
            self.token = (Token::new(body, &fixture().chain(), &secret).encode(), not_after);
        }
        self.token.0.clone()
    }

    fn ask(&mut self, body: &[u8], as_branch: bool, subscribes: bool) -> Answer {
        let authorization = match as_branch {
            true => format!("Authorization: Bearer {}\r\n", self.token()),
            false => String::new(),
        };
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{authorization}Content-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        let request = [head.as_bytes(), body].concat();
        let (status, answer) = self.exchange(&request);
        assert!(status < 500, "HTTP {status}: {}", String::from_utf8_lossy(&answer));
        format!("{status} {}", judge(&answer, subscribes))
    }

    fn exchange(&mut self, request: &[u8]) -> (u16, Vec<u8>) {
        let mut stream = self.connection.take().unwrap_or_else(|| self.connect());
        // A refused request may close the connection before it is read whole.
        let _ = stream.write_all(request);
        let (head, mut body) = read_head(&mut stream).unwrap_or_else(|e| panic!("no answer: {e}"));
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or_else(|| panic!("no status: {head}"));
        let length = header(&head, "content-length").and_then(|l| l.parse().ok()).unwrap_or(0usize);
        let have = body.len();
        body.resize(length.max(have), 0);
        stream.read_exact(&mut body[have..]).unwrap_or_else(|e| panic!("half an answer: {e}"));
        if status < 400 && header(&head, "connection").is_none() {
            self.connection = Some(stream);
        }
        (status, body)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the node listens");
        stream.set_read_timeout(Some(Duration::from_secs(90))).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        stream
    }
}

/// Reads up to the end of the head; what was read beyond is the start of the body.
fn read_head(stream: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok((String::from_utf8_lossy(&bytes).into_owned(), body));
        }
        match stream.read(&mut part)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            count => bytes.extend_from_slice(&part[..count]),
        }
    }
}

fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    let pairs = head.lines().filter_map(|line| line.split_once(':'));
    pairs.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// What an answer is; an internal error is a defect of the node.
fn judge(answer: &[u8], subscribes: bool) -> Answer {
    let Ok(value) = serde_json::from_slice::<Value>(answer) else { return "no JSON".into() };
    let all = match value {
        Value::Array(all) => all,
        one => vec![one],
    };
    all.iter().take(3).map(|one| judge_one(one, subscribes)).collect::<Vec<_>>().join(", ")
}

fn judge_one(answer: &Value, subscribes: bool) -> Answer {
    let Some(error) = answer.get("error") else { return "result".into() };
    let code = error["code"].as_i64().unwrap_or(0);
    assert!(subscribes || code != -32603, "an internal error: {error}");
    format!(
        "{code} {}",
        kind(&error["message"].as_str().unwrap_or_default()).split(' ').take(4).collect::<Vec<_>>().join(" ")
    )
}
