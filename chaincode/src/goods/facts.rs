//! What the operations on one lot share: who may report about goods, and how a lot is read and named.

use super::lots_of;
use crate::context::Cx;
use crate::pledge;
use crate::refusal::{Refused, ensure};
use landsea_types::record::{Doc, Lot};
use landsea_types::role::{LotStatus, Role};
use landsea_types::{Code, Hash, LotId, Member};

/// Who may keep goods, and thus report about them.
pub(super) const CUSTODIANS: [Role; 5] = [Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder, Role::Warehouse];

/// Check step 3: an active party that keeps goods or has the role `beside`.
///
/// # Errors
/// 1005, 1006.
pub(super) fn require_reporter(cx: &Cx<'_, '_>, beside: Option<Role>) -> Refused {
    let roles: Vec<Role> = CUSTODIANS.into_iter().chain(beside).collect();
    cx.require_role(&roles)
}

/// Check step 4: the lot exists in the expected version. What is due on its document is then applied.
///
/// # Errors
/// 1012, 1007.
pub(super) fn load(cx: &mut Cx<'_, '_>, id: &LotId, expect_ver: u32) -> Refused<Lot> {
    let seen = Cx::known(cx.view.lot(id), 0)?;
    cx.expect_ver(expect_ver, seen.ver)?;
    if let Some(title) = seen.title {
        pledge::settle(cx, &title)?;
    }
    Cx::known(cx.view.lot(id), 0)
}

/// Check step 6: the goods are still there.
///
/// # Errors
/// 4008.
pub(super) fn require_active(lot: &Lot) -> Refused {
    ensure(lot.status == LotStatus::Active, Code::LotNotActive)
}

/// Check step 11: the sender keeps the goods, or has the role `beside`.
///
/// # Errors
/// 8001.
pub(super) fn require_entitled(cx: &Cx<'_, '_>, lot: &Lot, beside: Option<Role>) -> Refused {
    let entitled = lot.custodian == cx.sender.id || beside.is_some_and(|role| cx.sender.has(role));
    ensure(entitled, Code::ReporterNotEntitled)
}

/// The title of a lot, for events.
pub(super) fn title_of(lot: &Lot) -> Vec<Hash> {
    lot.title.iter().map(|doc| Hash(doc.0)).collect()
}

/// The members that a lot concerns: its home, its title's, where it is, and the sender's.
pub(super) fn homes(cx: &Cx<'_, '_>, lot: &Lot) -> Vec<Member> {
    let title = lot.title.and_then(|id| cx.view.doc(&id)).map(|doc| doc.home);
    [lot.home, lot.place, cx.sender.home].into_iter().chain(title).collect()
}

/// The members of the pledgees of a document's lots.
pub(super) fn pledgee_members(cx: &Cx<'_, '_>, doc: &Doc) -> Vec<Member> {
    lots_of(cx.view, doc).iter().filter_map(|lot| cx.view.encumbrance(&lot.id.0)).map(|enc| enc.member).collect()
}
