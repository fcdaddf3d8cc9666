//! Who acts in a run and on what: a carrier, an exporter, three banks, and documents issued for the run.

use crate::error::TestnetError;
use crate::network::Network;
use crate::scenario::play::vary::Vary;
use landsea_client::api::TransactionView;
use landsea_client::builder::{BuildError, Draft, VALID_HEIGHTS};
use landsea_client::keys::Identity;
use landsea_client::paper::party_request;
use landsea_client::rpc::{RpcClient, RpcError, now};
use landsea_client::{Paper, SaltsFile};
use landsea_types::operation::party::{NewKey, Onboard};
use landsea_types::operation::pledge::{Collateral, Create, Release};
use landsea_types::operation::waybill::Issue;
use landsea_types::role::{KeyPurpose, LegalBasis, OrderType, ReleaseReason, Role, Roles, SecuredKind};
use landsea_types::ticket::DeriveTicket;
use landsea_types::{AccountId, Code, Commit, DocId, Fp, Height, Member, Operation, PledgeId, Timestamp, Transaction};
use serde_json::{Map, Value};

use super::history::Position;

/// The paper that all documents of a run are variations of.
const PAPER: &str = include_str!("../../scenarios/documents/s1_ncd.json");
/// Registration of a pledge, milliseconds.
const REGISTERED_MS: u64 = 180 * 86_400_000;
/// How long consents hold, milliseconds.
const CONSENT_MS: u64 = 86_400_000;
/// Least cover, basis points.
const COVER_BPS: u16 = 7_000;

const ISSUER: &str = "91500106XXDEM0023Q";
const EXPORTER: &str = "91500107XXDEM00FX5";
const BANKS: [&str; 3] = ["91500103XXDEM00580", "91450103XXDEM0066Q", "91520103XXDEM00A9G"];

/// A firm with its key and home.
#[derive(Clone, Debug)]
pub(crate) struct Firm {
    pub(crate) identity: Identity,
    /// Number of its home's node.
    pub(crate) home: usize,
}

/// A document of the run.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) id: DocId,
    pub(crate) fp1: Fp,
    /// Where it was issued.
    pub(crate) issued: Position,
    /// Its version then.
    pub(crate) version: u32,
    /// A ticket over the paper for every bank.
    tickets: Vec<DeriveTicket>,
}

/// Everybody and everything.
pub(crate) struct Cast {
    network: Network,
    issuer: Firm,
    exporter: Firm,
    pub(crate) banks: Vec<Firm>,
    pub(crate) documents: Vec<Document>,
}

fn failed(what: &str, problem: impl std::fmt::Display) -> TestnetError {
    TestnetError::local(format!("preparing the run: {what}: {problem}"))
}

impl Cast {
    /// Onboards the firms, each at another branch as far as there are, and issues the documents.
    ///
    /// # Errors
    /// When the network, which no fault has touched yet, does not do as it should.
    pub(crate) async fn gather(network: &Network, documents: usize) -> Result<Self, TestnetError> {
        let issuer = onboard(network, 0, ISSUER, Role::Mto).await?;
        let exporter = onboard(network, 0, EXPORTER, Role::Enterprise).await?;
        let mut banks = Vec::new();
        for (code, home) in BANKS.iter().zip(0..) {
            banks.push(onboard(network, home, code, Role::Bank).await?);
        }
        let mut cast = Self { network: network.clone(), issuer, exporter, banks, documents: Vec::new() };
        let mut vary = Vary::default();
        let fields: Map<String, Value> = serde_json::from_str(PAPER).expect("the embedded paper is a JSON object");
        for number in 0..documents {
            let paper = Value::Object(vary.map(&fields, &format!("C{number}"))).to_string();
            let document = cast.issue(&paper).await?;
            cast.documents.push(document);
        }
        Ok(cast)
    }

    async fn issue(&self, paper: &str) -> Result<Document, TestnetError> {
        let problem = |e: landsea_client::paper::PaperError| failed("a document", e);
        let paper = Paper::from_json(paper).map_err(problem)?;
        let salts = SaltsFile::for_paper(&paper).map_err(problem)?;
        let ticket = self.ticket(&self.issuer, &paper).await?;
        let fp1 = ticket.body.fp1;
        let issue = Issue {
            kind: paper.kind(),
            legal_basis: LegalBasis::NcdConvention,
            content_root: salts.content_root,
            issue_date: paper.issue_date().map_err(problem)?,
            order_type: OrderType::ToOrder,
            first_holder: self.exporter.identity.account,
            lots: paper.lots(&[], &ticket).map_err(problem)?,
            legs: Vec::new(),
            base_docs: Vec::new(),
            control_agreement: salts.commit("control agreement", b"deliver only against ledger control"),
            expires: None,
            ticket,
        };
        let client = client_of(&self.network, &self.issuer)?;
        let mut draft = self.draft(&self.issuer, Operation::WaybillIssue(issue));
        draft.consent_all(&self.exporter.identity, Role::Enterprise, now().saturating_add(CONSENT_MS));
        let view = must_commit(&client, draft, &self.issuer.identity).await?;
        let asked = landsea_client::api::DocumentRequest { doc: None, fingerprint: Some(fp1) };
        let answer = client.document(&asked).await?;
        let public = answer.ok_or_else(|| failed("a document", "it was issued and is not there"))?.public;
        let mut tickets = Vec::new();
        for bank in &self.banks {
            tickets.push(self.ticket(bank, &paper).await?);
        }
        let issued = Position { height: view.height, index: view.index };
        Ok(Document { id: public.id, fp1, issued, version: public.ver, tickets })
    }

    /// The firm's own branch signs what the paper's fingerprints are.
    async fn ticket(&self, firm: &Firm, paper: &Paper) -> Result<DeriveTicket, TestnetError> {
        let derived = client_of(&self.network, firm)?.fingerprint_derive(&paper.derive_request()).await;
        Ok(derived?.ticket)
    }

    fn draft(&self, sender: &Firm, operation: Operation) -> Draft {
        Draft::new(self.network.genesis.chain_id(), sender.identity.account).operation(operation)
    }

    /// A bank's pledge of a document in a version, with all consents, signed.
    pub(crate) fn pledge(&self, bank: usize, doc: usize, expect: u32, valid_until: Height) -> Transaction {
        let (bank, document) = ((bank, &self.banks[bank]), &self.documents[doc]);
        let collateral = Collateral { doc: document.id, expect_ver: expect, ticket: document.tickets[bank.0].clone() };
        let create = Create {
            docs: vec![collateral],
            pledgor: self.exporter.identity.account,
            claim: Commit::default(),
            secured_kind: SecuredKind::Loan,
            reg_until: now().saturating_add(REGISTERED_MS),
            extend_agreed: false,
            cover_min_bps: COVER_BPS,
            finance_ref: Commit::default(),
            proof_min_level: 0,
            proof: None,
            supervisor: None,
            ack_near: true,
            conditions: Commit::default(),
        };
        let mut draft = self.draft(bank.1, Operation::PledgeCreate(create)).valid_until(valid_until);
        let not_after = now().saturating_add(CONSENT_MS);
        draft.consent_all(&self.exporter.identity, Role::Enterprise, not_after);
        draft.consent_all(&self.issuer.identity, Role::Mto, not_after);
        draft.sign(&bank.1.identity).expect("one operation with two consents is within every bound")
    }

    /// The release of a pledge by its bank, signed.
    pub(crate) fn release(&self, bank: usize, pledge: PledgeId, valid_until: Height) -> Transaction {
        let bank = &self.banks[bank];
        let release = Release { pledge, expect_ver: 1, reason: ReleaseReason::Obsa };
        let draft = self.draft(bank, Operation::PledgeRelease(release)).valid_until(valid_until);
        draft.sign(&bank.identity).expect("one operation without consents is within every bound")
    }

    /// The bank at home with a member.
    pub(crate) fn bank_at(&self, member: Member) -> Option<usize> {
        self.banks.iter().position(|b| self.network.nodes[b.home].member == member.get())
    }
}

/// A client of a node in the name of its own branch, which sees everything.
///
/// # Errors
/// When the address is none.
pub(crate) fn branch_client(network: &Network, node: usize) -> Result<RpcClient, RpcError> {
    let entry = &network.nodes[node];
    let branch = network.branch(&entry.code).expect("every node belongs to a member");
    Ok(RpcClient::new(&entry.rpc)?.with_identity(branch))
}

fn client_of(network: &Network, firm: &Firm) -> Result<RpcClient, RpcError> {
    Ok(RpcClient::new(&network.nodes[firm.home].rpc)?.with_identity(firm.identity.clone()))
}

async fn onboard(network: &Network, home: usize, code: &str, role: Role) -> Result<Firm, TestnetError> {
    let client = branch_client(network, home)?;
    let branch = client.identity().cloned().expect("a branch has an identity");
    let secret = network.seed.key(&format!("chaos party {code}"));
    let request = party_request(code).map_err(|e| failed(code, e))?;
    let onboard = Onboard {
        roles: Roles::of(&[role]),
        kyc: network.seed.commit(code),
        ticket: client.fingerprint_derive(&request).await?.ticket,
        institution_public: false,
        keys: vec![NewKey { public_key: secret.public(), purpose: KeyPurpose::Sign }],
        group: None,
    };
    let draft = Draft::new(network.genesis.chain_id(), branch.account).operation(Operation::PartyOnboard(onboard));
    let view = must_commit(&client, draft, &branch).await?;
    let subject = view.events.first().map(|e| e.subject).ok_or_else(|| failed(code, "the outcome names no party"))?;
    Ok(Firm { identity: Identity { account: AccountId(subject.0), key: 0, secret }, home })
}

async fn must_commit(client: &RpcClient, draft: Draft, by: &Identity) -> Result<TransactionView, TestnetError> {
    let status = client.status().await?;
    let signed = draft.valid_for(&status, VALID_HEIGHTS).sign(by);
    let view = client.submit_and_wait(&signed.map_err(|e: BuildError| failed("a transaction", e))?).await?;
    if view.code != Code::Ok {
        return Err(failed("a transaction", view.code));
    }
    Ok(view)
}

/// The time that a certificate is judged at: never before its block.
pub(crate) fn judged_at(block_time: Timestamp) -> Timestamp {
    now().max(block_time)
}
