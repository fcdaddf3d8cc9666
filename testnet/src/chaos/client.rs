//! Clients that race for pledges through different nodes.

use super::cast::{Cast, judged_at};
use super::history::{Action, Answer, Position, Read, Recorder, Seen, StatedHeight, Write};
use super::rng::Rng;
use crate::network::Network;
use landsea_client::api::{DocumentRequest, DocumentView, TransactionView};
use landsea_client::rpc::{RpcClient, RpcError};
use landsea_types::certificate::{Integrity, Question, Trust, Verdict};
use landsea_types::{Code, Height, Transaction};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Pause between two acts of one client, milliseconds.
const THINKS_MS: (u64, u64) = (10, 150);
/// How long a reader waits.
const READ_PATIENCE: Duration = Duration::from_secs(3);
/// How long a writer waits for one node.
const WRITE_PATIENCE: Duration = Duration::from_secs(8);
/// Heights for which writes stay valid: short ones expire while a node is down.
const VALID_HEIGHTS: (u64, u64) = (20, 200);
/// Nodes through which a write without an answer is sent again, at most.
const SENT_AGAIN_MAX: usize = 3;

/// Out of a hundred acts: certificates, plain reads; the others write.
const CERTIFICATES: u64 = 15;
const PLAIN_READS: u64 = 15;
/// Out of a hundred looks at a pledged document: releases; the others try to pledge it once more.
const RELEASES: u64 = 65;
/// Out of a hundred writes without an answer: sent again.
const SENT_AGAIN: u64 = 70;

/// One client.
pub(crate) struct Client {
    number: usize,
    rng: Rng,
    network: Network,
    cast: Arc<Cast>,
    recorder: Arc<Recorder>,
    nodes: Vec<RpcClient>,
    ending: watch::Receiver<bool>,
}

/// What a client knows before it writes.
struct Plan {
    node: usize,
    doc: usize,
    view: DocumentView,
    height: Height,
}

/// What one attempt to have a write committed came to.
enum Attempt {
    /// It is over.
    Final(Answer),
    /// This node did not take it.
    Refused(String),
    /// It may have happened.
    Open(String),
}

impl Client {
    /// # Errors
    /// When a node's address is none.
    pub(crate) fn new(
        number: usize,
        seed: u64,
        network: &Network,
        cast: Arc<Cast>,
        recorder: Arc<Recorder>,
        ending: watch::Receiver<bool>,
    ) -> Result<Self, RpcError> {
        let nodes = network.nodes.iter().map(|n| RpcClient::new(&n.rpc)).collect::<Result<_, _>>()?;
        let rng = Rng::new(seed, &format!("client {number}"));
        Ok(Self { number, rng, network: network.clone(), cast, recorder, nodes, ending })
    }

    /// Acts until the run ends.
    pub(crate) async fn run(mut self) {
        while !*self.ending.borrow() {
            tokio::time::sleep(self.rng.time(THINKS_MS.0, THINKS_MS.1)).await;
            let doc = self.rng.index(self.cast.documents.len());
            let node = self.rng.index(self.nodes.len());
            let roll = self.rng.below(100);
            if roll < CERTIFICATES {
                self.certify(node, doc).await;
                continue;
            }
            let plan = self.look(node, doc).await;
            if let Some(plan) = plan.filter(|_| roll >= CERTIFICATES + PLAIN_READS) {
                self.write(plan).await;
            }
        }
    }

    async fn ask<T>(&self, question: impl Future<Output = Result<T, RpcError>>) -> Option<T> {
        let answer = tokio::time::timeout(READ_PATIENCE, question).await.ok().and_then(Result::ok);
        if answer.is_none() {
            self.recorder.note(|h| h.reads_unanswered += 1);
        }
        answer
    }

    /// Asks for the proved state of a document and checks the proof with the genesis.
    async fn certify(&self, node: usize, doc: usize) {
        let asked = self.recorder.now();
        let fp1 = self.cast.documents[doc].fp1;
        let Some(certificate) = self.ask(self.nodes[node].certificate(&Question::NotPledged { fp1 })).await else {
            return;
        };
        let now = judged_at(certificate.header.time);
        let trust = Trust { genesis: &self.network.genesis, pinned: None, now, max_age_ms: None };
        let verified = certificate.verify(&trust, None);
        let pledged = match verified.status {
            Verdict::Free => Some(Seen::Document { version: None, pledged: None }),
            Verdict::Encumbered { since, index, .. } => {
                Some(Seen::Document { version: None, pledged: Some(Position { height: since, index }) })
            }
            Verdict::Unknown => Some(Seen::Nothing),
            _ => None,
        };
        let height = certificate.height;
        match pledged.filter(|_| matches!(verified.integrity, Integrity::Valid { .. })) {
            Some(seen) => self.saw(Read { node, doc, stated: StatedHeight::Exactly { height }, seen, asked }),
            None => {
                let what = format!("node {} certifies document {doc} at height {height}: {verified}", self.code(node));
                self.recorder.note(|h| h.scandals.push(what));
            }
        }
    }

    fn code(&self, node: usize) -> &str {
        &self.network.nodes[node].code
    }

    fn saw(&self, read: Read) {
        self.recorder.note(|h| h.reads.push(read));
    }

    /// Reads a document between two looks at the node's height.
    async fn look(&self, node: usize, doc: usize) -> Option<Plan> {
        let asked = self.recorder.now();
        let client = &self.nodes[node];
        let low = self.ask(client.status()).await?.height;
        let request = DocumentRequest { doc: Some(self.cast.documents[doc].id), fingerprint: None };
        let view = self.ask(client.document(&request)).await?;
        let high = self.ask(client.status()).await?.height;
        let seen = view.as_ref().map_or(Seen::Nothing, |view| Seen::Document {
            version: Some(view.public.ver),
            pledged: view.encumbrance.as_ref().map(|e| Position { height: e.since_height, index: e.index }),
        });
        // A node whose folder was emptied in between starts over: its two heights say nothing.
        if low <= high {
            self.saw(Read { node, doc, stated: StatedHeight::Between { low, high }, seen, asked });
        }
        Some(Plan { node, doc, view: view?, height: high })
    }

    async fn write(&mut self, plan: Plan) {
        let valid_until =
            plan.height.saturating_add(VALID_HEIGHTS.0 + self.rng.below(VALID_HEIGHTS.1 - VALID_HEIGHTS.0));
        let (action, tx) = self.choose(&plan, valid_until);
        let mut write = Write {
            client: self.number,
            nodes: Vec::new(),
            doc: plan.doc,
            tx: tx.id(),
            valid_until,
            action,
            invoked: self.recorder.now(),
            ended: self.recorder.now(),
            answer: Answer::Unknown { why: "the run ended first".into() },
        };
        let number = self.recorder.begin(write.clone());
        write.answer = self.send(&tx, plan.node, &mut write.nodes).await;
        write.ended = self.recorder.now();
        self.recorder.note(|h| h.writes[number] = write);
    }

    fn choose(&mut self, plan: &Plan, valid_until: Height) -> (Action, Transaction) {
        let live = plan.view.encumbrance.as_ref().filter(|_| self.rng.chance(RELEASES));
        let release = live.and_then(|e| Some((self.cast.bank_at(e.member)?, e.pledge)));
        if let Some((bank, pledge)) = release {
            return (Action::Release { pledge }, self.cast.release(bank, pledge, valid_until));
        }
        let bank = self.number % self.cast.banks.len();
        let expect = plan.view.public.ver;
        (Action::Pledge { expect }, self.cast.pledge(bank, plan.doc, expect, valid_until))
    }

    /// Sends a transaction, and the same bytes through other nodes while there is no answer.
    async fn send(&mut self, tx: &Transaction, first: usize, nodes: &mut Vec<usize>) -> Answer {
        let mut node = first;
        let mut open: Option<String> = None;
        loop {
            nodes.push(node);
            match self.attempt(tx, node).await {
                Attempt::Final(answer) => return answer,
                Attempt::Refused(word) if open.is_none() => return Answer::NotTaken { word },
                Attempt::Refused(_) => {}
                Attempt::Open(why) => open = Some(why),
            }
            let is_last = nodes.len() > SENT_AGAIN_MAX || *self.ending.borrow() || !self.rng.chance(SENT_AGAIN);
            if let Some(why) = open.clone().filter(|_| is_last) {
                return Answer::Unknown { why };
            }
            node = self.rng.index(self.nodes.len());
        }
    }

    async fn attempt(&self, tx: &Transaction, node: usize) -> Attempt {
        let client = &self.nodes[node];
        match tokio::time::timeout(WRITE_PATIENCE, client.submit_and_wait(tx)).await {
            Err(_) => Attempt::Open("no answer in time".into()),
            Ok(Ok(view)) => Attempt::Final(committed(&view)),
            Ok(Err(error)) => self.judge(tx, node, error).await,
        }
    }

    async fn judge(&self, tx: &Transaction, node: usize, error: RpcError) -> Attempt {
        match error {
            RpcError::Refused { code: Code::AlreadyCommitted, .. } => {
                let view = self.ask(self.nodes[node].transaction(&tx.id())).await.flatten();
                view.map_or(Attempt::Open("committed before, no outcome yet".into()), |v| Attempt::Final(committed(&v)))
            }
            // Every height of its validity is committed at this node, and the transaction is in none.
            RpcError::Refused { code: Code::TransactionExpired, .. } => {
                Attempt::Final(Answer::NotTaken { word: Code::TransactionExpired.to_string() })
            }
            RpcError::Refused { code, .. } => Attempt::Refused(code.to_string()),
            RpcError::Busy { .. } => Attempt::Refused("BUSY".into()),
            RpcError::QuotaExceeded { .. } => Attempt::Refused("QUOTA_EXCEEDED".into()),
            other => Attempt::Open(other.to_string()),
        }
    }
}

fn committed(view: &TransactionView) -> Answer {
    let at = Position { height: view.height, index: view.index };
    Answer::Committed { at, code: view.code, args: view.args.clone() }
}
