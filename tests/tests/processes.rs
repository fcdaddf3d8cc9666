//! Real node processes that are killed, starved of a quorum, and sent junk.

use landsea_tests::processes::Processes;
use landsea_types::{Code, Height, TxId};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Idle time between blocks of the small networks, milliseconds.
const QUICK: u64 = 250;

/// Asserts that every node tells the same commit of every transaction.
fn assert_nothing_is_lost(all: &Processes, acknowledged: &[(TxId, Height)]) {
    for code in all.codes() {
        for (id, height) in acknowledged {
            let found =
                all.transaction(&code, id).unwrap_or_else(|| panic!("{code} has lost {id}\n{}", all.describe()));
            assert_eq!((found.height, found.code), (*height, Code::Ok), "{code}");
        }
    }
}

fn acknowledge(all: &mut Processes, code: &str) -> (TxId, Height) {
    let view = all.commit_new(code);
    assert_eq!(view.code, Code::Ok);
    (view.id, view.height)
}

#[test]
fn a_killed_node_catches_up_to_the_same_root() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let mut acknowledged = vec![acknowledge(&mut all, &codes[0])];
    for victim in [1, 2] {
        all.kill(&codes[victim]);
        for _ in 0..3 {
            acknowledged.push(acknowledge(&mut all, &codes[(victim + 1) % 4]));
        }
        all.start_node(&codes[victim]);
        all.assert_agreement_after(2);
    }
    assert_nothing_is_lost(&all, &acknowledged);
}

#[test]
fn all_nodes_killed_at_once_go_on_and_lose_nothing_acknowledged() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        acknowledged.push(acknowledge(&mut all, &codes[round]));
        // More is under way when the power fails.
        for code in &codes {
            let transaction = all.new_firm(code);
            all.submit(code, &transaction).expect("the node accepts it");
        }
        all.kill_all();
        codes.iter().for_each(|code| all.start_node(code));
        all.wait_for_height(&codes, acknowledged[round].1.next());
    }
    all.assert_agreement_after(2);
    assert_nothing_is_lost(&all, &acknowledged);
}

#[test]
fn five_of_fifteen_down_halts_without_a_fork_and_resumes_when_one_returns() {
    let mut all = Processes::start(15, 1_000);
    let codes = all.codes();
    let (down, up) = codes.split_at(5);
    let mut acknowledged = vec![acknowledge(&mut all, &up[0])];
    // Four down: the rest go on.
    down[..4].iter().for_each(|code| all.kill(code));
    acknowledged.push(acknowledge(&mut all, &up[1]));
    all.kill(&down[4]);
    // A height whose precommits were all sent before may still end.
    let last = all.highest().next();
    all.watch("ten of fifteen must not decide", Duration::from_secs(6), |all| all.highest() <= last);
    let transaction = all.new_firm(&up[2]);
    let waiting = all.submit(&up[2], &transaction).expect("a halted node accepts transactions");
    all.start_node(&down[2]);
    all.wait("the waiting transaction", |all| all.transaction(&up[2], &waiting).is_some());
    for code in down.iter().filter(|code| **code != down[2]) {
        all.start_node(code);
    }
    all.assert_agreement_after(2);
    assert_nothing_is_lost(&all, &acknowledged);
}

#[test]
fn a_node_with_a_wiped_data_folder_fetches_the_chain_and_votes_again() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let acknowledged = [acknowledge(&mut all, &codes[0]), acknowledge(&mut all, &codes[3])];
    all.kill(&codes[3]);
    std::fs::remove_dir_all(all.folder(&codes[3]).join("data")).expect("the node is stopped");
    all.start_node(&codes[3]);
    all.assert_agreement_after(2);
    all.wait("a vote", |all| all.status(&codes[3]).is_some_and(|s| s.voting));
    // Its vote is needed now.
    all.kill(&codes[0]);
    all.wait_for_height(&codes[1..], all.highest().saturating_add(2));
    all.start_node(&codes[0]);
    all.assert_agreement_after(1);
    assert_nothing_is_lost(&all, &acknowledged);
}

#[test]
fn a_node_without_its_sign_mark_refuses_to_start_and_names_the_command() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    all.kill(&codes[1]);
    let mark = all.folder(&codes[1]).join("validator.key.mark");
    let kept = std::fs::read(&mark).expect("the mark lies beside the key");
    std::fs::remove_file(&mark).expect("the node is stopped");
    let refused = all.run_to_end(&codes[1]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("sign mark") && said.contains("recover-mark"), "{said}");
    std::fs::write(&mark, kept).expect("the folder is there");
    all.start_node(&codes[1]);
    all.assert_agreement_after(1);
}

#[test]
fn junk_on_every_port_leaves_the_nodes_serving() {
    let mut all = Processes::start(4, QUICK);
    let codes = all.codes();
    let node = all.network.node(&codes[0]).expect("a member's code").clone();
    let rpc = node.rpc_address().expect("an address");
    for junk in rpc_junk().iter().chain(&raw_junk()) {
        send(rpc, junk);
    }
    for junk in raw_junk() {
        send(node.p2p, &junk);
    }
    acknowledge(&mut all, &codes[0]);
    all.assert_agreement_after(2);
    assert!(codes.iter().all(|code| all.is_alive(code)), "{}", all.describe());
}

/// Requests that no client makes.
fn rpc_junk() -> Vec<Vec<u8>> {
    let post = |body: &[u8]| {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let call =
        |params: &str| post(format!(r#"{{"jsonrpc":"2.0","id":1,"method":"submit","params":{params}}}"#).as_bytes());
    vec![
        post(b"{"),
        post(&vec![b'['; 100_000]),
        post(&vec![b'a'; 20 << 20]),
        call(r#"{"transaction":"zz"}"#),
        call(r#"{"transaction":""}"#),
        call(r#"{"transaction":"0100ff"}"#),
        call(&format!(r#"{{"transaction":"{}"}}"#, "01".repeat(70_000))),
        call("[1,2,3]"),
        b"GET /../../etc HTTP/1.1\r\nAuthorization: Bearer ffff\r\n\r\n".to_vec(),
    ]
}

fn raw_junk() -> Vec<Vec<u8>> {
    let counting = (0..100_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![Vec::new(), vec![0; 3], vec![0xff; 70_000], b"\x13/multistream/1.0.0\n".to_vec(), counting]
}

/// Sends bytes and reads until the other side has had enough; a refused or broken connection is as good as any answer.
fn send(to: SocketAddr, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(to) else { return };
    let _ = stream.set_read_timeout(Some(Duration::from_millis(300)));
    let _ = stream.set_write_timeout(Some(Duration::from_secs(2)));
    let _ = stream.write_all(bytes);
    let _ = stream.read(&mut [0; 4096]);
}
