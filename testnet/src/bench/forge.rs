//! Documents, tickets and transactions made in bulk.
//!
//! The papers are variations of three scenario papers: same kinds, classes of goods keys and near-match combinations, other numbers. A
//! bench needs hundreds of thousands, so their fingerprints are drawn instead of derived from fields, and the tickets are signed with
//! the branches' keys, which follow from the network's seed, instead of asked for. The ledger cannot tell the difference.

use super::cast::Firm;
use crate::error::TestnetError;
use crate::network::Network;
use landsea_client::Paper;
use landsea_client::rpc::now;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Collateral, Create, Release};
use landsea_types::operation::warehouse::{self, MANDATORY_FIELDS, NewReceipt};
use landsea_types::operation::waybill::{Anchor, Issue, NewLot};
use landsea_types::role::{DocKind, LegalBasis, OrderType, ReleaseReason, Role, SecuredKind};
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody};
use landsea_types::transaction::{Consent, ConsentTerms};
use landsea_types::{
    AccountId, ChainId, Commit, DocId, Fp, GoodsKey, Height, Member, Operation, PledgeId, SecretKey, Signature,
    Timestamp, Transaction, TxId, ids::derive_id,
};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

const NOTE: &str = include_str!("../../scenarios/documents/s1_leg_note.json");
const BILL: &str = include_str!("../../scenarios/documents/s1_ncd.json");
const RECEIPT: &str = include_str!("../../scenarios/documents/s2_receipt.json");
/// Half a day and a year, milliseconds.
const HALF_DAY_MS: u64 = 43_200_000;
const YEAR_MS: u64 = 365 * 86_400_000;
/// Registration of a pledge, milliseconds.
const REGISTERED_MS: u64 = 180 * 86_400_000;
/// Least cover, basis points.
const COVER_BPS: u16 = 7_000;
/// Rule version of fingerprints.
const RULES: u16 = 1;

/// What all variations of one paper have in common.
struct Shape {
    kind: DocKind,
    /// Which near-match combinations the paper has.
    near: [bool; 8],
    goods: Vec<u8>,
    arrival: Vec<u8>,
    issue_date: u32,
    /// Its one lot, without keys.
    lot: Option<NewLot>,
}

/// A bill that was issued, or will be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bill {
    /// The number that its fingerprints follow from.
    pub(crate) number: u64,
    pub(crate) id: DocId,
    /// Places of its issuer and of its holder in the cast.
    pub(crate) issuer: usize,
    pub(crate) holder: usize,
}

/// Makes what the cast signs.
pub(crate) struct Forge {
    pub(crate) chain: ChainId,
    /// Differs between runs on one network, so that nothing is made twice.
    tag: [u8; 32],
    branches: Vec<(Member, SecretKey)>,
    /// How long a ticket is good, milliseconds.
    ticket_ms: u64,
    epoch: u16,
    next: AtomicU64,
    note: Shape,
    bill: Shape,
    receipt: Shape,
}

impl Forge {
    /// # Errors
    /// When the embedded papers do not suit the code.
    pub(crate) fn new(network: &Network, tag: &str) -> Result<Self, TestnetError> {
        let params = network.genesis.params();
        let key = |code: &str| network.seed.key(&format!("validator {code}"));
        Ok(Self {
            chain: network.genesis.chain_id(),
            tag: blake3::derive_key("landsea/bench/v1", tag.as_bytes()),
            branches: network.nodes.iter().map(|n| (Member::new(n.member), key(&n.code))).collect(),
            ticket_ms: params.get(ParamKey::TicketTtlMs) / 2,
            epoch: u16::try_from(params.get(ParamKey::FingerprintEpoch)).unwrap_or(u16::MAX),
            next: AtomicU64::new(0),
            note: Shape::of(NOTE)?,
            bill: Shape::of(BILL)?,
            receipt: Shape::of(RECEIPT)?,
        })
    }

    /// A number that was not given out before.
    pub(crate) fn number(&self) -> u64 {
        self.next.fetch_add(1, Relaxed)
    }

    /// 32 bytes that follow from a purpose and a number.
    pub(crate) fn bytes(&self, purpose: &str, number: u64) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(&self.tag);
        hasher.update(purpose.as_bytes()).update(&[0]).update(&number.to_le_bytes());
        *hasher.finalize().as_bytes()
    }

    /// A fresh key.
    pub(crate) fn secret(&self) -> SecretKey {
        SecretKey::from_seed(self.bytes("key", self.number()))
    }

    /// The identity fingerprint of the document with a number.
    pub(crate) fn fp1(&self, number: u64) -> Fp {
        Fp(self.bytes("fp1", number))
    }

    /// The ticket of a branch over a single fingerprint: a party or a site.
    pub(crate) fn plain_ticket(&self, kind: DocKind, fp1: Fp, applicant: AccountId, node: usize) -> DeriveTicket {
        let shape = Shape { kind, near: [false; 8], goods: vec![], arrival: vec![], issue_date: 0, lot: None };
        let mut body = self.ticket_body(&shape, 0, applicant, node);
        (body.fp1, body.fp2) = (fp1, Fp::default());
        DeriveTicket::new(body, &self.branches[node].1)
    }

    fn ticket(&self, shape: &Shape, number: u64, applicant: &Firm) -> DeriveTicket {
        let body = self.ticket_body(shape, number, applicant.identity.account, applicant.home);
        DeriveTicket::new(body, &self.branches[applicant.home].1)
    }

    fn ticket_body(&self, shape: &Shape, number: u64, applicant: AccountId, node: usize) -> DeriveTicketBody {
        let near = |n: usize| if shape.near[n] { Fp(self.bytes(&format!("near {n}"), number)) } else { Fp::default() };
        let keys = |word: &str, classes: &[u8]| {
            let key = |(class, n): (&u8, usize)| ClassedKey {
                class: *class,
                key: GoodsKey(self.bytes(&format!("{word} {n}"), number)),
            };
            classes.iter().zip(0..).map(key).collect()
        };
        DeriveTicketBody {
            chain_id: self.chain,
            member: self.branches[node].0,
            applicant,
            kind: shape.kind,
            rules: RULES,
            fp1: self.fp1(number),
            fp2: Fp(self.bytes("fp2", number)),
            near: std::array::from_fn(near),
            goods_keys: keys("goods", &shape.goods),
            arrival_keys: keys("arrival", &shape.arrival),
            epoch: self.epoch,
            not_after: now().saturating_add(self.ticket_ms),
        }
    }

    fn commit(&self, purpose: &str, number: u64) -> Commit {
        Commit(self.bytes(purpose, number))
    }

    /// A carrier's note over a leg: one signature and one ticket.
    pub(crate) fn anchor(&self, carrier: &Firm) -> Operation {
        let number = self.number();
        Operation::WaybillAnchor(Anchor {
            kind: self.note.kind,
            ticket: self.ticket(&self.note, number, carrier),
            content_root: self.commit("content", number),
            issue_date: self.note.issue_date,
            legal_basis: LegalBasis::None,
        })
    }

    /// A carrier's bill, and the number that it follows from.
    pub(crate) fn bill(&self, carrier: &Firm, holder: &Firm) -> (u64, Operation) {
        let number = self.number();
        let ticket = self.ticket(&self.bill, number, carrier);
        let issue = Issue {
            kind: self.bill.kind,
            legal_basis: LegalBasis::NcdConvention,
            content_root: self.commit("content", number),
            issue_date: self.bill.issue_date,
            order_type: OrderType::ToOrder,
            first_holder: holder.identity.account,
            lots: self.bill.lots(&ticket),
            legs: Vec::new(),
            base_docs: Vec::new(),
            control_agreement: self.commit("control", number),
            expires: None,
            ticket,
        };
        (number, Operation::WaybillIssue(issue))
    }

    /// A warehouse's receipt for a depositor.
    pub(crate) fn receipt(&self, keeper: &Firm, depositor: &Firm) -> Operation {
        let number = self.number();
        let ticket = self.ticket(&self.receipt, number, keeper);
        let receipt = NewReceipt {
            legal_basis: LegalBasis::DomesticWhr,
            content_root: self.commit("content", number),
            issue_date: self.receipt.issue_date,
            negotiable: true,
            mandatory_fields: MANDATORY_FIELDS,
            site: keeper.site,
            lots: self.receipt.lots(&ticket),
            storage_from: now(),
            storage_until: now().saturating_add(YEAR_MS),
            loss_standard_bps: 20,
            charges: Commit::default(),
            quality: Commit::default(),
            standard_warrant: false,
            bonded: false,
            ticket,
        };
        Operation::WarehouseIssue(warehouse::Issue { depositor: depositor.identity.account, receipt })
    }

    /// A bank's pledge of a bill that nothing has changed since it was issued.
    pub(crate) fn pledge(&self, bank: &Firm, bill: &Bill, holder: &Firm) -> Operation {
        let ticket = self.ticket(&self.bill, bill.number, bank);
        Operation::PledgeCreate(Create {
            docs: vec![Collateral { doc: bill.id, expect_ver: 1, ticket }],
            pledgor: holder.identity.account,
            claim: self.commit("claim", bill.number),
            secured_kind: SecuredKind::Loan,
            reg_until: now().saturating_add(REGISTERED_MS),
            extend_agreed: false,
            cover_min_bps: COVER_BPS,
            finance_ref: self.commit("finance", bill.number),
            proof_min_level: 0,
            proof: None,
            supervisor: None,
            ack_near: true,
            conditions: Commit::default(),
        })
    }

    /// The release of a pledge that nothing has changed since it was made.
    pub(crate) fn release(&self, pledge: PledgeId) -> Operation {
        Operation::PledgeRelease(Release { pledge, expect_ver: 1, reason: ReleaseReason::Obsa })
    }

    /// Signs operations with the consents of others to each of them.
    pub(crate) fn sign(
        &self,
        by: &Firm,
        ops: Vec<Operation>,
        consenting: &[(&Firm, Role)],
        valid_until: Height,
    ) -> Transaction {
        let not_after = now().saturating_add(HALF_DAY_MS);
        let consents = ops.iter().flat_map(|op| {
            let op_hash = op.hash(&by.identity.account);
            consenting.iter().map(move |(firm, role)| self.consent(firm, *role, op_hash, not_after))
        });
        let consents = consents.collect();
        Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain,
            sender: by.identity.account,
            represents: None,
            key: by.identity.key,
            public_key: by.identity.secret.public(),
            valid_until,
            nonce: self.number(),
            ops,
            consents,
            signature: Signature([0; 64]),
        }
        .sign(&by.identity.secret)
    }

    fn consent(&self, firm: &Firm, role: Role, op_hash: landsea_types::Hash, not_after: Timestamp) -> Consent {
        let (party, key) = (firm.identity.account, firm.identity.key);
        let terms = ConsentTerms { party, key, role, op_hash, not_after, nonce: self.number() };
        Consent::new(terms, &self.chain, &firm.identity.secret)
    }
}

/// The id of the first object of a kind that a transaction makes.
pub(crate) fn made(kind: &str, tx: &TxId, index: u32) -> [u8; 32] {
    derive_id(kind, tx, index)
}

impl Shape {
    fn of(text: &str) -> Result<Self, TestnetError> {
        let problem = |e: landsea_client::PaperError| TestnetError::local(format!("the bench's paper: {e}"));
        let paper = Paper::from_json(text).map_err(problem)?;
        let classes = |keys: &[landsea_types::fingerprint::RawGoodsKey]| keys.iter().map(|k| k.class).collect();
        let goods: Vec<u8> = classes(&paper.raws.goods_keys);
        let shape = Self {
            kind: paper.kind(),
            near: paper.raws.near.map(|raw| raw != [0; 32]),
            arrival: classes(&paper.raws.arrival_keys),
            issue_date: paper.issue_date().map_err(problem)?,
            lot: None,
            goods,
        };
        let lot = paper.lots(&[], &shape.blank_ticket()).map_err(problem)?.pop();
        Ok(Self { lot: lot.map(|lot| NewLot { keys: Vec::new(), ..lot }), ..shape })
    }

    /// A ticket that nobody would accept; the lots of a paper are described against one.
    fn blank_ticket(&self) -> DeriveTicket {
        let key = |class: &u8| ClassedKey { class: *class, key: GoodsKey([*class; 32]) };
        let body = DeriveTicketBody {
            chain_id: ChainId::default(),
            member: Member::new(1),
            applicant: AccountId::default(),
            kind: self.kind,
            rules: RULES,
            fp1: Fp::default(),
            fp2: Fp::default(),
            near: [Fp::default(); 8],
            goods_keys: self.goods.iter().map(key).collect(),
            arrival_keys: Vec::new(),
            epoch: 0,
            not_after: Timestamp::new(0),
        };
        DeriveTicket::new(body, &SecretKey::from_seed([0; 32]))
    }

    fn lots(&self, ticket: &DeriveTicket) -> Vec<NewLot> {
        let with_keys = |lot: &NewLot| NewLot { keys: ticket.body.goods_keys.clone(), ..lot.clone() };
        self.lot.iter().map(with_keys).collect()
    }
}
