//! Real node processes: the `landsea` program, on disks and sockets.
//!
//! Nothing here sleeps to give a process time: every wait asks for a condition again and again until it holds or a bound is over.

use crate::chain::Branch;
use crate::played::{Kept, play};
use landsea_client::api::{Status, TransactionView};
use landsea_client::keys::{Identity, KeyFile};
use landsea_client::rpc::{RpcClient, RpcError, now};
use landsea_client::token::{Token, TokenBody};
use landsea_node::config::NodeConfig;
use landsea_testnet::network::seed::GenesisChanges;
use landsea_testnet::{Network, NetworkOptions};
use landsea_types::genesis::ParamKey;
use landsea_types::{Height, Member, Transaction, TxId};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How long anything that must happen may take, also on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Pause between two questions to the same condition.
const ASK_AGAIN: Duration = Duration::from_millis(25);

/// One network at a time: two would slow each other down and could pick the same ports.
static TURN: Mutex<()> = Mutex::new(());

/// A network of processes in a temporary folder. Dropping it kills them.
pub struct Processes {
    pub network: Network,
    children: BTreeMap<String, Child>,
    runtime: Runtime,
    firms: u64,
    _folder: Kept,
    _turn: MutexGuard<'static, ()>,
}

impl Processes {
    /// Makes a network and starts all its nodes; returns when each has committed a block.
    pub fn start(validators: usize, idle_block_ms: u64) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Kept::new(tempfile::tempdir().expect("a temporary folder").keep());
        let parameters = BTreeMap::from([(ParamKey::IdleBlockMs, idle_block_ms)]);
        let changes = GenesisChanges { parameters, ..GenesisChanges::default() };
        let options = NetworkOptions { validators, seed: "process tests".into(), changes };
        let network = Network::create(&folder.folder().join("net"), &options).expect("the options are sound");
        Self::run(network, folder, turn)
    }
    /// Plays a scenario on a fresh network, and starts all its nodes again where it has ended.
    pub fn after_scenario(file: &Path, seed: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, folder) = play(&["scenario", "run", file.to_str().expect("a path is text")], seed);
        let mut network = Network::load(folder.folder()).expect("it was just played on");
        network.move_to_free_ports().expect("there are free ports");
        Self::run(network, folder, turn)
    }
    fn run(network: Network, folder: Kept, turn: MutexGuard<'static, ()>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let children = BTreeMap::new();
        let mut all = Self { network, children, runtime, firms: 0, _folder: folder, _turn: turn };
        all.codes().iter().for_each(|code| all.start_node(code));
        all.wait_for_height(&all.codes(), Height::new(1));
        all
    }

    /// The codes of all members, in order.
    pub fn codes(&self) -> Vec<String> {
        self.network.codes()
    }
    /// The folder of a node.
    pub fn folder(&self, code: &str) -> PathBuf {
        self.network.node_dir(self.network.node(code).expect("a member's code"))
    }
    /// Starts a node's process.
    pub fn start_node(&mut self, code: &str) {
        let child = self.command(code).stdout(Stdio::null()).stderr(self.log(code)).spawn();
        self.children.insert(code.into(), child.expect("the landsea program starts"));
    }
    /// A token of the branch of a member for the member's own node, good for ten minutes.
    pub fn branch_token(&self, code: &str) -> String {
        self.token(&self.network.branch(code).expect("a member's code"), code)
    }
    /// A token of anybody for a member's node, good for ten minutes.
    pub fn token(&self, identity: &Identity, code: &str) -> String {
        let node = self.network.node(code).expect("a member's code");
        let body = TokenBody {
            account: identity.account,
            key: identity.key,
            public_key: identity.secret.public(),
            audience: Member::new(node.member),
            not_after: now().saturating_add(10 * 60_000),
        };
        Token::new(body, &self.network.genesis.chain_id(), &identity.secret).encode()
    }
    /// Who acts for a firm of the scenario that was played.
    pub fn actor(&self, tag: &str) -> Identity {
        let path = self.network.dir.join("keys").join(format!("{tag}.key"));
        let file = KeyFile::load(&path).expect("written when the firm was onboarded");
        Identity { account: file.account.expect("known since then"), key: file.index, secret: file.secret }
    }

    /// Stops a running node, changes its configuration and starts it again; returns when it listens for clients.
    pub fn configure(&mut self, code: &str, change: impl FnOnce(&mut NodeConfig)) {
        self.kill(code);
        let path = self.folder(code).join("node.toml");
        let mut config = NodeConfig::load(&path).expect("written with the network");
        change(&mut config);
        std::fs::write(&path, toml::to_string(&config).expect("a plain table")).expect("the folder is there");
        self.start_node(code);
        self.wait("a listener", |_| TcpStream::connect(config.rpc_listen).is_ok());
    }
    /// Runs a node that is expected to refuse to start, to its end.
    pub fn run_to_end(&self, code: &str) -> Output {
        self.command(code).stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("the landsea program starts")
    }
    fn command(&self, code: &str) -> Command {
        let mut command = Command::new(landsea());
        command.args(["node", "run", "--config"]).arg(self.folder(code).join("node.toml")).stdin(Stdio::null());
        command
    }
    fn log(&self, code: &str) -> std::fs::File {
        let path = self.folder(code).join("node.log");
        std::fs::File::options().create(true).append(true).open(path).expect("the folder is there")
    }
    /// SIGTERM, and waits until the process has ended by itself.
    ///
    /// # Panics
    /// When it does not.
    pub fn stop(&mut self, code: &str) -> ExitStatus {
        let mut child = self.children.remove(code).expect("the node runs");
        kill_process(Pid::from_child(&child), Signal::TERM).expect("a child can be told");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = child.try_wait().expect("a child can be asked") {
                return status;
            }
            if Instant::now() > deadline {
                child.kill().expect("a child can be killed");
                panic!("{code} does not stop\n{}", self.describe());
            }
            std::thread::sleep(ASK_AGAIN);
        }
    }
    /// SIGKILL, and waits until the process is gone.
    pub fn kill(&mut self, code: &str) {
        let mut child = self.children.remove(code).expect("the node runs");
        child.kill().expect("a child can be killed");
        child.wait().expect("a killed child ends");
    }
    /// Kills all nodes, one right after the other.
    pub fn kill_all(&mut self) {
        self.children.values_mut().for_each(|child| child.kill().expect("a child can be killed"));
        let children = std::mem::take(&mut self.children);
        children.into_values().for_each(|mut child| {
            child.wait().expect("a killed child ends");
        });
    }
    /// Whether the node's process is still there.
    pub fn is_alive(&mut self, code: &str) -> bool {
        let child = self.children.get_mut(code);
        child.is_some_and(|child| child.try_wait().expect("a child can be asked").is_none())
    }

    /// Asks a node as anybody.
    pub fn client(&self, code: &str) -> RpcClient {
        let node = self.network.node(code).expect("a member's code");
        RpcClient::new(&node.rpc).expect("the address is sound")
    }
    /// Runs calls to their end.
    pub fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
    /// How a node is; `None` when it does not answer.
    pub fn status(&self, code: &str) -> Option<Status> {
        self.runtime.block_on(self.client(code).status()).ok()
    }
    /// A committed transaction as a node tells it.
    pub fn transaction(&self, code: &str, id: &TxId) -> Option<TransactionView> {
        self.runtime.block_on(self.client(code).transaction(id)).ok().flatten()
    }
    /// The state root after a height.
    pub fn root(&self, code: &str, height: Height) -> Option<landsea_types::Hash> {
        let header = self.runtime.block_on(self.client(code).header(height)).ok().flatten();
        header.map(|h| h.state_root)
    }

    /// Waits for a condition.
    ///
    /// # Panics
    /// When it does not hold in time.
    pub fn wait(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}\n{}", self.describe());
            std::thread::sleep(ASK_AGAIN);
        }
    }
    /// Watches that a condition holds for a while.
    ///
    /// # Panics
    /// When it once does not.
    pub fn watch(&self, what: &str, time: Duration, mut holds: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            assert!(holds(self), "{what}\n{}", self.describe());
            std::thread::sleep(ASK_AGAIN);
        }
    }
    /// Waits until all the given nodes have committed a height.
    pub fn wait_for_height(&self, codes: &[String], height: Height) {
        let reached = |all: &Self, code: &String| all.status(code).is_some_and(|s| s.height >= height);
        self.wait(&format!("height {height}"), |all| codes.iter().all(|code| reached(all, code)));
    }
    /// The highest height that any node tells.
    pub fn highest(&self) -> Height {
        self.codes().iter().filter_map(|code| self.status(code)).map(|s| s.height).max().unwrap_or_default()
    }
    /// Waits until all nodes have passed the highest height of now by `more`, and compares their roots there.
    ///
    /// # Panics
    /// When two nodes differ.
    pub fn assert_agreement_after(&self, more: u64) {
        let height = self.highest().saturating_add(more);
        self.wait_for_height(&self.codes(), height);
        let roots: Vec<_> = self.codes().iter().map(|code| (code.clone(), self.root(code, height))).collect();
        let first = roots[0].1.expect("every node has the header of a height it has passed");
        assert!(roots.iter().all(|(_, root)| *root == Some(first)), "height {height}: {roots:?}");
    }

    /// The onboarding of a firm that is not known yet.
    pub fn new_firm(&mut self, code: &str) -> Transaction {
        self.firms += 1;
        let height = self.status(code).expect("the node answers").height;
        self.branch(code).onboard(self.firms, height, now())
    }
    fn branch(&self, code: &str) -> Branch {
        let key = KeyFile::load(&self.folder(code).join("validator.key")).expect("written with the network");
        Branch {
            chain: self.network.genesis.chain_id(),
            founder: self.network.genesis.member_by_code(code).expect("a member's code").clone(),
            branch_key: self.network.branch(code).expect("a member's code").secret,
            validator_key: key.secret,
        }
    }
    /// Submits through a node without waiting for the commit.
    ///
    /// # Errors
    /// What the node answers.
    pub fn submit(&self, code: &str, transaction: &Transaction) -> Result<TxId, RpcError> {
        self.runtime.block_on(self.client(code).submit(transaction)).map(|s| s.id)
    }
    /// Onboards a new firm through a node and waits for the commit.
    pub fn commit_new(&mut self, code: &str) -> TransactionView {
        let transaction = self.new_firm(code);
        let answer = self.runtime.block_on(self.client(code).submit_and_wait(&transaction));
        answer.unwrap_or_else(|e| panic!("{e}\n{}", self.describe()))
    }

    /// One line per node with the end of its log, for failures.
    pub fn describe(&self) -> String {
        let line = |code: &String| {
            let status = self
                .status(code)
                .map(|s| format!("height {} round {} {} voting {}", s.height, s.round, s.step, s.voting));
            let log = std::fs::read_to_string(self.folder(code).join("node.log")).unwrap_or_default();
            let last: Vec<&str> = log.lines().rev().take(4).collect();
            let last: Vec<&str> = last.into_iter().rev().collect();
            format!("{code}: {}\n    {}", status.unwrap_or("no answer".into()), last.join("\n    "))
        };
        self.codes().iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for child in self.children.values_mut() {
            // It may have ended by itself; either way it is gone after this.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The program, which the workspace build puts beside the folder of the tests.
pub fn landsea() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in the folder deps");
    let path = folder.join("landsea");
    assert!(path.exists(), "{} is not built: run `cargo build --workspace --bins`", path.display());
    path
}
