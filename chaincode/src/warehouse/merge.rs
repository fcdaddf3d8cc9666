//! `warehouse.merge`: one receipt takes the place of several.

use crate::context::Cx;
use crate::refusal::Refused;
use crate::waybill::reshape::{self, Side};
use landsea_types::operation::waybill::Merge;

/// Merges receipts over goods in one store.
///
/// # Errors
/// As [`waybill::merge`](crate::waybill::merge).
pub fn merge(cx: &mut Cx<'_, '_>, op: &Merge) -> Refused {
    reshape::merge(cx, op, Side::Receipt)
}
