//! What `landsea testnet` does.

use crate::display::{LiveTable, json_row, line, note, table};
use crate::error::{TestnetError, exit};
use crate::network::seed::GenesisChanges;
use crate::network::{DEFAULT_SEED, DEFAULT_VALIDATORS, Network, NetworkOptions};
use crate::process::{self, Stop};
use crate::scenario;
use crate::watch::{look, wait_until_answering, wait_until_committing};
use landsea_types::Height;
use landsea_types::genesis::ParamKey;
use serde_json::json;
use std::collections::BTreeMap;
use std::future::Future;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::Duration;
use tokio::sync::watch;

/// How often the live table is drawn.
const REDRAW: Duration = Duration::from_secs(1);
/// How often a followed log is read on.
const FOLLOW: Duration = Duration::from_millis(200);

/// What `up` is asked to do.
#[derive(Clone, Debug, Default)]
pub struct UpOptions {
    /// The network's folder; made if it is not there.
    pub dir: PathBuf,
    /// Number of validators of a new network, 15 when absent. Must fit an existing one.
    pub validators: Option<usize>,
    /// Seed of a new network.
    pub seed: Option<String>,
    /// Parameters of a new network as `name=value`.
    pub params: Vec<String>,
    /// Play the first scenario once the network commits.
    pub demo: bool,
    /// With `demo`: stop the network afterwards; the exit code tells whether every step answered as expected.
    pub once: bool,
    /// Leave the network running and return.
    pub detach: bool,
    /// Print JSON lines.
    pub json: bool,
    /// The program that runs a node; this one when absent.
    pub binary: Option<PathBuf>,
}

/// A runtime for one command.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    let built = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    built.expect("a runtime with two threads can be made").block_on(work)
}

/// Whether the process was asked to end. Signals are taken from the first call of [`listen_for_end`] on, and one that comes between two
/// waits is not lost.
static ENDING: OnceLock<watch::Receiver<bool>> = OnceLock::new();

/// From here on Ctrl-C, SIGTERM and a lost terminal no longer kill this process half-way through: [`asked_to_end`] tells of them.
pub(crate) fn listen_for_end() -> watch::Receiver<bool> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).expect("signals can be listened to");
    let start = || {
        let (mut int, mut term) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
        let mut hangup = listen(SignalKind::hangup());
        let (asked, ending) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = int.recv() => {}
                _ = term.recv() => {}
                _ = hangup.recv() => {}
            }
            let _ = asked.send(true);
            // Held open, so that whoever asks later hears of it too.
            asked.closed().await;
        });
        ending
    };
    ENDING.get_or_init(start).clone()
}

/// Ends when the process is asked to end: by Ctrl-C, SIGTERM, or because its terminal is gone.
pub(crate) async fn asked_to_end() {
    let mut ending = listen_for_end();
    if ending.wait_for(|asked| *asked).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The program that runs a node.
pub(crate) fn node_binary(named: Option<&Path>) -> Result<PathBuf, TestnetError> {
    match named {
        Some(path) => Ok(path.to_path_buf()),
        None => std::env::current_exe().map_err(|e| TestnetError::local(format!("cannot find this program: {e}"))),
    }
}

/// Makes or resumes a network and stays until Ctrl-C.
///
/// # Errors
/// When the network cannot be made or does not start to commit.
pub fn up(options: &UpOptions) -> Result<ExitCode, TestnetError> {
    block_on(up_async(options))
}

async fn up_async(options: &UpOptions) -> Result<ExitCode, TestnetError> {
    listen_for_end();
    let (mut network, is_new) = open(options)?;
    say_if_running(&network);
    let binary = node_binary(options.binary.as_deref())?;
    let started = tokio::select! {
        started = bring_up(&mut network, &binary, !is_new) => started,
        () = asked_to_end() => Err(TestnetError::local("interrupted")),
    };
    let height = match started {
        Ok(height) => height,
        Err(error) => {
            stop_everything(&network)?;
            return Err(error);
        }
    };
    announce(&network, height, options.json);
    if options.demo {
        let played = tokio::select! {
            played = scenario::play_demo(&network, &binary, is_new, options.json) => Some(played),
            () = asked_to_end() => None,
        };
        match played {
            Some(Err(error)) if !options.once => line(format!("the demo could not be played: {error}")),
            Some(_) if !options.once => {}
            ended => {
                stop_everything(&network)?;
                return ended.unwrap_or_else(|| Ok(ExitCode::from(exit::FAILED)));
            }
        }
    }
    if options.detach {
        return Ok(ExitCode::SUCCESS);
    }
    watch_until_asked_to_end(&network, options.json).await;
    stop_everything(&network)?;
    Ok(ExitCode::SUCCESS)
}

/// A network left running by `--detach`, or by another terminal, is joined, not started twice.
fn say_if_running(network: &Network) {
    let running = network.nodes.iter().filter(|n| process::running(&network.node_dir(n)).is_some()).count();
    if running > 0 {
        line(format!("{running} nodes of this network run already; ending this command stops them too"));
    }
}

/// The network of the folder, and whether it was made just now.
fn open(options: &UpOptions) -> Result<(Network, bool), TestnetError> {
    let parameters = parse_parameters(&options.params)?;
    if !Network::exists(&options.dir) {
        let changes = GenesisChanges { parameters, ..GenesisChanges::default() };
        let seed = options.seed.clone().unwrap_or_else(|| DEFAULT_SEED.into());
        let validators = options.validators.unwrap_or(DEFAULT_VALIDATORS);
        let made = Network::create(&options.dir, &NetworkOptions { validators, seed, changes })?;
        return Ok((made, true));
    }
    let network = Network::load(&options.dir)?;
    check_same(&network, options, &parameters)?;
    Ok((network, false))
}

/// An existing network is resumed as it is; asking for another one is an error.
fn check_same(
    network: &Network,
    options: &UpOptions,
    parameters: &BTreeMap<ParamKey, u64>,
) -> Result<(), TestnetError> {
    let differs = |what: String| {
        Err(TestnetError::usage(format!("{} holds another network: {what}", network.dir.display()))
            .next("Name another folder with --dir, or leave the option out to resume this one."))
    };
    if let Some(wanted) = options.validators.filter(|n| *n != network.nodes.len()) {
        return differs(format!("it has {} validators, not {wanted}", network.nodes.len()));
    }
    if options.seed.as_ref().is_some_and(|seed| seed != network.seed.text()) {
        return differs("it was made from another seed".into());
    }
    let params = network.genesis.params();
    match parameters.iter().find(|(key, value)| params.get(**key) != **value) {
        Some((key, value)) => differs(format!("its {key} is {}, not {value}", params.get(*key))),
        None => Ok(()),
    }
}

/// Reads `name=value` pairs.
///
/// # Errors
/// Names an unknown parameter or a value out of its limits.
pub fn parse_parameters(texts: &[String]) -> Result<BTreeMap<ParamKey, u64>, TestnetError> {
    texts.iter().map(|text| parse_parameter(text)).collect()
}

fn parse_parameter(text: &str) -> Result<(ParamKey, u64), TestnetError> {
    let fail = |why: String| TestnetError::usage(format!("parameter {text:?}: {why}"));
    let (name, value) = text.split_once('=').ok_or_else(|| fail("expected name=value".into()))?;
    let key = parameter(name).ok_or_else(|| {
        let names: Vec<&str> = ParamKey::all().map(ParamKey::name).collect();
        fail(format!("unknown; there are {}", names.join(", ")))
    })?;
    let value = value.parse().map_err(|_| fail("the value is a whole number (milliseconds for ..._ms)".into()))?;
    key.check(value).map_err(fail)?;
    Ok((key, value))
}

/// The parameter of a name.
pub(crate) fn parameter(name: &str) -> Option<ParamKey> {
    ParamKey::all().find(|key| key.name() == name)
}

/// Starts every node that does not run and waits until the network commits.
pub(crate) async fn bring_up(network: &mut Network, binary: &Path, resumed: bool) -> Result<Height, TestnetError> {
    avoid_taken_ports(network)?;
    for node in &network.nodes {
        process::start(binary, network, node)?;
    }
    wait_until_committing(network, resumed).await
}

fn avoid_taken_ports(network: &mut Network) -> Result<(), TestnetError> {
    let Some((code, address)) = network.taken_address() else { return Ok(()) };
    let somebody_runs = network.nodes.iter().any(|n| process::running(&network.node_dir(n)).is_some());
    if somebody_runs {
        let what = format!("{address} of node {code} is taken by another program");
        return Err(TestnetError::local(what).next("Run `landsea testnet down`, then `up`: all nodes get new ports."));
    }
    note(format!("{address} of node {code} is taken by another program: all nodes get new ports (see network.json)"));
    network.move_to_free_ports()
}

pub(crate) fn stop_everything(network: &Network) -> Result<(), TestnetError> {
    process::stop_all(network, &network.nodes.iter().collect::<Vec<_>>(), Stop::Polite)
}

fn announce(network: &Network, height: Height, json: bool) {
    let chain = network.genesis.chain_id();
    if json {
        return line(
            json!({"event": "up", "dir": network.dir, "chain_id": chain, "height": height, "nodes": network.nodes})
                .to_string(),
        );
    }
    let first = network.nodes.first().expect("a network has at least four nodes");
    line(format!("{} nodes commit; height {height}, chain {}", network.nodes.len(), chain.short()));
    line(format!("  connect   landsea query status --dir {} --via {}", network.dir.display(), first.code));
    line(format!(
        "  RPC       {} ({}), the others in {}",
        first.rpc,
        first.code,
        network.dir.join("network.json").display()
    ));
    line(format!("  genesis   {}", network.dir.join("genesis.json").display()));
}

async fn watch_until_asked_to_end(network: &Network, json: bool) {
    let mut live = LiveTable::new();
    if !json {
        line("Ctrl-C stops the network.");
    }
    let watch = async {
        let mut ticks = tokio::time::interval(REDRAW);
        loop {
            ticks.tick().await;
            let seen = look(network).await;
            if !json {
                live.draw(network, &seen);
            }
        }
    };
    tokio::select! {
        () = watch => {}
        () = asked_to_end() => {}
    }
}

/// Stops every node of a network.
///
/// # Errors
/// When the folder holds no network or a node does not end.
pub fn down(dir: &Path) -> Result<ExitCode, TestnetError> {
    let network = Network::load(dir)?;
    stop_everything(&network)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the state of every node. Succeeds if every node answers.
///
/// # Errors
/// When the folder holds no network.
pub fn status(dir: &Path, as_json: bool) -> Result<ExitCode, TestnetError> {
    let network = Network::load(dir)?;
    let seen = block_on(look(&network));
    if as_json {
        let rows: Vec<_> = seen.iter().map(json_row).collect();
        line(json!({"dir": network.dir, "chain_id": network.genesis.chain_id(), "nodes": rows}).to_string());
    } else {
        line(table(&network, &seen));
    }
    let all_answer = seen.iter().all(|s| s.status.is_some());
    Ok(if all_answer { ExitCode::SUCCESS } else { ExitCode::from(exit::UNREACHABLE) })
}

/// Prints a node's log; with `follow`, goes on until Ctrl-C.
///
/// # Errors
/// When there is no such node or no log.
pub fn logs(dir: &Path, code: &str, follow: bool) -> Result<ExitCode, TestnetError> {
    let network = Network::load(dir)?;
    let path = process::log_path(&network.node_dir(network.node(code)?));
    let error = |e: &std::io::Error| TestnetError::file(&path, e);
    let mut file = std::fs::File::open(&path).map_err(|e| error(&e))?;
    loop {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|e| error(&e))?;
        let closed = std::io::stdout().write_all(&bytes).and_then(|()| std::io::stdout().flush()).is_err();
        if !follow || closed {
            return Ok(ExitCode::SUCCESS);
        }
        let at = file.stream_position().map_err(|e| error(&e))?;
        file.seek(SeekFrom::Start(at)).map_err(|e| error(&e))?;
        std::thread::sleep(FOLLOW);
    }
}

/// Stops one node; `hard` kills it as a crash would.
///
/// # Errors
/// When there is no such node or it does not end.
pub fn stop(dir: &Path, code: &str, hard: bool) -> Result<ExitCode, TestnetError> {
    let network = Network::load(dir)?;
    let node = network.node(code)?;
    if process::running(&network.node_dir(node)).is_none() {
        line(format!("node {code} does not run"));
        return Ok(ExitCode::SUCCESS);
    }
    process::stop_all(&network, &[node], if hard { Stop::Hard } else { Stop::Polite })?;
    Ok(ExitCode::SUCCESS)
}

/// Starts one node and waits until it answers.
///
/// # Errors
/// When there is no such node, or it does not come up.
pub fn start(dir: &Path, code: &str, binary: Option<&Path>) -> Result<ExitCode, TestnetError> {
    let network = Network::load(dir)?;
    let node = network.node(code)?.clone();
    process::start(&node_binary(binary)?, &network, &node)?;
    let status = block_on(wait_until_answering(&network, &node))?;
    line(format!("node {code} answers at {}; height {}", node.rpc, status.height));
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked_by_name_and_limits() {
        let read = |text: &str| parse_parameters(&[text.to_owned()]).map_err(|e| e.what);
        assert_eq!(read("idle_block_ms=500"), Ok(BTreeMap::from([(ParamKey::IdleBlockMs, 500)])));
        assert!(read("idle_blocks=1").is_err_and(|e| e.contains("idle_block_ms")));
        assert!(read("idle_block_ms=1").is_err_and(|e| e.contains("outside")));
        assert!(read("idle_block_ms").is_err_and(|e| e.contains("name=value")));
    }

    #[test]
    fn an_existing_network_is_not_taken_for_another_one() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = UpOptions { dir: folder.path().into(), validators: Some(4), ..UpOptions::default() };
        assert!(open(&options).is_ok_and(|(_, is_new)| is_new));
        assert!(open(&options).is_ok_and(|(_, is_new)| !is_new));
        let other = UpOptions { validators: Some(5), ..options.clone() };
        assert!(open(&other).is_err_and(|e| e.what.contains("4 validators")));
        let other = UpOptions { params: vec!["idle_block_ms=900".into()], ..options };
        assert!(open(&other).is_err_and(|e| e.what.contains("idle_block_ms")));
    }
}
