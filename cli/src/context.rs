//! What a command works with: the options, the node, the genesis, the caller's key.

use crate::args::Globals;
use crate::error::CliError;
use crate::{files, output};
use landsea_client::keys::{Identity, KeyFile, KeyKind};
use landsea_client::rpc::{RpcClient, TlsFiles};
use landsea_types::genesis::Genesis;
use landsea_types::{ChainId, Member};
use serde_json::Value;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};

/// The options, with everything that follows from them worked out on demand.
pub(crate) struct Context {
    globals: Globals,
    named_dir: Option<PathBuf>,
}

impl Context {
    /// Takes what is absent from the environment.
    pub(crate) fn new(mut globals: Globals) -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let named_dir = globals.dir.clone();
        // A network named on the command line is the one that is meant, whatever the environment says.
        if named_dir.is_none() {
            globals.node = globals.node.or_else(|| variable("LANDSEA_NODE").and_then(|v| v.into_string().ok()));
        }
        globals.dir = globals.dir.or_else(|| variable("LANDSEA_DIR").map(PathBuf::from));
        let file = |named: Option<PathBuf>, name| named.or_else(|| variable(name).map(PathBuf::from));
        globals.key = file(globals.key, "LANDSEA_KEY");
        globals.ca = file(globals.ca, "LANDSEA_CA");
        globals.client_cert = file(globals.client_cert, "LANDSEA_CLIENT_CERT");
        globals.client_key = file(globals.client_key, "LANDSEA_CLIENT_KEY");
        Self { globals, named_dir }
    }

    /// Whether JSON is wanted.
    pub(crate) fn json(&self) -> bool {
        self.globals.json
    }

    /// The options as given.
    pub(crate) fn globals(&self) -> &Globals {
        &self.globals
    }

    /// The folder named by `--dir` itself, not by the environment.
    pub(crate) fn named_dir(&self) -> Option<&Path> {
        self.named_dir.as_deref()
    }

    /// Runs an asynchronous command to its end.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime without threads can always be made").block_on(work)
    }

    /// The node to ask, as the caller named by `--key`, or as anybody.
    ///
    /// # Errors
    /// When no node is named, or the key file cannot be used.
    pub(crate) fn client(&self) -> Result<RpcClient, CliError> {
        let (url, member) = self.node()?;
        self.client_of(&url, member)
    }

    /// Other nodes, asked by the same caller: those named as `URL` or `CODE=URL`, or all of the network in `--dir`.
    ///
    /// # Errors
    /// When an address is none, a code is no member's, or the key file cannot be used.
    pub(crate) fn witnesses(&self, asked: &RpcClient, named: &[String]) -> Result<Vec<RpcClient>, CliError> {
        let (network, names) = (self.network()?, self.names());
        let nodes: Vec<(String, Option<Member>)> = match (named, network) {
            ([], Some(network)) => network.nodes.into_iter().map(|(code, url)| (url, names.find(&code).ok())).collect(),
            (named, _) => named.iter().map(|text| witness(text, &names)).collect::<Result<_, _>>()?,
        };
        let others = nodes.iter().map(|(url, member)| (url.trim_end_matches('/'), *member));
        others.filter(|(url, _)| *url != asked.url()).map(|(url, member)| self.client_of(url, member)).collect()
    }

    fn client_of(&self, url: &str, member: Option<Member>) -> Result<RpcClient, CliError> {
        let client = RpcClient::with_tls(url, &self.tls_files()?)?;
        let client = match member {
            Some(member) => client.for_member(member),
            None => client,
        };
        match &self.globals.key {
            Some(path) => match KeyFile::load_kind(path, KeyKind::Ledger)?.identity(path, self.globals.account) {
                Ok(identity) => Ok(client.with_identity(identity)),
                // A key that has no account yet can still ask what is public.
                Err(problem) => {
                    output::note(&format!("asking as nobody: {problem}"));
                    Ok(client)
                }
            },
            None => Ok(client),
        }
    }

    fn tls_files(&self) -> Result<TlsFiles, CliError> {
        let Globals { ca, client_cert, client_key, .. } = self.globals.clone();
        let identity = match (client_cert, client_key) {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => {
                let what = "a client certificate and its key belong together";
                return Err(CliError::usage(what).next("Name both --client-cert FILE and --client-key FILE."));
            }
        };
        Ok(TlsFiles { ca, identity })
    }

    /// The party that acts.
    ///
    /// # Errors
    /// When no key file is named or it names no account.
    pub(crate) fn identity(&self) -> Result<Identity, CliError> {
        let missing = || {
            CliError::usage("no key file is named").next("Say who acts with --key FILE; `landsea key new` makes one.")
        };
        let path = self.globals.key.as_ref().ok_or_else(missing)?;
        Ok(KeyFile::load_kind(path, KeyKind::Ledger)?.identity(path, self.globals.account)?)
    }

    /// The node to ask: its address, and whose node it must be.
    fn node(&self) -> Result<(String, Option<Member>), CliError> {
        if let Some(url) = &self.globals.node {
            let member = self.globals.via.as_deref().map(|code| self.names().find(code)).transpose()?;
            return Ok((checked_url(url)?, member));
        }
        match self.network()? {
            Some(network) => {
                let (code, url) = network.node(self.globals.via.as_deref())?;
                Ok((url, self.names().find(&code).ok()))
            }
            None => Err(CliError::usage("no node is named")
                .next("Name one with --node http://HOST:PORT, or a test network with --dir DIR [--via CODE].")),
        }
    }

    fn network(&self) -> Result<Option<NetworkFile>, CliError> {
        let Some(dir) = &self.globals.dir else { return Ok(None) };
        Ok(Some(NetworkFile::load(dir)?))
    }

    /// The genesis named by `--genesis` or found in `--dir`.
    ///
    /// # Errors
    /// When the file is absent or defective.
    pub(crate) fn genesis(&self) -> Result<Option<Genesis>, CliError> {
        match (&self.globals.genesis, &self.globals.dir) {
            (Some(path), _) => load_genesis(path).map(Some),
            (None, Some(dir)) if dir.join("genesis.json").exists() => load_genesis(&dir.join("genesis.json")).map(Some),
            _ => Ok(None),
        }
    }

    /// The chain for which things are signed: the genesis's where one is known, else the node's word.
    ///
    /// # Errors
    /// When neither can be had.
    pub(crate) async fn chain_id(&self, client: &RpcClient) -> Result<ChainId, CliError> {
        match self.genesis()? {
            Some(genesis) => Ok(genesis.chain_id()),
            None => Ok(client.chain_id().await?),
        }
    }

    /// Names of the members, where a genesis is known.
    pub(crate) fn names(&self) -> Names {
        self.genesis().ok().flatten().map(|genesis| Names::of(&genesis)).unwrap_or_default()
    }
}

/// Another node, named as `URL` or `CODE=URL`, and whose it must be.
fn witness(text: &str, names: &Names) -> Result<(String, Option<Member>), CliError> {
    match text.split_once('=') {
        Some((code, url)) if !is_url(text) => Ok((checked_url(url)?, Some(names.find(code)?))),
        _ => Ok((checked_url(text)?, None)),
    }
}

/// Whether a text is an address to which a request can be sent.
fn is_url(text: &str) -> bool {
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    host.is_some_and(|host| !host.is_empty() && !host.starts_with([':', '/']))
}

fn checked_url(url: &str) -> Result<String, CliError> {
    is_url(url).then(|| url.to_owned()).ok_or_else(|| {
        CliError::usage(format!("{url:?} is no address of a node")).next("Write it as http://HOST:PORT.")
    })
}

/// Reads and checks a genesis file.
///
/// # Errors
/// With the path and the first defect.
pub(crate) fn load_genesis(path: &Path) -> Result<Genesis, CliError> {
    let text = files::read_text(path)?;
    Genesis::from_json(&text).map_err(|e| CliError::usage(format!("{}: {e}", path.display())))
}

/// The members' names by index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    members: BTreeMap<Member, String>,
}

impl Names {
    /// Takes the names from a genesis.
    pub(crate) fn of(genesis: &Genesis) -> Self {
        let name = |m: &landsea_types::genesis::GenesisMember| format!("{} {} {}", m.code, m.name_zh, m.name_en);
        Self { members: genesis.members.iter().map(|m| (m.index, name(m))).collect() }
    }

    /// The member of a code, or of an index where it is one of the members or none are known.
    ///
    /// # Errors
    /// Lists the members' codes.
    pub(crate) fn find(&self, text: &str) -> Result<Member, CliError> {
        let coded = self.members.iter().find(|(_, name)| name.split(' ').next() == Some(text)).map(|(m, _)| *m);
        let index = text.parse().ok().map(Member::new);
        let numbered = index.filter(|m| self.members.is_empty() || self.members.contains_key(m));
        coded.or(numbered).ok_or_else(|| {
            let codes: Vec<&str> = self.members.values().filter_map(|name| name.split(' ').next()).collect();
            let next = match codes.is_empty() {
                true => "Codes are known with --genesis FILE or --dir DIR; without, give the member's index.".into(),
                false => format!("The members are {}.", codes.join(" ")),
            };
            CliError::usage(format!("there is no member {text}")).next(next)
        })
    }

    /// A member's code and names, or its number.
    pub(crate) fn member(&self, member: Member) -> String {
        self.members.get(&member).cloned().unwrap_or_else(|| format!("member {member}"))
    }
}

/// `network.json` of a test network, as far as a client needs it.
struct NetworkFile {
    path: PathBuf,
    nodes: Vec<(String, String)>,
}

impl NetworkFile {
    fn load(dir: &Path) -> Result<Self, CliError> {
        let path = dir.join("network.json");
        if !path.exists() {
            let what = format!("{} is not there", path.display());
            return Err(CliError::usage(what)
                .next(format!("Start a network with `landsea testnet up --dir {}`.", dir.display())));
        }
        let value: Value = files::read_json(&path, "a network file")?;
        let text = |node: &Value, field: &str| node.get(field).and_then(Value::as_str).map(str::to_owned);
        let listed = value.get("nodes").and_then(Value::as_array).cloned().unwrap_or_default();
        let nodes: Vec<_> = listed.iter().filter_map(|n| Some((text(n, "code")?, text(n, "rpc")?))).collect();
        if nodes.is_empty() {
            return Err(CliError::usage(format!("{}: lists no nodes with `code` and `rpc`", path.display())));
        }
        Ok(Self { path, nodes })
    }

    /// Code and address of the node to ask.
    fn node(&self, via: Option<&str>) -> Result<(String, String), CliError> {
        let found = match via {
            Some(code) => self.nodes.iter().find(|(known, _)| known == code),
            None => self.nodes.first(),
        };
        found.cloned().ok_or_else(|| {
            let codes: Vec<&str> = self.nodes.iter().map(|(code, _)| code.as_str()).collect();
            let what = format!("{}: no node {:?}", self.path.display(), via.unwrap_or_default());
            CliError::usage(what).next(format!("The network has {}.", codes.join(" ")))
        })
    }
}
