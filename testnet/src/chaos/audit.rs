//! What is checked when the run is over: clients' answers against the chain that all nodes hold.
//!
//! One function per property. All are functions of what was recorded and what the nodes answer, so that each is tested on
//! histories known to be wrong.

use super::checker::{Act, Op, Register, Reply, linearize};
use super::history::{Action, Answer, History, Position, Read, Seen, StatedHeight, Write};
use landsea_types::{Code, Hash, Height, PledgeId, TxId};
use std::collections::HashMap;
use std::time::Duration;

/// A chain as one node holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The member's code.
    pub(crate) node: String,
    /// State roots from height 1 on.
    pub(crate) roots: Vec<Hash>,
    /// Where each transaction stands and its code.
    pub(crate) fates: HashMap<TxId, (Position, Code)>,
    /// Transactions that were executed twice.
    pub(crate) twice: Vec<TxId>,
}

impl Chain {
    /// Takes note of a block's transactions. A repeat that the ledger recognised as one is none.
    pub(crate) fn add(&mut self, height: Height, root: Hash, transactions: &[(TxId, Code)]) {
        self.roots.push(root);
        // What falls due in a block has an outcome with the zero id.
        let sent = transactions.iter().zip(0..).filter(|((id, _), _)| *id != TxId([0; 32]));
        for ((id, code), index) in sent {
            let fate = (Position { height, index }, *code);
            match self.fates.get(id) {
                None => drop(self.fates.insert(*id, fate)),
                Some(_) if *code == Code::AlreadyCommitted => {}
                Some(_) => self.twice.push(*id),
            }
        }
    }
}

/// What the ledger starts with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issued {
    /// Where the document was issued.
    pub(crate) at: Position,
    /// Its version then.
    pub(crate) version: u32,
}

/// A document's register from a position on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Era {
    /// From here on.
    pub(crate) from: Position,
    /// Its version.
    pub(crate) version: u32,
    /// Where the live pledge was made.
    pub(crate) pledged: Option<Position>,
}

/// Acknowledged writes that a node does not have.
pub(crate) fn lost(history: &History, chains: &[Chain]) -> Vec<String> {
    let missing = |w: &&Write| chains.iter().any(|c| !c.fates.contains_key(&w.tx));
    let describe = |w: &Write| {
        let without: Vec<&str> =
            chains.iter().filter(|c| !c.fates.contains_key(&w.tx)).map(|c| c.node.as_str()).collect();
        format!("{} is not on {}", w.describe(), without.join(" "))
    };
    history.writes.iter().filter(|w| w.is_acknowledged()).filter(missing).map(describe).collect()
}

/// Answers that say another outcome or place than the chain, and refusals at the door of what is in the chain.
pub(crate) fn misreported(history: &History, chain: &Chain) -> Vec<String> {
    let problem = |w: &Write| {
        let fate = chain.fates.get(&w.tx)?;
        let wrong = match &w.answer {
            Answer::Committed { at, code, .. } => (*at, *code) != *fate,
            // A batch may carry it into the chain after its validity all the same, where it changes nothing.
            Answer::NotTaken { word } => fate.1 != EXPIRED || *word != EXPIRED.to_string(),
            Answer::Unknown { .. } => false,
        };
        let (at, code) = fate;
        wrong.then(|| format!("{} was answered {:?}, the chain has {code} at {at}", w.describe(), w.answer))
    };
    history.writes.iter().filter_map(problem).collect()
}

/// Transactions executed twice, or after the end of their validity. A batch may carry one into the chain late; it must change
/// nothing there.
pub(crate) fn replayed(history: &History, chain: &Chain) -> Vec<String> {
    let twice = chain.twice.iter().map(|id| format!("{id} is in the chain twice"));
    let late = history.writes.iter().filter_map(|w| {
        let (at, code) = chain.fates.get(&w.tx)?;
        let is_late = at.height > w.valid_until && *code != EXPIRED;
        is_late.then(|| format!("{} was valid until height {} and stands at {at}", w.describe(), w.valid_until))
    });
    twice.chain(late).collect()
}

/// Writes that stand before one that was answered before they were invoked: the chain contradicts real time.
pub(crate) fn out_of_order(history: &History, chain: &Chain) -> Vec<String> {
    let place = |w: &Write| chain.fates.get(&w.tx).map(|(at, _)| *at);
    let mut answered: Vec<(Duration, Position)> =
        history.writes.iter().filter(|w| w.is_acknowledged()).filter_map(|w| Some((w.ended, place(w)?))).collect();
    answered.sort_unstable();
    let mut invoked: Vec<(&Write, Position)> = history.writes.iter().filter_map(|w| Some((w, place(w)?))).collect();
    invoked.sort_by_key(|(w, _)| w.invoked);
    let mut wrong = Vec::new();
    let (mut next, mut highest) = (0, None);
    for (write, at) in invoked {
        while let Some((_, earlier)) = answered.get(next).filter(|(ended, _)| *ended < write.invoked) {
            highest = highest.max(Some(*earlier));
            next += 1;
        }
        if highest.is_some_and(|h| at <= h) {
            wrong.push(format!("{} stands at {at}, before one that was answered earlier", write.describe()));
        }
    }
    wrong
}

/// Heights at which two nodes hold different states, and transactions that they place differently.
pub(crate) fn forks(chains: &[Chain]) -> Vec<String> {
    let Some((first, others)) = chains.split_first() else { return Vec::new() };
    let differs = |other: &Chain| {
        let height = first.roots.iter().zip(&other.roots).position(|(a, b)| a != b);
        let at = height.map_or_else(|| "in their transactions".to_owned(), |h| format!("at height {}", h + 1));
        let same = first.roots == other.roots && first.fates == other.fates;
        (!same).then(|| format!("nodes {} and {} differ {at}", first.node, other.node))
    };
    others.iter().filter_map(differs).collect()
}

fn act(index: usize, write: &Write, makers: &HashMap<PledgeId, usize>) -> Act {
    match write.action {
        Action::Pledge { expect } => Act::Pledge { name: index, expect },
        Action::Release { pledge } => Act::Release { name: makers.get(&pledge).copied().unwrap_or(usize::MAX) },
    }
}

fn makers(history: &History) -> HashMap<PledgeId, usize> {
    history.writes.iter().enumerate().filter_map(|(i, w)| Some((w.makes()?, i))).collect()
}

/// The outcome of a transaction that a batch has carried into the chain after its validity: it has no effect.
const EXPIRED: Code = Code::TransactionExpired;

/// What an outcome says about the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// The register's word.
    Replied(Reply),
    /// The register was not asked and is unchanged.
    NotAsked,
    /// No write of a run may get this code.
    Foreign,
}

fn told(code: Code) -> Told {
    match code {
        Code::Ok => Told::Replied(Reply::Applied),
        Code::AlreadyPledged => Told::Replied(Reply::AlreadyPledged),
        Code::StaleVersion => Told::Replied(Reply::Stale),
        EXPIRED => Told::NotAsked,
        _ => Told::Foreign,
    }
}

/// Executes the writes of one document in the order of the chain. Gives the register's eras and every outcome that is not the
/// register's.
pub(crate) fn replay(doc: usize, issued: Issued, history: &History, chain: &Chain) -> (Vec<Era>, Vec<String>) {
    let makers = makers(history);
    let mut order: Vec<(Position, Code, usize)> = Vec::new();
    for (index, write) in history.writes.iter().enumerate().filter(|(_, w)| w.doc == doc) {
        order.extend(chain.fates.get(&write.tx).map(|(at, code)| (*at, *code, index)));
    }
    order.sort_unstable_by_key(|(at, _, _)| *at);
    let mut register = Register { version: issued.version, pledge: None };
    let mut eras = vec![Era { from: issued.at, version: issued.version, pledged: None }];
    let mut wrong = Vec::new();
    for (at, code, index) in order {
        let write = &history.writes[index];
        if told(code) == Told::NotAsked {
            wrong.extend(expired_too_early(write, at));
            continue;
        }
        let (expected, after) = register.apply(act(index, write, &makers));
        if told(code) != Told::Replied(expected) {
            wrong.push(format!("{} got {code} at {at}; the register says {expected:?}", write.describe()));
        }
        let pledged = eras.last().and_then(|era| era.pledged);
        wrong.extend(wrong_since(write, pledged));
        if after != register {
            let pledged = after.pledge.map(|_| at);
            eras.push(Era { from: at, version: after.version, pledged });
        }
        register = after;
    }
    (eras, wrong)
}

fn expired_too_early(write: &Write, at: Position) -> Option<String> {
    let is_early = at.height <= write.valid_until;
    is_early.then(|| format!("{} expired at {at}, valid until height {}", write.describe(), write.valid_until))
}

/// A bank that comes too late is told since when the document is pledged.
fn wrong_since(write: &Write, pledged: Option<Position>) -> Option<String> {
    let Answer::Committed { code: Code::AlreadyPledged, args, .. } = &write.answer else { return None };
    if args.is_empty() {
        // Looked up later by a stranger, who is told the code alone.
        return None;
    }
    let since = pledged.map(|at| at.height.get());
    (args.first().copied() != since).then(|| format!("{} was told {args:?}, pledged since {since:?}", write.describe()))
}

fn at_height(eras: &[Era], height: Height) -> Option<&Era> {
    eras.iter().rev().find(|era| era.from.height <= height)
}

fn shows(era: Option<&Era>, seen: Seen) -> bool {
    match (era, seen) {
        (None, Seen::Nothing) => true,
        (Some(era), Seen::Document { version, pledged }) => {
            era.pledged == pledged && version.is_none_or(|v| v == era.version)
        }
        _ => false,
    }
}

/// Reads that do not show the register at the height they state.
pub(crate) fn wrong_reads(history: &History, eras: &[Vec<Era>]) -> Vec<String> {
    let is_right = |read: &Read| {
        let eras = &eras[read.doc];
        let (low, high) = match read.stated {
            StatedHeight::Exactly { height } => (height, height),
            StatedHeight::Between { low, high } => (low, high),
        };
        let within = eras.iter().filter(|era| low < era.from.height && era.from.height <= high);
        shows(at_height(eras, low), read.seen) || ends_of_blocks(within).any(|era| shows(Some(era), read.seen))
    };
    let describe = |read: &Read| {
        let (node, at) = (read.node, read.asked.as_secs_f64());
        let (doc, stated, seen) = (read.doc, read.stated, read.seen);
        format!("no state explains what node {node} showed at {at:.3} s of document {doc}, {stated:?}: {seen:?}")
    };
    history.reads.iter().filter(|read| !is_right(read)).map(describe).collect()
}

/// Of several eras that begin in one block only the last is ever seen.
fn ends_of_blocks<'e>(eras: impl Iterator<Item = &'e Era>) -> impl Iterator<Item = &'e Era> {
    let mut eras = eras.peekable();
    std::iter::from_fn(move || {
        let mut last = eras.next()?;
        while let Some(next) = eras.next_if(|era| era.from.height == last.from.height) {
            last = next;
        }
        Some(last)
    })
}

/// Clients' answers about one document that no register explains, whatever the chain says, and those with a code that no write of
/// a run may get: whether such a write took effect is open.
pub(crate) fn not_linearizable(doc: usize, version: u32, history: &History) -> Vec<String> {
    let makers = makers(history);
    let writes = || history.writes.iter().enumerate().filter(|(_, w)| w.doc == doc);
    let mut ops = Vec::new();
    let mut of_op = Vec::new();
    let mut wrong = Vec::new();
    for (index, write) in writes() {
        let answer = match &write.answer {
            Answer::NotTaken { .. } => continue,
            Answer::Unknown { .. } => None,
            Answer::Committed { code, .. } => match told(*code) {
                Told::Replied(reply) => Some((nanos(write.ended), reply)),
                Told::NotAsked => continue,
                Told::Foreign => {
                    wrong.push(format!("{} was answered {code}, which no write may get", write.describe()));
                    None
                }
            },
        };
        ops.push(Op { invoked: nanos(write.invoked), answer, act: act(index, write, &makers) });
        of_op.push(index);
    }
    if let Err(violation) = linearize(Register { version, pledge: None }, &ops) {
        let stuck: Vec<String> = violation.stuck.iter().map(|op| history.writes[of_op[*op]].describe()).collect();
        let (done, register, stuck) = (violation.done, violation.register, stuck.join("; "));
        wrong.push(format!("document {doc}: after {done} writes at {register:?} none can follow of: {stuck}"));
    }
    wrong
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).expect("a run takes less than 500 years")
}

#[cfg(test)]
mod tests;
