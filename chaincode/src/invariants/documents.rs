//! Invariants of documents: fingerprints, titles, chains.

use super::{Decoded, Holds, ensure};
use crate::waybill::fold;
use landsea_types::record::Doc;
use landsea_types::role::{DocState, LotStatus};
use landsea_types::{DocId, Hash, LotId};
use std::collections::{BTreeMap, BTreeSet};

/// INV-1 (T1): one document per fp1 unless it continues the same chain; one live document per fp2 among those that began one.
///
/// A document that replaces another (amended, converted, split, merged) speaks of the same trade and may state its content again.
///
/// # Errors
/// A document outside the chain of its fp1, a fingerprint of no document, or two live documents of one content.
pub fn fingerprints_are_unique(state: &Decoded) -> Holds {
    for doc in state.docs.values() {
        let newest = state.fps.get(&doc.fp1);
        let follows = newest.is_some_and(|newest| leads_to(state, doc.id, *newest));
        ensure(follows, "INV-1", || format!("fp1 of {:?} points at {newest:?}, outside its chain", doc.id))?;
    }
    for (fp, id) in &state.fps {
        let own = state.docs.get(id).is_some_and(|doc| doc.fp1 == *fp);
        ensure(own, "INV-1", || format!("{fp:?} points at {id:?}, which has another"))?;
    }
    let mut contents = BTreeMap::new();
    for doc in state.live_docs().filter(|doc| doc.replaces.is_none()) {
        let other = contents.insert(doc.fp2, doc.id);
        ensure(other.is_none(), "INV-1", || format!("live documents {:?} and {other:?} share fp2", doc.id))?;
    }
    Ok(())
}

/// Whether one document is another or has become it, by replacement or by a split.
pub(super) fn leads_to(state: &Decoded, from: DocId, to: DocId) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(at) = open.pop() {
        if at == to {
            return true;
        }
        if let Some(doc) = state.docs.get(&at).filter(|_| seen.insert(at)) {
            open.extend(doc.replaced_by);
            open.extend(&doc.children);
        }
    }
    false
}

/// INV-2 (T2): an ACTIVE lot's title is the one operative title document that lists it, also while a sale is pending; a document that
/// was split, merged, converted or replaced names what took its place and lists no ACTIVE lot that it is the title of.
///
/// # Errors
/// A lot under two titles, under another title than it names, without one, or ended under a live one.
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
        ensure(lot.status != LotStatus::Active || named.is_some(), "INV-2", || format!("{:?} has no title", lot.id))?;
    }
    state.docs.values().try_for_each(|doc| successors_fit(state, doc))
}

/// What took a document's place stands in the record exactly when something did.
fn successors_fit(state: &Decoded, doc: &Doc) -> Holds {
    use DocState::*;
    let replaced = matches!(doc.state, Replaced | Merged | Converted);
    let one = doc.replaced_by.is_some() == replaced && doc.replaced_by.is_none_or(|id| state.docs.contains_key(&id));
    ensure(one, "INV-2", || format!("{:?} is {} and replaced by {:?}", doc.id, doc.state, doc.replaced_by))?;
    let continues = |id: &DocId| state.docs.get(id).is_some_and(|child| child.replaces == Some(doc.id));
    let split = doc.children.len() >= 2 && doc.children.iter().all(continues);
    let several = if doc.state == Split { split } else { doc.children.is_empty() };
    ensure(several, "INV-2", || format!("{:?} is {} with children {:?}", doc.id, doc.state, doc.children))
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
