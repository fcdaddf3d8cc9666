//! A party leaves: its branch ends the record of a firm that has a part in nothing live.

use super::keys::cancel_recovery;
use super::{managed, store};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use crate::view::Stake;
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::operation::party::Exit;
use landsea_types::role::PartyStatus;

/// Executes `party.exit`: EXITED for good; the firm may be onboarded again as another party.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 1006 for a party that is gone already, 3004 while it issued, holds or owns a live document, 5008 while it is
/// a side of a live pledge, 4008 while it keeps or watches goods.
pub fn exit(cx: &mut Cx<'_, '_>, op: &Exit) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    for (kind, code) in
        [(Stake::Doc, Code::DocumentState), (Stake::Pledge, Code::PledgeState), (Stake::Lot, Code::LotNotActive)]
    {
        ensure(cx.view.stake(&party.id, kind).is_none(), code)?;
    }
    let now = cx.now();
    cancel_recovery(cx, &mut party);
    party.delegations.clear();
    for licence in party.licences.iter_mut().filter(|licence| now < licence.to) {
        licence.to = now;
    }
    party.status = PartyStatus::Exited;
    store(cx, party, EventName::PartyExited, &[])
}
