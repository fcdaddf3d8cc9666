//! Transactions: consents, signature, spoiling, submission.

use super::answer::Got;
use super::build::{After, Builder};
use super::trouble::Trouble;
use super::world::{Saved, World};
use crate::scenario::step::{ConsentFlaw, ConsentSpec, Hostile, Mode, Step, Transact};
use landsea_client::api::{Simulated, TransactionView, method};
use landsea_client::builder::CONSENT_MS;
use landsea_client::keys::Identity;
use landsea_client::random;
use landsea_client::rpc::RpcClient;
use landsea_types::genesis::ParamKey;
use landsea_types::role::Role;
use landsea_types::transaction::{Consent, ConsentTerms};
use landsea_types::{
    AccountId, ChainId, Code, Height, Operation, ProofId, SecretKey, Signature, Timestamp, Transaction, bounds,
};
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a transaction may take when the step does not say.
const PATIENCE: Duration = Duration::from_secs(90);
/// Milliseconds by which a flawed consent is expired or too long.
const HOUR_MS: u64 = 3_600_000;
/// Bytes of the encoding before the first operation: version, chain, sender, nobody represented, key, public key, validity, nonce, count.
const BYTES_BEFORE_OPERATIONS: usize = 1 + 32 + 32 + 1 + 2 + 32 + 8 + 8 + 4;

/// A transaction ready to be sent.
pub(crate) struct Sendable {
    pub(crate) node: String,
    client: Arc<RpcClient>,
    bytes: Vec<u8>,
    transaction: Option<Transaction>,
    mode: Mode,
    patience: Duration,
    pub(crate) after: Vec<After>,
}

/// Who signs, for which time and node.
struct Signing {
    identity: Identity,
    represents: Option<AccountId>,
    base: Timestamp,
    height: Height,
}

impl World {
    /// Builds, consents, signs and spoils a transaction.
    pub(crate) async fn prepare(&mut self, step: &Step, what: &Transact, node: &str) -> Result<Sendable, Trouble> {
        let actor = step.actor.clone().ok_or_else(|| Trouble::cannot("nobody acts"))?;
        self.catch_up(node).await?;
        self.take_recovered_key(&actor, node).await?;
        let status = self.status(node).await?;
        let base = self.base_time(node).await?;
        let represents = what.represents.as_ref().map(|tag| self.account(tag)).transpose()?;
        let signing = Signing { identity: self.identity(&actor)?, represents, base, height: status.height };
        let mut builder = Builder { world: self, actor, node: node.into(), base, after: Vec::new() };
        let mut operations = Vec::new();
        for spec in &what.operations {
            operations.push(builder.operation(spec).await?);
        }
        let after = builder.after;
        let (bytes, transaction) = self.bytes(what, operations, &signing)?;
        Ok(Sendable {
            node: self.member(node)?,
            client: self.client(None, node)?,
            bytes,
            transaction,
            mode: mode_of(what),
            patience: step.timeout.map_or(PATIENCE, |t| Duration::from_millis(t.ms)),
            after,
        })
    }

    /// Lets somebody whose recovery has taken effect sign with the new key.
    async fn take_recovered_key(&mut self, tag: &str, node: &str) -> Result<(), Trouble> {
        let Some((secret, index)) = self.recovering.get(tag).cloned() else { return Ok(()) };
        let account = self.identity(tag)?.account;
        let record = self.branch_client(node)?.party(&account).await?.and_then(|v| v.record);
        let is_there = |key: &landsea_types::record::KeyRecord| key.public_key == secret.public();
        if record.is_some_and(|r| r.keys.iter().any(is_there)) {
            self.recovering.remove(tag);
            self.now_acts(tag, Identity { account, key: index, secret })?;
        }
        Ok(())
    }

    fn bytes(
        &self,
        what: &Transact,
        operations: Vec<Operation>,
        signing: &Signing,
    ) -> Result<(Vec<u8>, Option<Transaction>), Trouble> {
        let earlier = || {
            let saved = what.again.as_ref().and_then(|name| self.saved.get(name));
            saved.ok_or_else(|| Trouble::cannot("the step to be sent again has sent nothing"))
        };
        match what.hostile {
            Some(Hostile::Replayed) => Ok((earlier()?.bytes.clone(), None)),
            Some(Hostile::Garbage) => Ok(((0..16).flat_map(|_| random::bytes32()).collect(), None)),
            Some(Hostile::ReusedConsents) => {
                let first = earlier()?.transaction.clone();
                let first = first.ok_or_else(|| Trouble::cannot("that step has sent no whole transaction"))?;
                let again = self.unsigned(first.ops, first.consents, signing, what.valid_for);
                let tx = again.sign(&signing.identity.secret);
                Ok((tx.encode(), Some(tx)))
            }
            hostile => {
                let consents = self.consents(&what.consents, &operations, signing)?;
                let tx = self.unsigned(operations, consents, signing, what.valid_for);
                Ok(spoilt(tx, hostile, signing))
            }
        }
    }

    fn unsigned(&self, ops: Vec<Operation>, consents: Vec<Consent>, signing: &Signing, valid_for: u64) -> Transaction {
        Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain,
            sender: signing.identity.account,
            represents: signing.represents,
            key: signing.identity.key,
            public_key: signing.identity.secret.public(),
            valid_until: signing.height.saturating_add(valid_for),
            nonce: random::number(),
            ops,
            consents,
            signature: Signature([0; 64]),
        }
    }

    fn consents(
        &self,
        specs: &[ConsentSpec],
        operations: &[Operation],
        signing: &Signing,
    ) -> Result<Vec<Consent>, Trouble> {
        let mut all = Vec::new();
        for spec in specs {
            let actor = self.actor(&spec.party)?;
            let identity = self.identity(&spec.party)?;
            let roles = match spec.role {
                Some(role) => vec![role],
                None if actor.roles.is_empty() => vec![Role::Enterprise],
                None => actor.roles.clone(),
            };
            for operation in operations {
                all.extend(roles.iter().map(|role| self.consent(spec, &identity, *role, operation, signing)));
            }
        }
        Ok(all)
    }

    fn consent(
        &self,
        spec: &ConsentSpec,
        identity: &Identity,
        role: Role,
        op: &Operation,
        signing: &Signing,
    ) -> Consent {
        let flaw = spec.flaw;
        let longest = self.network.genesis.params().get(ParamKey::ConsentMaxMs);
        let sender = match flaw {
            Some(ConsentFlaw::OtherSender) => AccountId(*blake3::hash(b"another sender").as_bytes()),
            _ => signing.identity.account,
        };
        let not_after = match flaw {
            Some(ConsentFlaw::Expired) => Timestamp::new(signing.base.get().saturating_sub(HOUR_MS)),
            Some(ConsentFlaw::TooLong) => signing.base.saturating_add(longest + HOUR_MS),
            _ => signing.base.saturating_add(CONSENT_MS.min(longest / 2)),
        };
        let chain = if flaw == Some(ConsentFlaw::OtherChain) { ChainId([0x5a; 32]) } else { self.chain };
        let other = SecretKey::from_seed(random::bytes32());
        let secret = if flaw == Some(ConsentFlaw::OtherKey) { &other } else { &identity.secret };
        let terms = ConsentTerms {
            party: identity.account,
            key: identity.key,
            role,
            op_hash: op.hash(&sender),
            not_after,
            nonce: random::number(),
        };
        let mut consent = Consent::new(terms, &chain, secret);
        if flaw == Some(ConsentFlaw::Forged) {
            consent.signature.0[7] ^= 1;
        }
        consent
    }

    /// Makes true what the operation has made true, and keeps the answer.
    pub(crate) async fn conclude(&mut self, step: &Step, sent: Sendable, got: &Got) -> Result<(), Trouble> {
        self.saw(got.height);
        let applied = got.code == Some(Code::Ok) && got.height.is_some();
        for after in sent.after.iter().filter(|_| applied) {
            self.apply(after, &sent.node, got).await?;
        }
        let saved =
            Saved { json: got.json.clone(), bytes: sent.bytes, transaction: sent.transaction, certificate: None };
        self.keep(step, saved);
        Ok(())
    }

    /// Keeps what a step left behind under its id and its other name.
    pub(crate) fn keep(&mut self, step: &Step, saved: Saved) {
        if let Some(name) = &step.save {
            self.saved.insert(name.clone(), saved.clone());
        }
        self.saved.insert(step.id.clone(), saved);
    }

    async fn apply(&mut self, after: &After, node: &str, got: &Got) -> Result<(), Trouble> {
        let id =
            |what: &str| got.json.get(what).and_then(|v| v.as_str()).and_then(|t| landsea_types::parse_hex32(t).ok());
        match after {
            After::Onboarded { tag, secret } => {
                let account = id("party").ok_or_else(|| Trouble::cannot("the outcome names no party"))?;
                let identity = Identity { account: AccountId(account), key: 0, secret: secret.clone() };
                self.now_acts(tag, identity)
            }
            After::Rotated { tag, secret, index, from_height } => {
                let account = self.identity(tag)?.account;
                // The key signs in blocks from that height on: the one before must be committed.
                self.saw(Some(Height::new(from_height.saturating_sub(1))));
                self.catch_up(node).await?;
                self.now_acts(tag, Identity { account, key: *index, secret: secret.clone() })
            }
            After::Recovering { tag, secret, index } => {
                self.recovering.insert(tag.clone(), (secret.clone(), *index));
                Ok(())
            }
            After::Opened { case_key } => {
                if let Some(proof) = id("proof") {
                    self.cases.insert(ProofId(proof), *case_key);
                }
                Ok(())
            }
        }
    }

    /// Asks every running node what became of a transaction.
    pub(crate) async fn on_all_nodes(&mut self, got: &Got) -> Result<Option<String>, Trouble> {
        let Some(id) = got.json.get("id").and_then(|v| v.as_str()).and_then(|t| t.parse().ok()) else {
            return Ok(Some("there is no outcome to compare".into()));
        };
        let here = (got.code, got.height, got.json.get("index").and_then(serde_json::Value::as_u64));
        for node in self.running() {
            self.catch_up(&node.code).await?;
            let view = self.branch_client(&node.code)?.transaction(&id).await?;
            let there = view.map(|v| (Some(v.code), Some(v.height), Some(u64::from(v.index))));
            if there != Some(here) {
                return Ok(Some(format!("node {} answers {there:?}, the first one {here:?}", node.code)));
            }
        }
        Ok(None)
    }
}

/// Sent again with `submit_and_wait`, a transaction is answered with its first outcome; `submit` refuses it.
fn mode_of(what: &Transact) -> Mode {
    match what.hostile {
        Some(Hostile::Replayed) if what.mode == Mode::Commit => Mode::Accept,
        _ => what.mode,
    }
}

impl Sendable {
    /// Sends and waits, as far as the step wants.
    pub(crate) async fn send(&self) -> Got {
        let started = Instant::now();
        let got = match tokio::time::timeout(self.patience, self.submit()).await {
            Ok(Ok(got)) => got,
            Ok(Err(trouble)) => Got::of_trouble(&trouble),
            Err(_) => Got { is_trouble: true, ..Got::word("TIMEOUT", serde_json::Value::Null) },
        };
        Got { took: Some(started.elapsed()), ..got }
    }

    async fn submit(&self) -> Result<Got, Trouble> {
        let transaction = json!({ "transaction": hex::encode(&self.bytes) });
        Ok(match self.mode {
            Mode::Commit => {
                let view: TransactionView = self.client.call(method::SUBMIT_AND_WAIT, transaction).await?;
                Got::of_view(&view)
            }
            Mode::Accept => Got::word("ACCEPTED", json!(self.client.submit_bytes(&self.bytes).await?)),
            Mode::Simulate => {
                let would: Simulated = self.client.call(method::SIMULATE, transaction).await?;
                Got {
                    word: would.code.to_string(),
                    code: Some(would.code),
                    args: would.args.clone(),
                    events: would.events.clone(),
                    json: json!(would),
                    ..Got::default()
                }
            }
        })
    }
}

/// The bytes to be sent: as they should be, or spoilt in one way.
fn spoilt(mut tx: Transaction, hostile: Option<Hostile>, signing: &Signing) -> (Vec<u8>, Option<Transaction>) {
    let mut secret = signing.identity.secret.clone();
    match hostile {
        Some(Hostile::WrongChain) => tx.chain_id = ChainId([0x5a; 32]),
        Some(Hostile::Expired) => tx.valid_until = signing.height.previous(),
        Some(Hostile::TooFarAhead) => {
            tx.valid_until = signing.height.saturating_add(bounds::VALID_UNTIL_HEIGHTS_MAX * 5)
        }
        Some(Hostile::NoOperation) => tx.ops.clear(),
        Some(Hostile::OtherKey) => {
            secret = SecretKey::from_seed(random::bytes32());
            tx.public_key = secret.public();
        }
        _ => {}
    }
    let mut tx = tx.sign(&secret);
    if hostile == Some(Hostile::BadSignature) {
        tx.signature.0[11] ^= 1;
    }
    let mut bytes = tx.encode();
    match hostile {
        Some(Hostile::Truncated) => bytes.truncate(bytes.len() / 2),
        Some(Hostile::Oversized) => bytes.resize(bounds::TRANSACTION_BYTES_MAX + 1, 0),
        Some(Hostile::UnknownVersion) => bytes[0] = 0x63,
        Some(Hostile::UnknownOperation) => {
            bytes[BYTES_BEFORE_OPERATIONS..BYTES_BEFORE_OPERATIONS + 2].copy_from_slice(&0x7f7f_u16.to_le_bytes());
        }
        _ => {}
    }
    (bytes, hostile.is_none().then_some(tx))
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::operation::pledge::CancelReservation;
    use landsea_types::{AccountId, DocId};

    fn code(hostile: Hostile) -> Option<Code> {
        let chain = ChainId([1; 32]);
        let identity = Identity { account: AccountId([2; 32]), key: 0, secret: SecretKey::from_seed([3; 32]) };
        let signing = Signing { identity, represents: None, base: Timestamp::new(9), height: Height::new(50) };
        let op = Operation::PledgeCancelReservation(CancelReservation { doc: DocId([4; 32]), expect_ver: 1 });
        let tx = Transaction {
            version: Transaction::VERSION,
            chain_id: chain,
            sender: signing.identity.account,
            represents: None,
            key: 0,
            public_key: signing.identity.secret.public(),
            valid_until: Height::new(60),
            nonce: 7,
            ops: vec![op],
            consents: vec![],
            signature: Signature([0; 64]),
        };
        let (bytes, _) = spoilt(tx, Some(hostile), &signing);
        match Transaction::decode(&bytes, &chain) {
            Err(error) => Some(error.code),
            Ok(tx) if tx.public_key.verify(&tx.sign_bytes(), &tx.signature) => None,
            Ok(_) => Some(Code::BadSignature),
        }
    }

    #[test]
    fn every_kind_of_bad_bytes_gets_its_own_code() {
        assert_eq!(code(Hostile::Truncated), Some(Code::TooLarge));
        assert_eq!(code(Hostile::Oversized), Some(Code::TooLarge));
        assert_eq!(code(Hostile::NoOperation), Some(Code::TooLarge));
        assert_eq!(code(Hostile::UnknownVersion), Some(Code::UnknownOperation));
        assert_eq!(code(Hostile::UnknownOperation), Some(Code::UnknownOperation));
        assert_eq!(code(Hostile::WrongChain), Some(Code::WrongChain));
        assert_eq!(code(Hostile::BadSignature), Some(Code::BadSignature));
        assert_eq!(code(Hostile::OtherKey), None, "the bytes alone are in order; the ledger knows better");
    }
}
