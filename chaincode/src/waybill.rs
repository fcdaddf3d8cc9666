//! Transport documents.

use crate::context::Cx;
use crate::refusal::Refused;
use landsea_types::AccountId;
use landsea_types::operation::waybill::*;
use landsea_types::record::Doc;
use landsea_types::role::{ChainAction, HoldKind};

/// Appends an act to a document's chain.
///
/// # Errors
/// 1014 when the chain's length overflows.
pub fn chain(_cx: &mut Cx<'_, '_>, _doc: &mut Doc, _action: ChainAction, _recipient: Option<AccountId>) -> Refused {
    Ok(())
}

/// Check step 7: no effective hold of one of `kinds` stands on any target.
///
/// # Errors
/// 6001 with the hold's kind.
pub fn check_holds(_cx: &Cx<'_, '_>, _targets: &[[u8; 32]], _kinds: &[HoldKind]) -> Refused {
    Ok(())
}

/// Executes `waybill.anchor`.
///
/// # Errors
/// The first failing check.
pub fn anchor(_cx: &mut Cx<'_, '_>, _op: &Anchor) -> Refused {
    Ok(())
}

/// Executes `waybill.issue`.
///
/// # Errors
/// The first failing check.
pub fn issue(_cx: &mut Cx<'_, '_>, _op: &Issue) -> Refused {
    Ok(())
}

/// Executes `waybill.adopt`.
///
/// # Errors
/// The first failing check.
pub fn adopt(_cx: &mut Cx<'_, '_>, _op: &Adopt) -> Refused {
    Ok(())
}

/// Executes `waybill.endorse`.
///
/// # Errors
/// The first failing check.
pub fn endorse(_cx: &mut Cx<'_, '_>, _op: &Endorse) -> Refused {
    Ok(())
}

/// Executes `waybill.transfer`.
///
/// # Errors
/// The first failing check.
pub fn transfer(_cx: &mut Cx<'_, '_>, _op: &Transfer) -> Refused {
    Ok(())
}

/// Executes `waybill.surrender_for_delivery`.
///
/// # Errors
/// The first failing check.
pub fn surrender_for_delivery(_cx: &mut Cx<'_, '_>, _op: &Surrender) -> Refused {
    Ok(())
}

/// Executes `waybill.surrender_for_amendment`.
///
/// # Errors
/// The first failing check.
pub fn surrender_for_amendment(_cx: &mut Cx<'_, '_>, _op: &Surrender) -> Refused {
    Ok(())
}

/// Executes `waybill.answer_surrender`.
///
/// # Errors
/// The first failing check.
pub fn answer_surrender(_cx: &mut Cx<'_, '_>, _op: &AnswerSurrender) -> Refused {
    Ok(())
}

/// Executes `waybill.amend`.
///
/// # Errors
/// The first failing check.
pub fn amend(_cx: &mut Cx<'_, '_>, _op: &Amend) -> Refused {
    Ok(())
}

/// Executes `waybill.convert`.
///
/// # Errors
/// The first failing check.
pub fn convert(_cx: &mut Cx<'_, '_>, _op: &Convert) -> Refused {
    Ok(())
}
