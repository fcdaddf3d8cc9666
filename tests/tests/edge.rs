//! The edge of real nodes towards clients: TLS, bounds of time, size and number, quotas, and pages of other sites.

use landsea_client::api::{EventFilter, error, method};
use landsea_client::builder::Draft;
use landsea_client::rpc::{RpcClient, RpcError, TlsFiles};
use landsea_node::config::TlsConfig;
use landsea_tests::processes::Processes;
use landsea_types::SecretKey;
use landsea_types::operation::Operation;
use landsea_types::operation::party::{NewKey, RotateKey};
use landsea_types::role::KeyPurpose;
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpSocket;

const QUICK: u64 = 250;
/// Longest wait for an answer that must come.
const PATIENCE: Duration = Duration::from_secs(60);

// ---- plain requests

fn rpc(all: &Processes, code: &str) -> SocketAddr {
    all.network.node(code).expect("a member's code").rpc_address().expect("an address")
}

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("the node listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout can be set");
    stream
}

/// Everything that comes until the node hangs up; a reset is an end too.
fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    match stream.read_to_end(&mut answer) {
        Ok(_) => {}
        Err(e) => assert_eq!(e.kind(), ErrorKind::ConnectionReset, "after {:?}", String::from_utf8_lossy(&answer)),
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn exchange(to: SocketAddr, request: &str) -> String {
    let mut stream = connect(to);
    stream.write_all(request.as_bytes()).expect("the node reads");
    rest(&mut stream)
}

/// A request that ends its connection; `more` are whole header lines.
fn request(head: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{head} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n{more}Content-Length: {length}\r\n\r\n{body}"
    )
}

fn status_of(answer: &str) -> u16 {
    let status = answer.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|n| n.parse().ok());
    status.unwrap_or_else(|| panic!("no HTTP answer: {answer:?}"))
}

fn body_of(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
    serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {body}"))
}

fn call(name: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": name, "params": params }).to_string()
}

/// Calls a method on a connection of its own and returns the JSON-RPC answer.
fn ask(to: SocketAddr, headers: &str, body: &str) -> Value {
    let answer = exchange(to, &request("POST /", headers, body));
    assert_eq!(status_of(&answer), 200, "{answer}");
    body_of(&answer)
}

fn bearer(all: &Processes, code: &str) -> String {
    format!("Authorization: Bearer {}\r\n", all.branch_token(code))
}

// ---- WebSockets, by hand

/// `origin` is a whole header line, or nothing.
fn upgrade(to: SocketAddr, origin: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: {to}\r\n{origin}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

fn websocket(to: SocketAddr) -> TcpStream {
    let mut stream = connect(to);
    stream.write_all(upgrade(to, "").as_bytes()).expect("the node reads");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("an answer");
        head.extend_from_slice(&byte);
    }
    assert_eq!(status_of(&String::from_utf8_lossy(&head)), 101);
    stream
}

/// Sends a text message; its mask changes nothing.
fn say(stream: &mut TcpStream, text: &str) {
    let length = u64::try_from(text.len()).expect("a length").to_be_bytes();
    let message = [&[0x81, 0xff][..], &length, &[0; 4], text.as_bytes()].concat();
    stream.write_all(&message).expect("the node reads");
}

/// The next text message; pings are passed over.
fn hear(stream: &mut TcpStream) -> Value {
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head).expect("a message");
        let mut length = vec![0; [0, 2, 8][usize::from(head[1] == 126) + 2 * usize::from(head[1] == 127)]];
        stream.read_exact(&mut length).expect("a length");
        let long = length.iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        let mut body = vec![0; if length.is_empty() { head[1].into() } else { long }];
        stream.read_exact(&mut body).expect("a message");
        if head[0] == 0x81 {
            return serde_json::from_slice(&body).expect("JSON");
        }
    }
}

// ---- certificates

/// An authority and what it signs.
struct Authority {
    certificate: Certificate,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self { certificate: params.self_signed(&key).expect("a certificate"), key }
    }
    /// Writes the authority's own certificate.
    fn write(&self, path: &Path) -> PathBuf {
        std::fs::write(path, self.certificate.pem()).expect("a file of ours");
        path.into()
    }
    /// Writes a certificate for 127.0.0.1 and its key.
    fn issue(&self, certificate: &Path, key: &Path) {
        let params = CertificateParams::new(vec!["127.0.0.1".into(), "localhost".into()]).expect("sound names");
        let own = KeyPair::generate().expect("a key");
        let signed = params.signed_by(&own, &self.certificate, &self.key).expect("a certificate");
        std::fs::write(key, own.serialize_pem()).expect("a file of ours");
        std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o600)).expect("a file of ours");
        std::fs::write(certificate, signed.pem()).expect("a file of ours");
    }
}

fn https(all: &Processes, code: &str, files: &TlsFiles) -> RpcClient {
    RpcClient::with_tls(&format!("https://{}", rpc(all, code)), files).expect("sound files")
}

#[test]
fn https_and_wss_are_served_to_who_trusts_the_certificate_and_a_renewed_one_without_a_restart() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let folder = all.folder(&code);
    let (certificate, key) = (folder.join("tls.pem"), folder.join("tls.key"));
    let (first, second) = (Authority::new(), Authority::new());
    first.issue(&certificate, &key);
    all.configure(&code, |config| {
        config.tls = Some(TlsConfig { certificate: "tls.pem".into(), key: "tls.key".into(), client_ca: None });
    });
    let trusting = |ca: PathBuf| TlsFiles { ca: Some(ca), identity: None };
    let of_first = trusting(first.write(&folder.join("first.pem")));
    let of_second = trusting(second.write(&folder.join("second.pem")));
    let asked = |all: &Processes, files: &TlsFiles| all.block_on(https(all, &code, files).status());

    assert!(asked(&all, &of_first).is_ok());
    let heard = all.block_on(async {
        let client = https(&all, &code, &of_first);
        client.subscribe_events(&EventFilter::default()).await.map(drop)
    });
    heard.expect("wss is served");
    for strangers in [&of_second, &TlsFiles::default()] {
        let refused = asked(&all, strangers).expect_err("an unknown authority");
        assert!(matches!(refused, RpcError::Transport { .. }), "{refused}");
    }
    let plain = exchange(rpc(&all, &code), &request("POST /", "", &call(method::STATUS, &json!({}))));
    assert!(!plain.contains("result"), "in clear: {plain}");

    second.issue(&certificate, &key);
    all.wait("the renewed certificate", |all| asked(all, &of_second).is_ok());
    assert!(asked(&all, &of_first).is_err(), "the old certificate is gone");

    std::fs::write(&certificate, "half a file").expect("a file of ours");
    let log = folder.join("node.log");
    all.wait("a word in the log", |_| {
        std::fs::read_to_string(&log).expect("the node writes a log").contains("the old ones stay in force")
    });
    assert!(asked(&all, &of_second).is_ok(), "a broken renewal takes no node off the network");
    assert!(all.is_alive(&code), "{}", all.describe());
}

#[test]
fn a_node_that_demands_client_certificates_serves_nobody_without_one_of_its_authority() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let folder = all.folder(&code);
    let path = |name: &str| folder.join(name);
    let (node, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    node.issue(&path("tls.pem"), &path("tls.key"));
    clients.write(&path("clients.pem"));
    clients.issue(&path("bank.pem"), &path("bank.key"));
    strangers.issue(&path("stranger.pem"), &path("stranger.key"));
    let ca = Some(node.write(&path("node-ca.pem")));
    all.configure(&code, |config| {
        let client_ca = Some("clients.pem".into());
        config.tls = Some(TlsConfig { certificate: "tls.pem".into(), key: "tls.key".into(), client_ca });
    });
    let asked = |identity: Option<(PathBuf, PathBuf)>| {
        all.block_on(https(&all, &code, &TlsFiles { ca: ca.clone(), identity }).status())
    };
    assert!(asked(Some((path("bank.pem"), path("bank.key")))).is_ok());
    assert!(matches!(asked(None), Err(RpcError::Transport { .. })));
    assert!(matches!(asked(Some((path("stranger.pem"), path("stranger.key")))), Err(RpcError::Transport { .. })));
}

#[test]
fn a_node_whose_tls_files_are_wrong_refuses_to_start_and_names_the_file() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let folder = all.folder(&code);
    Authority::new().issue(&folder.join("tls.pem"), &folder.join("tls.key"));
    all.configure(&code, |config| {
        config.tls = Some(TlsConfig { certificate: "tls.pem".into(), key: "tls.key".into(), client_ca: None });
    });
    all.kill(&code);
    let refused = |all: &Processes| {
        let ended = all.run_to_end(&code);
        assert!(!ended.status.success());
        String::from_utf8_lossy(&ended.stderr).into_owned()
    };
    Authority::new().issue(&folder.join("other.pem"), &folder.join("tls.key"));
    assert!(refused(&all).contains("cannot be used together"));
    std::fs::set_permissions(folder.join("tls.key"), std::fs::Permissions::from_mode(0o644)).expect("a file of ours");
    let said = refused(&all);
    assert!(said.contains("chmod 600") && said.contains("tls.key"), "{said}");
    std::fs::remove_file(folder.join("tls.pem")).expect("a file of ours");
    assert!(refused(&all).contains("tls."));
}

#[test]
fn slow_heads_slow_bodies_and_bodies_too_large_are_ended_while_others_are_served() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    all.configure(&code, |config| {
        config.limits.head_timeout_ms = 400;
        config.limits.body_timeout_ms = 400;
    });
    let to = rpc(&all, &code);

    let mut slow_head = connect(to);
    slow_head.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").expect("the node reads");
    let mut silent = connect(to);
    let slow_bodies = ["", "Upgrade: h2c\r\n", "Connection: Upgrade\r\nUpgrade: websocket\r\n"].map(|upgrade| {
        let mut slow_body = connect(to);
        slow_body.set_read_timeout(Some(Duration::from_millis(20))).expect("a timeout can be set");
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\n{upgrade}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n{{"
        );
        slow_body.write_all(head.as_bytes()).expect("the node reads");
        slow_body
    });
    assert!(ask(to, "", &call(method::STATUS, &json!({})))["result"].is_object());
    assert_eq!(rest(&mut slow_head), "", "no head, no answer");
    assert_eq!(rest(&mut silent), "", "nothing was said");
    for mut slow_body in slow_bodies {
        // A byte whenever nothing is heard for a while: never silent, never done.
        let mut heard = Vec::new();
        while heard.is_empty() {
            let mut part = [0; 1024];
            match slow_body.read(&mut part) {
                Ok(n) => heard.extend_from_slice(&part[..n]),
                Err(_) => slow_body.write_all(b" ").expect("the node reads until it answers"),
            }
        }
        assert_eq!(status_of(&String::from_utf8_lossy(&heard)), 408);
    }

    let announced = exchange(
        to,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99000000\r\n\r\n{",
    );
    assert_eq!(
        (status_of(&announced), &body_of(&announced)["error"]["data"]["name"]),
        (413, &json!("REQUEST_TOO_LARGE"))
    );
    let mut chunked = connect(to);
    let head =
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    chunked.write_all(head.as_bytes()).expect("the node reads");
    let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    // The node may hang up in the middle: that is what it should do.
    while chunked.write_all(chunk.as_bytes()).is_ok() {}
    let said = rest(&mut chunked);
    assert!(said.is_empty() || status_of(&said) == 413, "{said}");
    assert!(ask(to, "", &call(method::STATUS, &json!({})))["result"].is_object());
    assert!(all.is_alive(&code), "{}", all.describe());
}

#[test]
fn an_address_gets_its_connections_and_no_more_until_one_ends() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    all.configure(&code, |config| config.limits.connections_per_address = 3);
    let (to, metrics) = (rpc(&all, &code), all.network.node(&code).expect("a code").metrics.expect("its listener"));
    let count = |what: &str| {
        let page = exchange(metrics, &request("GET /metrics", "", ""));
        let line = page.lines().find_map(|line| line.strip_prefix(what)).map(|n| n.trim().parse::<u64>());
        line.expect("the metric is there").expect("a number")
    };
    // Those of the test's own start end first.
    all.wait("no connection", |_| count("landsea_rpc_connections ") == 0);
    let mut held: Vec<TcpStream> = (0..3).map(|_| connect(to)).collect();
    all.wait("three connections", |_| count("landsea_rpc_connections ") == 3);
    assert_eq!(status_of(&rest(&mut connect(to))), 503);
    assert_eq!(count("landsea_rpc_connections_refused "), 1);
    let status = request("POST /", "", &call(method::STATUS, &json!({})));
    held[0].write_all(status.as_bytes()).expect("the node reads");
    assert_eq!(status_of(&rest(&mut held[0])), 200, "those that are there are served");
    all.wait("an end", |_| count("landsea_rpc_connections ") == 2);
    assert!(ask(to, "", &call(method::STATUS, &json!({})))["result"].is_object());
}

#[test]
fn a_spent_quota_is_its_partys_own_and_no_header_gives_another() {
    const REQUESTS: u64 = 30;
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    all.configure(&code, |config| {
        config.limits.requests_per_minute = u32::try_from(REQUESTS).expect("few");
        config.limits.submissions_per_minute = 4;
        config.limits.derives_per_minute = 1;
    });
    let (to, token) = (rpc(&all, &code), bearer(&all, &code));
    let status = call(method::STATUS, &json!({}));
    // A token counts on its address when it is new, and on its account from then on.
    assert!(ask(to, &token, &status)["result"].is_object());
    let many: Vec<Value> = (0..2 * REQUESTS)
        .map(|id| json!({ "jsonrpc": "2.0", "id": id, "method": method::STATUS, "params": {} }))
        .collect();
    let answers = ask(to, "", &json!(many).to_string());
    let answers = answers.as_array().expect("an answer to each").clone();
    let is_answered = |answer: &Value| answer["result"].is_object();
    assert_eq!(answers.iter().position(|a| !is_answered(a)), Some(usize::try_from(REQUESTS).expect("few") - 1));
    let refused = &answers.last().expect("many")["error"];
    assert_eq!((&refused["code"], &refused["data"]["name"]), (&json!(error::QUOTA_EXCEEDED), &json!("QUOTA_EXCEEDED")));
    let wait = refused["data"]["retry_after_ms"].as_u64().expect("when to ask again");
    assert!((1..=60_000).contains(&wait), "{refused}");
    assert!(refused["data"]["next_zh"].is_string() && refused["data"]["next_en"].is_string(), "{refused}");

    for header in
        ["X-Forwarded-For: 192.0.2.9", "Forwarded: for=192.0.2.9", "X-Real-IP: 192.0.2.9", "X-Client-IP: 192.0.2.9"]
    {
        // What the quota gains meanwhile must not help this header.
        let spent: Vec<Value> = many.iter().take(8).cloned().collect();
        let answers = ask(to, &format!("{header}\r\n"), &json!(spent).to_string());
        let last = answers.as_array().and_then(|list| list.last()).expect("an answer to each").clone();
        assert_eq!(last["error"]["data"]["name"], "QUOTA_EXCEEDED", "{header}");
    }
    let refused =
        (0..2 * REQUESTS).map(|_| exchange(to, &request("GET /", "", ""))).find(|page| status_of(page) != 200);
    let refused = refused.expect("pages count too").to_ascii_lowercase();
    assert!(status_of(&refused.to_uppercase()) == 429 && refused.contains("retry-after: 1\r\n"), "{refused}");
    let large = exchange(to, &request("POST /", "", &" ".repeat(100_000)));
    assert_eq!((status_of(&large), &body_of(&large)["error"]["data"]["name"]), (429, &json!("QUOTA_EXCEEDED")));
    assert!(is_answered(&ask(to, &token, &status)), "the branch has a quota of its own");
    let elsewhere = all.block_on(from_address(Ipv4Addr::new(127, 0, 0, 2), to, &request("POST /", "", &status)));
    assert!(is_answered(&body_of(&elsewhere)), "another address has a quota of its own");

    let third = |body: &str| all.block_on(from_address(Ipv4Addr::new(127, 0, 0, 3), to, &request("POST /", "", body)));
    let broken: Vec<Value> = (0..2 * REQUESTS).map(|_| body_of(&third("{"))["error"]["code"].clone()).collect();
    assert!(broken.iter().all(|code| *code == -32700), "{broken:?}");
    let after = body_of(&third(&json!(many[..8]).to_string()));
    assert_eq!(after[7]["error"]["data"]["name"], "QUOTA_EXCEEDED", "what is no call costs too: {after}");

    let batch = |count: usize| call(method::SUBMIT_BATCH, &json!({ "transactions": vec!["00"; count] }));
    assert_eq!(ask(to, &token, &batch(5))["error"]["data"]["name"], "TOO_LARGE", "more than a minute's");
    assert_eq!(ask(to, &token, &batch(4))["result"].as_array().map(Vec::len), Some(4));
    assert_eq!(ask(to, &token, &batch(3))["error"]["data"]["name"], "QUOTA_EXCEEDED");
    let one = call(method::SUBMIT, &json!({ "transaction": "00" }));
    let names: Vec<Value> = (0..2).map(|_| ask(to, &token, &one)["error"]["data"]["name"].clone()).collect();
    assert_eq!(names[1], "QUOTA_EXCEEDED", "submissions one by one count too: {names:?}");
}

/// A request from another address of this computer.
async fn from_address(from: Ipv4Addr, to: SocketAddr, request: &str) -> String {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((from, 0).into()).expect("an address of this computer");
    let mut stream = socket.connect(to).await.expect("the node listens");
    stream.write_all(request.as_bytes()).await.expect("the node reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the node answers in text");
    answer
}

#[test]
fn pages_of_other_sites_and_other_names_for_a_loopback_node_are_refused_and_no_cors_header_is_sent() {
    let all = Processes::start(4, QUICK);
    let to = rpc(&all, &all.codes()[0]);
    let status = call(method::STATUS, &json!({}));
    let upgrade = |origin: &str| upgrade(to, origin);
    let opened = |request: String| {
        let mut stream = connect(to);
        stream.write_all(request.as_bytes()).expect("the node reads");
        let mut first = [0; 12];
        stream.read_exact(&mut first).expect("an answer");
        status_of(&String::from_utf8_lossy(&first))
    };
    assert_eq!(opened(upgrade("")), 101, "no browser");
    assert_eq!(opened(upgrade(&format!("Origin: http://{to}\r\n"))), 101, "the node's own page");
    for foreign in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(opened(upgrade(&format!("Origin: {foreign}\r\n"))), 403, "{foreign}");
        let posted = exchange(to, &request("POST /", &format!("Origin: {foreign}\r\n"), &status));
        assert_eq!(status_of(&posted), 403, "{foreign}");
    }
    let rebound = exchange(to, &request("POST /", "", &status).replace("Host: localhost", "Host: evil.example"));
    assert_eq!(status_of(&rebound), 403);
    let preflight = "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n";
    let preflight = exchange(to, &request("OPTIONS /", preflight, ""));
    assert!(!(200..300).contains(&status_of(&preflight)), "{preflight}");
    let own = exchange(to, &request("POST /", "Origin: http://localhost\r\n", &status));
    assert_eq!(status_of(&own), 200);
    for answer in [rebound, preflight, own, exchange(to, &request("GET /", "", ""))] {
        assert!(!answer.to_ascii_lowercase().contains("access-control-"), "{answer}");
    }
}

#[test]
fn the_public_listener_serves_neither_metrics_nor_readiness_and_each_page_has_its_own() {
    let all = Processes::start(4, QUICK);
    let node = all.network.node(&all.codes()[0]).expect("a code").clone();
    let (public, operator, metrics) = (rpc(&all, &node.code), node.operator.expect("set"), node.metrics.expect("set"));
    let get = |to: SocketAddr, path: &str| exchange(to, &request(&format!("GET {path}"), "", ""));
    all.wait("a quorum", |_| status_of(&get(operator, "/ready")) == 200);
    let told = get(metrics, "/metrics");
    assert!(status_of(&told) == 200 && told.contains("landsea_height "), "{told}");
    for (to, path) in [(public, "/metrics"), (public, "/ready"), (operator, "/metrics"), (metrics, "/ready")] {
        assert_eq!(status_of(&get(to, path)), 404, "{to} {path}");
    }
    for to in [public, operator, metrics] {
        assert_eq!(status_of(&get(to, "/health")), 200, "{to}");
    }
    let rebound = exchange(metrics, &request("GET /metrics", "", "").replace("Host: localhost", "Host: evil.example"));
    assert_eq!(status_of(&rebound), 403, "{rebound}");
    let asked = exchange(operator, &request("POST /", "", &call(method::STATUS, &json!({}))));
    assert_eq!(status_of(&asked), 404, "methods are answered on the public listener alone");
}

#[test]
fn a_token_ends_with_its_key_also_where_it_was_accepted_before() {
    let all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let (to, token) = (rpc(&all, &code), bearer(&all, &code));
    let evidence = call(method::EVIDENCE, &json!({}));
    for _ in 0..2 {
        assert!(ask(to, &token, &evidence)["result"].is_array(), "the key is valid");
    }
    let identity = all.network.branch(&code).expect("a member's code");
    let client = all.client(&code).with_identity(identity.clone());
    let party = all.block_on(client.party(&identity.account)).expect("an answer").expect("a party");
    let height = all.status(&code).expect("the node answers").height;
    let from_height = height.saturating_add(8);
    let rotation = RotateKey {
        party: identity.account,
        expect_ver: party.record.expect("its own record").ver,
        old_key: identity.key,
        new_key: NewKey { public_key: SecretKey::from_seed([77; 32]).public(), purpose: KeyPurpose::Sign },
        from_height,
    };
    let draft = Draft::new(all.network.genesis.chain_id(), identity.account).valid_until(height.saturating_add(20));
    let rotated = draft.operation(Operation::PartyRotateKey(rotation)).sign(&identity).expect("a sound draft");
    let view = all.block_on(client.submit_and_wait(&rotated)).expect("it commits");
    assert_eq!(view.code, landsea_types::Code::Ok, "{view:?}");
    all.wait("the end of the key", |all| all.status(&code).is_some_and(|s| s.height.next() >= from_height));
    assert_eq!(ask(to, &token, &evidence)["error"]["data"]["name"], "UNAUTHENTICATED");
}

#[test]
fn a_websocket_has_its_bounds_of_size_and_of_calls_at_once() {
    const CALLS_AT_ONCE: usize = 128;
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let to = rpc(&all, &codes[0]);
    let mut large = websocket(to);
    say(&mut large, &" ".repeat(2_000_000));
    assert_eq!(hear(&mut large)["error"]["code"], -32007);
    say(&mut large, &call(method::STATUS, &json!({})));
    assert!(hear(&mut large)["result"].is_object(), "the connection goes on");

    // What is submitted now waits for two members that do not come.
    let transaction = hex::encode(all.new_firm(&codes[0]).encode());
    all.kill(&codes[2]);
    all.kill(&codes[3]);
    let mut many = websocket(to);
    for id in 0..CALLS_AT_ONCE + 2 {
        let body = json!({ "jsonrpc": "2.0", "id": id, "method": method::SUBMIT_AND_WAIT,
            "params": { "transaction": transaction } })
        .to_string();
        say(&mut many, &body);
    }
    for _ in 0..2 {
        assert_eq!(hear(&mut many)["error"]["data"]["name"], "BUSY");
    }
    all.start_node(&codes[2]);
    for _ in 0..CALLS_AT_ONCE {
        let answer = hear(&mut many);
        assert!(answer["result"].is_object(), "{answer}");
    }
}

#[test]
fn a_websocket_that_takes_no_answer_is_hung_up_on_and_one_that_does_gets_all() {
    let all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let (to, metrics) = (rpc(&all, &code), all.network.node(&code).expect("a code").metrics.expect("its listener"));
    let is_left = |count: &str| {
        let page = exchange(metrics, &request("GET /metrics", "", ""));
        page.lines().any(|line| line.strip_prefix("landsea_rpc_connections ") == Some(count))
    };
    let discover = call(method::DISCOVER, &json!({}));
    let mut taking = websocket(to);
    for _ in 0..120 {
        say(&mut taking, &discover);
        assert!(hear(&mut taking)["result"].is_object(), "what is taken is owed no more");
    }
    drop(taking);
    all.wait("no connection", |_| is_left("0"));
    // More than the sockets on both sides hold.
    let mut unread = websocket(to);
    for _ in 0..120 {
        say(&mut unread, &discover);
    }
    assert!(is_left("1"));
    all.wait("the node's hanging up", |_| is_left("0"));
    drop(unread);
}

#[test]
fn a_node_stops_when_told_whatever_its_clients_hold_open() {
    let mut all = Processes::start(4, QUICK);
    let code = all.codes()[0].clone();
    let to = rpc(&all, &code);
    let silent = connect(to);
    let mut half = connect(to);
    half.write_all(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{").expect("the node reads");
    let mut listener = websocket(to);
    say(&mut listener, &call(method::SUBSCRIBE_OUTCOMES, &json!({})));
    assert!(hear(&mut listener)["result"].is_number());
    assert!(all.stop(&code).success(), "{}", all.describe());
    drop((silent, half, listener));
}
