//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::hold as hold_op;

#[expect(missing_docs)]
pub fn dispute(_: &mut Cx<'_, '_>, _: &hold_op::Dispute) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn file_case(_: &mut Cx<'_, '_>, _: &hold_op::FileCase) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn withdraw_dispute(_: &mut Cx<'_, '_>, _: &hold_op::WithdrawDispute) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn court_freeze(_: &mut Cx<'_, '_>, _: &hold_op::CourtFreeze) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn renew_freeze(_: &mut Cx<'_, '_>, _: &hold_op::RenewFreeze) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn lift(_: &mut Cx<'_, '_>, _: &hold_op::Lift) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn regulator_freeze(_: &mut Cx<'_, '_>, _: &hold_op::RegulatorFreeze) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn countersign_freeze(_: &mut Cx<'_, '_>, _: &hold_op::CountersignFreeze) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn customs_hold(_: &mut Cx<'_, '_>, _: &hold_op::CustomsHold) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn customs_release(_: &mut Cx<'_, '_>, _: &hold_op::CustomsRelease) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub(crate) fn lapse(_: &mut crate::pledge::Transition<'_, '_>, _: &landsea_types::HoldId) {}
