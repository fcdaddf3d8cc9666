//! The `party` module.

use crate::context::Cx;
use crate::refusal::{Refusal, Refused};
use landsea_types::Code;
use landsea_types::operation::party::{AddRole, GrantLicence, Onboard, Resume, RotateKey, Suspend};

/// Registers a firm.
pub fn onboard(_cx: &mut Cx<'_, '_>, _op: &Onboard) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Adds a role.
pub fn add_role(_cx: &mut Cx<'_, '_>, _op: &AddRole) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Suspends a party.
pub fn suspend(_cx: &mut Cx<'_, '_>, _op: &Suspend) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Lifts a suspension.
pub fn resume(_cx: &mut Cx<'_, '_>, _op: &Resume) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Replaces a key.
pub fn rotate_key(_cx: &mut Cx<'_, '_>, _op: &RotateKey) -> Refused {
    Err(Refusal::new(Code::Internal))
}
/// Grants a licence.
pub fn grant_licence(_cx: &mut Cx<'_, '_>, _op: &GrantLicence) -> Refused {
    Err(Refusal::new(Code::Internal))
}
