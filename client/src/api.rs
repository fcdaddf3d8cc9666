//! Requests and answers of the JSON-RPC interface, shared by the node and its clients.
//!
//! Method names are in [`method`]. Parameters are JSON objects with the fields of the request structs; methods without a request
//! struct take the parameters their constant documents. Encoded transactions and certificates are hex.

use landsea_types::block::{Block, Header};
use landsea_types::certificate::{Question, StatusCertificate};
use landsea_types::consensus::{CommitCertificate, Evidence, Validator};
use landsea_types::event::{Event, EventName};
use landsea_types::record::{
    Attempt, ChainEntry, Doc, Lot, Party, Pledge, Proof, PublicDoc, PublicEncumbrance, PublicHold, PublicLot,
    PublicParty, PublicProof, PublicReservation,
};
use landsea_types::role::DocKind;
use landsea_types::ticket::{DeriveTicket, QueryTicket};
use landsea_types::{AccountId, ChainId, Code, DocId, Fp, Hash, Height, LotId, Member, PledgeId, Timestamp, TxId};
use serde::{Deserialize, Serialize};

/// Method names.
pub mod method {
    /// `{transaction: hex}` -> [`super::Submitted`]; ACCEPTED is not durable.
    pub const SUBMIT: &str = "submit";
    /// `{transaction: hex}` -> [`super::TransactionView`] once committed.
    pub const SUBMIT_AND_WAIT: &str = "submit_and_wait";
    /// `{transaction: hex}` -> [`super::Simulated`]: the code it would get now.
    pub const SIMULATE: &str = "simulate";
    /// `{id}` -> [`super::TransactionView`] or null.
    pub const TRANSACTION: &str = "transaction";
    /// `{height}` -> [`super::BlockView`] or null.
    pub const BLOCK: &str = "block";
    /// `{height}` -> Header or null.
    pub const HEADER: &str = "header";
    /// `{height}` -> list of seats.
    pub const VALIDATORS: &str = "validators";
    /// `{}` -> map of parameter name to value.
    pub const PARAMS: &str = "params";
    /// [`super::DocumentRequest`] -> [`super::DocumentView`] or null.
    pub const DOCUMENT: &str = "document";
    /// `{holder, after?, limit?}` -> list of document ids (the holder itself or a branch).
    pub const DOCUMENTS_BY_HOLDER: &str = "documents_by_holder";
    /// `{doc}` -> list of chain entries.
    pub const CHAIN: &str = "chain";
    /// `{lot}` -> [`super::LotView`] or null.
    pub const LOT: &str = "lot";
    /// `{key}` -> the lot that occupies it, or null.
    pub const GOODS_KEY: &str = "goods_key";
    /// `{pledge}` -> [`super::PledgeView`] or null.
    pub const PLEDGE: &str = "pledge";
    /// `{bank, after?, limit?}` -> list of pledge ids (the bank itself or a branch).
    pub const PLEDGES_BY_PARTY: &str = "pledges_by_party";
    /// `{party}` -> [`super::PartyView`] or null.
    pub const PARTY: &str = "party";
    /// `{fingerprint}` -> account or null (branches only).
    pub const PARTY_BY_FINGERPRINT: &str = "party_by_fingerprint";
    /// `{proof}` -> [`super::ProofView`] or null.
    pub const PROOF: &str = "proof";
    /// `{question}` ([`Question`]) -> [`super::StatusCertificate`].
    pub const CERTIFICATE: &str = "certificate";
    /// [`super::DeriveRequest`] -> [`super::Derived`].
    pub const FINGERPRINT_DERIVE: &str = "fingerprint_derive";
    /// `{after?, limit?}` -> [`super::Attempts`].
    pub const ATTEMPTS: &str = "attempts";
    /// `{}` -> list of evidence of equivocation (branches only).
    pub const EVIDENCE: &str = "evidence";
    /// `{}` -> [`super::Status`].
    pub const STATUS: &str = "status";
    /// Subscription: [`super::EventFilter`] -> [`super::EventNotice`]s.
    pub const SUBSCRIBE_EVENTS: &str = "subscribe_events";
    /// The notification's method name.
    pub const EVENT: &str = "event";
    /// Ends a subscription.
    pub const UNSUBSCRIBE_EVENTS: &str = "unsubscribe_events";
}

/// Stable JSON-RPC error codes beyond the standard ones; ledger codes 1001-9003 are used as they are.
pub mod error {
    /// No valid token.
    pub const UNAUTHENTICATED: i32 = -32001;
    /// The caller may not ask this.
    pub const FORBIDDEN: i32 = -32002;
    /// The node cannot take more now; retry later.
    pub const BUSY: i32 = -32003;
    /// Waiting for the commit took too long; ask `transaction` later.
    pub const WAIT_TIMEOUT: i32 = -32004;
    /// The height is pruned or not yet reached.
    pub const HEIGHT: i32 = -32005;
}

/// A list of methods that need a token; the others answer anybody what is public.
pub const TOKEN_METHODS: &[&str] = &[
    method::DOCUMENTS_BY_HOLDER,
    method::PLEDGES_BY_PARTY,
    method::PARTY_BY_FINGERPRINT,
    method::FINGERPRINT_DERIVE,
    method::EVIDENCE,
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submitted {
    pub id: TxId,
    /// Always `ACCEPTED`: checked, queued, not durable.
    pub status: String,
}

/// A committed transaction with its outcome. Sender, consenting parties, branches and auditors see all of it; everybody else where it
/// stands and its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionView {
    pub id: TxId,
    pub height: Height,
    pub index: u32,
    pub block_time: Timestamp,
    pub code: Code,
    /// The code's name, such as `ALREADY_PLEDGED`.
    pub code_name: String,
    /// Index of the refused operation.
    pub operation: u8,
    pub args: Vec<u64>,
    pub events: Vec<Event>,
    pub touched: Vec<Hash>,
    pub body: Option<serde_json::Value>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    pub code: Code,
    pub code_name: String,
    pub operation: u8,
    pub args: Vec<u64>,
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockView {
    pub id: landsea_types::BlockId,
    pub block: Block,
    pub certificate: CommitCertificate,
    /// Ids and codes in order.
    pub transactions: Vec<(TxId, Code)>,
}

/// By id, or by fingerprint; exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    #[serde(default)]
    pub doc: Option<DocId>,
    #[serde(default)]
    pub fingerprint: Option<Fp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentView {
    pub public: PublicDoc,
    /// FREE, RESERVED, ENCUMBERED, HELD or the state.
    pub status: String,
    pub encumbrance: Option<PublicEncumbrance>,
    pub reservation: Option<PublicReservation>,
    pub hold: Option<PublicHold>,
    /// The whole record, for branches, auditors, issuer, holder, beneficiary and pledgee.
    pub record: Option<Doc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LotView {
    pub id: LotId,
    pub public: PublicLot,
    pub encumbrance: Option<PublicEncumbrance>,
    pub record: Option<Lot>,
}

/// The pledgee, the pledgor and branches see the record; others see who to contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PledgeView {
    pub id: PledgeId,
    pub state: String,
    pub member: Member,
    pub record: Option<Pledge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartyView {
    pub public: PublicParty,
    /// For branches, auditors and the party itself.
    pub record: Option<Party>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofView {
    pub public: PublicProof,
    /// For branches, the applicant, the attesters and the financing bank.
    pub record: Option<Proof>,
}

/// The raw fingerprints a client computed from its paper; field values never leave the firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeriveRequest {
    pub kind: DocKind,
    pub rules: u16,
    pub fp1: Hash,
    pub fp2: Hash,
    pub near: [Hash; 8],
    /// (class letter, inner hash).
    pub goods_keys: Vec<(char, Hash)>,
    #[serde(default)]
    pub arrival_keys: Vec<(char, Hash)>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derived {
    pub ticket: DeriveTicket,
    pub query_ticket: QueryTicket,
}

/// Branches concerned see the entries, others only the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub total: u64,
    pub entries: Vec<Attempt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    pub member: Member,
    pub connected: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub chain_id: ChainId,
    pub member: Member,
    pub code: String,
    pub version: String,
    pub height: Height,
    pub block_time: Timestamp,
    pub state_root: Hash,
    pub block_id: landsea_types::BlockId,
    pub round: u32,
    pub step: String,
    /// Whether this node votes; false while it observes after a restore.
    pub voting: bool,
    pub peers: Vec<PeerView>,
    pub mempool_transactions: usize,
    /// Resident memory of the process, bytes; zero where the system does not tell.
    pub memory_bytes: u64,
    /// CPU time used by the process, milliseconds.
    pub cpu_ms: u64,
}

/// Which events, from which height. Empty lists mean "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFilter {
    #[serde(default)]
    pub names: Vec<EventName>,
    #[serde(default)]
    pub subjects: Vec<Hash>,
    #[serde(default)]
    pub members: Vec<Member>,
    /// First height to report; the next committed one when absent.
    #[serde(default)]
    pub from_height: Option<Height>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventNotice {
    pub height: Height,
    pub block_time: Timestamp,
    pub tx: TxId,
    /// Position of the event in its block.
    pub index: u32,
    pub event: Event,
}

/// Re-exported so that an SDK user needs one import.
pub type CertificateAnswer = StatusCertificate;
/// See [`Question`].
pub type CertificateQuestion = Question;
/// See [`Header`].
pub type HeaderAnswer = Header;
/// See [`ChainEntry`].
pub type ChainAnswer = Vec<ChainEntry>;
/// See [`Validator`].
pub type ValidatorsAnswer = Vec<Validator>;
/// See [`Evidence`].
pub type EvidenceAnswer = Vec<Evidence>;
/// See [`AccountId`].
pub type AccountAnswer = Option<AccountId>;
