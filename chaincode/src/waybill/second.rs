//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::waybill as waybill_op;

#[expect(missing_docs)]
pub fn close_anchor(_: &mut Cx<'_, '_>, _: &waybill_op::CloseAnchor) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn nominate(_: &mut Cx<'_, '_>, _: &waybill_op::Nominate) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn reject_back(_: &mut Cx<'_, '_>, _: &waybill_op::RejectBack) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn instruct(_: &mut Cx<'_, '_>, _: &waybill_op::Instruct) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn split(_: &mut Cx<'_, '_>, _: &waybill_op::Split) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn merge(_: &mut Cx<'_, '_>, _: &waybill_op::Merge) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn void_doc(_: &mut Cx<'_, '_>, _: &waybill_op::VoidDoc) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
