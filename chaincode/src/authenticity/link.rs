//! `authenticity.link` and `authenticity.close`: a bank relies on a case; its applicant ends it.

use super::case::{degraded_events, homes, pledgees, store};
use super::op::{case, check_case_open};
use super::physical::documents_now;
use super::reassess::reassess;
use crate::context::{Cx, without_banks};
use crate::pledge::Transition;
use crate::refusal::{Refused, ensure};
use crate::view::{View, opaque};
use landsea_types::event::EventName;
use landsea_types::operation::authenticity::{Close, Link};
use landsea_types::record::{Pledge, Proof};
use landsea_types::role::{ProofState, Role};
use landsea_types::{Code, PledgeId};

/// Ties a case to the pledge that relies on it: its pledgee hears when the level falls, and no longer counts as an attester.
///
/// # Errors
/// 1005, 1006; 1012 (0 the case, 1 the pledge), 1007; 5008, 7004; 5009; 5006 for a case whose subject neither is a document of the
/// pledge nor became one.
pub fn link(cx: &mut Cx<'_, '_>, op: &Link) -> Refused {
    cx.require_role(&[Role::Bank])?; // 3
    let mut proof = case(cx, &op.proof, op.expect_ver)?; // 4
    let pledge = settled_pledge(cx, &op.pledge)?; // 4
    ensure(pledge.state.is_live(), Code::PledgeState)?; // 6
    check_case_open(&proof)?; // 6
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?; // 11
    ensure(speaks_of(cx.view, &proof, &pledge), Code::ProofLevelTooLow)?; // 13
    proof.linked = Some(pledge.id);
    let mut members = homes(cx.view, &proof);
    members.push(pledge.home_pledgee);
    let args = [u64::from(proof.level)];
    let related = [opaque(&pledge.id.0)];
    cx.emit_related(EventName::ProofLinked, &proof.id.0, &related, &members, &[pledge.pledgee], &args);
    reassess(cx, proof)
}

fn settled_pledge(cx: &mut Cx<'_, '_>, id: &PledgeId) -> Refused<Pledge> {
    Cx::known(cx.view.pledge(id), 1)?;
    Transition::of(cx).settle_pledge(id);
    Cx::known(cx.view.pledge(id), 1)
}

/// Whether the subject of a case is a document of the pledge or became one.
fn speaks_of(view: &View<'_>, proof: &Proof, pledge: &Pledge) -> bool {
    documents_now(view, &proof.subject).iter().any(|doc| pledge.docs.contains(&doc.id))
}

/// Ends a case. Who relies on it hears that its level is gone.
///
/// # Errors
/// 1005, 1006; 1012, 1007; 7004; 3005 for anybody but the applicant.
pub fn close(cx: &mut Cx<'_, '_>, op: &Close) -> Refused {
    cx.require_role(&[Role::Enterprise, Role::Bank])?; // 3
    let mut proof = case(cx, &op.proof, op.expect_ver)?; // 4
    check_case_open(&proof)?; // 6
    ensure(proof.applicant == cx.sender.id, Code::NotHolder)?; // 11
    let before = proof.level;
    proof.state = ProofState::Closed;
    proof.level = 0;
    let now = cx.now();
    store(cx.view, &mut proof, now);
    let members = homes(cx.view, &proof);
    let parties = without_banks(cx.view, &[proof.applicant, proof.owner]);
    let related = [opaque(&proof.subject.0)];
    cx.emit_related(EventName::ProofClosed, &proof.id.0, &related, &members, &parties, &[u64::from(before)]);
    if before > 0 && !pledgees(cx.view, &proof).is_empty() {
        let alerts = degraded_events(cx.view, &proof, before);
        cx.events.extend(alerts);
    }
    Ok(())
}
