//! **Nothing acknowledged is lost:** a transaction once reported as committed keeps its height and code, and at the end is among the
//! outcomes of every correct member that has reached that height.

use super::seen::{Acknowledged, Seen, is_refused_repeat};
use super::{Occurrence, require};
use landsea_storage::{Snapshot, Store};
use landsea_types::state::Table;
use landsea_types::{Code, Height, Member, TxId};

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    match occurrence {
        Occurrence::Committed { member, committed, .. } if seen.is_correct(*member) => {
            for outcome in committed.outcomes.iter().filter(|o| o.code != Code::AlreadyCommitted) {
                let now = Acknowledged { height: committed.height, code: outcome.code };
                let first = *seen.acknowledged.get(&outcome.tx).unwrap_or(&now);
                if first.height < now.height && is_refused_repeat(now.code) {
                    continue;
                }
                let tx = outcome.tx;
                require(first == now, || {
                    format!("{tx} was committed as {first:?} and, on member {member}, as {now:?}")
                })?;
            }
            Ok(())
        }
        Occurrence::Ended { stores } => {
            stores.iter().try_for_each(|(member, store)| keeps_everything(seen, *member, *store))
        }
        _ => Ok(()),
    }
}

fn keeps_everything(seen: &Seen, member: Member, store: &dyn Store) -> Result<(), String> {
    let (tip, snapshot) = (store.tip().height, store.reader().snapshot());
    let due = seen.acknowledged.iter().filter(|(_, a)| a.height <= tip);
    for (id, acknowledged) in due {
        let kept = kept(store, &*snapshot, id);
        require(kept == Some(*acknowledged), || {
            format!("{id} was acknowledged as {acknowledged:?}; member {member} at height {tip} holds {kept:?}")
        })?;
    }
    Ok(())
}

fn kept(store: &dyn Store, snapshot: &dyn Snapshot, id: &TxId) -> Option<Acknowledged> {
    let row = store.row(Table::Transaction, &id.0)?;
    let (height, index): (Height, u32) = borsh::from_slice(&row).ok()?;
    let outcome = snapshot.outcome(height, index).filter(|o| o.tx == *id)?;
    Some(Acknowledged { height, code: outcome.code })
}
