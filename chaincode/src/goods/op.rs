//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::goods as goods_op;

#[expect(missing_docs)]
pub fn cell_open(_: &mut Cx<'_, '_>, _: &goods_op::CellOpen) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn cell_count(_: &mut Cx<'_, '_>, _: &goods_op::CellCount) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn cell_block(_: &mut Cx<'_, '_>, _: &goods_op::CellBlock) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn cell_unblock(_: &mut Cx<'_, '_>, _: &goods_op::CellUnblock) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn unstuff(_: &mut Cx<'_, '_>, _: &goods_op::Unstuff) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn reseal(_: &mut Cx<'_, '_>, _: &goods_op::Reseal) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn declare_loss(_: &mut Cx<'_, '_>, _: &goods_op::DeclareLoss) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn force_vacate(_: &mut Cx<'_, '_>, _: &goods_op::ForceVacate) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
