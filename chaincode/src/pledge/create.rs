//! Creation: three acts in one transaction over documents that nothing encumbers.

use super::Transition;
use super::cover::amounts;
use super::intake::{self, Intake};
use super::term::{grace_until, schedule, schedule_mirror};
use super::transition::pledge_event;
use crate::authenticity;
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::pledge::Create;
use landsea_types::record::{Party, Pledge, Priority};
use landsea_types::role::{PledgeState, Role};
use landsea_types::{Code, PledgeId};

/// Basis points of the whole.
const BPS_MAX: u16 = 10_000;

/// Executes `pledge.create`.
///
/// # Errors
/// 1005, 1006, 1012 with the object's position (documents, then pledgor, supervisor, case), 5007, 5011, 3108, 3004, 4008, 6001,
/// 5001 (journalled), 5002, 1007, 5003, 5109, 1008, 5004, 1009, 3003, 3008, 3009, 5005, 5006, 3102 (journalled).
pub fn create(cx: &mut Cx<'_, '_>, op: &Create) -> Refused {
    establish(cx, op).map(drop)
}

/// Creates a pledge of the sender.
///
/// # Errors
/// See [`create`].
pub(super) fn establish(cx: &mut Cx<'_, '_>, op: &Create) -> Refused<PledgeId> {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects; the versions are compared after step 10, so that a race answers 5001 or 5002
    let pledgor = known_parties(cx, op)?;
    let offered = Intake::read(cx, &op.docs, 0)?;
    let intake = Intake { offered, pledgor, supervisor: op.supervisor, ack_near: op.ack_near };
    // 5 kind, legal basis, set
    intake.check_set(cx, &[])?;
    // 6 state, 7 holds, 10 encumbrance, reservation, then the versions
    intake.check_titles()?;
    intake.check_free(cx)?;
    // 11 the pledgor is the sole holder, the custodian independent
    intake.check_identity(cx)?;
    // 12 consents
    intake.require_consents(cx, &[])?;
    // 13 the paper, the terms, the proof, near-matches
    intake.check_papers(cx)?;
    check_terms(cx, op)?;
    check_proof(cx, op, &intake)?;
    let similar = intake.check_near(cx)?;
    let pledge = encumber(cx, op, intake)?;
    intake::alert_near(cx, &similar);
    Ok(pledge)
}

/// The pledgor; a supervisor and a case must exist if named, and the supervisor must be one.
pub(super) fn known_parties(cx: &Cx<'_, '_>, op: &Create) -> Refused<Party> {
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

fn check_terms(cx: &Cx<'_, '_>, op: &Create) -> Refused {
    let earliest = cx.now().saturating_add(cx.param(ParamKey::RegMinMs));
    let latest = cx.now().saturating_add(cx.param(ParamKey::RegMaxMs));
    let timely = earliest <= op.reg_until && op.reg_until <= latest;
    ensure(timely && op.cover_min_bps <= BPS_MAX, Code::TermOutOfLimits)
}

/// A case is about the one document pledged and reaches the level asked for, the bank's own attestation not counted.
fn check_proof(cx: &Cx<'_, '_>, op: &Create, intake: &Intake<'_>) -> Refused {
    let Some(proof) = op.proof.and_then(|id| cx.view.proof(&id)) else {
        return ensure(op.proof_min_level == 0, Code::ProofLevelTooLow);
    };
    let about = intake.docs().iter().all(|doc| *doc == proof.subject);
    let level = authenticity::level_for(cx.view, &proof, &cx.sender.id, cx.now());
    ensure(about && op.proof_min_level <= level, Code::ProofLevelTooLow)
}

fn encumber(cx: &mut Cx<'_, '_>, op: &Create, intake: Intake<'_>) -> Refused<PledgeId> {
    let pledge = new_pledge(cx, op, &intake);
    intake.encumber(cx, &pledge)?;
    cx.view.put_pledge(&pledge);
    schedule(cx, &pledge);
    schedule_mirror(cx, &pledge);
    let args = [pledge.priority.height.get(), u64::from(pledge.priority.index), pledge.reg_until.get()];
    let said = pledge_event(cx.view, &pledge, EventName::PledgeActive, &args);
    Transition::of(cx).say(said);
    Ok(pledge.id)
}

fn new_pledge(cx: &mut Cx<'_, '_>, op: &Create, intake: &Intake<'_>) -> Pledge {
    Pledge {
        id: PledgeId(cx.new_id("pledge")),
        ver: 1,
        pledgor: intake.pledgor.id,
        pledgee: cx.sender.id,
        docs: intake.docs(),
        lots: intake.offered.iter().flat_map(|o| o.doc.lots.iter().copied()).collect(),
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
        home_pledgor: intake.pledgor.home,
        release_reason: None,
        joined: Vec::new(),
        initial: amounts(intake.lots()),
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
