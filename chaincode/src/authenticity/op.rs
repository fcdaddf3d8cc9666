//! The operations. The numbers in the comments are the steps of the fixed check order.

use super::case::{attestation_of, expire, has_ended, homes, pledgees, store};
use super::level::LEVEL_CLAIM;
use super::reassess::reassess;
use crate::context::{Cx, without_banks as named};
use crate::pledge;
use crate::refusal::{Refusal, Refused, ensure};
use crate::view::opaque;
use landsea_types::event::EventName;
use landsea_types::operation::authenticity::{Attest, FieldTags, Open, Refuse, WithdrawAttestation};
use landsea_types::record::{Attestation, Doc, Proof, Template};
use landsea_types::role::{AttestResult, DocKind, DocState, ProofState, Role};
use landsea_types::{AccountId, Code, Commit, Fp, Hash, ProofId, bounds};

/// Roles that hold own copies of trade papers.
const ATTESTERS: &[Role] = &[
    Role::Bank,
    Role::Rail,
    Role::Mto,
    Role::Ocean,
    Role::Forwarder,
    Role::Warehouse,
    Role::Supervisor,
    Role::Customs,
    Role::Tax,
    Role::Insurer,
];

/// Opens a case on a document.
///
/// # Errors
/// 1005, 1006, 1012 (0 the document, 1 the bank), 1007, 7003, 3108, 3004, 3005, 1008 (0 the holder), 1009.
pub fn open(cx: &mut Cx<'_, '_>, op: &Open) -> Refused {
    cx.require_role(&[Role::Enterprise, Role::Bank])?; // 3
    let doc = subject(cx, op)?; // 4
    let template = template_for(cx, op.template, doc.kind)?; // 5
    check_doc_state(&doc)?; // 6
    let owner = check_applicant(cx, &doc)?; // 11
    require_holder(cx, &owner)?; // 12
    let mut proof = new_case(cx, op, &doc, &template, owner);
    let now = cx.now();
    store(cx.view, &mut proof, now);
    let members = homes(cx.view, &proof);
    let parties = named(cx.view, &[proof.applicant, proof.owner]);
    let args = [u64::from(template.id), u64::from(proof.level)];
    cx.emit_related(EventName::ProofOpened, &proof.id.0, &[opaque(&doc.id.0)], &members, &parties, &args);
    Ok(())
}

fn subject(cx: &mut Cx<'_, '_>, op: &Open) -> Refused<Doc> {
    let seen = Cx::known(cx.view.doc(&op.doc), 0)?.ver;
    pledge::settle(cx, &op.doc)?;
    let doc = Cx::known(cx.view.doc(&op.doc), 0)?;
    if let Some(bank) = &op.financing_bank {
        Cx::known(cx.view.party(bank).filter(|p| p.has(Role::Bank)), 1)?;
    }
    cx.expect_ver(op.expect_ver, seen)?;
    Ok(doc)
}

/// The template, if it knows papers of the kind.
fn template_for(cx: &Cx<'_, '_>, id: u16, kind: DocKind) -> Refused<Template> {
    let template = cx.view.template(id).filter(|t| t.docs.contains(&kind));
    template.ok_or_else(|| Refusal::new(Code::UnknownTemplate))
}

fn check_doc_state(doc: &Doc) -> Refused {
    ensure(doc.state != DocState::PaperOut, Code::PaperIsOut)?;
    ensure(!doc.state.is_terminal(), Code::DocumentState)
}

/// Who stands behind the trade: the holder, or the beneficiary while pledged. A firm must itself be holder or beneficiary;
/// a bank may be anybody, since the holder consents.
fn check_applicant(cx: &Cx<'_, '_>, doc: &Doc) -> Refused<AccountId> {
    let me = cx.sender.id;
    if cx.sender.has(Role::Enterprise) && (doc.holder == me || doc.beneficiary == Some(me)) {
        return Ok(me);
    }
    ensure(cx.sender.has(Role::Bank), Code::NotHolder)?;
    pledge::actor(doc).ok_or_else(|| Refusal::with_args(Code::ConsentMissing, &[0]))
}

fn require_holder(cx: &mut Cx<'_, '_>, owner: &AccountId) -> Refused {
    cx.require_consent(owner, &[], 0, Code::ConsentMissing)
}

fn new_case(cx: &mut Cx<'_, '_>, op: &Open, doc: &Doc, template: &Template, owner: AccountId) -> Proof {
    let id = ProofId(cx.new_id("proof"));
    let applicant = cx.sender.id;
    // A bank that opens a case for somebody else is the one that will finance.
    let own_bank = (applicant != owner).then_some(applicant);
    let valid_until = cx.now().saturating_add(template.ttl_ms);
    Proof {
        id,
        ver: 0,
        template: template.id,
        template_ver: template.ver,
        subject: doc.id,
        applicant,
        applicant_group: cx.sender.group,
        owner,
        owner_group: cx.view.party(&owner).and_then(|p| p.group),
        financing_bank: op.financing_bank.or(own_bank),
        linked: None,
        case: op.case,
        attestations: Vec::new(),
        level: LEVEL_CLAIM,
        state: ProofState::Open,
        contradiction: None,
        opened: cx.now(),
        valid_until,
        due: valid_until,
    }
}

/// Records what an attester's own copy of a paper says.
///
/// # Errors
/// 1010, 1005, 1006, 1012, 1007, 7003, 7004 (the case has ended, or `until` has passed), 3003, 3008, 3009, 7001, 7002 with the field whose
/// tags are malformed.
pub fn attest(cx: &mut Cx<'_, '_>, op: &Attest) -> Refused {
    check_size(op)?; // 1
    cx.require_role(ATTESTERS)?; // 3
    let mut proof = case(cx, &op.proof, op.expect_ver)?; // 4
    let template = template_for(cx, proof.template, op.doc_kind)?; // 5
    check_case_open(&proof)?; // 6
    check_copy(cx, op, &proof)?; // 8
    check_independence(cx, &proof)?; // 11
    check_terms(cx, op, &template, &proof)?; // 13
    let attestation = Attestation {
        result: op.result,
        doc_fp: op.ticket.body.fp1,
        until: op.until,
        evidence: op.evidence,
        fields: op.fields.clone(),
        ..blank(cx, op.doc_kind)
    };
    record(&mut proof, attestation);
    emit_attested(cx, &proof, op.doc_kind, op.result);
    reassess(cx, proof)
}

/// Records that an attester does not confirm a paper.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 7003, 7004, 7001, 1010.
pub fn refuse(cx: &mut Cx<'_, '_>, op: &Refuse) -> Refused {
    cx.require_role(ATTESTERS)?; // 3
    let mut proof = case(cx, &op.proof, op.expect_ver)?; // 4
    template_for(cx, proof.template, op.doc_kind)?; // 5
    check_case_open(&proof)?; // 6
    check_independence(cx, &proof)?; // 11
    check_room(cx, &proof, op.doc_kind, 0)?; // 13
    let refusal = Attestation { result: AttestResult::Refused, evidence: op.evidence, ..blank(cx, op.doc_kind) };
    record(&mut proof, refusal);
    emit_attested(cx, &proof, op.doc_kind, AttestResult::Refused);
    reassess(cx, proof)
}

/// Takes back an attestation: the paper was amended, cancelled or returned.
///
/// # Errors
/// 1005, 1006, 1012 (0 the case, 1 the attestation), 1007, 7004 (the case has ended, or it was taken back before).
pub fn withdraw_attestation(cx: &mut Cx<'_, '_>, op: &WithdrawAttestation) -> Refused {
    cx.require_role(ATTESTERS)?; // 3
    let mut proof = case(cx, &op.proof, op.expect_ver)?; // 4
    let (now, me) = (cx.now(), cx.sender.id);
    let ended = check_case_open(&proof);
    let mine = Cx::known(attestation_of(&mut proof, &me, op.doc_kind), 1)?; // 4
    ended?; // 6
    ensure(mine.result != AttestResult::Withdrawn, Code::AttestationExpired)?; // 6
    mine.result = AttestResult::Withdrawn;
    mine.at = now;
    mine.evidence = op.evidence;
    let mut members = homes(cx.view, &proof);
    members.push(cx.sender.home);
    members.extend(pledgees(cx.view, &proof).into_values());
    let parties = named(cx.view, &[proof.owner, me]);
    cx.emit_related(
        EventName::AttWithdrawn,
        &proof.id.0,
        &[opaque(&proof.subject.0)],
        &members,
        &parties,
        &[u64::from(op.doc_kind.0)],
    );
    reassess(cx, proof)
}

/// Check step 4 for a case, after what is due in it has been applied.
pub(super) fn case(cx: &mut Cx<'_, '_>, id: &ProofId, expected: u32) -> Refused<Proof> {
    let seen = Cx::known(cx.view.proof(id), 0)?.ver;
    let proof = settled(cx, id)?;
    cx.expect_ver(expected, seen)?;
    Ok(proof)
}

/// A case after what is due in it has been applied.
pub(super) fn settled(cx: &mut Cx<'_, '_>, id: &ProofId) -> Refused<Proof> {
    let alerts = expire(cx.view, cx.block, &id.0);
    if !alerts.is_empty() {
        cx.touch(&id.0);
    }
    cx.events.extend(alerts);
    Cx::known(cx.view.proof(id), 0)
}

fn check_size(op: &Attest) -> Refused {
    let tags = count_tags(&op.fields);
    let is_confirmation = matches!(op.result, AttestResult::Confirmed | AttestResult::ConfirmedWithRemark);
    ensure(tags <= bounds::TAGS_MAX && op.fields.len() <= bounds::TAGS_MAX && is_confirmation, Code::TooLarge)
}

fn count_tags(fields: &[FieldTags]) -> usize {
    fields.iter().fold(0, |sum, f| sum.saturating_add(f.tags.len()))
}

/// Check step 6: the case has not ended.
///
/// # Errors
/// 7004.
pub(super) fn check_case_open(proof: &Proof) -> Refused {
    ensure(!has_ended(proof), Code::AttestationExpired)
}

/// The attester's own ticket; a copy of the subject's kind must be the subject.
fn check_copy(cx: &Cx<'_, '_>, op: &Attest, proof: &Proof) -> Refused {
    cx.require_ticket(&op.ticket, &cx.sender.id, op.doc_kind)?;
    let doc = Cx::known(cx.view.doc(&proof.subject), 0)?;
    ensure(op.doc_kind != doc.kind || op.ticket.body.fp1 == doc.fp1, Code::TicketInvalid)
}

/// The applicant and the firm do not attest their own trade. A financing bank may, but does not count.
fn check_independence(cx: &Cx<'_, '_>, proof: &Proof) -> Refused {
    let me = &cx.sender;
    let of = |account: AccountId, group: Option<Commit>| account == me.id || (group.is_some() && group == me.group);
    let dependent = of(proof.applicant, proof.applicant_group) || of(proof.owner, proof.owner_group);
    ensure(!dependent, Code::AttesterNotIndependent)
}

fn check_terms(cx: &Cx<'_, '_>, op: &Attest, template: &Template, proof: &Proof) -> Refused {
    check_fields(op, template)?;
    ensure(cx.now() < op.until, Code::AttestationExpired)?;
    check_room(cx, proof, op.doc_kind, count_tags(&op.fields))
}

/// Fields and tags ascend without repeats, and nobody states more of a field than its comparison takes: one value of a whole, the
/// neighbouring buckets of a measure, the days of an order. With more tags a paper would agree with any other.
fn check_fields(op: &Attest, template: &Template) -> Refused {
    let mut last = None;
    for stated in &op.fields {
        let ascending = last.is_none_or(|l| l < stated.field);
        let rules = template.fields.iter().filter(|rule| rule.field == stated.field);
        let bounded = rules.filter_map(|rule| rule.tags_max(op.doc_kind)).all(|max| stated.tags.len() <= max);
        if !(ascending && is_ascending(&stated.tags) && bounded) {
            return Err(Refusal::with_args(Code::FieldMismatch, &[u64::from(stated.field)]));
        }
        last = Some(stated.field);
    }
    Ok(())
}

fn is_ascending(tags: &[Hash]) -> bool {
    !tags.is_empty() && tags.iter().zip(tags.iter().skip(1)).all(|(a, b)| a < b)
}

/// A case is rewritten with every act on it, so its attestations and their tags are bounded.
fn check_room(cx: &Cx<'_, '_>, proof: &Proof, kind: DocKind, tags: usize) -> Refused {
    let is_own = |a: &&Attestation| a.attester == cx.sender.id && a.doc_kind == kind;
    let others: Vec<&Attestation> = proof.attestations.iter().filter(|a| !is_own(a)).collect();
    let total = others.iter().fold(tags, |sum, a| sum.saturating_add(count_tags(&a.fields)));
    ensure(others.len() < bounds::ATTESTATIONS_MAX && total <= bounds::CASE_TAGS_MAX, Code::TooLarge)
}

/// What every attestation of the sender made now has in common.
fn blank(cx: &Cx<'_, '_>, doc_kind: DocKind) -> Attestation {
    Attestation {
        attester: cx.sender.id,
        roles: cx.sender.roles,
        group: cx.sender.group,
        doc_kind,
        doc_fp: Fp::default(),
        result: AttestResult::Refused,
        at: cx.now(),
        until: cx.now(),
        evidence: Commit::default(),
        fields: Vec::new(),
    }
}

/// The newest word of an attester on a paper replaces its earlier one.
fn record(proof: &mut Proof, attestation: Attestation) {
    match attestation_of(proof, &attestation.attester, attestation.doc_kind) {
        Some(earlier) => *earlier = attestation,
        None => proof.attestations.push(attestation),
    }
}

fn emit_attested(cx: &mut Cx<'_, '_>, proof: &Proof, kind: DocKind, result: AttestResult) {
    let mut members = homes(cx.view, proof);
    members.push(cx.sender.home);
    let parties = named(cx.view, &[proof.owner, cx.sender.id]);
    let args = [u64::from(kind.0), result as u64];
    cx.emit_related(EventName::Attested, &proof.id.0, &[opaque(&proof.subject.0)], &members, &parties, &args);
}
