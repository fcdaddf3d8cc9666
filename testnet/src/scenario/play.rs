//! Playing a scenario: the cast, the steps in order, groups at the same moment, blocks again and again.

mod answer;
mod ask;
mod attempts;
mod build;
mod cast;
mod control;
mod names;
pub(crate) mod report;
mod send;
mod supply;
mod trouble;
pub(crate) mod vary;
pub(crate) mod world;

use super::built_in::demo;
use super::file::{Scenario, parse};
use super::source::{FileError, Source};
use super::step::{Act, Answer, Step, Transact};
use crate::commands::{asked_to_end, block_on, bring_up, listen_for_end, node_binary, stop_everything};
use crate::error::{TestnetError, exit};
use crate::network::seed::{Grant, genesis};
use crate::network::{DEFAULT_SEED, DEFAULT_VALIDATORS, Network, NetworkOptions, NodeEntry};
use answer::{Got, problems, set_problem};
use landsea_types::record::FeatureGrant;
use report::{Played, Report};
use send::Sendable;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::task::JoinSet;
use trouble::Trouble;
use world::World;

/// How a scenario is run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// The scenario file.
    pub file: PathBuf,
    /// Folder of a running network to play against.
    pub dir: Option<PathBuf>,
    /// Validators of a fresh network; what the file wants, or 15, when absent.
    pub validators: Option<usize>,
    /// Seed of a fresh network.
    pub seed: Option<String>,
    /// Keep the fresh network's folder.
    pub keep: bool,
    /// Appended to document numbers, and mixed into containers and batches, so that a file can be played again.
    pub fresh: Option<String>,
    /// Print a JSON line per step.
    pub json: bool,
    /// The program that runs a node; this one when absent.
    pub binary: Option<PathBuf>,
}

/// Checks a scenario file without playing it.
///
/// # Errors
/// Everything that is wrong with it, a line each.
pub fn check_scenario(file: &Path, as_json: bool) -> Result<ExitCode, TestnetError> {
    let scenario = read(file)?;
    let counts = (scenario.cast.len(), scenario.documents.len(), scenario.steps.len());
    let text = format!("{}: {} firms, {} documents, {} steps", file.display(), counts.0, counts.1, counts.2);
    let json = json!({"file": file, "name": scenario.name, "cast": counts.0, "documents": counts.1, "steps": counts.2});
    crate::display::line(if as_json { json.to_string() } else { text });
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Scenario, TestnetError> {
    parsed(&Source::read(file).map_err(TestnetError::usage)?)
}

pub(crate) fn parsed(source: &Source) -> Result<Scenario, TestnetError> {
    parse(source).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(FileError::to_string).collect();
        TestnetError::usage(lines.join("\n")).next("docs/scenario-format.md describes the format.")
    })
}

/// Plays a scenario against a running network, or against a fresh one that is removed afterwards.
///
/// Exits with 0 only if every expectation held, with 1 if one did not, with 3 if only the network was to blame.
///
/// # Errors
/// A malformed file, a network that cannot be made or does not suit the file.
pub fn run_scenario(options: &RunOptions) -> Result<ExitCode, TestnetError> {
    let scenario = Arc::new(read(&options.file)?);
    if options.fresh.as_ref().is_some_and(|tag| !is_tag(tag)) {
        return Err(TestnetError::usage("a fresh tag has 1 to 6 letters or digits"));
    }
    let binary = node_binary(options.binary.as_deref())?;
    block_on(async {
        match &options.dir {
            Some(dir) if options.validators.is_some() => {
                let what = format!(
                    "--dir {} plays against a network that is there; --validators makes a fresh one",
                    dir.display()
                );
                Err(TestnetError::usage(what).next("Leave one of them out."))
            }
            Some(dir) => {
                let network = Network::load(dir)?;
                suits(&network, &scenario)?;
                runs(&network)?;
                let world = World::new(network, binary, scenario, options.fresh.clone());
                interruptible(play(world, options.json)).await
            }
            None => on_fresh_network(options, scenario, &binary).await,
        }
    })
}

/// Short, so that a varied document number stays within 40 characters.
fn is_tag(tag: &str) -> bool {
    (1..=6).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(crate) async fn interruptible(
    play: impl Future<Output = Result<ExitCode, TestnetError>>,
) -> Result<ExitCode, TestnetError> {
    tokio::select! {
        played = play => played,
        () = asked_to_end() => Err(TestnetError::unreachable("interrupted")),
    }
}

async fn on_fresh_network(
    options: &RunOptions,
    scenario: Arc<Scenario>,
    binary: &Path,
) -> Result<ExitCode, TestnetError> {
    let wanted = NetworkOptions {
        validators: options.validators.or(scenario.network.validators).unwrap_or(DEFAULT_VALIDATORS),
        seed: options.seed.clone().unwrap_or_else(|| DEFAULT_SEED.into()),
        changes: scenario.network.changes.clone(),
    };
    with_fresh_network(&wanted, options.keep, binary, async |network| {
        play(World::new(network, binary.into(), scenario, options.fresh.clone()), options.json).await
    })
    .await
}

/// Does something with a network of its own, which ends and is removed afterwards unless it is kept.
///
/// # Errors
/// When the network cannot be made or stopped; what is done with it may fail too.
pub(crate) async fn with_fresh_network(
    wanted: &NetworkOptions,
    keep: bool,
    binary: &Path,
    work: impl AsyncFnOnce(Network) -> Result<ExitCode, TestnetError>,
) -> Result<ExitCode, TestnetError> {
    listen_for_end();
    let folder = tempfile::Builder::new().prefix("landsea-scenario-").tempdir();
    let folder = folder.map_err(|e| TestnetError::local(format!("no temporary folder: {e}")))?;
    let mut network = Network::create(folder.path(), wanted)?;
    let kept = keep.then(|| network.dir.clone());
    let played = interruptible(async {
        bring_up(&mut network, binary, false).await?;
        work(network.clone()).await
    })
    .await;
    let stopped = Network::load(folder.path()).and_then(|n| stop_everything(&n));
    if let Some(dir) = kept {
        let _ = folder.keep();
        crate::display::note(format!("the network is kept in {}", dir.display()));
    }
    stopped.and(played)
}

/// Whether any node of a network runs.
pub(crate) fn runs(network: &Network) -> Result<(), TestnetError> {
    let is_up = |n: &NodeEntry| crate::process::running(&network.node_dir(n)).is_some();
    if network.nodes.iter().any(is_up) {
        return Ok(());
    }
    let dir = network.dir.display();
    Err(TestnetError::unreachable(format!("no node of the network in {dir} runs"))
        .next(format!("Start it with `landsea testnet up --dir {dir} --detach`.")))
}

/// Whether a running network is what a file wants.
pub(crate) fn suits(network: &Network, scenario: &Scenario) -> Result<(), TestnetError> {
    let fail = |what: String| {
        let what = format!("{}: the network does not suit the scenario: {what}", network.dir.display());
        Err(TestnetError::usage(what).next("Play it on a fresh network: `landsea scenario run FILE --validators N`."))
    };
    let params = network.genesis.params();
    let wanted = scenario.network.changes.parameters.iter();
    let others: Vec<String> = wanted
        .filter(|(key, value)| params.get(**key) != **value)
        .map(|(key, value)| format!("{key} is {}, wanted {value}", params.get(*key)))
        .collect();
    if !others.is_empty() {
        return fail(others.join("; "));
    }
    let members = crate::members::members(network.nodes.len());
    let features = |granted: &[Grant], denied: &[Grant]| {
        let changes = crate::network::seed::GenesisChanges {
            granted: granted.to_vec(),
            denied: denied.to_vec(),
            ..Default::default()
        };
        genesis(&network.seed, &members, &changes).features
    };
    let changes = &scenario.network.changes;
    let has = |grant: &FeatureGrant| network.genesis.features.contains(grant);
    let wanted = features(&changes.granted, &changes.denied);
    if let Some(grant) = wanted.iter().find(|g| !has(g)) {
        return fail(format!("member {} lacks feature {}", grant.member, grant.feature));
    }
    let denied = changes.denied.iter().any(|_| network.genesis.features.iter().any(|f| !wanted.contains(f)));
    if denied { fail("it grants a feature that must be absent".into()) } else { Ok(()) }
}

/// Plays the demo on a network that commits. A network that has seen it before gets fresh documents.
pub async fn play_demo(network: &Network, binary: &Path, is_new: bool, json: bool) -> Result<ExitCode, TestnetError> {
    let scenario = Arc::new(parsed(&demo())?);
    let tag = match is_new {
        true => None,
        false => Some(format!("{:05}", landsea_client::random::number() % 100_000)),
    };
    play(World::new(network.clone(), binary.into(), scenario, tag), json).await
}

async fn play(world: World, as_json: bool) -> Result<ExitCode, TestnetError> {
    let mut report = Report::new(as_json);
    play_into(world, &mut report).await?;
    report.end();
    Ok(ended(&report))
}

/// How a run went: the network alone is to blame, or not.
pub(crate) fn ended(report: &Report) -> ExitCode {
    match (report.failed, report.troubled) {
        (0, _) => ExitCode::SUCCESS,
        (failed, troubled) if failed == troubled => ExitCode::from(exit::UNREACHABLE),
        _ => ExitCode::from(exit::FAILED),
    }
}

/// Gathers the cast and plays every step.
///
/// # Errors
/// When the cast cannot be brought onto the ledger.
pub(crate) async fn play_into(mut world: World, report: &mut Report) -> Result<(), TestnetError> {
    let scenario = world.scenario.clone();
    let start = format!("{}: {} steps on {} nodes", scenario.name, scenario.steps.len(), world.codes.len());
    report.comment(&start, json!({"event": "start", "scenario": scenario.name, "nodes": world.codes.len()}));
    let gathered = world.gather_cast().await.map_err(|t| match t.is_network() {
        true => TestnetError::unreachable(format!("the cast: {t}")),
        false => TestnetError::local(format!("the cast: {t}")),
    })?;
    let cast = format!("cast: {} onboarded, {} known already", gathered.new, gathered.known);
    report.comment(&cast, json!({"event": "cast", "onboarded": gathered.new, "known": gathered.known}));
    let base_tag = world.tag.clone();
    for block in blocks(&scenario.steps) {
        let repeat = block.first().map_or(1, |s| s.repeat);
        for iteration in 1..=repeat {
            let turn = Turn::new(block, iteration, repeat);
            if repeat > 1 {
                world.tag = Some(format!("{}N{iteration}", base_tag.clone().unwrap_or_default()));
            }
            for group in groups(block) {
                play_group(&mut world, group, &turn, report).await;
            }
        }
        world.tag.clone_from(&base_tag);
    }
    Ok(())
}

/// One playing of a block.
struct Turn {
    iteration: u32,
    /// Whether the block is played more than once.
    repeats: bool,
    /// The `*n` that the block names.
    draws: Vec<String>,
}

impl Turn {
    fn new(block: &[Step], iteration: u32, repeat: u32) -> Self {
        let mut draws: Vec<String> =
            block.iter().filter_map(|s| s.via.clone()).filter(|v| v.starts_with('*')).collect();
        draws.sort();
        draws.dedup();
        Self { iteration, repeats: repeat > 1, draws }
    }

    /// The iteration, for printing.
    fn shown(&self) -> Option<u32> {
        self.repeats.then_some(self.iteration)
    }

    /// The running node that stands for `*n` in this turn: the same one for the same network and turn, another for another `*n`.
    fn drawn(&self, world: &World, name: &str) -> Option<String> {
        let seed = &world.network.seed;
        let label = |code: &str| seed.bytes(&format!("draw {} {} {code}", world.scenario.name, self.iteration));
        let mut codes: Vec<String> = world.running().into_iter().map(|n| n.code).collect();
        codes.sort_by_key(|code| label(code));
        let place = self.draws.iter().position(|draw| draw == name)?;
        codes.get(place % codes.len().max(1)).cloned()
    }
}

/// Neighbouring steps of one block, or of none.
fn blocks(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|a, b| a.block == b.block)
}

/// Neighbouring steps that are submitted at the same moment.
fn groups(steps: &[Step]) -> impl Iterator<Item = &[Step]> {
    steps.chunk_by(|a, b| a.together.is_some() && a.together == b.together)
}

/// The node through which a step goes: named, drawn, the actor's home, or the first one.
fn node_of(world: &World, step: &Step, turn: &Turn) -> Result<String, Trouble> {
    let none_runs = || Trouble::cannot("no node runs");
    match (&step.via, &step.actor) {
        (Some(via), _) if via.starts_with('*') => turn.drawn(world, via).ok_or_else(none_runs),
        (Some(via), _) => world.member(via),
        (None, Some(actor)) => Ok(world.actor(actor)?.home.clone()),
        // A control may be what brings the first node back.
        (None, None) => {
            let first = world.running().into_iter().next().map(|n| n.code);
            first.or_else(|| world.codes.first().cloned()).ok_or_else(none_runs)
        }
    }
}

async fn play_group(world: &mut World, group: &[Step], turn: &Turn, report: &mut Report) {
    let set = group.first().map(|s| s.expect.set.clone()).unwrap_or_default();
    if let [step] = group {
        return play_single(world, step, &set, turn, report).await;
    }
    let mut gots = send_together(world, group, turn).await;
    let all: Vec<&Got> = gots.iter().map(|(_, got)| got).collect();
    let group_problem = if set.is_empty() { None } else { set_problem(&set, &all) };
    for (step, (node, got)) in group.iter().zip(&mut gots) {
        let mut found = judge(world, step, &set, got).await;
        found.extend(group_problem.clone());
        report.step(&Played { step, iteration: turn.shown(), node: node.clone(), got, problems: &found, set: &set });
    }
}

async fn play_single(world: &mut World, step: &Step, set: &[Answer], turn: &Turn, report: &mut Report) {
    let node = node_of(world, step, turn);
    let got = match &node {
        Ok(node) => perform(world, step, node).await.unwrap_or_else(|trouble| Got::of_trouble(&trouble)),
        Err(trouble) => Got::of_trouble(trouble),
    };
    let found = judge(world, step, set, &got).await;
    let node = node.unwrap_or_else(|_| "-".into());
    report.step(&Played { step, iteration: turn.shown(), node, got: &got, problems: &found, set });
}

async fn judge(world: &mut World, step: &Step, set: &[Answer], got: &Got) -> Vec<String> {
    let mut found = problems(world, &step.expect, set, got);
    let compare = matches!(&step.act, Act::Transact(Transact { on_all_nodes: true, .. }));
    if compare && got.height.is_some() {
        match world.on_all_nodes(got).await {
            Ok(difference) => found.extend(difference),
            Err(trouble) => found.push(trouble.to_string()),
        }
    }
    found
}

async fn perform(world: &mut World, step: &Step, node: &str) -> Result<Got, Trouble> {
    match &step.act {
        Act::Transact(what) => {
            let sendable = world.prepare(step, what, node).await?;
            let got = sendable.send().await;
            world.conclude(step, sendable, &got).await?;
            Ok(got)
        }
        Act::Query { method, args } => world.query(step, method, args, node).await,
        Act::Certificate { question, about } => world.certificate(step, *question, about, node).await,
        Act::Verify(what) => world.verify(step, what).await,
        Act::Control { control } => world.control(step, control, node).await,
    }
}

/// Prepares every transaction of a group first, then submits them all at once; in the order of the file.
async fn send_together(world: &mut World, group: &[Step], turn: &Turn) -> Vec<(String, Got)> {
    let mut ready: Vec<(String, Result<Arc<Sendable>, Trouble>)> = Vec::new();
    for step in group {
        ready.push(match node_of(world, step, turn) {
            Ok(node) => (node.clone(), prepare(world, step, &node).await.map(Arc::new)),
            Err(trouble) => ("-".into(), Err(trouble)),
        });
    }
    let mut sending = JoinSet::new();
    for (place, (_, prepared)) in ready.iter().enumerate() {
        if let Ok(sendable) = prepared {
            let sendable = sendable.clone();
            sending.spawn(async move { (place, sendable.send().await) });
        }
    }
    let mut answers: BTreeMap<usize, Got> = sending.join_all().await.into_iter().collect();
    let mut all = Vec::new();
    for (place, (step, (node, prepared))) in group.iter().zip(ready).enumerate() {
        all.push((node, finish(world, step, prepared, answers.remove(&place)).await));
    }
    all
}

async fn prepare(world: &mut World, step: &Step, node: &str) -> Result<Sendable, Trouble> {
    match &step.act {
        Act::Transact(what) => world.prepare(step, what, node).await,
        _ => Err(Trouble::cannot("only transactions are submitted together")),
    }
}

async fn finish(world: &mut World, step: &Step, prepared: Result<Arc<Sendable>, Trouble>, got: Option<Got>) -> Got {
    let sent = match prepared {
        Ok(sendable) => Arc::into_inner(sendable).ok_or_else(|| Trouble::cannot("the transaction is still being sent")),
        Err(trouble) => Err(trouble),
    };
    match (sent, got) {
        (Ok(sendable), Some(got)) => match world.conclude(step, sendable, &got).await {
            Ok(()) => got,
            Err(trouble) => Got::of_trouble(&trouble),
        },
        (Ok(_), None) => Got::of_trouble(&Trouble::cannot("the transaction was not sent")),
        (Err(trouble), _) => Got::of_trouble(&trouble),
    }
}
