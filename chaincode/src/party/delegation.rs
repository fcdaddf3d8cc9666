//! Delegations: another party signs for this one, in named operations and until a time.
//!
//! The executor lets the delegate's transaction act for the party that it represents, and a consent of the party may carry the
//! delegate's key ([`crate::consent`]). Both ask [`Party::delegates`], so a delegation that has run out needs no sweep.
//!
//! [`Party::delegates`]: landsea_types::record::Party::delegates

use super::itself;
use crate::context::Cx;
use crate::refusal::{Refusal, Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::OPERATIONS;
use landsea_types::operation::party::{Delegate, RevokeDelegation};
use landsea_types::record::{Delegation, Party};
use landsea_types::role::{PartyStatus, Role};
use landsea_types::{AccountId, Code, bounds};

/// Executes `party.delegate`. An earlier delegation to the same party gives way; those that have run out are dropped.
///
/// # Errors
/// 1010 for no operations or a list that is not ascending, 1004 for an unknown one; 1005 for a branch, a delegation to itself and
/// another party, 1006; 1012, 1007, 1012 for the delegate; 1006 for a delegate that is not active; 1010 for too many; 5005 for a time
/// that is over.
pub fn delegate(cx: &mut Cx<'_, '_>, op: &Delegate) -> Refused {
    // 1 operations
    check_operations(&op.operations)?;
    // 3, 4 the party itself, its version
    ensure(op.to != op.party && !cx.sender.has(Role::Branch), Code::RoleNotPermitted)?;
    let mut party = itself(cx, &op.party, op.expect_ver)?;
    let to = Cx::known(cx.view.party(&op.to), 1)?;
    // 6 state
    ensure(to.status == PartyStatus::Active, Code::PartySuspended)?;
    let now = cx.now();
    party.delegations.retain(|d| d.to != op.to && now < d.until);
    ensure(party.delegations.len() < bounds::DELEGATIONS_MAX, Code::TooLarge)?;
    // 13 terms
    ensure(now < op.until, Code::TermOutOfLimits)?;
    party.delegations.push(Delegation { to: op.to, operations: op.operations.clone(), until: op.until });
    store_between(cx, party, &op.to, EventName::Delegated, &[op.until.get()])
}

/// Executes `party.revoke_delegation`.
///
/// # Errors
/// 1005 for another party, 1006, 1012 for the party, 1007, 1012 for a delegation that does not exist.
pub fn revoke_delegation(cx: &mut Cx<'_, '_>, op: &RevokeDelegation) -> Refused {
    // 3, 4 the party itself, its version
    let mut party = itself(cx, &op.party, op.expect_ver)?;
    let before = party.delegations.len();
    party.delegations.retain(|d| d.to != op.to);
    if party.delegations.len() == before {
        return Err(Refusal::with_args(Code::UnknownObject, &[1]));
    }
    store_between(cx, party, &op.to, EventName::DelegationRevoked, &[])
}

fn check_operations(operations: &[u16]) -> Refused {
    let ascending = operations.iter().zip(operations.iter().skip(1)).all(|(a, b)| a < b);
    ensure(!operations.is_empty() && operations.len() <= OPERATIONS.len() && ascending, Code::TooLarge)?;
    let exists = |number: &u16| OPERATIONS.iter().any(|known| known.number == *number);
    ensure(operations.iter().all(exists), Code::UnknownOperation)
}

/// Stores the party that delegates and tells both sides.
fn store_between(cx: &mut Cx<'_, '_>, mut party: Party, to: &AccountId, name: EventName, args: &[u64]) -> Refused {
    let delegate_home = cx.view.party(to).map(|delegate| delegate.home);
    let members: Vec<_> = std::iter::once(party.home).chain(delegate_home).collect();
    party.ver = internal(party.ver.checked_add(1))?;
    cx.view.put_party(&party);
    cx.emit(name, &party.id.0, &members, &[party.id, *to], args);
    Ok(())
}
