//! Licences: what a firm may keep or watch, and where.

use super::{managed, store};
use crate::context::Cx;
use crate::refusal::{Refused, ensure};
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::operation::party::{GrantLicence, RevokeLicence};
use landsea_types::record::{Licence, Party};
use landsea_types::role::{DocKind, LicenceKind, PartyStatus, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Fp, Timestamp, bounds};

/// Executes `party.grant_licence`. The ticket is made for the branch or for the firm.
///
/// # Errors
/// 1005 for the caller or a firm without the role the licence is for, 1012, 1007, 1006, 1010, 3003, 3008, 3009, 2001 while
/// another licence of the kind stands on the site, 5005 for a term that is empty or over.
pub fn grant_licence(cx: &mut Cx<'_, '_>, op: &GrantLicence) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    ensure(may_hold(&party, op.kind), Code::RoleNotPermitted)?;
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    ensure(party.licences.len() < bounds::PARTY_LICENCES_MAX, Code::TooLarge)?;
    // 8 ticket
    let applicant = if op.ticket.body.applicant == party.id { party.id } else { cx.sender.id };
    cx.require_ticket(&op.ticket, &applicant, DocKind::SITE)?;
    // 9 site index
    let site = op.ticket.body.fp1;
    check_site_free(cx, op, &site)?;
    // 13 terms
    ensure(op.from < op.to && cx.now() < op.to, Code::TermOutOfLimits)?;
    let by = cx.sender.home;
    party.licences.push(Licence { kind: op.kind, site, cells_root: op.cells_root, from: op.from, to: op.to, by });
    if let Some(key) = site_key(op.kind, &site) {
        cx.view.put_row(Table::Site, &key, &party.id);
    }
    store(cx, party, EventName::LicenceGranted, &[op.kind as u64, op.from.get(), op.to.get()])
}

/// Executes `party.revoke_licence`: every licence of the kind over the site ends now, one that would have begun later too.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 2002 without such a licence.
pub fn revoke_licence(cx: &mut Cx<'_, '_>, op: &RevokeLicence) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    // 6 state
    let now = cx.now();
    let runs = |licence: &&mut Licence| licence.kind == op.kind && licence.site == op.site && now < licence.to;
    let mut ended = false;
    for licence in party.licences.iter_mut().filter(runs) {
        licence.to = now;
        ended = true;
    }
    ensure(ended, Code::LicenceMissing)?;
    store(cx, party, EventName::LicenceRevoked, &[op.kind as u64, now.get()])
}

/// The active party that holds a live licence of a kind over a site: its keeper or its supervisor.
pub fn licensee(view: &View<'_>, kind: LicenceKind, site: &Fp, at: Timestamp) -> Option<Party> {
    let party = indexed(view, kind, site)?;
    party.licence(kind, site, at).is_some().then_some(party)
}

/// The supervisor whose consent a receipt over goods at a site needs, if the site has one.
pub fn supervisor_of_site(view: &View<'_>, site: &Fp, at: Timestamp) -> Option<AccountId> {
    licensee(view, LicenceKind::Supervision, site, at).map(|p| p.id)
}

fn may_hold(party: &Party, kind: LicenceKind) -> bool {
    match kind {
        LicenceKind::WarehouseSite => party.has(Role::Warehouse),
        LicenceKind::Supervision => party.has(Role::Supervisor),
        LicenceKind::IssuingSystem => {
            party.roles.has_any(&[Role::Warehouse, Role::Rail, Role::Mto, Role::Ocean, Role::Forwarder])
        }
    }
}

/// The holder may renew from the end of its licence on; another firm follows only once it has ended.
fn check_site_free(cx: &Cx<'_, '_>, op: &GrantLicence, site: &Fp) -> Refused {
    let standing = indexed(cx.view, op.kind, site).is_some_and(|party| {
        let busy_until = if party.id == op.party { cx.now().max(op.from) } else { cx.now() };
        let mut licences = party.licences.iter();
        party.status != PartyStatus::Exited
            && licences.any(|l| l.kind == op.kind && l.site == *site && busy_until < l.to)
    });
    ensure(!standing, Code::DuplicateParty)
}

fn indexed(view: &View<'_>, kind: LicenceKind, site: &Fp) -> Option<Party> {
    let holder: AccountId = view.get(Table::Site, &site_key(kind, site)?)?;
    view.party(&holder)
}

/// The index key of a licence of which a site has one; `None` for the others.
fn site_key(kind: LicenceKind, site: &Fp) -> Option<Vec<u8>> {
    let mut key = site.0.to_vec();
    match kind {
        LicenceKind::WarehouseSite => {}
        LicenceKind::Supervision => key.push(LicenceKind::Supervision as u8),
        LicenceKind::IssuingSystem => return None,
    }
    Some(key)
}
