//! Warehouse receipts.

use crate::context::Cx;
use crate::refusal::Refused;
use landsea_types::operation::warehouse::*;

/// Executes `warehouse.issue`.
///
/// # Errors
/// The first failing check.
pub fn issue(_cx: &mut Cx<'_, '_>, _op: &Issue) -> Refused {
    Ok(())
}

/// Executes `warehouse.endorse_transfer`.
///
/// # Errors
/// The first failing check.
pub fn endorse_transfer(_cx: &mut Cx<'_, '_>, _op: &EndorseTransfer) -> Refused {
    Ok(())
}

/// Executes `warehouse.deliver_full`.
///
/// # Errors
/// The first failing check.
pub fn deliver_full(_cx: &mut Cx<'_, '_>, _op: &DeliverFull) -> Refused {
    Ok(())
}
