//! Trade authenticity: cases on a document, attested by those who hold copies of its papers.

use crate::context::{BlockContext, Cx};
use crate::refusal::{Refusal, Refused};
use crate::view::View;
use landsea_types::event::Event;
use landsea_types::operation::authenticity::{Attest, Open, Refuse, WithdrawAttestation};
use landsea_types::record::Proof;
use landsea_types::{Code, Timestamp};

/// The level at a time: what stands in the record until the case expires, then zero.
pub fn level_at(proof: &Proof, now: Timestamp) -> u8 {
    if now < proof.valid_until { proof.level } else { 0 }
}

/// Applies the end of a case that is due.
pub fn expire(_view: &mut View<'_>, _block: BlockContext, _id: &[u8; 32]) -> Option<Event> {
    None
}

pub fn open(_cx: &mut Cx<'_, '_>, _op: &Open) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
pub fn attest(_cx: &mut Cx<'_, '_>, _op: &Attest) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
pub fn refuse(_cx: &mut Cx<'_, '_>, _op: &Refuse) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
pub fn withdraw_attestation(_cx: &mut Cx<'_, '_>, _op: &WithdrawAttestation) -> Refused {
    Err(Refusal::new(Code::UnknownOperation))
}
