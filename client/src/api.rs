//! Requests and answers of the JSON-RPC interface, shared by the node and its clients.
//!
//! Method names are in [`method`]. Parameters are JSON objects with the fields of the request structs; methods without a request
//! struct take the parameters their constant documents. Encoded transactions and certificates are hex.
//!
//! A single object that the ledger does not know is answered with null; a list about one, with error 1012, so that an empty list means
//! that there is nothing. A height outside those that a node keeps is [`error::HEIGHT`].

use crate::explain::Explanation;
use landsea_types::block::{Block, Header};
use landsea_types::certificate::{
    HistoryCertificate, HistoryVerification, PaperEvidence, Question, StatusCertificate, Trust, Verification,
};
use landsea_types::consensus::{CommitCertificate, Evidence, Validator};
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::Genesis;
use landsea_types::record::{
    Attempt, CargoEvent, Cell, ChainEntry, Doc, Hold, Lot, Offer, Party, Pledge, Proof, PublicDoc, PublicEncumbrance,
    PublicHold, PublicLot, PublicParty, PublicProof, PublicReservation, PublicUse, UseMark,
};
use landsea_types::role::{CellStatus, DocKind, FlowStep, HoldKind, HoldState, OfferState};
use landsea_types::ticket::{DeriveTicket, QueryTicket};
use landsea_types::{
    AccountId, ChainId, Code, DocId, EventId, Fp, GoodsKey, Hash, Height, HoldId, LotId, Member, OfferId, PledgeId,
    Timestamp, TxId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Method names.
pub mod method {
    /// `{transaction: hex}` -> [`super::Submitted`]; ACCEPTED is not durable.
    pub const SUBMIT: &str = "submit";
    /// `{transaction: hex}` -> [`super::TransactionView`] once committed.
    pub const SUBMIT_AND_WAIT: &str = "submit_and_wait";
    /// `{transactions: [hex]}` -> list of [`super::SubmitAnswer`]s in their order; ACCEPTED is not durable. A bad one spoils no other.
    pub const SUBMIT_BATCH: &str = "submit_batch";
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
    /// `{doc, after?, limit?}` -> list of chain entries, by number (the document's own actors).
    pub const CHAIN: &str = "chain";
    /// `{doc}` -> list of [`super::DocumentView`]s: what a split made of the document (its own actors).
    pub const CHILDREN: &str = "children";
    /// `{lot}` -> [`super::LotView`] or null.
    pub const LOT: &str = "lot";
    /// `{doc, after?, limit?}` -> list of [`super::LotView`]s, in the document's order.
    pub const LOTS_BY_DOC: &str = "lots_by_doc";
    /// `{key}` -> the lot that occupies it, or null.
    pub const GOODS_KEY: &str = "goods_key";
    /// `{cell}` -> [`super::CellView`] or null.
    pub const CELL: &str = "cell";
    /// `{target}` (a document or lot) -> PublicEncumbrance or null.
    pub const ENCUMBRANCE: &str = "encumbrance";
    /// `{target}` (a document or lot) -> PublicReservation or null.
    pub const RESERVATION: &str = "reservation";
    /// `{hold}` -> [`super::HoldView`] or null.
    pub const HOLD: &str = "hold";
    /// `{target}` (`HoldTarget`) -> list of [`super::HoldView`]s: the effective ones, the gravest first, a deficit among them.
    pub const HOLDS: &str = "holds";
    /// `{target}` (`HoldTarget`) -> list of [`super::HoldView`]s: those placed on it, effective or waiting, in the order of placing.
    pub const QUEUE: &str = "queue";
    /// `{offer}` -> [`super::OfferView`] or null.
    pub const OFFER: &str = "offer";
    /// `{evidence}` -> [`super::UseMarkView`] or null.
    pub const USE_MARK: &str = "use_mark";
    /// `{lot, after?, limit?}` -> list of [`super::TimelineEntry`]s from the goods' first lot on, in the order of their record.
    pub const TIMELINE: &str = "timeline";
    /// `{lot, height?}` -> [`super::WhereView`] or null.
    pub const WHERE: &str = "where";
    /// `{member, after?, limit?}` -> [`super::InTransit`] (branches and auditors).
    pub const IN_TRANSIT: &str = "in_transit";
    /// `{party}` -> list of Delegations: all for the party itself and branches, for others those in which they may act.
    pub const DELEGATIONS: &str = "delegations";
    /// `{}` -> [`super::EstimatedPriority`]: where a transaction queued now would stand at the earliest.
    pub const ESTIMATE_PRIORITY: &str = "estimate_priority";
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
    /// `{doc, after?, limit?}` -> list of [`super::ProofView`]s: the cases opened on a document.
    pub const PROOFS_BY_DOC: &str = "proofs_by_doc";
    /// `{question, height?}` ([`Question`]) -> [`super::StatusCertificate`], of the newest height when none is named.
    pub const CERTIFICATE: &str = "certificate";
    /// [`super::VerifyRequest`] -> [`super::Verified`]: what [`StatusCertificate::verify`](super::StatusCertificate::verify) says with
    /// the node's genesis and clock.
    pub const VERIFY: &str = "verify";
    /// [`super::DeriveRequest`] -> [`super::Derived`].
    pub const FINGERPRINT_DERIVE: &str = "fingerprint_derive";
    /// `{after?, limit?}` -> [`super::Attempts`].
    pub const ATTEMPTS: &str = "attempts";
    /// `{}` -> list of evidence of equivocation (branches only).
    pub const EVIDENCE: &str = "evidence";
    /// `{}` -> [`super::Status`].
    pub const STATUS: &str = "status";
    /// `{}` -> list of [`super::MemberView`]s: the other members, as this node hears of them.
    pub const MEMBERS: &str = "members";
    /// [`super::StatisticsRequest`] -> [`super::Statistics`]: counts by member over some heights, of what the caller may hear.
    pub const STATISTICS: &str = "statistics";
    /// `{}` -> [`Genesis`](super::Genesis): what every certificate is verified from. Compare its chain id with one from elsewhere.
    pub const GENESIS: &str = "genesis";
    /// `{}` -> the OpenRPC document of this interface, also at `/openrpc.json`.
    pub const DISCOVER: &str = "rpc.discover";
    /// [`super::EventsRequest`] -> [`super::Events`]: the same as the subscription tells, for who would rather ask.
    pub const EVENTS: &str = "events";
    /// Subscription: [`super::EventFilter`] -> [`super::EventNotice`]s.
    pub const SUBSCRIBE_EVENTS: &str = "subscribe_events";
    /// The notification's method name.
    pub const EVENT: &str = "event";
    /// Ends a subscription.
    pub const UNSUBSCRIBE_EVENTS: &str = "unsubscribe_events";
    /// Subscription: [`super::OutcomesFilter`] -> one [`super::OutcomesNotice`] per committed height.
    pub const SUBSCRIBE_OUTCOMES: &str = "subscribe_outcomes";
    /// The notification's method name.
    pub const OUTCOMES: &str = "outcomes";
    /// Ends a subscription to outcomes.
    pub const UNSUBSCRIBE_OUTCOMES: &str = "unsubscribe_outcomes";
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
    /// The caller has asked for too much lately; `retry_after_ms` in the data says when to ask again.
    pub const QUOTA_EXCEEDED: i32 = -32012;
    /// The answer took longer than the node allows.
    pub const TIME_OVER: i32 = -32013;
}

/// A list of methods that need a token; the others answer anybody what is public.
pub const TOKEN_METHODS: &[&str] = &[
    method::CHILDREN,
    method::TIMELINE,
    method::IN_TRANSIT,
    method::DELEGATIONS,
    method::DOCUMENTS_BY_HOLDER,
    method::PLEDGES_BY_PARTY,
    method::PARTY_BY_FINGERPRINT,
    method::FINGERPRINT_DERIVE,
    method::EVIDENCE,
];

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Submitted {
    pub id: TxId,
    /// Always `ACCEPTED`: checked, queued, not durable.
    pub status: String,
}

/// What became of one transaction of a submitted batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubmitAnswer {
    /// Checked, queued, not durable.
    Accepted { id: TxId },
    /// It does not pass check steps 1 and 2; the sender must change it.
    Refused { code: Code, detail: String },
    /// The node cannot take it now; the same bytes may be sent again.
    Busy { detail: String },
}

/// A committed transaction with its outcome. Sender, consenting parties, branches and auditors see all of it; everybody else where it
/// stands and its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Simulated {
    pub code: Code,
    pub code_name: String,
    pub operation: u8,
    pub args: Vec<u64>,
    pub events: Vec<Event>,
    /// What a refusal means and what to do next; `None` when nothing would be refused.
    #[serde(default)]
    pub explanation: Option<Explanation>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockView {
    pub id: landsea_types::BlockId,
    pub block: Block,
    pub certificate: CommitCertificate,
    /// Ids and codes in order.
    pub transactions: Vec<(TxId, Code)>,
}

/// By id, or by fingerprint; exactly one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    #[serde(default)]
    pub doc: Option<DocId>,
    #[serde(default)]
    pub fingerprint: Option<Fp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentView {
    pub public: PublicDoc,
    /// FREE, RESERVED, ENCUMBERED, HELD or the state.
    pub status: String,
    pub encumbrance: Option<PublicEncumbrance>,
    pub reservation: Option<PublicReservation>,
    pub hold: Option<PublicHold>,
    /// The whole record, for branches, auditors, issuer, holder, beneficiary, nominee and both sides of a live pledge. Banks are named
    /// in it only to those who dealt with them.
    pub record: Option<Doc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LotView {
    pub id: LotId,
    pub public: PublicLot,
    pub encumbrance: Option<PublicEncumbrance>,
    pub record: Option<Lot>,
}

/// Whoever keeps or watches the cell, or has a document over goods in it, sees the record and the lots, and branches do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CellView {
    pub key: GoodsKey,
    pub home: Member,
    pub status: CellStatus,
    /// Whether receipts speak of more than is there.
    pub short: bool,
    /// The gravest hold on the cell itself.
    pub hold: Option<PublicHold>,
    /// The ACTIVE lots in the cell.
    pub lots: Vec<LotId>,
    pub record: Option<Cell>,
}

/// A hold: kind, state and end for everybody; order numbers and the party behind it for branches and the parties concerned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoldView {
    /// `None` for a deficit, which no party placed.
    pub id: Option<HoldId>,
    pub kind: HoldKind,
    pub state: HoldState,
    pub until: Timestamp,
    /// The branch to contact.
    pub member: Option<Member>,
    pub record: Option<Hold>,
}

/// Bank, pledgor, the parties asked to accept and branches see the record; others the state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OfferView {
    pub id: OfferId,
    pub ver: u32,
    pub state: OfferState,
    pub until: Timestamp,
    pub record: Option<Offer>,
}

/// Shares in use for everybody; the marks for branches and, one's own, for whoever made them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UseMarkView {
    pub public: PublicUse,
    pub ver: u32,
    pub marks: Vec<UseMark>,
}

/// One event of the goods of a lot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// The lot that the event names: the one asked about, or one from which it was made.
    pub lot: LotId,
    pub event: CargoEvent,
}

/// Where a lot was at a height: custody for everybody, the last report for those who may read its timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WhereView {
    pub lot: LotId,
    pub height: Height,
    /// `None` when the lot did not exist then.
    pub custody: Option<PublicLot>,
    pub position: Option<Position>,
}

/// What the last report says whose time can be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Position {
    pub event: EventId,
    /// The last step that moved the goods or laid them to rest.
    pub step: FlowStep,
    #[serde(with = "landsea_types::ids::ascii")]
    #[schemars(with = "String")]
    pub node: [u8; 8],
    pub at: Timestamp,
    pub recorded: Timestamp,
}

/// Lots on their way whose custody lies in a member's territory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InTransit {
    pub lots: Vec<TransitView>,
    /// Go on after this lot; `None` at the end. A page may be short, or empty, and not be the last.
    pub next: Option<LotId>,
}

/// A lot on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TransitView {
    pub lot: LotId,
    pub custodian: AccountId,
    pub position: Position,
    /// When silence becomes an alarm; `None` when it has been raised.
    pub silent_from: Option<Timestamp>,
}

/// The block position that a transaction queued now would have if every waiting one came before it in the next block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimatedPriority {
    pub height: Height,
    pub index: u32,
}

/// The pledgee, the pledgor and branches see the record; others see who to contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PledgeView {
    pub id: PledgeId,
    pub state: String,
    pub member: Member,
    pub record: Option<Pledge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PartyView {
    pub public: PublicParty,
    /// For branches, auditors and the party itself.
    pub record: Option<Party>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofView {
    pub public: PublicProof,
    /// For branches, the applicant, the attesters and the financing bank.
    pub record: Option<Proof>,
}

/// A certificate to be verified. Whoever trusts no node verifies it without one; the code is the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyRequest {
    pub certificate: AnyCertificate,
    /// Largest age of the header, milliseconds; any when absent.
    #[serde(default)]
    pub max_age_ms: Option<u64>,
    /// A newer header known to be genuine.
    #[serde(default)]
    pub trusted: Option<Header>,
    /// What the bearer of the paper shows.
    #[serde(default)]
    pub paper: Option<PaperEvidence>,
}

/// A certificate of one height or of two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AnyCertificate {
    Status(Box<StatusCertificate>),
    History(Box<HistoryCertificate>),
}

/// The verifier's answer, of the certificate's own kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    Status(Verification),
    History(Box<HistoryVerification>),
}

impl VerifyRequest {
    /// Verifies the certificate from a genesis and a clock.
    pub fn verify(&self, genesis: &Genesis, now: Timestamp) -> Verified {
        let trust = Trust { genesis, pinned: self.trusted.as_ref(), now, max_age_ms: self.max_age_ms };
        let paper = self.paper.as_ref();
        match &self.certificate {
            AnyCertificate::Status(certificate) => Verified::Status(certificate.verify(&trust, paper)),
            AnyCertificate::History(history) => Verified::History(Box::new(history.verify(&trust, paper))),
        }
    }
}

/// The raw fingerprints a client computed from its paper; field values never leave the firm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Derived {
    pub ticket: DeriveTicket,
    pub query_ticket: QueryTicket,
}

/// Branches concerned see the entries, others only the count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attempts {
    pub total: u64,
    pub entries: Vec<Attempt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeerView {
    pub member: Member,
    pub connected: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Another member, as the node hears of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberView {
    pub member: Member,
    pub connected: bool,
    /// The height that it seems to have committed, unverified: it lags by one while nothing is amiss. `None` while it is away.
    pub height: Option<Height>,
    /// What it told of itself, unverified.
    pub about: Option<MemberAbout>,
}

/// A member about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberAbout {
    pub version: String,
    pub round: u32,
    /// Members that it is connected with.
    pub peers: u8,
    pub voting: bool,
}

/// The heights to count over, both included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatisticsRequest {
    pub from: Height,
    pub to: Height,
}

/// Counts over committed heights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Statistics {
    pub from: Height,
    pub to: Height,
    /// Every member, by index.
    pub members: Vec<MemberStatistics>,
    /// Outcome codes with how often they came, by code; the sweep's own outcomes are left out.
    pub codes: Vec<(Code, u64)>,
    /// Transactions in equal parts of the range, the first heights first.
    pub pace: Vec<u64>,
}

/// What a member had a part in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberStatistics {
    pub member: Member,
    /// Blocks it proposed.
    pub proposed: u64,
    /// Commit certificates with its signature; a certificate needs only a quorum.
    pub signed: u64,
    /// Events that name the member.
    pub events: BTreeMap<EventName, u64>,
}

/// Which events, from which height. Empty lists mean "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    /// Where to go on, instead of a height.
    #[serde(default)]
    pub from: Option<EventCursor>,
}

/// A place between two events of the chain: everything at it and after it is still to be told. It means the same at every node, before
/// and after a restart, and whatever the filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventCursor {
    pub height: Height,
    /// Events of the height that are passed over.
    #[serde(default)]
    pub index: u32,
}

impl EventCursor {
    /// Before the first event of a height.
    pub fn at(height: Height) -> Self {
        Self { height, index: 0 }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventNotice {
    pub height: Height,
    pub block_time: Timestamp,
    pub tx: TxId,
    /// Position of the event in its block.
    pub index: u32,
    pub event: Event,
    /// Where to go on after this event.
    #[serde(default)]
    pub next: EventCursor,
}

/// Which events, from where, how many. Empty lists mean "any".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsRequest {
    #[serde(default)]
    pub names: Vec<EventName>,
    #[serde(default)]
    pub subjects: Vec<Hash>,
    #[serde(default)]
    pub members: Vec<Member>,
    /// Where to go on; the end of the chain when absent, so that the first answer only says where that is.
    #[serde(default)]
    pub from: Option<EventCursor>,
    #[serde(default)]
    pub limit: Option<usize>,
}

/// Some events. A page may be short, or empty, and not be the last: there are more while `next` is below the tip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    pub events: Vec<EventNotice>,
    /// Where to go on.
    pub next: EventCursor,
    /// The newest height that this answer could have told of.
    pub tip: Height,
}

/// Outcomes from which height on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomesFilter {
    /// First height to report; the next committed one when absent.
    #[serde(default)]
    pub from_height: Option<Height>,
}

/// What a committed height decided: every transaction with its code, in order, the sweep's own last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomesNotice {
    pub height: Height,
    pub block_time: Timestamp,
    pub outcomes: Vec<(TxId, Code)>,
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
