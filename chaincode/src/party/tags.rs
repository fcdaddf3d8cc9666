//! Tags: membership of a list or a mark of quality, given by a branch and recognised by all.

use super::{settled, store};
use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure};
use landsea_types::event::EventName;
use landsea_types::operation::party::{SetTag, Untag};
use landsea_types::record::{Party, Tag};
use landsea_types::role::{PartyStatus, Role};
use landsea_types::{AccountId, Code, bounds};

/// Executes `party.tag`. The branch's earlier tag of the same number gives way.
///
/// # Errors
/// 1005, also for a branch as object, 1006, 1012, 1007, 1006 for a party that is gone, 1010, 5005 for a term that is empty or over.
pub fn set_tag(cx: &mut Cx<'_, '_>, op: &SetTag) -> Refused {
    // 3, 4 role, object and version
    let mut party = marked(cx, &op.party, op.expect_ver)?;
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    let by = cx.sender.home;
    party.tags.retain(|tag| tag.tag != op.tag || tag.by != by);
    ensure(party.tags.len() < bounds::PARTY_TAGS_MAX, Code::TooLarge)?;
    // 13 terms
    ensure(op.from < op.to && cx.now() < op.to, Code::TermOutOfLimits)?;
    party.tags.push(Tag { tag: op.tag, by, from: op.from, to: op.to });
    store(cx, party, EventName::Tagged, &[u64::from(op.tag), op.from.get(), op.to.get()])
}

/// Executes `party.untag`.
///
/// # Errors
/// 1005, 1006, 1012 for the party, 1007, 1012 for a tag that it does not have, 1005 for one that another member gave, 1006 for a party
/// that is gone.
pub fn untag(cx: &mut Cx<'_, '_>, op: &Untag) -> Refused {
    // 3, 4 role, object and version
    let mut party = marked(cx, &op.party, op.expect_ver)?;
    let by = cx.sender.home;
    let (own, others): (Vec<Tag>, Vec<Tag>) = party.tags.iter().cloned().partition(|t| t.tag == op.tag && t.by == by);
    if own.is_empty() {
        let given = others.iter().any(|tag| tag.tag == op.tag);
        return Err(if given { Refusal::new(Code::RoleNotPermitted) } else { unknown_tag() });
    }
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    party.tags = others;
    store(cx, party, EventName::Untagged, &[u64::from(op.tag)])
}

fn unknown_tag() -> Box<Refusal> {
    Refusal::with_args(Code::UnknownObject, &[1])
}

/// Steps 3 and 4: any branch marks a firm of any home.
fn marked(cx: &mut Cx<'_, '_>, id: &AccountId, expect_ver: u32) -> Refused<Party> {
    cx.require_role(&[Role::Branch])?;
    let seen = Cx::known(cx.view.party(id), 0)?;
    ensure(!seen.has(Role::Branch), Code::RoleNotPermitted)?;
    settled(cx, &seen, expect_ver)
}
