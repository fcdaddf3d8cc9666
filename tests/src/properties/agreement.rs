//! **Agreement:** one block and one state root per height, on every correct member, in every life.

use super::seen::{Decided, Seen};
use super::{Occurrence, require};
use landsea_storage::replay::check_state_root;
use std::collections::BTreeMap;

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Committed { member, committed, .. } = occurrence else { return Ok(()) };
    let (height, block) = (committed.height, committed.header.id());
    let first = seen.decided.get(&height).filter(|_| seen.is_correct(*member));
    require(first.is_none_or(|first| first.block == block), || {
        format!("member {member} decided block {block} at height {height}, others decided {first:?}")
    })
}

/// At the end the leaves of every store make the root that its header names, and all stores at one height have one root.
pub(super) fn roots_hold(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    match occurrence {
        Occurrence::Committed { member, committed, store } if seen.is_correct(*member) => {
            let (tip, decided) = (store.tip(), Decided::of(&committed.header));
            require(tip.height != committed.height || tip.state_root == decided.state_root, || {
                format!(
                    "member {member} stands at root {} at height {}, the header says {decided:?}",
                    tip.state_root, tip.height
                )
            })
        }
        Occurrence::Ended { stores } => {
            let mut roots = BTreeMap::new();
            for (member, store) in *stores {
                let tip = store.tip();
                let snapshot = store.reader().snapshot();
                check_state_root(&*snapshot, &tip).map_err(|error| format!("on member {member}: {error}"))?;
                let (first, root) = *roots.entry(tip.height).or_insert((*member, tip.state_root));
                let (height, own) = (tip.height, tip.state_root);
                require(root == own, || {
                    format!("at height {height} member {first} has root {root} and member {member} has {own}")
                })?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
