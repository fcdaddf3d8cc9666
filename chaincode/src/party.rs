//! Firms, institutions and their keys and licences (section 3 of the ledger specification).
//!
//! Operations by the party's home BRANCH: [`onboard`], [`add_role`], [`suspend`], [`resume`], [`grant_licence`],
//! [`revoke_licence`], [`recover_key`], [`exit`]; by any BRANCH: [`set_tag`], [`untag`]; by the party itself: [`rotate_key`],
//! [`delegate`], [`revoke_delegation`]. Branches come from the genesis and are never changed here.
//!
//! ```text
//! (none) --onboard--> ACTIVE --suspend--> SUSPENDED --resume--> ACTIVE      ACTIVE, SUSPENDED --exit--> EXITED
//! ```
//!
//! Key space: `pty/` leaves; [`Table::PartyFingerprint`] from the keyed fingerprint of a USCC or LEI to the account;
//! [`Table::Site`] from a site to the holder of its warehouse licence and, one byte longer, of its supervision licence; queue
//! entries [`Due::Recovery`].
//!
//! Events: PartyOnboarded, RoleAdded, PartySuspended, PartyResumed, KeyRotated, LicenceGranted, LicenceRevoked, RecoveryNoticed,
//! KeyRecovered, Tagged, Untagged, Delegated, DelegationRevoked, PartyExited.
//!
//! Invariants:
//! - one party that is not EXITED per fingerprint (INV-P1); a party leaves only when it has a part in nothing live;
//! - a suspended party neither originates nor consents (INV-P2, checked where each does);
//! - a key signs at `from_height <= h < to_height` and is never registered twice by one party (INV-P3); a recovery that is due counts
//!   wherever a key is judged ([`with_due_keys`]);
//! - at most one live warehouse licence, and one live supervision licence, per site;
//! - a delegate acts in the operations that were named and until the time that was set, never longer, and passes nothing on.
//!
//! [`Table::PartyFingerprint`]: landsea_types::state::Table::PartyFingerprint
//! [`Table::Site`]: landsea_types::state::Table::Site
//! [`Due::Recovery`]: crate::view::Due::Recovery

mod delegation;
mod exit;
mod keys;
mod licence;
mod tags;

pub use delegation::{delegate, revoke_delegation};
pub use exit::exit;
pub(crate) use keys::recover;
pub use keys::{recover_key, rotate_key, with_due_keys};
pub use licence::{grant_licence, licensee, revoke_licence, supervisor_of_site};
pub use tags::{set_tag, untag};

use crate::context::Cx;
use crate::pledge::Transition;
use crate::refusal::{Refusal, Refused, ensure, internal};
use crate::view::View;
use keys::{check_new_keys, key_record};
use landsea_types::event::EventName;
use landsea_types::operation::party::{AddRole, Onboard, Resume, Suspend};
use landsea_types::record::Party;
use landsea_types::role::{DocKind, PartyStatus, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Fp};

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

/// Steps 3 and 4 of an operation by which a branch changes a party of its own territory.
fn managed(cx: &mut Cx<'_, '_>, id: &AccountId, expect_ver: u32) -> Refused<Party> {
    cx.require_role(&[Role::Branch])?;
    let seen = Cx::known(cx.view.party(id), 0)?;
    ensure(seen.home == cx.sender.home && !seen.has(Role::Branch), Code::RoleNotPermitted)?;
    settled(cx, &seen, expect_ver)
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

/// Check step 4 for the version of a party that was seen; a recovery of its keys that is due then applies.
fn settled(cx: &mut Cx<'_, '_>, seen: &Party, expect_ver: u32) -> Refused<Party> {
    cx.expect_ver(expect_ver, seen.ver)?;
    recover(&mut Transition::of(cx), &seen.id);
    internal(cx.view.party(&seen.id))
}

/// Steps 3 and 4 of an operation by which a party changes itself: whoever asks for another's record, known or not, answers 1005.
fn itself(cx: &mut Cx<'_, '_>, id: &AccountId, expect_ver: u32) -> Refused<Party> {
    ensure(*id == cx.sender.id, Code::RoleNotPermitted)?;
    cx.require_active()?;
    let seen = Cx::known(cx.view.party(id), 0)?;
    settled(cx, &seen, expect_ver)
}

/// Stores a changed party under its next version and tells it and its home.
fn store(cx: &mut Cx<'_, '_>, mut party: Party, event: EventName, args: &[u64]) -> Refused {
    party.ver = internal(party.ver.checked_add(1))?;
    cx.view.put_party(&party);
    cx.emit(event, &party.id.0, &[party.home], &[party.id], args);
    Ok(())
}
