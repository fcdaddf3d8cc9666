//! The endorsement chain of a document.

use crate::context::Cx;
use crate::refusal::{Refused, internal};
use crate::view::{chain_key, encode};
use landsea_types::record::{ChainEntry, Doc};
use landsea_types::role::ChainAction;
use landsea_types::state::Table;
use landsea_types::{AccountId, Hash};

/// Appends an act of the sender to a document's chain. The caller writes the document.
///
/// # Errors
/// 1014 when the chain's length overflows.
pub fn chain(cx: &mut Cx<'_, '_>, doc: &mut Doc, action: ChainAction, recipient: Option<AccountId>) -> Refused {
    let actor = cx.sender.id;
    chain_by(cx, doc, actor, action, recipient)
}

/// [`chain`] for an act that another party than the sender answers for.
///
/// # Errors
/// 1014 when the chain's length overflows.
pub(crate) fn chain_by(
    cx: &mut Cx<'_, '_>,
    doc: &mut Doc,
    actor: AccountId,
    action: ChainAction,
    recipient: Option<AccountId>,
) -> Refused {
    let n = internal(doc.chain_len.checked_add(1))?;
    let (time, height) = (cx.now(), cx.height());
    let represented = cx.represented.filter(|_| actor == cx.sender.id);
    let entry = ChainEntry { n, action, actor, recipient, represented, time, height };
    cx.view.put_row(Table::Chain, &chain_key(&doc.id, n), &entry);
    doc.chain_len = n;
    doc.chain_root = fold(&doc.chain_root, &entry);
    Ok(())
}

/// The chain's root after one more entry: blake3(root ‖ borsh(entry)), starting from zero. Entries count from 1.
pub fn fold(root: &Hash, entry: &ChainEntry) -> Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&root.0).update(&encode(entry));
    Hash(*hasher.finalize().as_bytes())
}
