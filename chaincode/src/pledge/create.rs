//! Creation: three acts in one transaction over documents that nothing encumbers.

use super::checks::{check_independence, check_not_pledged, check_not_reserved_by_other, live_reservation};
use super::cover::amounts;
use super::reservation::{check_active, sole_holder};
use super::settle;
use super::term::{grace_until, schedule, schedule_mirror};
use super::transition::{end_reservation, pledge_event, targets};
use crate::context::{Cx, event};
use crate::hold::{self, Act};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure, internal};
use crate::view::opaque;
use crate::{authenticity, goods, waybill};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::{Collateral, Create};
use landsea_types::record::governance::feature;
use landsea_types::record::{Doc, Encumbrance, Lot, Party, Pledge, Priority};
use landsea_types::role::{ChainAction, DocState, LegalBasis, PledgeState, Role};
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Hash, Member, PledgeId, bounds};
use std::collections::BTreeSet;

/// Arguments of 1008 and 5004, in the order of the operation table.
const WHO_PLEDGOR: u64 = 0;
const WHO_CUSTODIAN: u64 = 1;
const WHO_SUPERVISOR: u64 = 2;

/// Who may keep goods, and thus acknowledge a pledge.
const CUSTODIANS: [Role; 5] = [Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

/// Basis points of the whole.
const BPS_MAX: u16 = 10_000;

/// A document offered, read after what was due had been applied.
struct Offered<'o> {
    terms: &'o Collateral,
    doc: Doc,
    lots: Vec<Lot>,
    /// The version before that.
    ver: u32,
}

/// Executes `pledge.create`.
///
/// # Errors
/// 1005, 1006, 1012 with the object's position (documents, then pledgor, supervisor, case), 5007, 5011, 3108, 3004, 4008, 6001,
/// 5001 (journalled), 5002, 1007, 5003, 5109, 1008, 5004, 1009, 3003, 3008, 3009, 5005, 5006, 3102 (journalled).
pub fn create(cx: &mut Cx<'_, '_>, op: &Create) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects; the versions are compared after step 10, so that a race answers 5001 or 5002
    let pledgor = known_parties(cx, op)?;
    let offered = read_offered(cx, op)?;
    // 5 kind, legal basis, set
    check_pledgeable(cx, &offered, pledgor.home)?;
    check_set(&offered)?;
    // 6 state
    each(&offered, |o| check_active(cx, &o.doc))?;
    // 7 holds
    each(&offered, |o| hold::check_doc(cx, Act::Pledge, &o.doc))?;
    // 10 encumbrance, reservation, then the versions
    each(&offered, |o| check_not_pledged(cx, &o.doc, Some(&op.pledgor)))?;
    each(&offered, |o| check_not_reserved_by_other(cx, &o.doc))?;
    each(&offered, |o| cx.expect_ver(o.terms.expect_ver, o.ver))?;
    // 11 the pledgor is the sole holder, the custodian independent
    each(&offered, |o| ensure(sole_holder(&o.doc)? == pledgor.id, Code::PledgorNotSoleHolder))?;
    ensure(pledgor.id != cx.sender.id, Code::PledgorNotSoleHolder)?;
    check_custodians(cx, &offered, &pledgor)?;
    // 12 consents
    require_consents(cx, op, &offered)?;
    // 13 the paper, the terms, the proof, near-matches
    each(&offered, |o| check_paper(cx, o))?;
    check_terms(cx, op)?;
    check_proof(cx, op, &offered)?;
    let similar = check_near(cx, op, &offered, &pledgor)?;
    encumber(cx, op, offered, &pledgor)?;
    alert_near(cx, &similar);
    Ok(())
}

fn each<'o>(offered: &[Offered<'o>], mut check: impl FnMut(&Offered<'o>) -> Refused) -> Refused {
    offered.iter().try_for_each(&mut check)
}

/// The pledgor; a supervisor and a case must exist if named, and the supervisor must be one.
fn known_parties(cx: &Cx<'_, '_>, op: &Create) -> Refused<Party> {
    let docs = u64::try_from(op.docs.len()).unwrap_or(u64::MAX);
    for (collateral, which) in op.docs.iter().zip(0u64..) {
        Cx::known(cx.view.doc(&collateral.doc), which)?;
    }
    let pledgor = Cx::known(cx.view.party(&op.pledgor), docs)?;
    if let Some(id) = op.supervisor {
        let supervisor = Cx::known(cx.view.party(&id), docs.saturating_add(1))?;
        ensure(supervisor.has(Role::Supervisor), Code::RoleNotPermitted)?;
    }
    if let Some(id) = op.proof {
        Cx::known(cx.view.proof(&id), docs.saturating_add(2))?;
    }
    Ok(pledgor)
}

fn read_offered<'o>(cx: &mut Cx<'_, '_>, op: &'o Create) -> Refused<Vec<Offered<'o>>> {
    let mut offered = Vec::with_capacity(op.docs.len());
    // All versions as the sender saw them: what falls due on one document may change the others of its pledge.
    let seen: Vec<Option<u32>> = op.docs.iter().map(|terms| cx.view.doc(&terms.doc).map(|doc| doc.ver)).collect();
    for ((terms, ver), which) in op.docs.iter().zip(seen).zip(0u64..) {
        let ver = Cx::known(ver, which)?;
        settle(cx, &terms.doc)?;
        let doc = Cx::known(cx.view.doc(&terms.doc), which)?;
        let lots = goods::lots_of(cx.view, &doc);
        offered.push(Offered { terms, doc, lots, ver });
    }
    Ok(offered)
}

/// The legal basis is pledgeable at both homes; a note without title is not pledgeable anywhere.
fn check_pledgeable(cx: &Cx<'_, '_>, offered: &[Offered<'_>], pledgor_home: Member) -> Refused {
    each(offered, |o| {
        let basis = o.doc.legal_basis;
        let number = feature::LEGAL_BASIS.saturating_add(basis as u16);
        let granted = |home| cx.view.has_feature(number, home, cx.height());
        let title = o.doc.state != DocState::Anchored && basis != LegalBasis::None;
        ensure(title && granted(pledgor_home) && granted(cx.sender.home), Code::NotPledgeableHere)
    })
}

/// One to sixteen different documents, all waybills or all receipts.
fn check_set(offered: &[Offered<'_>]) -> Refused {
    let distinct: BTreeSet<DocId> = offered.iter().map(|o| o.doc.id).collect();
    let sized = (1..=bounds::PLEDGE_DOCS_MAX).contains(&offered.len()) && distinct.len() == offered.len();
    let receipts = offered.iter().filter(|o| o.doc.is_receipt()).count();
    let alike = receipts == 0 || receipts == offered.len();
    ensure(sized && alike, Code::CollateralSetInvalid)
}

fn custodians(offered: &[Offered<'_>]) -> BTreeSet<AccountId> {
    offered.iter().flat_map(|o| o.lots.iter().map(|lot| lot.custodian)).collect()
}

fn check_custodians(cx: &Cx<'_, '_>, offered: &[Offered<'_>], pledgor: &Party) -> Refused {
    for id in custodians(offered) {
        let custodian = internal(cx.view.party(&id))?;
        check_independence(&custodian, pledgor, &cx.sender)?;
    }
    // Nobody pledges a document that it issued to itself.
    each(offered, |o| ensure(o.doc.issuer != pledgor.id, Code::CustodianNotIndependent))
}

fn require_consents(cx: &mut Cx<'_, '_>, op: &Create, offered: &[Offered<'_>]) -> Refused {
    cx.require_consent(&op.pledgor, &[], WHO_PLEDGOR, Code::ConsentMissing)?;
    for custodian in custodians(offered) {
        cx.require_consent(&custodian, &CUSTODIANS, WHO_CUSTODIAN, Code::CustodianAckMissing)?;
    }
    let named = offered.iter().flat_map(|o| o.lots.iter().filter_map(|lot| lot.supervisor));
    let supervisors: BTreeSet<AccountId> = named.chain(op.supervisor).collect();
    for supervisor in supervisors {
        cx.require_consent(&supervisor, &[Role::Supervisor], WHO_SUPERVISOR, Code::ConsentMissing)?;
    }
    Ok(())
}

/// The paper lent against is the document on the ledger: the bank's own ticket gives its fingerprint and all its goods keys.
fn check_paper(cx: &Cx<'_, '_>, offered: &Offered<'_>) -> Refused {
    let ticket = &offered.terms.ticket;
    cx.require_ticket(ticket, &cx.sender.id, offered.doc.kind)?;
    let paper: BTreeSet<ClassedKey> = ticket.body.goods_keys.iter().copied().collect();
    let ledger: BTreeSet<ClassedKey> = offered.lots.iter().flat_map(|lot| lot.paper_keys.iter().copied()).collect();
    ensure(ticket.body.fp1 == offered.doc.fp1 && paper == ledger, Code::TicketInvalid)
}

fn check_terms(cx: &Cx<'_, '_>, op: &Create) -> Refused {
    let earliest = cx.now().saturating_add(cx.param(ParamKey::RegMinMs));
    let latest = cx.now().saturating_add(cx.param(ParamKey::RegMaxMs));
    let timely = earliest <= op.reg_until && op.reg_until <= latest;
    ensure(timely && op.cover_min_bps <= BPS_MAX, Code::TermOutOfLimits)
}

/// A case is about the one document pledged and reaches the level asked for, the bank's own attestation not counted.
fn check_proof(cx: &Cx<'_, '_>, op: &Create, offered: &[Offered<'_>]) -> Refused {
    let Some(proof) = op.proof.and_then(|id| cx.view.proof(&id)) else {
        return ensure(op.proof_min_level == 0, Code::ProofLevelTooLow);
    };
    let about = offered.iter().all(|o| o.doc.id == proof.subject);
    let level = authenticity::level_for(cx.view, &proof, &cx.sender.id, cx.now());
    ensure(about && op.proof_min_level <= level, Code::ProofLevelTooLow)
}

/// A document with live documents that resemble it.
struct Similar {
    doc: DocId,
    others: Vec<Hash>,
    homes: Vec<Member>,
}

/// The bank has seen every near-match, else 3102 with an alarm to the branches of all documents concerned.
fn check_near(cx: &Cx<'_, '_>, op: &Create, offered: &[Offered<'_>], pledgor: &Party) -> Refused<Vec<Similar>> {
    let similar: Vec<Similar> = offered.iter().filter_map(|o| similar_to(cx, &o.doc)).collect();
    match similar.first() {
        Some(first) if !op.ack_near => Err(near_match(cx, first, pledgor)),
        _ => Ok(similar),
    }
}

fn similar_to(cx: &Cx<'_, '_>, doc: &Doc) -> Option<Similar> {
    let others = goods::near_matches(cx.view, &doc.near, &doc.id);
    let mut homes: Vec<Member> = others.iter().filter_map(|id| cx.view.doc(id)).map(|d| d.home).collect();
    homes.extend([doc.home, cx.sender.home]);
    let found = Similar { doc: doc.id, others: others.iter().map(|id| opaque(&id.0)).collect(), homes };
    (!found.others.is_empty()).then_some(found)
}

fn near_match(cx: &Cx<'_, '_>, similar: &Similar, pledgor: &Party) -> Box<Refusal> {
    let attempt = AttemptDraft {
        by: cx.sender.id,
        pledgor: pledgor.fingerprint,
        target: opaque(&similar.doc.0),
        consented: true,
        existing_home: similar.homes.first().copied().unwrap_or(cx.sender.home),
        attempt_home: cx.sender.home,
        alarm: event(EventName::NearMatch, &similar.doc.0, &similar.others, &similar.homes, &[], &[]),
    };
    Refusal::with_attempt(Code::NearMatch, &[], attempt)
}

fn alert_near(cx: &mut Cx<'_, '_>, similar: &[Similar]) {
    for found in similar {
        cx.emit_related(EventName::NearMatch, &found.doc.0, &found.others, &found.homes, &[], &[]);
    }
}

fn encumber(cx: &mut Cx<'_, '_>, op: &Create, offered: Vec<Offered<'_>>, pledgor: &Party) -> Refused {
    let pledge = new_pledge(cx, op, &offered, pledgor);
    for o in offered {
        encumber_one(cx, &pledge, o)?;
    }
    cx.view.put_pledge(&pledge);
    schedule(cx, &pledge);
    schedule_mirror(cx, &pledge);
    let args = [pledge.priority.height.get(), u64::from(pledge.priority.index), pledge.reg_until.get()];
    let said = pledge_event(cx.view, &pledge, EventName::PledgeActive, &args);
    super::Transition::of(cx).say(said);
    Ok(())
}

fn new_pledge(cx: &mut Cx<'_, '_>, op: &Create, offered: &[Offered<'_>], pledgor: &Party) -> Pledge {
    Pledge {
        id: PledgeId(cx.new_id("pledge")),
        ver: 1,
        pledgor: pledgor.id,
        pledgee: cx.sender.id,
        docs: offered.iter().map(|o| o.doc.id).collect(),
        lots: offered.iter().flat_map(|o| o.doc.lots.iter().copied()).collect(),
        rank: 1,
        priority: Priority { height: cx.height(), index: cx.tx_index },
        state: PledgeState::Active,
        created: cx.now(),
        reg_until: op.reg_until,
        grace_until: grace_until(cx, op.reg_until),
        extend_agreed: op.extend_agreed,
        claim: op.claim,
        secured_kind: op.secured_kind,
        cover_min_bps: op.cover_min_bps,
        finance_ref: op.finance_ref,
        proof_min_level: op.proof_min_level,
        proof: op.proof,
        supervisor: op.supervisor,
        home_pledgee: cx.sender.home,
        home_pledgor: pledgor.home,
        release_reason: None,
        joined: Vec::new(),
        initial: amounts(offered.iter().flat_map(|o| &o.lots)),
        cover_low: false,
        conditions: op.conditions,
        mirror: None,
        mirror_due: cx.now().saturating_add(cx.param(ParamKey::MirrorDueMs)),
        mirror_overdue: false,
        assigned_from: Vec::new(),
        encumbered_claim: false,
        enforcement: None,
    }
}

/// The bank's own reservation is used up without a cooldown; the document passes into the bank's hands.
fn encumber_one(cx: &mut Cx<'_, '_>, pledge: &Pledge, offered: Offered<'_>) -> Refused {
    let Offered { mut doc, lots, .. } = offered;
    if let Some(own) = live_reservation(cx, &doc) {
        end_reservation(cx.view, &doc, &own);
    }
    let enc = Encumbrance {
        pledge: pledge.id,
        pledgee: pledge.pledgee,
        priority: pledge.priority,
        member: pledge.home_pledgee,
    };
    for target in targets(&doc) {
        cx.view.put_encumbrance(&target, &enc);
    }
    for mut lot in lots {
        lot.enc = Some(pledge.id);
        lot.supervisor = pledge.supervisor.or(lot.supervisor);
        lot.ver = internal(lot.ver.checked_add(1))?;
        cx.view.put_lot(&lot);
        cx.touch(&lot.id.0);
    }
    doc.enc = Some(pledge.id);
    doc.holder = pledge.pledgee;
    waybill::chain(cx, &mut doc, ChainAction::PledgeEndorse, Some(pledge.pledgee))?;
    doc.ver = internal(doc.ver.checked_add(1))?;
    cx.view.put_doc(&doc);
    cx.touch(&doc.id.0);
    Ok(())
}
