//! Keys: rotated by their owner, or recovered by its branch after a delay in which the owner may object by rotating one.

use super::{itself, managed, store};
use crate::context::{BlockContext, Cx, event};
use crate::pledge::Transition;
use crate::refusal::{Refused, ensure, internal};
use crate::view::Due;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::party::{NewKey, RecoverKey, RotateKey};
use landsea_types::record::{KeyRecord, Party, Recovery};
use landsea_types::role::{KeyPurpose, PartyStatus};
use landsea_types::{AccountId, Code, Height, bounds};

/// Executes `party.rotate_key`: the old key signs until the height before `from_height`, the new one from then on. A party that
/// can do so has not lost its keys: a recovery that its branch has begun is off.
///
/// # Errors
/// 1005 for another party's key, 1006, 1012, 1007, 1010, 2003 for a key or height that cannot be.
pub fn rotate_key(cx: &mut Cx<'_, '_>, op: &RotateKey) -> Refused {
    // 3, 4 the party itself, its version
    let mut party = itself(cx, &op.party, op.expect_ver)?;
    // 6 state of the keys
    ensure(party.keys.len() < bounds::PARTY_KEYS_MAX, Code::TooLarge)?;
    check_successor(&party, op, cx.height())?;
    let old = internal(party.keys.get_mut(usize::from(op.old_key)))?;
    old.to_height = Some(op.from_height);
    party.keys.push(key_record(&op.new_key, op.from_height));
    cancel_recovery(cx, &mut party);
    let newest = internal(u64::try_from(party.keys.len()).ok().and_then(|n| n.checked_sub(1)))?;
    store(cx, party, EventName::KeyRotated, &[u64::from(op.old_key), newest, op.from_height.get()])
}

/// Executes `party.recover_key`: after the delay all signing keys end and these begin. A later notice takes the place of an earlier.
///
/// # Errors
/// 1005, 1006, 1012, 1007, 1006 for a party that is gone, 1010, 2003 for no signing key, a weak key or one that is known.
pub fn recover_key(cx: &mut Cx<'_, '_>, op: &RecoverKey) -> Refused {
    // 3, 4 role, object and version
    let mut party = managed(cx, &op.party, op.expect_ver)?;
    // 6 state of the party and its keys
    ensure(party.status != PartyStatus::Exited, Code::PartySuspended)?;
    let total = party.keys.len().saturating_add(op.keys.len());
    ensure(total <= bounds::PARTY_KEYS_MAX, Code::TooLarge)?;
    ensure(can_take_over(&party, &op.keys), Code::KeyNotValid)?;
    cancel_recovery(cx, &mut party);
    let effective = cx.now().saturating_add(cx.param(ParamKey::KeyRecoveryMs));
    party.recovery = Some(Recovery { keys: op.keys.clone(), effective });
    cx.view.schedule(effective, Due::Recovery, &party.id.0, &[]);
    store(cx, party, EventName::RecoveryNoticed, &[effective.get()])
}

/// Puts recovered keys in the place of the lost ones.
pub(crate) fn recover(due: &mut Transition<'_, '_>, id: &AccountId) {
    let Some(before) = due.view.party(id) else { return };
    let Some(effective) = due_recovery(&before, due.block).map(|recovery| recovery.effective) else { return };
    let first = u64::try_from(before.keys.len()).unwrap_or(u64::MAX);
    let mut party = with_due_keys(before, due.block);
    due.view.unschedule(effective, Due::Recovery, &id.0);
    party.ver = party.ver.saturating_add(1);
    due.view.put_party(&party);
    let args = [first, due.block.height.get()];
    due.say(event(EventName::KeyRecovered, &id.0, &[], &[party.home], &[*id], &args));
}

/// A party as its keys are judged in a block: from the block time at which a recovery is due its keys sign, and the lost ones do not,
/// whether or not the sweep has come to it.
pub fn with_due_keys(mut party: Party, block: BlockContext) -> Party {
    let Some(recovery) = due_recovery(&party, block).cloned() else { return party };
    let from = block.height;
    for key in party.keys.iter_mut().filter(|key| key.purpose == KeyPurpose::Sign) {
        key.to_height = Some(key.to_height.map_or(from, |end| end.min(from)));
    }
    party.keys.extend(recovery.keys.iter().map(|key| key_record(key, from)));
    party.recovery = None;
    party
}

fn due_recovery(party: &Party, block: BlockContext) -> Option<&Recovery> {
    party.recovery.as_ref().filter(|recovery| recovery.effective <= block.time)
}

/// Takes back a recovery that has been noticed.
pub(super) fn cancel_recovery(cx: &mut Cx<'_, '_>, party: &mut Party) {
    if let Some(recovery) = party.recovery.take() {
        cx.view.unschedule(recovery.effective, Due::Recovery, &party.id.0);
    }
}

/// Sound keys, new to the party and each named once, of which one signs.
fn can_take_over(party: &Party, keys: &[NewKey]) -> bool {
    let known = |key: &NewKey| party.keys.iter().any(|k| k.public_key == key.public_key);
    let repeated = keys.iter().enumerate().any(|(n, key)| keys.iter().take(n).any(|k| k.public_key == key.public_key));
    let signs = keys.iter().any(|key| key.purpose == KeyPurpose::Sign);
    signs && !repeated && keys.iter().all(|key| !known(key) && !key.public_key.is_weak())
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

pub(super) fn check_new_keys(keys: &[NewKey]) -> Refused {
    ensure(keys.len() <= bounds::PARTY_KEYS_MAX, Code::TooLarge)?;
    let usable = !keys.is_empty() && keys.iter().all(|k| !k.public_key.is_weak());
    ensure(usable, Code::KeyNotValid)
}

pub(super) fn key_record(key: &NewKey, from_height: Height) -> KeyRecord {
    KeyRecord { public_key: key.public_key, from_height, to_height: None, purpose: key.purpose }
}
