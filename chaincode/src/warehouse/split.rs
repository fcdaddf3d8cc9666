//! `warehouse.split`: several receipts take the place of one.

use crate::context::Cx;
use crate::refusal::Refused;
use crate::waybill::reshape::{self, Side, Splitter};
use landsea_types::operation::waybill::Split;

/// Splits a receipt.
///
/// # Errors
/// As [`waybill::split`](crate::waybill::split).
pub fn split(cx: &mut Cx<'_, '_>, op: &Split) -> Refused {
    reshape::split(cx, op, Splitter::Issuer(Side::Receipt))
}
