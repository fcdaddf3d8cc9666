//! `waybill.issue`: a title document over new lots.

use super::checks::{self, CARRIERS};
use super::draft::{Draft, document};
use super::{adopt, chain, fingerprints};
use crate::context::Cx;
use crate::goods::{self, LotOrigin};
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::ids::ascii::is_code;
use landsea_types::operation::waybill::{Issue, NewLeg};
use landsea_types::record::governance::feature;
use landsea_types::record::{Doc, Leg};
use landsea_types::role::{ChainAction, DocKind, DocState, Role};
use landsea_types::{Code, Fp, Hash, bounds};
use std::collections::BTreeSet;

/// Issues a title over new lots, whose keys it takes.
///
/// # Errors
/// 1010; 1005, 1006, 1011; 1012; 5007 for a kind the issuer does not issue or without control agreement; base notes 3010, 3004;
/// ticket 3003, 3008, 3009; 3001, 3002; 4007, 4001; the first holder's consent 1008, 1009, 1006; 4003, 4004.
pub fn issue(cx: &mut Cx<'_, '_>, op: &Issue) -> Refused {
    check_shape(op)?; // 1
    cx.require_role(CARRIERS)?; // 3
    check_features(cx, op.kind)?;
    Cx::known(cx.view.party(&op.first_holder), 0)?; // 4
    let notes = load_notes(cx, op)?;
    check_kind(cx, op.kind)?; // 5
    ensure(!op.control_agreement.is_zero(), Code::NotPledgeableHere)?;
    check_notes(&notes)?; // 6
    goods::check_lots_match_ticket(&op.lots, &op.ticket.body.goods_keys)?; // 8
    cx.require_ticket(&op.ticket, &cx.sender.id, op.kind)?;
    goods::check_transport_classes(&op.ticket.body.goods_keys)?;
    fingerprints::check_unseen(cx, &op.ticket.body, Some(&op.first_holder))?;
    goods::check_keys_distinct(&op.lots)?; // 9
    goods::check_keys_free(cx, &op.ticket.body.goods_keys, &[], &op.first_holder)?;
    checks::require_consents(cx, &[(op.first_holder, &[], 0)])?; // 12
    let keys = op.ticket.body.goods_keys.iter().copied().collect();
    notes.iter().try_for_each(|note| adopt::check_keys(note, &keys))?; // 13
    goods::check_quantities(&op.lots)?;
    apply(cx, op, notes)
}

fn check_shape(op: &Issue) -> Refused {
    goods::check_shape(&op.lots)?;
    check_legs(&op.legs)?;
    ensure(op.base_docs.len() <= bounds::LEGS_MAX, Code::TooLarge)
}

/// Check step 1 of legs: not too many, and their places are codes.
///
/// # Errors
/// 1010 otherwise.
pub(crate) fn check_legs(legs: &[NewLeg]) -> Refused {
    ensure(legs.len() <= bounds::LEGS_MAX && legs.iter().all(is_coded), Code::TooLarge)
}

/// Whether a leg's places are codes.
pub(super) fn is_coded(leg: &NewLeg) -> bool {
    is_code(&leg.from) && is_code(&leg.to)
}

/// Whether the sender issues the kind as a carrier, without a forwarder's grant.
fn carrier_issues(cx: &Cx<'_, '_>, kind: DocKind) -> bool {
    let kinds = |role: Role| -> &[DocKind] {
        match role {
            Role::Rail => &[DocKind::RAIL_BL, DocKind::MTD, DocKind::NCD],
            Role::Ocean => &[DocKind::OBL, DocKind::MTD, DocKind::NCD],
            Role::Mto => &[DocKind::MTD, DocKind::NCD, DocKind::RAIL_BL],
            _ => &[],
        }
    };
    cx.sender.roles.iter().any(|role| kinds(role).contains(&kind))
}

/// Check step 3: forwarder titles and NCD titles only where the issuer's home has them granted.
///
/// # Errors
/// 1011 otherwise.
pub(crate) fn check_features(cx: &Cx<'_, '_>, kind: DocKind) -> Refused {
    let granted = |number| cx.view.has_feature(number, cx.sender.home, cx.height());
    let as_forwarder = cx.sender.has(Role::Forwarder) && !carrier_issues(cx, kind);
    ensure(!as_forwarder || granted(feature::FORWARDER_TITLES), Code::FeatureNotGranted)?;
    ensure(kind != DocKind::NCD || granted(feature::NCD_TITLES), Code::FeatureNotGranted)
}

/// Check step 5: the sender issues the kind. An undefined one is left to the ticket, which answers 3008.
///
/// # Errors
/// 5007 otherwise.
pub(crate) fn check_kind(cx: &Cx<'_, '_>, kind: DocKind) -> Refused {
    let forwarder_issues = cx.sender.has(Role::Forwarder) && matches!(kind, DocKind::HOUSE_BILL | DocKind::MTD);
    let issues = carrier_issues(cx, kind) || forwarder_issues;
    ensure(kind.name().is_none() || issues, Code::NotPledgeableHere)
}

fn load_notes(cx: &Cx<'_, '_>, op: &Issue) -> Refused<Vec<Doc>> {
    op.base_docs.iter().zip(1u64..).map(|(id, which)| Cx::known(cx.view.doc(id), which)).collect()
}

/// Check step 6: the notes are notes, adopted nowhere and named once.
fn check_notes(notes: &[Doc]) -> Refused {
    let distinct: BTreeSet<_> = notes.iter().map(|note| note.id).collect();
    let free = notes.iter().all(|note| note.adopted_by.is_none());
    ensure(free && distinct.len() == notes.len(), Code::AnchorAdopted)?;
    ensure(notes.iter().all(|note| note.state == DocState::Anchored), Code::DocumentState)
}

fn apply(cx: &mut Cx<'_, '_>, op: &Issue, notes: Vec<Doc>) -> Refused {
    let draft = Draft {
        kind: op.kind,
        legal_basis: op.legal_basis,
        ticket: &op.ticket.body,
        content_root: op.content_root,
        issue_date: op.issue_date,
        order_type: op.order_type,
        first_holder: op.first_holder,
        control_agreement: op.control_agreement,
        state: DocState::Active,
    };
    let mut doc = document(cx, &draft);
    doc.legs = legs(op, &notes);
    doc.base_docs = op.base_docs.clone();
    doc.expires = op.expires;
    for note in notes {
        adopt::mark_adopted(cx, note, doc.id)?;
    }
    let place = doc.home;
    let origin = LotOrigin {
        doc: doc.id,
        home: doc.home,
        custodian: doc.issuer,
        supervisor: None,
        place,
        parents: vec![],
        master: None,
    };
    doc.lots = goods::create_lots(cx, &op.lots, &origin)?;
    enter(cx, doc)
}

/// The stated legs; each note is tied to the first free leg of its issuer.
fn legs(op: &Issue, notes: &[Doc]) -> Vec<Leg> {
    let mut legs = plain_legs(&op.legs);
    for note in notes {
        if let Some(leg) = legs.iter_mut().find(|leg| leg.note_fp.is_zero() && leg.carrier == note.issuer) {
            leg.note_fp = note.fp1;
        }
    }
    legs
}

/// The stated legs, none of which has a note yet.
pub(crate) fn plain_legs(legs: &[NewLeg]) -> Vec<Leg> {
    legs.iter().map(|leg| leg_of(leg, Fp::default())).collect()
}

/// A leg with the fingerprint of its note.
pub(super) fn leg_of(new: &NewLeg, note_fp: Fp) -> Leg {
    Leg { mode: new.mode, regime: new.regime, note_fp, from: new.from, to: new.to, carrier: new.carrier }
}

/// Writes a new title document with its first chain entry and says so. Also for receipts.
///
/// # Errors
/// 1014 when a number overflows.
pub(crate) fn enter(cx: &mut Cx<'_, '_>, mut doc: Doc) -> Refused {
    let holder = doc.first_holder;
    chain(cx, &mut doc, ChainAction::Issue, Some(holder))?;
    cx.view.put_doc(&doc);
    fingerprints::register(cx.view, &doc);
    let members = checks::homes(cx, &doc, &[holder]);
    let lots: Vec<Hash> = doc.lots.iter().map(|lot| Hash(lot.0)).collect();
    let args = [u64::from(doc.kind.0)];
    cx.emit_related(EventName::DocIssued, &doc.id.0, &lots, &members, &[doc.issuer, holder], &args);
    Ok(())
}
