//! What the runner knows while it plays: actors, papers, answers of earlier steps, and how far the nodes are.

use super::trouble::Trouble;
use super::vary::Vary;
use crate::members::stand_in;
use crate::network::{Network, NodeEntry};
use crate::process::running;
use crate::scenario::file::Scenario;
use crate::scenario::values::When;
use crate::watch::{ASK_AGAIN, status_of};
use landsea_client::api::{DocumentRequest, DocumentView, Status};
use landsea_client::keys::Identity;
use landsea_client::rpc::{RpcClient, RpcError, now};
use landsea_client::{LotInput, Paper, SaltsFile};
use landsea_types::certificate::StatusCertificate;
use landsea_types::fingerprint::{keyed, party_raw};
use landsea_types::ids::parse_hex32;
use landsea_types::role::Role;
use landsea_types::{AccountId, ChainId, DocId, Fp, Hash, Height, ProofId, SecretKey, Timestamp, Transaction};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a node may take to reach a height that another one has committed.
const CATCH_UP_PATIENCE: Duration = Duration::from_secs(120);

/// Somebody who acts.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// Account and key, once onboarded.
    pub(crate) identity: Option<Identity>,
    /// USCC or LEI.
    pub(crate) code: Option<String>,
    /// Code of the home, in this network.
    pub(crate) home: String,
    /// Roles, in the order of the file.
    pub(crate) roles: Vec<Role>,
}

/// A paper in hand.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) paper: Paper,
    pub(crate) lots: Vec<LotInput>,
    pub(crate) salts: SaltsFile,
    /// The network's fingerprint of it.
    pub(crate) fp1: Fp,
}

/// What a step left behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saved {
    /// The answer as JSON, with the ids of what was created.
    pub(crate) json: Value,
    /// The bytes that were sent.
    pub(crate) bytes: Vec<u8>,
    /// The transaction before it was spoilt.
    pub(crate) transaction: Option<Transaction>,
    /// A certificate, and who asked for it.
    pub(crate) certificate: Option<(StatusCertificate, Option<String>)>,
}

/// The state of a run.
pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) binary: PathBuf,
    pub(crate) chain: ChainId,
    pub(crate) codes: Vec<String>,
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) actors: BTreeMap<String, Actor>,
    pub(crate) saved: BTreeMap<String, Saved>,
    pub(crate) cases: BTreeMap<ProofId, [u8; 32]>,
    /// Keys that firms will sign with once their branch's recovery has taken effect, with their index.
    pub(crate) recovering: BTreeMap<String, (SecretKey, u16)>,
    /// Appended to what must be unique in documents.
    pub(crate) tag: Option<String>,
    /// The highest height at which a step was committed.
    pub(crate) seen: Height,
    vary: Vary,
    papers: BTreeMap<(String, Option<String>), Arc<Held>>,
    clients: BTreeMap<(String, String), Arc<RpcClient>>,
    reached: BTreeMap<String, Height>,
}

impl World {
    pub(crate) fn new(network: Network, binary: PathBuf, scenario: Arc<Scenario>, tag: Option<String>) -> Self {
        let codes = network.codes();
        let branch = |code: &String| {
            let (identity, roles) = (network.branch(code), vec![Role::Branch]);
            (code.clone(), Actor { identity, code: None, home: code.clone(), roles })
        };
        Self {
            chain: network.genesis.chain_id(),
            actors: codes.iter().map(branch).collect(),
            codes,
            network,
            binary,
            scenario,
            saved: BTreeMap::new(),
            cases: BTreeMap::new(),
            recovering: BTreeMap::new(),
            tag,
            seen: Height::ZERO,
            vary: Vary::default(),
            papers: BTreeMap::new(),
            clients: BTreeMap::new(),
            reached: BTreeMap::new(),
        }
    }

    /// The member that plays a code's part.
    pub(crate) fn member(&self, code: &str) -> Result<String, Trouble> {
        let found = stand_in(code, &self.codes);
        found.map(str::to_owned).ok_or_else(|| Trouble::cannot(format!("no member {code} in this network")))
    }

    pub(crate) fn node(&self, code: &str) -> Result<NodeEntry, Trouble> {
        let code = self.member(code)?;
        self.network.node(&code).cloned().map_err(|e| Trouble::cannot(e.what))
    }

    /// Nodes that run, by code.
    pub(crate) fn running(&self) -> Vec<NodeEntry> {
        let is_up = |n: &&NodeEntry| running(&self.network.node_dir(n)).is_some();
        self.network.nodes.iter().filter(is_up).cloned().collect()
    }

    /// Somebody by tag or branch code.
    pub(crate) fn actor(&self, tag: &str) -> Result<&Actor, Trouble> {
        if let Some(actor) = self.actors.get(tag) {
            return Ok(actor);
        }
        let branch = self.member(tag).map_err(|_| Trouble::cannot(format!("nobody is called {tag}")))?;
        self.actors.get(&branch).ok_or_else(|| Trouble::cannot(format!("nobody is called {tag}")))
    }

    pub(crate) fn identity(&self, tag: &str) -> Result<Identity, Trouble> {
        let unknown = || Trouble::cannot(format!("{tag} is not onboarded"));
        self.actor(tag)?.identity.clone().ok_or_else(unknown)
    }

    /// An account by tag, branch code, id or reference. Somebody who is not onboarded gets an account nobody has.
    pub(crate) fn account(&self, name: &str) -> Result<AccountId, Trouble> {
        if let Some(id) = self.literal(name)? {
            return Ok(AccountId(id));
        }
        let made_up = || AccountId(*blake3::hash(format!("account/{name}").as_bytes()).as_bytes());
        Ok(self.actor(name)?.identity.as_ref().map_or_else(made_up, |i| i.account))
    }

    /// The network's fingerprint of a firm.
    pub(crate) fn party_fingerprint(&self, code: &str) -> Result<Fp, Trouble> {
        let raw = party_raw(code).map_err(|e| Trouble::cannot(e.to_string()))?;
        Ok(Fp(keyed(&self.network.seed.fingerprint_key(), &raw)))
    }

    /// An id written out or taken from an earlier step.
    pub(super) fn literal(&self, name: &str) -> Result<Option<[u8; 32]>, Trouble> {
        if let Ok(id) = parse_hex32(name) {
            return Ok(Some(id));
        }
        if !name.starts_with('@') {
            return Ok(None);
        }
        let value = self.reference(name)?;
        let id = value.as_str().and_then(|text| parse_hex32(text).ok());
        id.map(Some).ok_or_else(|| Trouble::cannot(format!("{name} is {value}, not an id")))
    }

    /// An id that an earlier step created, such as its pledge; unknown steps give an id that nothing has.
    pub(crate) fn created(&self, step: &str, what: &str) -> Result<[u8; 32], Trouble> {
        if let Some(id) = self.literal(step)? {
            return Ok(id);
        }
        let value = self.saved.get(step).and_then(|s| s.json.get(what)).and_then(Value::as_str);
        let id = value.and_then(|text| parse_hex32(text).ok());
        id.ok_or_else(|| Trouble::cannot(format!("step {step} created no {what}")))
    }

    /// What `@STEP.path`, `@member.CODE`, `@party.TAG`, `@quorum` or `@validators` stands for.
    pub(crate) fn reference(&self, text: &str) -> Result<Value, Trouble> {
        let unknown = || Trouble::cannot(format!("{text}: there is no such thing"));
        let inner = text.strip_prefix('@').ok_or_else(unknown)?;
        let (head, path) = inner.split_once('.').unwrap_or((inner, ""));
        match (head, path) {
            ("quorum", "") => Ok(self.network.genesis.validator_set().quorum().into()),
            ("validators", "") => Ok(self.codes.len().into()),
            ("seen_height", "") => Ok(self.seen.get().into()),
            ("member", code) => Ok(self.node(code)?.member.into()),
            ("party", tag) => Ok(self.account(tag)?.to_string().into()),
            (step, path) => {
                let saved = self.saved.get(step).ok_or_else(unknown)?;
                at_path(&saved.json, path).ok_or_else(unknown)
            }
        }
    }

    /// Replaces references anywhere in a value.
    pub(crate) fn resolve(&self, value: &Value) -> Result<Value, Trouble> {
        Ok(match value {
            Value::String(text) if text.starts_with('@') => self.reference(text)?,
            Value::Array(items) => Value::Array(items.iter().map(|i| self.resolve(i)).collect::<Result<_, _>>()?),
            Value::Object(map) => {
                let pairs = map.iter().map(|(k, v)| Ok((k.clone(), self.resolve(v)?)));
                Value::Object(pairs.collect::<Result<_, Trouble>>()?)
            }
            other => other.clone(),
        })
    }

    pub(crate) fn when(&self, when: &When, base: Timestamp) -> Result<Timestamp, Trouble> {
        Ok(match when {
            When::After { ms } => base.saturating_add(*ms),
            When::Before { ms } => Timestamp::new(base.get().saturating_sub(*ms)),
            When::At { time } => *time,
            When::Reference { text } => {
                let value = self.reference(text)?;
                Timestamp::new(value.as_u64().ok_or_else(|| Trouble::cannot(format!("{text} is {value}, not a time")))?)
            }
        })
    }

    /// A paper of the file, varied for this run and iteration.
    pub(crate) fn paper(&mut self, name: &str) -> Result<Arc<Held>, Trouble> {
        let key = (name.to_owned(), self.tag.clone());
        if let Some(held) = self.papers.get(&key) {
            return Ok(held.clone());
        }
        let scenario = self.scenario.clone();
        let unknown = || Trouble::cannot(format!("no document {name}"));
        let spec = scenario.documents.get(name).ok_or_else(unknown)?;
        let fields = self.varied(&spec.fields);
        let paper = Paper::from_json(&Value::Object(fields).to_string())?;
        let lots = spec.lots.iter().map(|lot| self.varied_lot(lot)).collect::<Result<_, _>>()?;
        let held = Arc::new(self.hold(paper, lots)?);
        self.papers.insert(key, held.clone());
        Ok(held)
    }

    fn varied(&mut self, fields: &Map<String, Value>) -> Map<String, Value> {
        match &self.tag {
            Some(tag) => self.vary.map(fields, tag),
            None => fields.clone(),
        }
    }

    /// A lot's description, varied as its document is.
    pub(crate) fn varied_lot(&mut self, lot: &LotInput) -> Result<LotInput, Trouble> {
        let bad = |e: serde_json::Error| Trouble::cannot(format!("a lot: {e}"));
        let Value::Object(fields) = serde_json::to_value(lot).map_err(bad)? else {
            return Ok(lot.clone());
        };
        serde_json::from_value(Value::Object(self.varied(&fields))).map_err(bad)
    }

    /// A cell's code, varied as the documents are that name it.
    pub(super) fn varied_cell(&self, cell: &str) -> String {
        self.tag.as_ref().map_or_else(|| cell.to_owned(), |tag| super::vary::numbered(cell, tag))
    }

    /// Salts follow from seed and paper, so that a later run can still disclose.
    fn hold(&self, paper: Paper, lots: Vec<LotInput>) -> Result<Held, Trouble> {
        let seed = &self.network.seed;
        let secret = seed.bytes(&format!("salts {}", hex::encode(paper.raws.fp1)));
        let salts = SaltsFile { content_root: paper.content_root(&secret)?, secret: Hash(secret) };
        let fp1 = Fp(keyed(&seed.fingerprint_key(), &paper.raws.fp1));
        Ok(Held { paper, lots, salts, fp1 })
    }

    /// A client of a node in somebody's name; `None` asks as anybody.
    pub(crate) fn client(&mut self, actor: Option<&str>, node: &str) -> Result<Arc<RpcClient>, Trouble> {
        let entry = self.node(node)?;
        let key = (actor.unwrap_or_default().to_owned(), entry.code.clone());
        if let Some(known) = self.clients.get(&key) {
            return Ok(known.clone());
        }
        let mut client = RpcClient::new(&entry.rpc)?;
        if let Some(tag) = actor {
            client = client.with_identity(self.identity(tag)?);
        }
        let client = Arc::new(client);
        self.clients.insert(key, client.clone());
        Ok(client)
    }

    /// A client of a node in the name of its own branch, which sees everything.
    pub(crate) fn branch_client(&mut self, node: &str) -> Result<Arc<RpcClient>, Trouble> {
        let code = self.member(node)?;
        self.client(Some(&code), &code)
    }

    /// Forgets clients that carry an old key or address.
    pub(crate) fn forget_clients(&mut self) {
        self.clients.clear();
    }

    /// Forgets how far nodes are and the connections to them: they were stopped or started.
    pub(crate) fn forget_nodes(&mut self, nodes: &[NodeEntry]) {
        self.forget_clients();
        self.reached.retain(|code, _| nodes.iter().all(|n| n.code != *code));
    }

    /// Waits until a node has committed everything that earlier steps saw committed.
    pub(crate) async fn catch_up(&mut self, node: &str) -> Result<(), Trouble> {
        let entry = self.node(node)?;
        if self.reached.get(&entry.code).is_some_and(|h| *h >= self.seen) {
            return Ok(());
        }
        let deadline = Instant::now() + CATCH_UP_PATIENCE;
        loop {
            let status = status_of(&entry).await?;
            if status.height >= self.seen {
                self.reached.insert(entry.code, status.height);
                return Ok(());
            }
            if Instant::now() >= deadline {
                let problem = format!("is at height {}, others at {}", status.height, self.seen);
                return Err(RpcError::WaitTimeout { detail: format!("{} {problem}", entry.code) }.into());
            }
            tokio::time::sleep(ASK_AGAIN / 5).await;
        }
    }

    /// A node's status.
    pub(crate) async fn status(&self, node: &str) -> Result<Status, Trouble> {
        Ok(status_of(&self.node(node)?).await?)
    }

    /// The time from which relative terms count: no earlier than the newest block, no earlier than now.
    pub(crate) async fn base_time(&self, node: &str) -> Result<Timestamp, Trouble> {
        Ok(self.status(node).await?.block_time.max(now()))
    }

    /// A document of the file as the ledger has it: the newest of its chain.
    pub(crate) async fn doc(&mut self, name: &str, node: &str) -> Result<(DocId, Option<DocumentView>), Trouble> {
        let request = match self.literal(name)? {
            Some(id) => DocumentRequest { doc: Some(DocId(id)), fingerprint: None },
            None => DocumentRequest { doc: None, fingerprint: Some(self.paper(name)?.fp1) },
        };
        let view = self.branch_client(node)?.document(&request).await?;
        let made_up = || DocId(*blake3::hash(format!("document/{name}").as_bytes()).as_bytes());
        let id = view.as_ref().map(|v| v.public.id).or(request.doc).unwrap_or_else(made_up);
        Ok((id, view))
    }

    /// Takes note of a committed height.
    pub(crate) fn saw(&mut self, height: Option<Height>) {
        self.seen = self.seen.max(height.unwrap_or_default());
    }
}

/// The value at a path such as `events.0.name`; `#` counts the elements.
pub(crate) fn at_path(value: &Value, path: &str) -> Option<Value> {
    if path.is_empty() {
        return Some(value.clone());
    }
    let mut here = value;
    for part in path.split('.') {
        here = match here {
            Value::Array(items) if part == "#" => return Some(items.len().into()),
            Value::Object(map) if part == "#" => return Some(map.len().into()),
            Value::Array(items) => items.get(part.parse::<usize>().ok()?)?,
            Value::Object(map) => map.get(part)?,
            _ => return None,
        };
    }
    Some(here.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_goes_through_objects_and_lists() {
        let value = json!({"record": {"lots": ["a", "b"]}, "none": null});
        assert_eq!(at_path(&value, "record.lots.1"), Some(json!("b")));
        assert_eq!(at_path(&value, "record.lots.#"), Some(json!(2)));
        assert_eq!(at_path(&value, "none"), Some(Value::Null));
        assert_eq!(at_path(&value, "record.lots.2"), None);
    }
}
