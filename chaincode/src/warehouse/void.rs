//! `warehouse.void`: a receipt that should not have been issued, or that a court has set aside.

use crate::context::Cx;
use crate::refusal::Refused;
use crate::waybill::reshape::Side;
use crate::waybill::void_on;
use landsea_types::operation::waybill::VoidDoc;

/// Voids a receipt; the goods stay in their cells.
///
/// # Errors
/// As [`waybill::void_doc`](crate::waybill::void_doc).
pub fn void_doc(cx: &mut Cx<'_, '_>, op: &VoidDoc) -> Refused {
    void_on(cx, op, Side::Receipt)
}
