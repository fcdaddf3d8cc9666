//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::warehouse as warehouse_op;
use landsea_types::operation::waybill as waybill_op;

#[expect(missing_docs)]
pub fn deliver_partial(_: &mut Cx<'_, '_>, _: &warehouse_op::DeliverPartial) -> Refused {
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
pub fn convert_out(_: &mut Cx<'_, '_>, _: &warehouse_op::ConvertOut) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn relocate(_: &mut Cx<'_, '_>, _: &warehouse_op::Relocate) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn extend_storage(_: &mut Cx<'_, '_>, _: &warehouse_op::ExtendStorage) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn set_lien(_: &mut Cx<'_, '_>, _: &warehouse_op::SetLien) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn terminate(_: &mut Cx<'_, '_>, _: &warehouse_op::Terminate) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn void_doc(_: &mut Cx<'_, '_>, _: &waybill_op::VoidDoc) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
