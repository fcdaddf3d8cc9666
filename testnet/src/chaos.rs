//! Real nodes under faults while clients race for pledges, and proof that nothing acknowledged was lost.
//!
//! A run makes a network of its own, puts a proxy between every two nodes ([`proxy`]), onboards a cast and issues documents
//! ([`cast`]). Then clients pledge, release and read through different nodes ([`client`]) while faults are injected ([`nemesis`],
//! [`faults`]). At the end everything is healed, the nodes must come together, and the clients' record ([`history`]) is held
//! against the chain ([`audit`]) and, by itself, against a register ([`checker`]).
//!
//! Who does what and which fault hits whom follow from the seed. How the two meet depends on the machine: a seed repeats the plan,
//! not the run.

mod audit;
mod cast;
mod checker;
mod client;
mod closing;
mod faults;
mod history;
mod nemesis;
mod nodes;
mod progress;
mod proxy;
mod report;
pub(crate) mod rng;

use crate::commands::{asked_to_end, block_on, listen_for_end, node_binary};
use crate::display::{line, note};
use crate::error::{TestnetError, exit};
use crate::network::seed::GenesisChanges;
use crate::network::{Network, NetworkOptions};
use crate::watch::wait_until_committing;
use cast::Cast;
use client::Client;
use closing::Findings;
use history::Recorder;
use landsea_types::genesis::ParamKey;
use nemesis::{FaultLog, Nemesis};
use nodes::Nodes;
use proxy::Links;
use report::Report;
use rng::Rng;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Validators of a run when no number is named.
pub const CHAOS_VALIDATORS: usize = 4;
/// Clients of a run when no number is named.
pub const CHAOS_CLIENTS: usize = 6;
/// Clients of a run, at most.
const CLIENTS_MAX: usize = 64;
/// Documents that clients race for: fewer than two a client, so that they meet.
const DOCUMENTS_PER_CLIENT: usize = 2;
/// Longest run, minutes.
const MINUTES_MAX: f64 = 1_440.0;
/// Time between blocks of an idle network, milliseconds.
const IDLE_BLOCK_MS: u64 = 500;

/// How a run is made.
#[derive(Clone, Debug)]
pub struct ChaosOptions {
    /// How long clients and faults are at work; fractions are allowed.
    pub minutes: f64,
    /// What the plan follows from.
    pub seed: u64,
    /// Validators of the network, at least 4.
    pub validators: usize,
    /// Clients at the same time, 1 to 64.
    pub clients: usize,
    /// The network's folder, which must not hold one; a temporary one when absent.
    pub dir: Option<PathBuf>,
    /// Where the report is written as JSON.
    pub report: Option<PathBuf>,
    /// Print the report as JSON and no progress.
    pub json: bool,
    /// The program that runs a node; this one when absent.
    pub binary: Option<PathBuf>,
}

/// Runs clients and faults against a fresh network and checks everything that clients were told.
///
/// Exits with 0 only if nothing acknowledged is lost, no anomaly is found and the nodes converge; with 1 otherwise, also when
/// interrupted.
///
/// # Errors
/// When an option is out of bounds, the network cannot be made, or it does not work before the first fault.
pub fn chaos(options: &ChaosOptions) -> Result<ExitCode, TestnetError> {
    check(options)?;
    let binary = node_binary(options.binary.as_deref())?;
    block_on(async {
        listen_for_end();
        let (folder, dir) = folder(options)?;
        let report = in_folder(options, &binary, &dir).await?;
        publish(options, &report)?;
        if report.is_clean() {
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(folder) = folder.filter(|_| report.has_problems()) {
            let kept = folder.keep();
            line(format!("the network's folder is kept: {}", kept.display()));
        }
        Ok(ExitCode::from(exit::FAILED))
    })
}

fn check(options: &ChaosOptions) -> Result<(), TestnetError> {
    if !(options.minutes > 0.0 && options.minutes <= MINUTES_MAX) {
        return Err(TestnetError::usage(format!("--minutes is more than 0 and at most {MINUTES_MAX}")));
    }
    if !(1..=CLIENTS_MAX).contains(&options.clients) {
        return Err(TestnetError::usage(format!("--clients is 1 to {CLIENTS_MAX}")));
    }
    Ok(())
}

/// A run never shares a folder with another network.
fn folder(options: &ChaosOptions) -> Result<(Option<tempfile::TempDir>, PathBuf), TestnetError> {
    if let Some(dir) = &options.dir {
        return Ok((None, dir.clone()));
    }
    let made = tempfile::Builder::new().prefix("landsea-chaos-").tempdir();
    let made = made.map_err(|e| TestnetError::local(format!("no temporary folder: {e}")))?;
    let dir = made.path().join("net");
    Ok((Some(made), dir))
}

fn publish(options: &ChaosOptions, report: &Report) -> Result<(), TestnetError> {
    let json = report.to_json();
    line(if options.json { json.to_string() } else { report.to_text() });
    if let Some(path) = &options.report {
        let text = serde_json::to_string_pretty(&json).expect("only string keys") + "\n";
        std::fs::write(path, text).map_err(|e| TestnetError::file(path, &e))?;
    }
    Ok(())
}

/// Ends the run's nodes however the run ends.
struct Leash(Arc<Nodes>);

impl Drop for Leash {
    fn drop(&mut self) {
        if let Err(error) = self.0.end_all() {
            note(error.to_string());
        }
    }
}

/// Does some work in a task of its own, which ends with the caller. A panic there is the caller's error, in words.
async fn guarded<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> Result<T, String> {
    let mut alone = JoinSet::new();
    alone.spawn(work);
    let over = alone.join_next().await.expect("one was just spawned");
    over.map_err(|panic| panic.to_string())
}

/// Does a part of a run; a panic in it is an anomaly that names it.
async fn named(nodes: Arc<Nodes>, name: String, work: impl Future<Output = ()> + Send + 'static) {
    if let Err(panic) = guarded(work).await {
        nodes.surprise(format!("{name} failed: {panic}"));
    }
}

/// A run's parts.
struct Run {
    options: ChaosOptions,
    nodes: Arc<Nodes>,
    links: Arc<Links>,
    recorder: Arc<Recorder>,
    faults: Arc<FaultLog>,
    cast: Arc<Cast>,
}

async fn in_folder(options: &ChaosOptions, binary: &Path, dir: &Path) -> Result<Report, TestnetError> {
    let parameters = BTreeMap::from([(ParamKey::IdleBlockMs, IDLE_BLOCK_MS)]);
    let changes = GenesisChanges { parameters, ..GenesisChanges::default() };
    let wanted = NetworkOptions { validators: options.validators, seed: format!("chaos {}", options.seed), changes };
    let network = Network::create(dir, &wanted)?;
    let links = Arc::new(Links::between(&network).await?);
    let recorder = Arc::new(Recorder::new());
    let nodes = Arc::new(Nodes::new(network, binary.into(), recorder.clone()));
    let _leash = Leash(nodes.clone());
    let cast = tokio::select! {
        cast = prepare(options, &nodes) => Arc::new(cast?),
        () = asked_to_end() => return Err(TestnetError::local("interrupted before the first fault")),
    };
    let run = Run { options: options.clone(), nodes, links, recorder, faults: Arc::default(), cast };
    run.play().await
}

async fn prepare(options: &ChaosOptions, nodes: &Arc<Nodes>) -> Result<Cast, TestnetError> {
    for node in 0..nodes.count() {
        nodes.start(node)?;
    }
    wait_until_committing(&nodes.network, false).await?;
    let cast = Cast::gather(&nodes.network, options.clients * DOCUMENTS_PER_CLIENT).await?;
    if !options.json {
        let (seed, documents) = (options.seed, cast.documents.len());
        let (validators, clients) = (nodes.count(), options.clients);
        line(format!("seed {seed}: {validators} validators, {clients} clients race for {documents} documents"));
    }
    Ok(cast)
}

impl Run {
    async fn play(&self) -> Result<Report, TestnetError> {
        let began = self.recorder.now();
        let interrupted = self.at_work(began).await?;
        let active = (began, self.recorder.now());
        let mut findings = Findings::default();
        let interrupted = interrupted
            || tokio::select! {
                ended = self.close(&mut findings) => {
                    if let Err(error) = ended {
                        findings.anomalies.push(format!("the end of the run could not be looked at: {error}"));
                    }
                    false
                }
                () = asked_to_end() => true,
            };
        Ok(self.report(findings, active, interrupted))
    }

    /// Clients and faults at work until the time is over; whether a signal ended it before.
    async fn at_work(&self, began: Duration) -> Result<bool, TestnetError> {
        let (end, ending) = watch::channel(false);
        let length = Duration::from_secs_f64(self.options.minutes * 60.0);
        let mut at_work = JoinSet::new();
        for number in 0..self.options.clients {
            let (cast, recorder) = (self.cast.clone(), self.recorder.clone());
            let seed = self.options.seed;
            let client = Client::new(number, seed, &self.nodes.network, cast, recorder, ending.clone())?;
            at_work.spawn(named(self.nodes.clone(), format!("client {number}"), client.run()));
        }
        at_work.spawn(named(self.nodes.clone(), "the nemesis".into(), self.nemesis(ending).run()));
        let watch = self.nodes.clone().watch();
        let watcher = tokio::spawn(named(self.nodes.clone(), "the watch over the nodes".into(), watch));
        let over = async {
            tokio::select! {
                () = tokio::time::sleep(length) => false,
                () = asked_to_end() => true,
            }
        };
        let mut interrupted = tokio::select! {
            interrupted = over => interrupted,
            () = self.progress(began, length) => false,
        };
        end.send_replace(true);
        if !interrupted {
            interrupted = tokio::select! {
                () = async { while at_work.join_next().await.is_some() {} } => false,
                () = asked_to_end() => true,
            };
        }
        watcher.abort();
        Ok(interrupted)
    }

    fn nemesis(&self, ending: watch::Receiver<bool>) -> Nemesis {
        Nemesis {
            rng: Rng::new(self.options.seed, "faults"),
            nodes: self.nodes.clone(),
            links: self.links.clone(),
            recorder: self.recorder.clone(),
            log: self.faults.clone(),
            ending,
        }
    }

    async fn progress(&self, began: Duration, length: Duration) {
        if self.options.json {
            std::future::pending::<()>().await;
        }
        progress::show(&self.recorder, &self.faults, began, length).await;
    }

    fn report(&self, findings: Findings, active: (Duration, Duration), interrupted: bool) -> Report {
        if !self.options.json {
            progress::end();
        }
        let history = self.recorder.history();
        let mut anomalies = self.nodes.surprises();
        anomalies.extend(history.scandals.iter().cloned());
        anomalies.extend(closing::unexplained(&self.cast, &history));
        anomalies.extend(findings.anomalies);
        Report {
            seed: self.options.seed,
            minutes: self.options.minutes,
            validators: self.nodes.count(),
            clients: self.options.clients,
            interrupted,
            active,
            history,
            faults: self.faults.list(),
            lost: findings.lost,
            anomalies,
            convergence: findings.convergence.unwrap_or_default(),
            verified: findings.verified,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::seed::GenesisChanges;
    use faults::{Fault, Kind};
    use std::collections::BTreeSet;

    /// Nodes none of which runs, or can.
    fn nodes(dir: &Path) -> Arc<Nodes> {
        let wanted = NetworkOptions { validators: 4, seed: "chaos".into(), changes: GenesisChanges::default() };
        let network = Network::create(dir, &wanted).expect("the folder is empty");
        Arc::new(Nodes::new(network, dir.join("nothing"), Arc::new(Recorder::new())))
    }

    #[tokio::test]
    async fn a_panic_is_an_anomaly_that_names_its_part() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let nodes = nodes(&folder.path().join("net"));
        named(nodes.clone(), "client 7".into(), async { panic!("out of words") }).await;
        named(nodes.clone(), "client 8".into(), async {}).await;
        let found = nodes.surprises();
        assert!(found.len() == 1 && found[0].contains("client 7") && found[0].contains("out of words"), "{found:?}");
        assert_eq!(guarded(async { 3 }).await, Ok(3));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_fault_that_fails_is_an_anomaly_and_frees_its_victim() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let nodes = nodes(&folder.path().join("net"));
        let links = Arc::new(Links::between(&nodes.network).await.expect("free ports"));
        let (_end, ending) = watch::channel(true);
        let (recorder, log) = (Arc::new(Recorder::new()), Arc::new(FaultLog::default()));
        let fault = |victim| {
            let (nodes, links, ending) = (nodes.clone(), links.clone(), ending.clone());
            Fault { kind: Kind::Kill, victim, spared: BTreeSet::new(), rng: Rng::new(1, "x"), nodes, links, ending }
        };
        let rng = Rng::new(1, "faults");
        let (shared, log_of, links_of) = (nodes.clone(), log.clone(), links.clone());
        let nemesis = Nemesis { rng, nodes: shared, links: links_of, recorder, log: log_of, ending: ending.clone() };
        // The program that runs a node is not there.
        assert_eq!(nemesis.play(fault(1), vec![1]).await, [1]);
        assert_eq!(nodes.surprises().len(), 2, "{:?}", nodes.surprises());
        // There is no such member: whatever looks for it panics.
        assert_eq!(nemesis.play(fault(9), vec![9]).await, [9]);
        let found = nodes.surprises();
        assert!(found.iter().any(|what| what.contains("kill -9") && what.contains("panicked")), "{found:?}");
        assert!(log.list().iter().all(|f| f.until.is_some()), "nothing is at work for ever");
    }
}
