//! The end of a run: everything healed, the nodes together again, and the record held against what they hold.

use super::Run;
use super::audit::{self, Chain, Era, Issued};
use super::cast::{Cast, branch_client};
use super::history::{History, Position};
use super::nodes::{Nodes, said};
use super::report::Convergence;
use crate::error::TestnetError;
use crate::watch::ASK_AGAIN;
use landsea_client::api::DocumentRequest;
use landsea_client::rpc::{RpcClient, RpcError};
use landsea_types::Height;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long the nodes may take to come together, also on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(240);
/// Blocks that must follow the last fault.
const BLOCKS_AFTER: u64 = 2;

/// What was found at the end.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) lost: Vec<String>,
    pub(crate) anomalies: Vec<String>,
    /// `None` when it was not looked at.
    pub(crate) convergence: Option<Convergence>,
    pub(crate) verified: Vec<String>,
}

impl Run {
    /// Heals, waits, reads everything back and checks it.
    ///
    /// # Errors
    /// When a node cannot be started or stopped.
    pub(crate) async fn close(&self, findings: &mut Findings) -> Result<(), TestnetError> {
        self.links.heal();
        for node in 0..self.nodes.count() {
            self.nodes.running(node).into_iter().for_each(|process| process.thaw());
            self.nodes.start(node)?;
        }
        let convergence = converge(&self.nodes).await;
        let is_reached = convergence.is_reached;
        findings.convergence = Some(convergence);
        if is_reached {
            self.compare(findings).await?;
        }
        self.nodes.end_all()?;
        self.verify_stores(findings).await
    }

    /// Holds the record against the chains of all nodes.
    async fn compare(&self, findings: &mut Findings) -> Result<(), TestnetError> {
        let height = findings.convergence.as_ref().map_or(Height::ZERO, |c| Height::new(c.height));
        let chains = chains(&self.nodes, height).await?;
        let history = self.recorder.history();
        findings.lost = audit::lost(&history, &chains);
        let first = chains.first().expect("a network has at least four nodes");
        let found = &mut findings.anomalies;
        found.extend(audit::forks(&chains));
        found.extend(audit::misreported(&history, first));
        found.extend(audit::replayed(&history, first));
        found.extend(audit::out_of_order(&history, first));
        let mut eras = Vec::new();
        for doc in 0..self.cast.documents.len() {
            let (of_doc, wrong) = audit::replay(doc, issued(&self.cast, doc), &history, first);
            eras.push(of_doc);
            found.extend(wrong);
        }
        found.extend(audit::wrong_reads(&history, &eras));
        found.extend(self.registers(&eras).await?);
        Ok(())
    }

    /// Registers that a node shows otherwise than the chain leads to, and evidence against members none of whom lies.
    async fn registers(&self, eras: &[Vec<Era>]) -> Result<Vec<String>, TestnetError> {
        let mut wrong = Vec::new();
        for node in 0..self.nodes.count() {
            let client = branch_client(&self.nodes.network, node)?;
            for (doc, eras) in eras.iter().enumerate() {
                let last = eras.last().map(|era| (era.version, era.pledged));
                let shown = register(&client, &self.cast, doc).await?;
                if shown != last {
                    let code = self.nodes.code(node);
                    wrong.push(format!("node {code} shows document {doc} as {shown:?}, the chain says {last:?}"));
                }
            }
            let evidence = client.evidence().await?;
            wrong.extend(
                evidence.iter().map(|e| format!("evidence of a double signature on {}: {e:?}", self.nodes.code(node))),
            );
        }
        Ok(wrong)
    }

    /// Every stopped store must prove itself from the genesis.
    async fn verify_stores(&self, findings: &mut Findings) -> Result<(), TestnetError> {
        for node in 0..self.nodes.count() {
            let output = self.nodes.verify(node).await?;
            let (code, said) = (self.nodes.code(node), said(&output));
            match output.status.success() {
                true => {
                    findings.verified.push(format!("{code} {}", said.split_whitespace().collect::<Vec<_>>().join(" ")))
                }
                false => findings.anomalies.push(format!("node verify on {code}: {said}")),
            }
        }
        Ok(())
    }
}

fn issued(cast: &Cast, doc: usize) -> Issued {
    let document = &cast.documents[doc];
    Issued { at: document.issued, version: document.version }
}

/// Documents whose answers no register explains.
pub(crate) fn unexplained(cast: &Cast, history: &History) -> Vec<String> {
    let one = |doc: usize| audit::not_linearizable(doc, cast.documents[doc].version, history);
    (0..cast.documents.len()).flat_map(one).collect()
}

async fn register(client: &RpcClient, cast: &Cast, doc: usize) -> Result<Option<(u32, Option<Position>)>, RpcError> {
    let request = DocumentRequest { doc: Some(cast.documents[doc].id), fingerprint: None };
    let view = client.document(&request).await?;
    Ok(view.map(|view| {
        let pledged = view.encumbrance.map(|e| Position { height: e.since_height, index: e.index });
        (view.public.ver, pledged)
    }))
}

/// Waits until every node has passed the highest height of now by a few blocks, and compares their roots.
async fn converge(nodes: &Nodes) -> Convergence {
    let started = Instant::now();
    let deadline = started + PATIENCE;
    let mut goal = None;
    loop {
        let mut heights = Vec::new();
        for node in 0..nodes.count() {
            heights.push(nodes.status(node).await.map(|s| s.height));
        }
        let highest = heights.iter().flatten().copied().max().unwrap_or_default();
        let goal = *goal.get_or_insert(highest.saturating_add(BLOCKS_AFTER));
        if heights.iter().all(|h| h.is_some_and(|h| h >= goal)) {
            let problem = compare_roots(nodes, goal).await.err();
            let took = started.elapsed();
            return Convergence { is_reached: problem.is_none(), height: goal.get(), took, problem };
        }
        if Instant::now() >= deadline {
            let codes = (0..nodes.count()).map(|n| nodes.code(n));
            let list: Vec<String> = codes.zip(&heights).map(|(c, h)| format!("{c} {h:?}")).collect();
            let problem = format!("not all nodes reach height {goal}: {}", list.join(", "));
            return Convergence { took: started.elapsed(), problem: Some(problem), ..Convergence::default() };
        }
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

async fn compare_roots(nodes: &Nodes, height: Height) -> Result<(), String> {
    let mut roots = Vec::new();
    for node in 0..nodes.count() {
        let client = RpcClient::new(&nodes.entry(node).rpc).map_err(|e| e.to_string())?;
        let header = client.header(height).await.map_err(|e| e.to_string())?;
        roots.push((nodes.code(node), header.map(|h| h.state_root)));
    }
    let first = roots.first().and_then(|(_, root)| *root);
    let same = first.is_some() && roots.iter().all(|(_, root)| *root == first);
    same.then_some(()).ok_or_else(|| format!("roots of height {height} differ: {roots:?}"))
}

/// The chains of all nodes up to a height, read at the same time.
async fn chains(nodes: &Nodes, height: Height) -> Result<Vec<Chain>, TestnetError> {
    let mut reading = JoinSet::new();
    for node in 0..nodes.count() {
        let client = branch_client(&nodes.network, node)?;
        let chain = Chain { node: nodes.code(node).to_owned(), ..Chain::default() };
        reading.spawn(async move { read_chain(client, chain, height).await.map(|chain| (node, chain)) });
    }
    let mut all = Vec::new();
    while let Some(read) = reading.join_next().await {
        all.push(read.map_err(|e| TestnetError::local(e.to_string()))??);
    }
    all.sort_by_key(|(node, _)| *node);
    Ok(all.into_iter().map(|(_, chain)| chain).collect())
}

async fn read_chain(client: RpcClient, mut chain: Chain, height: Height) -> Result<Chain, TestnetError> {
    for height in (1..=height.get()).map(Height::new) {
        let view = client.block(height).await?;
        let missing = || TestnetError::local(format!("node {} has no block {height}", chain.node));
        let view = view.ok_or_else(missing)?;
        chain.add(height, view.block.header.state_root, &view.transactions);
    }
    Ok(chain)
}
