//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::pledge as pledge_op;

#[expect(missing_docs)]
pub fn offer(_: &mut Cx<'_, '_>, _: &pledge_op::MakeOffer) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn accept(_: &mut Cx<'_, '_>, _: &pledge_op::Accept) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn withdraw_offer(_: &mut Cx<'_, '_>, _: &pledge_op::WithdrawOffer) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn add_collateral(_: &mut Cx<'_, '_>, _: &pledge_op::AddCollateral) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn substitute(_: &mut Cx<'_, '_>, _: &pledge_op::Substitute) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn release_partial(_: &mut Cx<'_, '_>, _: &pledge_op::ReleasePartial) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn assign(_: &mut Cx<'_, '_>, _: &pledge_op::Assign) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn declare_default(_: &mut Cx<'_, '_>, _: &pledge_op::DeclareDefault) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn cure(_: &mut Cx<'_, '_>, _: &pledge_op::Cure) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn realise(_: &mut Cx<'_, '_>, _: &pledge_op::Realise) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn mirror(_: &mut Cx<'_, '_>, _: &pledge_op::RegisterMirror) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn void_by_order(_: &mut Cx<'_, '_>, _: &pledge_op::VoidByOrder) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
