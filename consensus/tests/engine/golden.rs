//! Golden transcripts: the file name is the claim. `LANDSEA_BLESS=1` writes them anew.

use crate::disk::Disk;
use crate::net::key;
use crate::solo::{A, B, Solo, precommit, prevote, proposal};
use landsea_consensus::{ConsensusMessage, Durable, Host, Input, Output, SignMark, Timer};
use landsea_types::crypto::Ed25519;
use landsea_types::{BlockId, Height};
use std::path::PathBuf;

/// A disk that writes down what is done to it, in order with everything else.
struct Witness<'a> {
    disk: &'a mut Disk,
    lines: &'a mut String,
}

impl Durable for Witness<'_> {
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]) {
        self.lines.push_str(&format!("    log entry {seq}\n"));
        self.disk.wal_append(height, seq, entry);
    }
    fn flush(&mut self) {
        self.lines.push_str("    flush\n");
        self.disk.flush();
    }
    fn advance_mark(&mut self, mark: SignMark) {
        self.lines.push_str(&format!("    mark {}/{} {:?}\n", mark.height, mark.round, mark.step));
        self.disk.advance_mark(mark);
    }
}

struct Transcript {
    solo: Solo,
    lines: String,
}

impl Transcript {
    fn new(me: usize) -> Self {
        Self { solo: Solo::new(me), lines: String::new() }
    }

    fn step(&mut self, input: Input) {
        self.lines.push_str(&format!("{}\n", show_input(&input)));
        let signer = key(self.solo.me);
        let mut witness = Witness { disk: &mut self.solo.disk, lines: &mut self.lines };
        let mut host = Host { durable: &mut witness, signer: &signer, suite: &Ed25519 };
        let outputs = self.solo.engine.step(input, &mut host);
        outputs.iter().for_each(|o| self.lines.push_str(&format!("    -> {}\n", show_output(o))));
        self.solo.engine.validate();
    }

    fn start(&mut self) {
        let wal = self.solo.disk.log();
        self.step(Input::StartHeight { height: Height::new(1), wal });
    }

    fn hear(&mut self, from: usize, message: ConsensusMessage) {
        self.step(Input::Message { from: crate::net::member(from), message });
    }

    fn restart(self) -> Self {
        Self { solo: self.solo.restart(), lines: self.lines + "crash\n" }
    }

    fn check(&self, name: &str) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/engine/golden").join(name);
        if std::env::var_os("LANDSEA_BLESS").is_some() {
            std::fs::write(&path, &self.lines).expect("the golden folder is writable");
        }
        let golden = std::fs::read_to_string(&path).expect("the transcript is committed");
        assert_eq!(self.lines, golden, "the transcript {name} differs");
    }
}

fn name(block: BlockId) -> String {
    block.short().chars().take(2).collect::<String>().to_uppercase()
}

fn show_timer(timer: &Timer) -> String {
    format!("{:?} {}/{}", timer.kind, timer.height, timer.round)
}

fn show_message(message: &ConsensusMessage) -> String {
    match message {
        ConsensusMessage::Vote { vote, rebroadcast } => {
            let v = &vote.message;
            let again = if *rebroadcast { " again" } else { "" };
            let block = v.block.map_or("nil".to_owned(), name);
            format!("{:?} {}/{} {block} by {}{again}", v.kind, v.height, v.round, v.voter)
        }
        ConsensusMessage::Proposal { proposal } => {
            let p = &proposal.message;
            format!("Proposal {}/{} {} by {}", p.height, p.round, name(p.block), p.proposer)
        }
        ConsensusMessage::Polka { certificate } => format!("Polka {}/{}", certificate.height, certificate.round),
        ConsensusMessage::Round { certificate } => format!("Round {}/{}", certificate.height, certificate.round),
    }
}

fn show_input(input: &Input) -> String {
    match input {
        Input::StartHeight { height, wal } => format!("start height {height} with {} entries", wal.len()),
        Input::Message { from, message } => format!("from {from}: {}", show_message(message)),
        Input::Propose { height, round, block } => format!("propose {height}/{round} {}", name(*block)),
        Input::Verdict { height, block, valid, .. } => format!("verdict {height} {} valid {valid}", name(*block)),
        Input::Certified { certificate } => format!("certified {}", certificate.height),
        Input::Timer { timer } => format!("timer {}", show_timer(timer)),
    }
}

fn show_output(output: &Output) -> String {
    match output {
        Output::Send { message } => format!("send {}", show_message(message)),
        Output::Build { height, round } => format!("build {height}/{round}"),
        Output::Need { height, round, block } => format!("need {height}/{round} {}", name(*block)),
        Output::SetTimer { timer, after_ms } => format!("set {} in {after_ms} ms", show_timer(timer)),
        Output::CancelTimer { timer } => format!("cancel {}", show_timer(timer)),
        Output::CancelTimers => "cancel all timers".to_owned(),
        Output::Decide { certificate } => {
            let signers: Vec<_> = certificate.signatures.iter().map(|(m, _)| m.get()).collect();
            format!(
                "decide {} {} round {} by {signers:?}",
                certificate.height,
                name(certificate.block),
                certificate.round
            )
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn a_happy_height_costs_two_flushes_for_two_votes() {
    let mut t = Transcript::new(0);
    t.start();
    t.hear(1, proposal(0, A, None));
    t.hear(1, prevote(0, Some(A), 1));
    t.step(Input::Verdict { height: Height::new(1), round: 0, block: A, valid: true });
    t.hear(2, prevote(0, Some(A), 2));
    t.hear(3, prevote(0, Some(A), 3));
    t.hear(1, precommit(0, Some(A), 1));
    t.hear(2, precommit(0, Some(A), 2));
    t.check("a_happy_height_costs_two_flushes_for_two_votes.txt");
}

#[test]
fn proposer_crashes_after_wal_before_publish() {
    let mut t = Transcript::new(1);
    t.start();
    t.step(Input::Propose { height: Height::new(1), round: 0, block: A });
    // The outputs of that step are lost with the crash; what was flushed is not.
    let mut t = t.restart();
    t.start();
    t.step(Input::Propose { height: Height::new(1), round: 0, block: B });
    t.check("proposer_crashes_after_wal_before_publish.txt");
}
