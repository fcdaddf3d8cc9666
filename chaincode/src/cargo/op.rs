//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::cargo as cargo_op;

#[expect(missing_docs)]
pub fn report(_: &mut Cx<'_, '_>, _: &cargo_op::Report) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn confirm_custody(_: &mut Cx<'_, '_>, _: &cargo_op::ConfirmCustody) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn correct(_: &mut Cx<'_, '_>, _: &cargo_op::Correct) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub(crate) fn custody_gap(_: &mut crate::pledge::Transition<'_, '_>, _: &landsea_types::EventId) {}

#[expect(missing_docs)]
pub(crate) fn silence(_: &mut crate::pledge::Transition<'_, '_>, _: &landsea_types::LotId) {}
