//! **Validity:** a correct member prevotes only blocks that extend the decided chain, and what is decided consists of transactions that their
//! senders and consenting parties signed, each of them executed once.

use super::seen::{Seen, is_refused_repeat};
use super::{Occurrence, require};
use landsea_consensus::ConsensusMessage;
use landsea_node::replica::CommittedHeight;
use landsea_storage::{Snapshot, Store};
use landsea_types::consensus::VoteType;
use landsea_types::crypto::SignatureCheck;
use landsea_types::{BlockId, Code, Header, Height, Member, Transaction, Vote};
use std::collections::BTreeSet;

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    match occurrence {
        Occurrence::Sent { from, message: ConsensusMessage::Vote { vote, .. } } => {
            prevote_holds(seen, *from, &vote.message)
        }
        Occurrence::Committed { member, committed, store } => {
            let is_first = seen.is_correct(*member) && !seen.decided.contains_key(&committed.height);
            if is_first { block_holds(seen, committed, *store) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn prevote_holds(seen: &Seen, from: Member, vote: &Vote) -> Result<(), String> {
    let Vote { kind: VoteType::Prevote, height, block: Some(block), voter, .. } = *vote else { return Ok(()) };
    let header = seen.headers.get(&(height, block));
    match header.filter(|_| voter == from && seen.is_correct(voter)) {
        Some(header) => extends(seen, header).map_err(|why| format!("member {voter} prevoted {block}: {why}")),
        None => Ok(()),
    }
}

/// Whether a header is a child of the decided block below it.
fn extends(seen: &Seen, header: &Header) -> Result<(), String> {
    let below = header.height.previous();
    let parent = match seen.decided.get(&below) {
        Some(decided) => Some((decided.block, decided.time)),
        None if below == Height::ZERO => Some((BlockId(seen.chain.0), 0)),
        None => None,
    };
    let Some((parent, time)) = parent else { return Ok(()) };
    require(header.parent == parent, || format!("its parent is {}, decided is {parent}", header.parent))?;
    require(header.time.get() > time, || format!("its time {} is not after its parent's {time}", header.time.get()))
}

fn block_holds(seen: &Seen, committed: &CommittedHeight, store: &dyn Store) -> Result<(), String> {
    let snapshot = store.reader().snapshot();
    let transactions = transactions(seen, &*snapshot, committed.height)?;
    extends(seen, &committed.header)?;
    let (claimed, found) = (committed.header.transactions as usize, transactions.len());
    require(claimed == found, || format!("the header claims {claimed} transactions, the batches hold {found}"))?;
    let checks: Vec<SignatureCheck> = transactions.iter().map(Transaction::check).collect();
    let unsigned = seen.suite.verify_many(&checks).iter().position(|ok| !ok);
    require(unsigned.is_none(), || format!("transaction {unsigned:?} of height {} is not signed", committed.height))?;
    let mut in_block = BTreeSet::new();
    transactions.iter().zip(committed.outcomes.iter()).try_for_each(|(tx, outcome)| {
        let first = seen.acknowledged.get(&tx.id());
        let is_new = in_block.insert(tx.id()) && first.is_none();
        require(tx.id() == outcome.tx, || format!("outcome of {} where {} stands", outcome.tx, tx.id()))?;
        require(is_new || is_refused_repeat(outcome.code), || {
            format!("{} was executed twice: {first:?}, now {:?}", tx.id(), outcome.code)
        })?;
        require(outcome.code != Code::Ok || consents_hold(seen, tx), || {
            format!("{} lacks a consent's signature", tx.id())
        })
    })
}

/// The transactions of a decided height, in order.
fn transactions(seen: &Seen, snapshot: &dyn Snapshot, height: Height) -> Result<Vec<Transaction>, String> {
    let block = snapshot.block(height).ok_or_else(|| format!("the block of height {height} is not held"))?;
    let mut transactions = Vec::new();
    for id in &block.batches {
        let batch = snapshot.batch(id).ok_or_else(|| format!("batch {id} of height {height} is not held"))?;
        for bytes in &batch.body().transactions {
            let tx = Transaction::decode(bytes, &seen.chain);
            transactions
                .push(tx.map_err(|error| format!("a transaction of height {height} does not decode: {error:?}"))?);
        }
    }
    Ok(transactions)
}

fn consents_hold(seen: &Seen, tx: &Transaction) -> bool {
    let checks: Vec<SignatureCheck> = tx.consents.iter().map(|c| c.check(&seen.chain)).collect();
    seen.suite.verify_many(&checks).iter().all(|ok| *ok)
}
