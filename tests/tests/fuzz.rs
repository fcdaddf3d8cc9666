//! The short run of the fuzzers, and proof that they can fail.

use landsea_tests::fuzz::{Bounds, Check, Failure, Runner, Syntax, TARGETS, Target, corpus, fixture};
use std::sync::{Mutex, PoisonError};

/// The seed of the short run; the long run is for others.
const SEED: u64 = 20_261_122;

/// A node of one target must not see the panics that another test provokes.
static TURN: Mutex<()> = Mutex::new(());

fn short_run(names: &[&str]) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    for target in TARGETS.iter().filter(|t| names.contains(&t.name)) {
        let mut runner = Runner::new(target, SEED);
        let done = runner.run_corpus().and_then(|()| runner.run(target.short));
        println!(
            "{}: seed {SEED}, {} executions, {} answers",
            target.name,
            runner.executions(),
            runner.answers().len()
        );
        if let Err(failure) = done {
            panic!("{failure}\n{:02x?}", failure.input);
        }
        assert!(runner.answers().len() > 1, "{}: whatever comes, the answer is one", target.name);
    }
}

const MESSAGES: &[&str] = &["consensus_message", "fetch_message", "block", "batch", "transaction", "token", "frames"];
const MACHINES: &[&str] = &["execution", "consensus_engine", "wal"];
const PROOFS: &[&str] = &["certificate", "certificate_json", "paper"];
const FILES: &[&str] =
    &["document", "draft", "genesis", "node_config", "network_file", "key_file", "salts_file", "scenario"];
const DISKS: &[&str] = &["sign_mark", "stored_rows", "stored_files"];
const SOCKETS: &[&str] = &["handshake", "rpc_params", "rpc"];

#[test]
fn no_message_of_a_peer_or_client_breaks_its_decoder() {
    short_run(MESSAGES);
}

#[test]
fn no_transaction_message_or_log_breaks_chaincode_or_consensus() {
    short_run(MACHINES);
}

#[test]
fn no_changed_certificate_or_paper_says_more_than_a_genuine_one() {
    short_run(PROOFS);
}

#[test]
fn no_file_breaks_its_reader() {
    short_run(FILES);
}

#[test]
fn damage_on_disk_is_noticed() {
    short_run(DISKS);
}

#[test]
fn no_request_breaks_a_node() {
    short_run(SOCKETS);
}

#[test]
fn every_target_is_run_and_its_corpus_is_small() {
    let mut run: Vec<&str> = [MESSAGES, MACHINES, PROOFS, FILES, DISKS, SOCKETS].concat();
    run.sort_unstable();
    let mut all: Vec<&str> = TARGETS.iter().map(|t| t.name).collect();
    all.sort_unstable();
    assert_eq!(run, all, "the short run leaves targets out or repeats them");
    let bytes = |name: &&str| corpus::load(name).iter().map(|e| e.bytes.len()).sum::<usize>();
    let total: usize = all.iter().chain([&fixture::CHAIN]).map(bytes).sum();
    assert!(total < 1 << 20, "the corpus has {total} bytes");
}

// ---- Decoders that are wrong on purpose.

fn wrong(name: &'static str, open: fn() -> Check) -> &'static Target {
    let (syntax, bounds) = (Syntax::Binary, Bounds::DECODER);
    Box::leak(Box::new(Target { name, about: "wrong on purpose", syntax, bounds, short: 0, open }))
}

/// The failure that a wrong decoder leads to, within so many mutations of valid inputs.
fn caught_within(mutations: u64, target: &'static Target) -> Box<Failure> {
    let valid = |items: &[u8]| [&[1][..], &(items.len() as u32).to_le_bytes(), items].concat();
    let mut runner = Runner::over(target, vec![valid(b"abcdef"), valid(b"0123456789")], SEED);
    runner.run_corpus().unwrap_or_else(|f| panic!("valid inputs pass: {f}"));
    let failure = runner.run(mutations).expect_err("a wrong decoder is caught");
    println!("{}: caught after {} executions: {}", target.name, failure.execution, failure.problem);
    failure
}

/// Version, length, items: what the wrong decoders below read, each forgetting something.
fn parts(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (version, rest) = bytes.split_first()?;
    let (length, items) = rest.split_first_chunk::<4>()?;
    Some((*version, u32::from_le_bytes(*length) as usize, items))
}

#[test]
fn a_decoder_that_trusts_a_length_is_caught_within_500_mutations() {
    let target = wrong("trusts_length", || {
        Box::new(|bytes| {
            let Some((_, length, items)) = parts(bytes) else { return "refused".into() };
            format!("{}", items[..length].len().min(1))
        })
    });
    assert!(caught_within(500, target).problem.contains("out of range"));
}

#[test]
fn a_decoder_that_reserves_what_is_announced_is_caught_within_500_mutations() {
    let target = wrong("reserves_announced", || {
        Box::new(|bytes| {
            let Some((_, length, items)) = parts(bytes) else { return "refused".into() };
            // Bounded, so that the test itself stays small.
            let mut read: Vec<u8> = Vec::with_capacity(length.min(1 << 24));
            read.extend(items.iter().take(length));
            if read.len() == length { "decodes".into() } else { "too short".into() }
        })
    });
    assert!(caught_within(500, target).problem.contains("bytes held at once"));
}

#[test]
fn a_decoder_that_ignores_trailing_bytes_is_caught_within_500_mutations() {
    let target = wrong("ignores_tail", || {
        Box::new(|bytes| {
            let Some((version, length, items)) = parts(bytes) else { return "refused".into() };
            let Some(read) = items.get(..length).filter(|_| version == 1) else { return "refused".into() };
            let again = [&[1][..], &(length as u32).to_le_bytes(), read].concat();
            assert_eq!(again, bytes, "another encoding of the same value decodes");
            "decodes".into()
        })
    });
    assert!(caught_within(500, target).problem.contains("another encoding"));
}

#[test]
fn a_decoder_that_adds_without_a_check_is_caught_within_5000_mutations() {
    let target = wrong("adds_unchecked", || {
        Box::new(|bytes| {
            let Some((_, length, items)) = parts(bytes) else { return "refused".into() };
            let end = (length as u32) + 5;
            format!("{}", items.len() as u32 + 5 == end)
        })
    });
    assert!(caught_within(5_000, target).problem.contains("overflow"));
}

#[test]
fn a_seed_fixes_the_failing_input() {
    let target = || {
        wrong("again", || {
            Box::new(|bytes| {
                assert!(bytes.len() < 40, "too long");
                "short".into()
            })
        })
    };
    let (one, two) = (caught_within(2_000, target()), caught_within(2_000, target()));
    assert_eq!((one.execution, &one.input), (two.execution, &two.input));
}
