//! Collateral that joins a pledge later, and collateral that takes the place of other collateral.

use super::cover::{amounts, grown, present, shrunk};
use super::intake::{Intake, alert_near};
use super::leave::strike;
use super::term::{give_back, settled, store_covered};
use super::transition::docs_of;
use crate::context::Cx;
use crate::goods;
use crate::hold::{self, Act, Touched};
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::{AddCollateral, Substitute};
use landsea_types::record::{Doc, Lot, Pledge};
use landsea_types::role::{PledgeState, Role};
use landsea_types::{Code, DocId};
use std::collections::BTreeSet;

/// Executes `pledge.add_collateral`: documents join with their own priority and count as pledged from now on. A case stays about the
/// document for which it was opened, so the pledge's level is not asked of those added.
///
/// # Errors
/// 1005, 1006; 1012 (pledge, then documents), 1007; 5007, 5011; 3108, 3004, 5008, 4008; 6001; 5001 (journalled), 5002, 1007; 5009,
/// 5003, 5109; 1008, 5004, 1009, 1006; 3003, 3008, 3009, 3102 (journalled).
pub fn add_collateral(cx: &mut Cx<'_, '_>, op: &AddCollateral) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects
    let mut pledge = settled(cx, &op.pledge, op.expect_ver)?;
    let offered = Intake::read(cx, &op.docs, 1)?;
    let pledgor = internal(cx.view.party(&pledge.pledgor))?;
    let intake = Intake { offered, pledgor, supervisor: pledge.supervisor, ack_near: op.ack_near };
    // 5 kind, legal basis, set
    intake.check_set(cx, &docs_of(cx.view, &pledge))?;
    // 6 to 11
    check_entry(cx, &intake, &pledge)?;
    // 12 consents
    intake.require_consents(cx, &[])?;
    // 13 the paper, near-matches
    intake.check_papers(cx)?;
    let similar = intake.check_near(cx)?;
    pledge.initial = grown(&pledge.initial, &amounts(intake.lots()));
    intake.join(cx, &mut pledge);
    intake.encumber(cx, &pledge)?;
    alert_near(cx, &similar);
    store_covered(cx, pledge, EventName::CollateralAdded, &[])
}

/// Executes `pledge.substitute`: new documents join, then others go back to the beneficiary, all or nothing.
///
/// # Errors
/// 1005, 1006; 1012 (pledge, documents that join, documents that leave), 1007; 5007, 5011 for an unsound set or a document that is
/// not in the pledge; 3108, 3004, 5008, 4008; 6001; 5001 (journalled), 5002, 1007; 5009, 5003, 5109; 1008, 5004 of the custodians of
/// both, 1009, 1006; 3003, 3008, 3009, 3102 (journalled).
pub fn substitute(cx: &mut Cx<'_, '_>, op: &Substitute) -> Refused {
    // 3 role
    cx.require_role(&[Role::Bank])?;
    // 4 objects
    let removed = read_removed(cx, op)?;
    let pledge = settled(cx, &op.pledge, op.expect_ver)?;
    let offered = Intake::read(cx, &op.add, 1)?;
    let pledgor = internal(cx.view.party(&pledge.pledgor))?;
    let intake = Intake { offered, pledgor, supervisor: pledge.supervisor, ack_near: op.ack_near };
    // 5 kind, legal basis, sets
    let staying = check_removed(cx, &pledge, &removed)?;
    intake.check_set(cx, &staying)?;
    // 6 to 11; what a court has frozen in the claim does not leave it
    check_entry(cx, &intake, &pledge)?;
    hold::check(cx, Act::Release, &Touched::pledge(pledge.id, &removed))?;
    // 12 consents
    let leaving: Vec<Lot> = removed.iter().flat_map(|doc| goods::lots_of(cx.view, doc)).collect();
    intake.require_consents(cx, &leaving)?;
    // 13 the paper, near-matches
    intake.check_papers(cx)?;
    let similar = intake.check_near(cx)?;
    exchange(cx, pledge, intake, &removed)?;
    alert_near(cx, &similar);
    Ok(())
}

/// Check steps 6 to 11 of documents that join a pledge.
fn check_entry(cx: &Cx<'_, '_>, intake: &Intake<'_>, pledge: &Pledge) -> Refused {
    intake.check_titles()?;
    ensure(matches!(pledge.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?;
    intake.check_free(cx)?;
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?;
    intake.check_identity(cx)
}

/// Check step 4: the documents that leave exist in the versions that the sender saw.
fn read_removed(cx: &Cx<'_, '_>, op: &Substitute) -> Refused<Vec<Doc>> {
    let first = u64::try_from(op.add.len()).unwrap_or(u64::MAX).saturating_add(1);
    let read = |(named, which): (&DocVersion, u64)| {
        let doc = Cx::known(cx.view.doc(&named.doc), which)?;
        cx.expect_ver(named.expect_ver, doc.ver)?;
        Ok(doc)
    };
    op.remove.iter().zip(first..).map(read).collect()
}

/// Check step 5: at least one document leaves, each once, and all are in the pledge. Answers those that stay.
fn check_removed(cx: &Cx<'_, '_>, pledge: &Pledge, removed: &[Doc]) -> Refused<Vec<Doc>> {
    let ids: BTreeSet<DocId> = removed.iter().map(|doc| doc.id).collect();
    let all_in = ids.iter().all(|id| pledge.docs.contains(id));
    ensure(!ids.is_empty() && ids.len() == removed.len() && all_in, Code::CollateralSetInvalid)?;
    Ok(docs_of(cx.view, pledge).into_iter().filter(|doc| !ids.contains(&doc.id)).collect())
}

fn exchange(cx: &mut Cx<'_, '_>, mut pledge: Pledge, intake: Intake<'_>, removed: &[Doc]) -> Refused {
    let added = amounts(intake.lots());
    let left: Vec<DocId> = removed.iter().map(|doc| doc.id).collect();
    let gone: Vec<Lot> = removed.iter().flat_map(|doc| goods::lots_of(cx.view, doc)).collect();
    removed.iter().for_each(|doc| strike(&mut pledge, doc));
    let staying = present(cx, &pledge);
    pledge.initial = grown(&shrunk(&pledge.initial, &amounts(&gone), &staying), &added);
    intake.join(cx, &mut pledge);
    intake.encumber(cx, &pledge)?;
    for doc in &left {
        give_back(cx, doc, &pledge)?;
    }
    store_covered(cx, pledge, EventName::Substituted, &left)
}
