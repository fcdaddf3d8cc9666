//! From an operation as a scenario writes it to the operation that the ledger executes.

use super::trouble::Trouble;
use super::world::{Held, World};
use crate::scenario::args::{self, OpSpec, TemplateName};
use crate::scenario::spec::TicketWish as Ticket;
use crate::scenario::values::Version;
use landsea_client::paper::{party_request, site_request};
use landsea_client::{LotInput, random};
use landsea_types::fingerprint::document_tags;
use landsea_types::fingerprint::normalise::normalise_quantity;
use landsea_types::operation::authenticity::{Attest, FieldTags, Open, Refuse, WithdrawAttestation};
use landsea_types::operation::party::{AddRole, GrantLicence, NewKey, Onboard, Resume, RotateKey, Suspend};
use landsea_types::operation::pledge::{CancelReservation, Collateral, Create, Extend, Release, Reserve};
use landsea_types::operation::warehouse::{self, DeliverFull, EndorseTransfer, NewReceipt};
use landsea_types::operation::waybill::{
    Adopt, Amend, Anchor, AnswerSurrender, Convert, Endorse, Endorsement, Issue, NewLeg, NewLot, NewVersion, Shortage,
    Surrender, Transfer,
};
use landsea_types::record::Template;
use landsea_types::role::{DocKind, KeyPurpose, LegalBasis, Roles};
use landsea_types::ticket::DeriveTicket;
use landsea_types::{Commit, DocId, Hash, Operation, PledgeId, ProofId, Qty, SecretKey, Timestamp};
use std::sync::Arc;

/// What becomes true for the runner when the operation is applied.
#[derive(Clone)]
pub(crate) enum After {
    /// A firm has an account.
    Onboarded {
        /// Who.
        tag: String,
        /// Its key.
        secret: SecretKey,
    },
    /// A party signs with another key from a height on.
    Rotated {
        /// Who.
        tag: String,
        /// The new key.
        secret: SecretKey,
        /// Its index.
        index: u16,
        /// First height.
        from_height: u64,
    },
    /// A party will sign with another key once its recovery has taken effect.
    Recovering {
        /// Who.
        tag: String,
        /// The new key.
        secret: SecretKey,
        /// Its index.
        index: u16,
    },
    /// A case has a key.
    Opened {
        /// The key.
        case_key: [u8; 32],
    },
}

/// Who builds, through which node, from which time relative terms count.
pub(crate) struct Builder<'w> {
    pub(crate) world: &'w mut World,
    pub(crate) actor: String,
    pub(crate) node: String,
    pub(crate) base: Timestamp,
    pub(crate) after: Vec<After>,
}

pub(super) type Built<T> = Result<T, Trouble>;

impl Builder<'_> {
    /// Builds one operation.
    pub(crate) async fn operation(&mut self, spec: &OpSpec) -> Built<Operation> {
        Ok(match spec {
            OpSpec::Written(spec) => return self.written(spec).await,
            OpSpec::Onboard(a) => Operation::PartyOnboard(self.onboard(a).await?),
            OpSpec::AddRole(a) => Operation::PartyAddRole(AddRole {
                party: self.world.account(&a.party)?,
                expect_ver: self.party_ver(&a.party, a.expect_ver).await?,
                role: a.role,
            }),
            OpSpec::Suspend(a) => Operation::PartySuspend(Suspend {
                party: self.world.account(&a.party)?,
                expect_ver: self.party_ver(&a.party, a.expect_ver).await?,
            }),
            OpSpec::Resume(a) => Operation::PartyResume(Resume {
                party: self.world.account(&a.party)?,
                expect_ver: self.party_ver(&a.party, a.expect_ver).await?,
            }),
            OpSpec::RotateKey(a) => Operation::PartyRotateKey(self.rotate_key(a).await?),
            OpSpec::GrantLicence(a) => Operation::PartyGrantLicence(self.grant_licence(a).await?),
            OpSpec::Reserve(_)
            | OpSpec::CancelReservation(_)
            | OpSpec::Create(_)
            | OpSpec::Extend(_)
            | OpSpec::Release(_) => self.pledge(spec).await?,
            OpSpec::Open(_) | OpSpec::Attest(_) | OpSpec::Refuse(_) | OpSpec::WithdrawAttestation(_) => {
                self.authenticity(spec).await?
            }
            other => self.document(other).await?,
        })
    }

    async fn document(&mut self, spec: &OpSpec) -> Built<Operation> {
        Ok(match spec {
            OpSpec::Anchor(a) => Operation::WaybillAnchor(self.anchor(a).await?),
            OpSpec::Issue(a) => Operation::WaybillIssue(self.issue(a).await?),
            OpSpec::Adopt(a) => Operation::WaybillAdopt(self.adopt(a).await?),
            OpSpec::Endorse(a) => Operation::WaybillEndorse(self.endorse(a).await?),
            OpSpec::Transfer(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                Operation::WaybillTransfer(Transfer { doc, expect_ver, to: self.world.account(&a.to)? })
            }
            OpSpec::SurrenderForDelivery(a) => Operation::WaybillSurrenderForDelivery(self.surrender(a).await?),
            OpSpec::SurrenderForAmendment(a) => Operation::WaybillSurrenderForAmendment(self.surrender(a).await?),
            OpSpec::AnswerSurrender(a) => Operation::WaybillAnswerSurrender(self.answer(a).await?),
            OpSpec::Amend(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                let version = self.version(&a.doc, &a.version).await?;
                Operation::WaybillAmend(Amend { doc, expect_ver, version })
            }
            OpSpec::Convert(a) => Operation::WaybillConvert(self.convert(a).await?),
            OpSpec::WarehouseIssue(a) => Operation::WarehouseIssue(warehouse::Issue {
                depositor: self.world.account(&a.depositor)?,
                receipt: self.receipt(&a.receipt).await?,
            }),
            OpSpec::EndorseTransfer(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                Operation::WarehouseEndorseTransfer(EndorseTransfer { doc, expect_ver, to: self.world.account(&a.to)? })
            }
            OpSpec::DeliverFull(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                Operation::WarehouseDeliverFull(DeliverFull { doc, expect_ver })
            }
            other => return Err(Trouble::cannot(format!("{} is not about a document", other.name()))),
        })
    }

    // ---- versions

    pub(super) async fn doc_ver(&mut self, name: &str, version: Version) -> Built<(DocId, u32)> {
        let (id, view) = self.world.doc(name, &self.node).await?;
        Ok((id, version.number(view.map_or(1, |v| v.public.ver))))
    }

    pub(super) async fn party_ver(&mut self, name: &str, version: Version) -> Built<u32> {
        let account = self.world.account(name)?;
        let view = self.world.branch_client(&self.node)?.party(&account).await?;
        Ok(version.number(view.map_or(1, |v| v.public.ver)))
    }

    async fn pledge_ver(&mut self, pledge: &PledgeId, version: Version) -> Built<u32> {
        let view = self.world.branch_client(&self.node)?.pledge(pledge).await?;
        Ok(version.number(view.and_then(|v| v.record).map_or(1, |r| r.ver)))
    }

    async fn proof_ver(&mut self, proof: &ProofId, version: Version) -> Built<u32> {
        let view = self.world.branch_client(&self.node)?.proof(proof).await?;
        Ok(version.number(view.and_then(|v| v.record).map_or(1, |r| r.ver)))
    }

    // ---- tickets and commitments

    /// The actor's ticket over a paper, unless the step says otherwise.
    pub(super) async fn ticket(&mut self, held: &Held, kind: DocKind, wish: &Ticket) -> Built<DeriveTicket> {
        let other = match &wish.document {
            Some(name) => Some(self.world.paper(name)?),
            None => None,
        };
        let mut request = other.as_deref().unwrap_or(held).paper.derive_request();
        request.kind = if other.is_some() { request.kind } else { kind };
        self.signed_ticket(&request, wish).await
    }

    pub(super) async fn signed_ticket(
        &mut self,
        request: &landsea_client::api::DeriveRequest,
        wish: &Ticket,
    ) -> Built<DeriveTicket> {
        let applicant = wish.applicant.clone().unwrap_or_else(|| self.actor.clone());
        let home = self.world.actor(&applicant)?.home.clone();
        self.world.catch_up(&home).await?;
        let client = self.world.client(Some(&applicant), &home)?;
        let mut ticket = client.fingerprint_derive(request).await?.ticket;
        if wish.is_signed_anew() {
            ticket = signed_anew(ticket, wish, &self.world.network.seed.key(&format!("validator {home}")));
        }
        if wish.forged {
            ticket.body.fp1.0[0] ^= 1;
        }
        Ok(ticket)
    }

    /// A commitment to a text; an empty text is the zero commitment.
    pub(super) fn commit(&self, text: &str) -> Commit {
        if text.is_empty() { Commit::default() } else { self.world.network.seed.commit(text) }
    }

    pub(super) fn lots(
        &mut self,
        held: &Held,
        wish: Option<&Vec<LotInput>>,
        ticket: &DeriveTicket,
    ) -> Built<Vec<NewLot>> {
        let described = match wish {
            Some(lots) => lots.iter().map(|lot| self.world.varied_lot(lot)).collect::<Result<Vec<_>, _>>()?,
            None => held.lots.clone(),
        };
        Ok(held.paper.lots(&described, ticket)?)
    }

    // ---- party

    async fn onboard(&mut self, a: &args::Onboard) -> Built<Onboard> {
        let actor = self.world.actor(&a.party)?.clone();
        let code = a.code.clone().or(actor.code).ok_or_else(|| Trouble::cannot(format!("{} has no id", a.party)))?;
        let ticket = self.signed_ticket(&party_request(&code)?, &a.ticket).await?;
        let secret = super::cast::party_key(&self.world.network, &code, 0)?;
        let named = self.world.scenario.cast.get(&a.party).and_then(|c| c.group.clone());
        let group = a.group.clone().or(named).map(|g| self.commit(&format!("group {g}")));
        self.after.push(After::Onboarded { tag: a.party.clone(), secret: secret.clone() });
        Ok(Onboard {
            roles: Roles::of(a.roles.as_ref().unwrap_or(&actor.roles)),
            kyc: self.commit(&code),
            ticket,
            institution_public: false,
            keys: vec![NewKey { public_key: secret.public(), purpose: KeyPurpose::Sign }],
            group,
        })
    }

    async fn rotate_key(&mut self, a: &args::RotateKey) -> Built<RotateKey> {
        let tag = a.party.clone().unwrap_or_else(|| self.actor.clone());
        let actor = self.world.actor(&tag)?.clone();
        let identity = self.world.identity(&tag)?;
        let view = self.world.branch_client(&self.node)?.party(&identity.account).await?;
        let known = view.and_then(|v| v.record).map_or(1, |r| r.keys.len());
        let index = u16::try_from(known).map_err(|_| Trouble::cannot("too many keys"))?;
        let code = actor.code.ok_or_else(|| Trouble::cannot(format!("{tag} has no id; branches keep their keys")))?;
        let secret = super::cast::party_key(&self.world.network, &code, index)?;
        let from_height = self.world.status(&self.node).await?.height.saturating_add(a.after_heights);
        self.after.push(After::Rotated {
            tag: tag.clone(),
            secret: secret.clone(),
            index,
            from_height: from_height.get(),
        });
        Ok(RotateKey {
            party: identity.account,
            expect_ver: self.party_ver(&tag, a.expect_ver).await?,
            old_key: identity.key,
            new_key: NewKey { public_key: secret.public(), purpose: KeyPurpose::Sign },
            from_height,
        })
    }

    async fn grant_licence(&mut self, a: &args::GrantLicence) -> Built<GrantLicence> {
        Ok(GrantLicence {
            party: self.world.account(&a.party)?,
            expect_ver: self.party_ver(&a.party, a.expect_ver).await?,
            kind: a.kind,
            ticket: self.signed_ticket(&site_request(&a.site)?, &a.ticket).await?,
            cells_root: Hash::default(),
            from: self.world.when(&a.from, self.base)?,
            to: self.world.when(&a.until, self.base)?,
        })
    }

    // ---- waybill

    async fn anchor(&mut self, a: &args::Anchor) -> Built<Anchor> {
        let held = self.world.paper(&a.document)?;
        let kind = a.kind.map_or(held.paper.kind(), |k| k.0);
        Ok(Anchor {
            kind,
            ticket: self.ticket(&held, kind, &a.ticket).await?,
            content_root: held.salts.content_root,
            issue_date: held.paper.issue_date()?,
            legal_basis: a.legal_basis,
        })
    }

    async fn issue(&mut self, a: &args::Issue) -> Built<Issue> {
        let held = self.world.paper(&a.document)?;
        let kind = a.kind.map_or(held.paper.kind(), |k| k.0);
        let ticket = self.ticket(&held, kind, &a.ticket).await?;
        let lots = self.lots(&held, a.lots.as_ref(), &ticket)?;
        let mut base_docs = Vec::new();
        for name in &a.base_docs {
            base_docs.push(self.world.doc(name, &self.node).await?.0);
        }
        let expires = a.expires.as_ref().map(|w| self.world.when(w, self.base)).transpose()?;
        Ok(Issue {
            kind,
            legal_basis: a.legal_basis.unwrap_or_else(|| usual_basis(kind)),
            content_root: held.salts.content_root,
            issue_date: held.paper.issue_date()?,
            order_type: a.order_type,
            first_holder: self.world.account(&a.first_holder)?,
            lots,
            legs: a.legs.iter().map(|leg| self.leg(leg)).collect::<Result<_, _>>()?,
            base_docs,
            control_agreement: self.commit(&a.control_agreement),
            expires,
            ticket,
        })
    }

    fn leg(&self, leg: &args::Leg) -> Built<NewLeg> {
        let place = |text: &str| landsea_types::ids::ascii::parse(text).map_err(Trouble::Cannot);
        Ok(NewLeg {
            mode: leg.mode,
            regime: leg.regime,
            from: place(&leg.from)?,
            to: place(&leg.to)?,
            carrier: self.world.account(&leg.carrier)?,
        })
    }

    async fn adopt(&mut self, a: &args::Adopt) -> Built<Adopt> {
        let (title, expect_ver) = self.doc_ver(&a.title, a.expect_ver).await?;
        let (note, _) = self.world.doc(&a.note, &self.node).await?;
        Ok(Adopt { title, expect_ver, note, leg: self.leg(&a.leg)? })
    }

    async fn endorse(&mut self, a: &args::Endorse) -> Built<Endorse> {
        let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
        let endorsement = match (&a.named, &a.to_order, a.blank) {
            (Some(to), None, false) => Endorsement::Named { to: self.world.account(to)? },
            (None, Some(to), false) => Endorsement::ToOrder { to: self.world.account(to)? },
            (None, None, true) => Endorsement::Blank,
            _ => return Err(Trouble::cannot("an endorsement is one of `named`, `to_order` and `blank`")),
        };
        Ok(Endorse { doc, expect_ver, endorsement })
    }

    async fn surrender(&mut self, a: &args::DocVersion) -> Built<Surrender> {
        let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
        Ok(Surrender { doc, expect_ver })
    }

    async fn answer(&mut self, a: &args::AnswerSurrender) -> Built<AnswerSurrender> {
        let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
        let version = match &a.version {
            Some(version) => Some(self.version(&a.doc, version).await?),
            None => None,
        };
        Ok(AnswerSurrender { doc, expect_ver, accept: a.accept, version })
    }

    async fn version(&mut self, old: &str, a: &args::NewVersion) -> Built<NewVersion> {
        let held = self.world.paper(&a.document)?;
        let ticket = self.ticket(&held, held.paper.kind(), &a.ticket).await?;
        let lots = self.lots(&held, a.lots.as_ref(), &ticket)?;
        let changed_fields = match (a.changed_fields, self.world.paper(old)) {
            (Some(bits), _) => bits,
            (None, Ok(before)) => changed_fields(&before, &held),
            (None, Err(_)) => 1,
        };
        Ok(NewVersion {
            ticket,
            content_root: held.salts.content_root,
            issue_date: held.paper.issue_date()?,
            changed_fields,
            control_agreement: self.commit(&a.control_agreement),
            lots,
        })
    }

    async fn convert(&mut self, a: &args::Convert) -> Built<Convert> {
        let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
        let shortages = match &a.shortage {
            Some(text) => vec![shortage(text, a.shortage_packages)?],
            None => Vec::new(),
        };
        let receipt = self.receipt(&a.receipt).await?;
        Ok(Convert { doc, expect_ver, receipt, shortages, accept_shortage: a.accept_shortage })
    }

    async fn receipt(&mut self, a: &args::Receipt) -> Built<NewReceipt> {
        let held = self.world.paper(&a.document)?;
        let ticket = self.ticket(&held, held.paper.kind(), &a.ticket).await?;
        let code = a.site.clone().or_else(|| held.paper.document.site.clone());
        let code = code.ok_or_else(|| Trouble::cannot(format!("{} names no site", a.document)))?;
        let lots = self.lots(&held, a.lots.as_ref(), &ticket)?;
        Ok(NewReceipt {
            legal_basis: a.legal_basis,
            content_root: held.salts.content_root,
            issue_date: held.paper.issue_date()?,
            negotiable: a.negotiable,
            mandatory_fields: a.mandatory_fields,
            site: super::cast::site_fingerprint(&self.world.network, &code)?,
            lots,
            storage_from: self.world.when(&a.storage_from, self.base)?,
            storage_until: self.world.when(&a.storage_until, self.base)?,
            loss_standard_bps: a.loss_standard_bps,
            charges: self.commit(&a.charges),
            quality: self.commit(&a.quality),
            standard_warrant: a.standard_warrant,
            bonded: a.bonded,
            ticket,
        })
    }

    // ---- pledge

    async fn pledge(&mut self, spec: &OpSpec) -> Built<Operation> {
        Ok(match spec {
            OpSpec::Reserve(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                Operation::PledgeReserve(Reserve { doc, expect_ver, until: self.world.when(&a.until, self.base)? })
            }
            OpSpec::CancelReservation(a) => {
                let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
                Operation::PledgeCancelReservation(CancelReservation { doc, expect_ver })
            }
            OpSpec::Create(a) => Operation::PledgeCreate(self.create(a).await?),
            OpSpec::Extend(a) => {
                let pledge = PledgeId(self.world.created(&a.pledge, "pledge")?);
                let expect_ver = self.pledge_ver(&pledge, a.expect_ver).await?;
                let reg_until = self.world.when(&a.reg_until, self.base)?;
                Operation::PledgeExtend(Extend { pledge, expect_ver, reg_until })
            }
            OpSpec::Release(a) => {
                let pledge = PledgeId(self.world.created(&a.pledge, "pledge")?);
                let expect_ver = self.pledge_ver(&pledge, a.expect_ver).await?;
                Operation::PledgeRelease(Release { pledge, expect_ver, reason: a.reason })
            }
            other => return Err(Trouble::cannot(format!("{} is not about a pledge", other.name()))),
        })
    }

    async fn create(&mut self, a: &args::Create) -> Built<Create> {
        let mut docs = Vec::new();
        for name in &a.docs {
            let (doc, expect_ver) = self.doc_ver(name, a.expect_ver).await?;
            let held: Arc<Held> = self.world.paper(name)?;
            let ticket = self.ticket(&held, held.paper.kind(), &a.ticket).await?;
            docs.push(Collateral { doc, expect_ver, ticket });
        }
        let proof = a.proof.as_ref().map(|p| self.world.created(p, "proof")).transpose()?.map(ProofId);
        let supervisor = a.supervisor.as_ref().map(|s| self.world.account(s)).transpose()?;
        Ok(Create {
            docs,
            pledgor: self.world.account(&a.pledgor)?,
            claim: self.commit(&a.claim),
            secured_kind: a.secured_kind,
            reg_until: self.world.when(&a.reg_until, self.base)?,
            extend_agreed: a.extend_agreed,
            cover_min_bps: a.cover_min_bps,
            finance_ref: self.commit(&a.finance_ref),
            proof_min_level: a.proof_min_level,
            proof,
            supervisor,
            ack_near: a.ack_near,
            conditions: Commit::default(),
        })
    }

    // ---- authenticity

    async fn authenticity(&mut self, spec: &OpSpec) -> Built<Operation> {
        Ok(match spec {
            OpSpec::Open(a) => Operation::AuthenticityOpen(self.open(a).await?),
            OpSpec::Attest(a) => Operation::AuthenticityAttest(self.attest(a).await?),
            OpSpec::Refuse(a) => {
                let (proof, expect_ver) = self.case(&a.proof, a.expect_ver).await?;
                let (doc_kind, evidence) = (a.kind.0, self.commit(&a.evidence));
                Operation::AuthenticityRefuse(Refuse { proof, expect_ver, doc_kind, evidence })
            }
            OpSpec::WithdrawAttestation(a) => {
                let (proof, expect_ver) = self.case(&a.proof, a.expect_ver).await?;
                let (doc_kind, evidence) = (a.kind.0, self.commit(&a.evidence));
                let body = WithdrawAttestation { proof, expect_ver, doc_kind, evidence };
                Operation::AuthenticityWithdrawAttestation(body)
            }
            other => return Err(Trouble::cannot(format!("{} is not about a case", other.name()))),
        })
    }

    async fn case(&mut self, step: &str, version: Version) -> Built<(ProofId, u32)> {
        let proof = ProofId(self.world.created(step, "proof")?);
        let expect_ver = self.proof_ver(&proof, version).await?;
        Ok((proof, expect_ver))
    }

    async fn open(&mut self, a: &args::Open) -> Built<Open> {
        let (doc, expect_ver) = self.doc_ver(&a.doc, a.expect_ver).await?;
        let case_key = random::bytes32();
        self.after.push(After::Opened { case_key });
        Ok(Open {
            doc,
            expect_ver,
            template: self.template_id(&a.template)?,
            case: Hash(blake3::derive_key("landsea/case-id/v1", &case_key)),
            financing_bank: a.financing_bank.as_ref().map(|b| self.world.account(b)).transpose()?,
        })
    }

    /// A template that the genesis does not have keeps its number, so that the ledger can refuse it.
    fn template_id(&self, name: &TemplateName) -> Built<u16> {
        match name {
            TemplateName::Number(number) => Ok(*number),
            TemplateName::Code(code) => {
                let has_code = |t: &&Template| serde_json::to_value(t.code).is_ok_and(|v| v == code.as_str());
                let found = self.world.network.genesis.templates.iter().find(has_code);
                found.map(|t| t.id).ok_or_else(|| Trouble::cannot(format!("the genesis has no template {code}")))
            }
        }
    }

    async fn attest(&mut self, a: &args::Attest) -> Built<Attest> {
        let held = self.world.paper(&a.document)?;
        let doc_kind = a.kind.map_or(held.paper.kind(), |k| k.0);
        let (proof, expect_ver) = self.case(&a.proof, a.expect_ver).await?;
        let view = self.world.branch_client(&self.node)?.proof(&proof).await?;
        let template = view.and_then(|v| v.record).map_or(0, |r| r.template);
        let case_key = self.world.cases.get(&proof).copied();
        let case_key = case_key.ok_or_else(|| Trouble::cannot(format!("step {} opened no case here", a.proof)))?;
        let mut fields = self.tags(&held, template, &case_key)?;
        if let Some(first) = fields.first_mut().filter(|_| a.doubled_tags) {
            first.tags.extend(first.tags.clone());
        }
        Ok(Attest {
            proof,
            expect_ver,
            doc_kind,
            ticket: self.ticket(&held, doc_kind, &a.ticket).await?,
            result: a.result,
            fields,
            until: self.world.when(&a.until, self.base)?,
            evidence: self.commit(&a.evidence),
        })
    }

    /// The tags of every field that the template compares on a paper of this kind and that the paper states.
    fn tags(&self, held: &Held, template: u16, case_key: &[u8; 32]) -> Built<Vec<FieldTags>> {
        let known = self.world.network.genesis.templates.iter().find(|t| t.id == template);
        let tags = known.map(|template| document_tags(case_key, template, &held.paper.document));
        tags.unwrap_or(Ok(Vec::new())).map_err(|e| Trouble::cannot(e.to_string()))
    }
}

/// A ticket that a careless branch might have signed.
fn signed_anew(ticket: DeriveTicket, wish: &Ticket, branch: &SecretKey) -> DeriveTicket {
    let mut body = ticket.body;
    body.epoch = wish.epoch.unwrap_or(body.epoch);
    body.rules = wish.rules.unwrap_or(body.rules);
    body.kind = wish.kind.map_or(body.kind, DocKind);
    if wish.expired {
        body.not_after = Timestamp::new(1);
    }
    DeriveTicket::new(body, branch)
}

pub(super) fn usual_basis(kind: DocKind) -> LegalBasis {
    match kind {
        DocKind::NCD => LegalBasis::NcdConvention,
        DocKind::OBL => LegalBasis::MaritimeBl,
        DocKind::WHR => LegalBasis::DomesticWhr,
        _ => LegalBasis::Agreement,
    }
}

/// One bit per field, by its number, that one paper states otherwise than the other.
fn changed_fields(before: &Held, now: &Held) -> u64 {
    let differs = |id: &u16| {
        let of = |held: &Held| held.paper.fields.iter().find(|(f, _)| f == id).map(|(_, bytes)| bytes.clone());
        of(before) != of(now)
    };
    let ids = before.paper.fields.iter().chain(&now.paper.fields).map(|(id, _)| *id);
    ids.filter(differs).fold(0, |bits, id| bits | 1u64 << (id % 64))
}

pub(super) fn shortage(text: &str, packages: u32) -> Built<Shortage> {
    let quantity = normalise_quantity("shortage", text).map_err(|e| Trouble::cannot(e.to_string()))?;
    let uom = quantity.unit.parse().map_err(Trouble::Cannot)?;
    Ok(Shortage { uom, qty: Qty::new(quantity.thousandths), packages })
}
