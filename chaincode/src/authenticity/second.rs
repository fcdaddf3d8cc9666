//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::authenticity as authenticity_op;

#[expect(missing_docs)]
pub fn link(_: &mut Cx<'_, '_>, _: &authenticity_op::Link) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn close(_: &mut Cx<'_, '_>, _: &authenticity_op::Close) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn mark_use(_: &mut Cx<'_, '_>, _: &authenticity_op::MarkUse) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn release_mark(_: &mut Cx<'_, '_>, _: &authenticity_op::ReleaseMark) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
