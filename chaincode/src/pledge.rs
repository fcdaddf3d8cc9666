//! The `pledge` module.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::operation::pledge::{CancelReservation, Create, Extend, Release, Reserve};
use landsea_types::record::{Doc, Party};
use landsea_types::{AccountId, Code, DocId, LotId};

/// Who acts where a table says "holder": the beneficiary while the document is pledged, else the holder.
pub fn actor(doc: &Doc) -> Option<AccountId> {
    if doc.enc.is_some() { doc.beneficiary } else { Some(doc.holder) }
}
/// Applies the due transitions of a document.
pub fn settle(_cx: &mut Cx<'_, '_>, _doc: &DocId) -> Refused {
    Ok(())
}
/// Check step 10.
pub fn check_encumbrance(_cx: &Cx<'_, '_>, _doc: &Doc) -> Refused {
    Ok(())
}
/// Check step 12 for the pledgee and the reserving bank.
pub fn require_pledgee_consent(_cx: &mut Cx<'_, '_>, _doc: &Doc) -> Refused {
    Ok(())
}
/// Moves encumbrance and reservation from a document to its successor.
pub fn carry(_cx: &mut Cx<'_, '_>, _old: &Doc, _new: &mut Doc, _new_lots: &[LotId]) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Ends a live pledge because the goods are delivered.
pub fn release_on_delivery(_cx: &mut Cx<'_, '_>, _doc: &mut Doc) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Check step 11: 5109.
pub fn check_independence(_custodian: &Party, _pledgor: &Party, _pledgee: &Party) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Reserves a document.
pub fn reserve(_cx: &mut Cx<'_, '_>, _op: &Reserve) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Gives a reservation up.
pub fn cancel_reservation(_cx: &mut Cx<'_, '_>, _op: &CancelReservation) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Creates a pledge.
pub fn create(_cx: &mut Cx<'_, '_>, _op: &Create) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Extends a pledge.
pub fn extend(_cx: &mut Cx<'_, '_>, _op: &Extend) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Releases a pledge.
pub fn release(_cx: &mut Cx<'_, '_>, _op: &Release) -> Refused {
    Err(Refusal::new(Code::Internal))
}
