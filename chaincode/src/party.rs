//! Firms, institutions and their keys and licences (section 3 of the ledger specification).
//!
//! Operations: `onboard`, `add_role`, `suspend`, `resume`, `grant_licence` by the party's home BRANCH; `rotate_key` by the
//! party itself. Branches come from the genesis and are never changed here.
//!
//! Key space: `pty/` leaves; [`Table::PartyFingerprint`] from the keyed fingerprint of a USCC or LEI to the account;
//! [`Table::Site`] from a site to the holder of its warehouse licence and, one byte longer, of its supervision licence.
//!
//! Events: PartyOnboarded, RoleAdded, PartySuspended, PartyResumed, KeyRotated, LicenceGranted.
//!
//! Invariants:
//! - one party that is not EXITED per fingerprint (INV-P1);
//! - a suspended party neither originates nor consents (INV-P2, checked where each does);
//! - a key signs at `from_height <= h < to_height` and is never registered twice by one party (INV-P3);
//! - at most one live warehouse licence, and one live supervision licence, per site.

mod second;

pub use second::*;

use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::View;
use landsea_types::event::EventName;
use landsea_types::operation::party::{AddRole, GrantLicence, NewKey, Onboard, Resume, RotateKey, Suspend};
use landsea_types::record::{KeyRecord, Licence, Party};
use landsea_types::role::{DocKind, LicenceKind, PartyStatus, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Fp, Height, Timestamp, bounds};

/// Executes `party.onboard`.
///
/// # Errors
/// 1005 for the caller or the roles, 2003 for a weak key, 1010, 3003, 3008, 3009, 2001 with the home of the known party.
pub fn onboard(cx: &mut Cx<'_, '_>, op: &Onboard) -> Refused {
    // 3 role
    cx.require_role(&[Role::Branch])?;
    ensure(op.roles.is_valid() && !op.roles.has(Role::Branch), Code::RoleNotPermitted)?;
    check_new_keys(&op.keys)?;
    // 8 ticket
    cx.require_ticket(&op.ticket, &cx.sender.id, DocKind::PARTY)?;
    // 9 party index
    check_unknown(cx.view, &op.ticket.body.fp1)?;
    register(cx, op);
    Ok(())
}

/// Executes `party.add_role`. A role the party already has stays.
///
/// # Errors
/// 1005 for the caller, the role BRANCH or a branch as object, 1012, 1007, 1006 for a party that is gone.
pub fn add_role(cx: &mut Cx<'_, '_>, op: &AddRole) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    ensure(op.role != Role::Branch, Code::RoleNotPermitted)?;
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    party.roles = party.roles.with(op.role);
    let roles = party.roles;
    store(cx, party, EventName::RoleAdded, &[u64::from(op.role.bit()), u64::from(roles.0)])
}

/// Executes `party.suspend`.
///
/// # Errors
/// 1005, 1012, 1007, 1006 for a party that is not active.
pub fn suspend(cx: &mut Cx<'_, '_>, op: &Suspend) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    // 6 state
    ensure(party.status == PartyStatus::Active, Code::PartySuspended)?;
    party.status = PartyStatus::Suspended;
    store(cx, party, EventName::PartySuspended, &[])
}

/// Executes `party.resume`. An active party stays active.
///
/// # Errors
/// 1005, 1012, 1007, 1006 for a party that is gone.
pub fn resume(cx: &mut Cx<'_, '_>, op: &Resume) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    // 6 state
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    party.status = PartyStatus::Active;
    store(cx, party, EventName::PartyResumed, &[])
}

/// Executes `party.rotate_key`: the old key signs until the height before `from_height`, the new one from then on.
///
/// # Errors
/// 1005 for another party's key, 1006, 1012, 1007, 2003 for a key or height that cannot be, 1010.
pub fn rotate_key(cx: &mut Cx<'_, '_>, op: &RotateKey) -> Refused {
    // 3, 4 the party itself, its version
    ensure(op.party == cx.sender.id, Code::RoleNotPermitted)?;
    cx.require_active()?;
    let mut party = Cx::known(cx.view.party(&op.party), 0)?;
    cx.expect_ver(op.expect_ver, party.ver)?;
    // 6 state of the keys
    ensure(party.keys.len() < bounds::PARTY_KEYS_MAX, Code::TooLarge)?;
    check_successor(&party, op, cx.height())?;
    let old = internal(party.keys.get_mut(usize::from(op.old_key)))?;
    old.to_height = Some(op.from_height);
    party.keys.push(key_record(&op.new_key, op.from_height));
    let newest = internal(u64::try_from(party.keys.len()).ok().and_then(|n| n.checked_sub(1)))?;
    store(cx, party, EventName::KeyRotated, &[u64::from(op.old_key), newest, op.from_height.get()])
}

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

/// The active party that holds a live licence of a kind over a site: its keeper or its supervisor.
pub fn licensee(view: &View<'_>, kind: LicenceKind, site: &Fp, at: Timestamp) -> Option<Party> {
    let party = indexed(view, kind, site)?;
    party.licence(kind, site, at).is_some().then_some(party)
}

/// The supervisor whose consent a receipt over goods at a site needs, if the site has one.
pub fn supervisor_of_site(view: &View<'_>, site: &Fp, at: Timestamp) -> Option<AccountId> {
    licensee(view, LicenceKind::Supervision, site, at).map(|p| p.id)
}

/// Steps 3 and 4 of an operation by which a branch changes a party of its own territory.
fn managed(cx: &Cx<'_, '_>, id: &AccountId, expect_ver: u32) -> Refused<Party> {
    cx.require_role(&[Role::Branch])?;
    let party = Cx::known(cx.view.party(id), 0)?;
    ensure(party.home == cx.sender.home && !party.has(Role::Branch), Code::RoleNotPermitted)?;
    cx.expect_ver(expect_ver, party.ver)?;
    Ok(party)
}

fn check_new_keys(keys: &[NewKey]) -> Refused {
    ensure(keys.len() <= bounds::PARTY_KEYS_MAX, Code::TooLarge)?;
    let usable = !keys.is_empty() && keys.iter().all(|k| !k.public_key.is_weak());
    ensure(usable, Code::KeyNotValid)
}

/// A firm that left may be onboarded again; anybody else known under the fingerprint is a duplicate.
fn check_unknown(view: &View<'_>, fingerprint: &Fp) -> Refused {
    let known: Option<AccountId> = view.get(Table::PartyFingerprint, &fingerprint.0);
    match known.and_then(|id| view.party(&id)).filter(|p| p.status != PartyStatus::Exited) {
        Some(party) => Err(Refusal::with_args(Code::DuplicateParty, &[u64::from(party.home.get())])),
        None => Ok(()),
    }
}

fn register(cx: &mut Cx<'_, '_>, op: &Onboard) {
    let id = AccountId(cx.new_id("party"));
    let home = cx.sender.home;
    let fingerprint = op.ticket.body.fp1;
    let from = cx.height();
    let party = Party {
        id,
        ver: 1,
        roles: op.roles,
        home,
        kyc: op.kyc,
        fingerprint,
        institution_public: op.institution_public,
        keys: op.keys.iter().map(|key| key_record(key, from)).collect(),
        // A zero commitment stands for "none", and none equals nothing.
        group: op.group.filter(|g| !g.is_zero()),
        status: PartyStatus::Active,
        licences: Vec::new(),
        tags: Vec::new(),
        delegations: Vec::new(),
        recovery: None,
    };
    cx.view.put_party(&party);
    cx.view.put_row(Table::PartyFingerprint, &fingerprint.0, &id);
    cx.emit(EventName::PartyOnboarded, &id.0, &[home], &[id], &[u64::from(op.roles.0)]);
}

fn key_record(key: &NewKey, from_height: Height) -> KeyRecord {
    KeyRecord { public_key: key.public_key, from_height, to_height: None, purpose: key.purpose }
}

/// The old key is open-ended; the new one is sound, new, for the same purpose, and starts later than now and than the old one.
fn check_successor(party: &Party, op: &RotateKey, height: Height) -> Refused {
    let new = &op.new_key;
    let known = party.keys.iter().any(|k| k.public_key == new.public_key);
    let follows = party.keys.get(usize::from(op.old_key)).is_some_and(|old| {
        old.to_height.is_none()
            && old.purpose == new.purpose
            && op.from_height > old.from_height
            && op.from_height > height
    });
    ensure(follows && !known && !new.public_key.is_weak(), Code::KeyNotValid)
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

fn store(cx: &mut Cx<'_, '_>, mut party: Party, event: EventName, args: &[u64]) -> Refused {
    party.ver = internal(party.ver.checked_add(1))?;
    cx.view.put_party(&party);
    cx.emit(event, &party.id.0, &[party.home], &[party.id], args);
    Ok(())
}
