//! Operations still to be written.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::party as party_op;

#[expect(missing_docs)]
pub fn revoke_licence(_: &mut Cx<'_, '_>, _: &party_op::RevokeLicence) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn recover_key(_: &mut Cx<'_, '_>, _: &party_op::RecoverKey) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn set_tag(_: &mut Cx<'_, '_>, _: &party_op::SetTag) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn untag(_: &mut Cx<'_, '_>, _: &party_op::Untag) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn delegate(_: &mut Cx<'_, '_>, _: &party_op::Delegate) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn revoke_delegation(_: &mut Cx<'_, '_>, _: &party_op::RevokeDelegation) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub fn exit(_: &mut Cx<'_, '_>, _: &party_op::Exit) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}

#[expect(missing_docs)]
pub(crate) fn recover(_: &mut crate::pledge::Transition<'_, '_>, _: &landsea_types::AccountId) {}
