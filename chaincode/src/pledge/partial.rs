//! Partial release: some goods leave a pledge that goes on.

use super::leave::strike;
use super::term::{give_back, settled, store_covered};
use crate::context::Cx;
use crate::hold::{self, Act, Touched};
use crate::refusal::{Refused, ensure};
use crate::warehouse::partial::{self, Caller};
use crate::waybill::reshape::{self, Splitter};
use landsea_types::event::EventName;
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::{Partial, ReleasePartial};
use landsea_types::record::{Doc, Pledge};
use landsea_types::role::{PartyStatus, PledgeState, Role};
use landsea_types::{Code, DocId};

/// Executes `pledge.release_partial`: a whole document of several leaves, or children of one that is split, or goods that leave the
/// store. A suspended pledgee may still release a whole document.
///
/// # Errors
/// 1010 for a delivery of nothing; 1005, 1006; 1012 (pledge, document), 1007; 5011 for a document that is not in the pledge or is all
/// of it, or a split that releases nothing; 5008 unless ACTIVE or MATURED; 6001; 5009; then for a split and a delivery as those, with
/// the consents of the holder (1008) and of the issuer or keeper (1008, 5004).
pub fn release_partial(cx: &mut Cx<'_, '_>, op: &ReleasePartial) -> Refused {
    match &op.release {
        Partial::Document(named) => release_document(cx, op, named),
        Partial::Split(split) => {
            cx.require_role(&[Role::Bank])?; // 3
            check_pledge(cx, op, &split.doc, !split.released.is_empty())?; // 4 to 11
            reshape::split(cx, split, Splitter::Pledgee)
        }
        Partial::Delivery(delivery) => {
            partial::check_shape(delivery)?; // 1
            cx.require_role(&[Role::Bank])?; // 3
            check_pledge(cx, op, &delivery.doc, true)?; // 4 to 11
            partial::deliver_as(cx, delivery, Caller::Pledgee)
        }
    }
}

fn release_document(cx: &mut Cx<'_, '_>, op: &ReleasePartial, named: &DocVersion) -> Refused {
    // 3 role
    ensure(cx.sender.has(Role::Bank), Code::RoleNotPermitted)?;
    ensure(cx.sender.status != PartyStatus::Exited, Code::PartySuspended)?;
    // 4 to 11
    let several = Cx::known(cx.view.pledge(&op.pledge), 0)?.docs.len() > 1;
    let seen = Cx::known(cx.view.doc(&named.doc), 1)?.ver;
    cx.expect_ver(named.expect_ver, seen)?;
    let (mut pledge, doc) = check_pledge(cx, op, &named.doc, several)?;
    give_back(cx, &doc.id, &pledge)?;
    strike(&mut pledge, &doc);
    store_covered(cx, pledge, EventName::PartialRelease, &[doc.id])
}

/// Check steps 4 to 11 of the pledge and of its document.
fn check_pledge(cx: &mut Cx<'_, '_>, op: &ReleasePartial, doc: &DocId, sound: bool) -> Refused<(Pledge, Doc)> {
    // 4 objects
    let pledge = settled(cx, &op.pledge, op.expect_ver)?;
    let doc = Cx::known(cx.view.doc(doc), 1)?;
    // 5 set
    ensure(sound && pledge.docs.contains(&doc.id), Code::CollateralSetInvalid)?;
    // 6 state
    ensure(matches!(pledge.state, PledgeState::Active | PledgeState::Matured), Code::PledgeState)?;
    // 7 holds
    hold::check(cx, Act::Release, &Touched::pledge(pledge.id, std::slice::from_ref(&doc)))?;
    // 11 identity
    ensure(pledge.pledgee == cx.sender.id, Code::NotPledgee)?;
    Ok((pledge, doc))
}
