//! Invariants of documents: fingerprints, titles, chains.

use super::{Decoded, Holds, ensure};
use crate::waybill::fold;
use landsea_types::role::LotStatus;
use landsea_types::{DocId, Hash, LotId};
use std::collections::BTreeMap;

/// INV-1 (T1): one document per fp1 unless it replaces the same chain; one live document per fp2.
///
/// # Errors
/// A document outside the chain of its fp1, or two live documents of one content.
pub fn fingerprints_are_unique(state: &Decoded) -> Holds {
    for doc in state.docs.values() {
        let newest = state.fps.get(&doc.fp1);
        let follows = newest.is_some_and(|newest| leads_to(state, doc.id, *newest));
        ensure(follows, "INV-1", || format!("fp1 of {:?} points at {newest:?}, outside its chain", doc.id))?;
    }
    let mut contents = BTreeMap::new();
    for doc in state.live_docs() {
        let other = contents.insert(doc.fp2, doc.id);
        ensure(other.is_none(), "INV-1", || format!("live documents {:?} and {other:?} share fp2", doc.id))?;
    }
    Ok(())
}

fn leads_to(state: &Decoded, from: DocId, to: DocId) -> bool {
    let mut at = from;
    for _ in 0..=state.docs.len() {
        if at == to {
            return true;
        }
        match state.docs.get(&at).and_then(|doc| doc.replaced_by) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// INV-2 (T2): an ACTIVE lot's title is the one operative title document that lists it.
///
/// # Errors
/// A lot under two titles, under another title than it names, or ended under a live one.
pub fn a_lot_has_one_operative_title(state: &Decoded) -> Holds {
    let mut titles: BTreeMap<LotId, DocId> = BTreeMap::new();
    for doc in state.docs.values().filter(|d| d.state.is_operative_title()) {
        for lot in &doc.lots {
            let other = titles.insert(*lot, doc.id);
            ensure(other.is_none(), "INV-2", || format!("{lot:?} stands under {:?} and {other:?}", doc.id))?;
        }
    }
    for lot in state.lots.values() {
        let (named, listed) = (lot.title, titles.get(&lot.id).copied());
        let expected = if lot.status == LotStatus::Active { named } else { None };
        ensure(listed == expected, "INV-2", || {
            format!("{:?} is {}, names {named:?} and stands under {listed:?}", lot.id, lot.status)
        })?;
    }
    Ok(())
}

/// INV-T5: the root is the fold of the chain's entries, which count from 1 without a gap.
///
/// # Errors
/// A document whose length or root differs from its entries.
pub fn chains_fold_to_their_roots(state: &Decoded) -> Holds {
    for doc in state.docs.values() {
        let entries = state.chains.get(&doc.id);
        let numbers = entries.into_iter().flat_map(BTreeMap::keys).copied();
        ensure(numbers.eq(1..=doc.chain_len), "T5", || format!("the chain of {:?} has gaps", doc.id))?;
        let folded = entries.into_iter().flat_map(BTreeMap::values).fold(Hash::default(), |r, e| fold(&r, e));
        ensure(folded == doc.chain_root, "T5", || format!("the chain of {:?} folds to {folded:?}", doc.id))?;
    }
    Ok(())
}
