//! Runs that must end alike: replayed, reordered, under other accounts, at another time.

use super::dice::Dice;
use super::scene::{SCENES, scene, story};
use super::transactions;
use crate::kit::*;
use landsea_chaincode::context::CheckEach;
use landsea_chaincode::invariants::runs_end_alike;
use landsea_chaincode::{execute_block, genesis_writes};
use landsea_types::state::{Family, Table};
use landsea_types::{Code, DocId, Operation, Outcome, ProofId, Transaction};
use std::collections::{BTreeMap, BTreeSet};

/// Operations whose place in the chain is on record: their order matters.
const PLACED: [&str; 8] = [
    "pledge.create",
    "pledge.accept",
    "pledge.add_collateral",
    "pledge.substitute",
    "hold.dispute",
    "hold.court_freeze",
    "hold.regulator_freeze",
    "hold.customs_hold",
];

/// The longest scene, and what falls due in the year after it.
fn year_of(setup: Setup) -> World {
    let mut world = story(Setup { recording: true, ..setup }).pop().expect("scenes");
    for days in [1, 3, 9, 40, 150, 200] {
        world.pass(days * DAY);
    }
    world
}

#[test]
fn replaying_all_blocks_from_the_genesis_gives_the_same_state() {
    let world = year_of(Setup::default());
    let mut again = MemoryState::default();
    again.apply(&genesis_writes(&world.genesis));
    for ran in &world.log {
        let transactions: Vec<_> = ran.transactions.iter().map(|tx| (tx.encode(), tx.clone())).collect();
        let executed = execute_block(&again, ran.context, wire(&transactions), &CheckEach);
        assert_eq!(executed.outcomes, ran.outcomes, "height {}", ran.context.height);
        again.apply(&executed.writes);
    }
    assert_eq!(runs_end_alike(&world.state, &again, true), Ok(()));
}

#[test]
fn random_sequences_replay_to_the_same_state() {
    for seed in 0..40 {
        println!("seed {seed}");
        let mut dice = Dice::new(seed);
        let mut world = scene(seed as usize % SCENES);
        world.recording = true;
        let before = world.state.clone();
        for _ in 0..15 {
            let txs = transactions(&mut world, &mut dice, 2);
            world.block(&txs);
        }
        let mut again = before;
        for ran in &world.log {
            let encoded: Vec<_> = ran.transactions.iter().map(|tx| (tx.encode(), tx.clone())).collect();
            let executed = execute_block(&again, ran.context, wire(&encoded), &BelieveAll);
            assert_eq!(executed.outcomes, ran.outcomes, "height {}", ran.context.height);
            again.apply(&executed.writes);
        }
        assert_eq!(runs_end_alike(&world.state, &again, true), Ok(()), "seed {seed}");
    }
}

/// Two transactions that touch different objects, each of which succeeds alone and in both orders.
fn independent(world: &World, a: &Transaction, b: &Transaction) -> bool {
    let placed = |tx: &Transaction| tx.ops.iter().any(|op: &Operation| PLACED.contains(&op.name()));
    let run = |txs: &[&Transaction]| -> Vec<Outcome> {
        let txs: Vec<Transaction> = txs.iter().map(|tx| (*tx).clone()).collect();
        let outcomes = world.execute(world.next_context(), &txs).outcomes;
        outcomes.into_iter().take(txs.len()).collect()
    };
    let (alone_a, alone_b) = (run(&[a]), run(&[b]));
    let all = [&alone_a, &alone_b, &run(&[a, b]), &run(&[b, a])];
    let succeed = all.iter().all(|outcomes| outcomes.iter().all(|o| o.code == Code::Ok));
    let touched: BTreeSet<_> = alone_a[0].touched.iter().collect();
    succeed && !placed(a) && !placed(b) && alone_b[0].touched.iter().all(|id| !touched.contains(id))
}

/// The state after one more block.
fn after(world: &World, order: [&Transaction; 2]) -> MemoryState {
    let txs: Vec<Transaction> = order.into_iter().cloned().collect();
    let mut end = world.state.clone();
    end.apply(&world.execute(world.next_context(), &txs).writes);
    end
}

#[test]
fn independent_transactions_lead_to_the_same_leaves_in_either_order() {
    let mut pairs = 0;
    for seed in 1_000..1_150 {
        let mut dice = Dice::new(seed);
        let mut world = scene(seed as usize % SCENES);
        for _ in 0..10 {
            let txs = transactions(&mut world, &mut dice, 2);
            if let [a, b] = txs.as_slice()
                && independent(&world, a, b)
            {
                pairs += 1;
                let names = [a.ops[0].name(), b.ops[0].name()];
                let [ab, ba] = [[a, b], [b, a]].map(|order| after(&world, order));
                assert_eq!(runs_end_alike(&ab, &ba, false), Ok(()), "seed {seed}: {names:?}");
            }
            world.block(&txs);
        }
    }
    assert!(pairs > 50, "only {pairs} independent pairs");
}

/// Everything that got an id in one world with what got its place in the other.
struct Renaming(BTreeMap<[u8; 32], [u8; 32]>);

impl Renaming {
    fn between(a: &World, b: &World) -> Self {
        let mut pairs = BTreeMap::from([(a.chain.0, b.chain.0)]);
        for (tag, actor) in &a.cast {
            pairs.insert(actor.account.0, b.cast[tag].account.0);
            pairs.insert(actor.secret.public().0, b.cast[tag].secret.public().0);
        }
        for (x, y) in a.genesis.members.iter().zip(&b.genesis.members) {
            pairs.insert(x.validator_key.0, y.validator_key.0);
            pairs.insert(x.network_key.0, y.network_key.0);
        }
        for (x, y) in a.log.iter().zip(&b.log) {
            for (x, y) in x.outcomes.iter().zip(&y.outcomes) {
                // An object is created before it is listed with others, in an order that may be that of the ids.
                for (x, y) in ids(x).into_iter().zip(ids(y)).chain([(x.tx.0, y.tx.0)]) {
                    pairs.entry(x).or_insert(y);
                }
            }
        }
        let (a, b) = (a.known(), b.known());
        let docs = a.docs.values().filter_map(|x| Some((x, b.docs.get(&DocId(*pairs.get(&x.id.0)?))?)));
        let roots: Vec<_> = docs.map(|(x, y)| (x.chain_root.0, y.chain_root.0)).collect();
        pairs.extend(roots);
        let cases = a.proofs.values().filter_map(|x| Some((x, b.proofs.get(&ProofId(*pairs.get(&x.id.0)?))?)));
        let cases: Vec<_> = cases.map(|(x, y)| (x.case.0, y.case.0)).collect();
        pairs.extend(cases);
        Self(pairs)
    }
    /// Bytes of one world as they read in the other.
    fn apply(&self, bytes: &[u8]) -> Vec<u8> {
        let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
        while at < bytes.len() {
            let window = bytes.get(at..at + 32).and_then(|window| <[u8; 32]>::try_from(window).ok());
            match window.and_then(|window| self.0.get(&window)) {
                Some(other) => {
                    out.extend_from_slice(other);
                    at += 32;
                }
                None => {
                    out.push(bytes[at]);
                    at += 1;
                }
            }
        }
        out
    }
}

type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

impl Renaming {
    /// The rows of one world are those of the other under other names.
    fn expect(&self, what: &str, a: &Rows, b: &Rows) {
        let renamed: Rows = a.iter().map(|(key, value)| (self.apply(key), self.apply(value))).collect();
        for (key, value) in &renamed {
            assert_eq!(Some(value), b.get(key), "{what} under {key:02x?}");
        }
        assert_eq!(renamed.len(), b.len(), "{what}");
    }
}

/// Every id that an outcome names, in its order.
fn ids(outcome: &Outcome) -> Vec<[u8; 32]> {
    let events = outcome.events.iter().flat_map(|event| {
        let related = event.related.iter().map(|id| id.0);
        std::iter::once(event.subject.0).chain(related).chain(event.parties.iter().map(|id| id.0))
    });
    outcome.touched.iter().map(|id| id.0).chain(events).collect()
}

/// What an outcome says without ids and times: code, arguments, events with the numbers of objects and parties they name.
type Shape = (Code, Vec<u64>, Vec<(&'static str, usize, usize)>);

fn shape(outcome: &Outcome) -> Shape {
    let events = outcome.events.iter().map(|e| (e.name.as_str(), e.related.len(), e.parties.len()));
    (outcome.code, outcome.args.clone(), events.collect())
}

fn shapes(world: &World) -> Vec<Vec<Shape>> {
    world.log.iter().map(|ran| ran.outcomes.iter().map(shape).collect()).collect()
}

/// Tables with hashes of what has been renamed, or signatures over it.
const HASHED: [Table; 5] = [Table::Transaction, Table::Consent, Table::Expiry, Table::CargoEvent, Table::Offer];

#[test]
fn other_accounts_give_an_isomorphic_state_and_the_same_answers() {
    let (a, b) = (year_of(Setup::default()), year_of(Setup { key_seed: 1, ..Setup::default() }));
    assert!(a.cast["E5"].account != b.cast["E5"].account, "the accounts differ");
    assert_eq!(shapes(&a), shapes(&b));
    let renaming = Renaming::between(&a, &b);
    for family in Family::ALL {
        let leaves = |world: &World| -> Rows {
            let all = world.state.leaves.iter().filter(|((f, _), _)| *f == family);
            all.map(|((_, id), leaf)| (id.to_vec(), leaf.record.clone())).collect()
        };
        renaming.expect(&format!("leaves of {family:?}"), &leaves(&a), &leaves(&b));
    }
    for table in Table::ALL.into_iter().filter(|table| !HASHED.contains(table)) {
        let rows = |world: &World| -> Rows {
            let all = world.state.rows.iter().filter(|((t, _), _)| *t == table);
            all.map(|((_, key), value)| (key.clone(), value.clone())).collect()
        };
        renaming.expect(&format!("rows of {table:?}"), &rows(&a), &rows(&b));
    }
}

#[test]
fn another_time_gives_the_same_answers() {
    let later_ms = 777 * DAY + 12_345;
    let (a, b) = (year_of(Setup::default()), year_of(Setup { later_ms, ..Setup::default() }));
    assert_eq!(shapes(&a), shapes(&b));
    let args = |world: &World| -> Vec<u64> {
        let events = world.log.iter().flat_map(|ran| &ran.outcomes).flat_map(|outcome| outcome.events.clone());
        events.flat_map(|event| event.args).collect()
    };
    for (x, y) in args(&a).into_iter().zip(args(&b)) {
        assert!(x == y || x + later_ms == y, "{x} became {y}");
    }
    let states = |world: &World| -> Vec<String> {
        let known = world.known();
        let mut all: Vec<String> = known.docs.values().map(|doc| format!("{:?} {}", doc.fp1, doc.state)).collect();
        all.extend(known.pledges.values().map(|pledge| format!("{:?}", pledge.state)));
        all.extend(known.holds.values().map(|hold| format!("{:?} {:?}", hold.kind, hold.state)));
        all.sort();
        all
    };
    assert_eq!(states(&a), states(&b));
}
