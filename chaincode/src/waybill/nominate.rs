//! `waybill.nominate`: the beneficiary names who may follow it.

use super::checks;
use super::endorse::{HOLDERS, load};
use crate::context::Cx;
use crate::hold::{self, Act};
use crate::pledge;
use crate::refusal::{Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::Nominate;
use landsea_types::record::Doc;
use landsea_types::{AccountId, Code};

/// Names the next beneficiary, to whom alone a holder who is not the beneficiary may endorse, or takes the name back.
///
/// # Errors
/// 1005, 1006; 1012 for the document (0) or the nominee (1), 1007; 5007; 3108, 3004, 5008, 4008; 6001; 3006, 5002; 3005 unless
/// beneficiary; 1006 for a nominee that is not active; consents 1009, 1006.
pub fn nominate(cx: &mut Cx<'_, '_>, op: &Nominate) -> Refused {
    cx.require_role(HOLDERS)?; // 3
    let doc = load(cx, &op.doc, op.expect_ver, op.nominee.as_ref())?; // 4
    checks::require_waybill(&doc)?; // 5
    checks::require_usable(cx, &doc)?; // 6
    hold::check_doc(cx, Act::Transfer, &doc)?; // 7
    pledge::check_encumbrance(cx, &doc)?; // 10
    ensure(doc.beneficiary == Some(cx.sender.id), Code::NotHolder)?; // 11
    op.nominee.iter().try_for_each(|nominee| checks::require_recipient(cx, nominee))?;
    pledge::require_pledgee_consent(cx, &doc)?; // 12
    apply(cx, doc, op.nominee)
}

fn apply(cx: &mut Cx<'_, '_>, mut doc: Doc, nominee: Option<AccountId>) -> Refused {
    doc.nominee = nominee;
    let parties: Vec<AccountId> = std::iter::once(cx.sender.id).chain(nominee).collect();
    let members = checks::homes(cx, &doc, &parties);
    cx.emit(EventName::Nominated, &doc.id.0, &members, &parties, &[u64::from(nominee.is_some())]);
    checks::put_changed(cx, doc)
}
