//! Splits, mergers and conversions in any order: the goods, the keys and the pledge stay the same.

use super::acts::{children_of, merged_of, restated};
use crate::kit::*;
use landsea_types::operation::waybill::{ChildLot, NewLot, Split};
use landsea_types::record::{Doc, Lot, Priority};
use landsea_types::role::{DocState, LotStatus, PledgeState};
use landsea_types::state::Family;
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Operation, PledgeId, Qty, Uom};
use std::collections::{BTreeMap, BTreeSet};

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    /// `whole` as a sum of `n` numbers, each at least `least`.
    fn shares(&mut self, whole: u64, n: u64, least: u64) -> Vec<u64> {
        let mut left = whole - n * least;
        let mut shares = Vec::new();
        for i in 0..n {
            let share = if i + 1 == n { left } else { self.below(left + 1) };
            left -= share;
            shares.push(share + least);
        }
        shares
    }
}

/// What does not depend on how goods are divided among documents.
#[derive(Debug, PartialEq, Eq)]
struct Goods {
    sums: BTreeMap<(Uom, [u8; 6]), (u64, u64)>,
    keys: BTreeSet<ClassedKey>,
}

fn goods_of(lots: &[Lot]) -> Goods {
    let mut sums: BTreeMap<_, (u64, u64)> = BTreeMap::new();
    for lot in lots {
        let sum = sums.entry((lot.uom, lot.goods_class)).or_default();
        *sum = (sum.0 + lot.qty.get(), sum.1 + u64::from(lot.packages));
    }
    Goods { sums, keys: lots.iter().flat_map(|lot| lot.keys.iter().copied()).collect() }
}

/// Everything a pledge says of a document.
fn claim_on(world: &World, doc: &DocId) -> Option<(PledgeId, Priority, AccountId, Option<AccountId>)> {
    let record = world.doc(doc);
    let enc = world.encumbrance(&doc.0)?;
    assert_eq!(record.enc, Some(enc.pledge));
    assert!(record.lots.iter().all(|lot| world.encumbrance(&lot.0).as_ref() == Some(&enc)), "lots as their document");
    Some((enc.pledge, enc.priority, record.holder, record.beneficiary))
}

/// A bill of E5 over three lots that can be divided in different ways.
fn mixed_bill() -> (World, DocId, Paper) {
    let mut world = World::new();
    let paper = Paper::new("MIX-1", &["C:1", "B:1", "C:2", "B:3", "B:4"]);
    let mut body = world.issue_body(&Bill { paper: paper.clone(), ..Bill::s1() });
    body.lots.truncate(3);
    for (lot, keys) in body.lots.iter_mut().zip([&["C:1", "B:1"][..], &["C:2"], &["B:3", "B:4"]]) {
        lot.keys = keys.iter().map(|k| key(k)).collect();
        lot.packages = 50;
    }
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E5"]));
    (world, doc, paper)
}

/// A random division of a lot: containers on every part, every other key on one of them.
fn divided(rng: &mut Rng, lot: &Lot, at_most: u64) -> Vec<ChildLot> {
    let shared: Vec<ClassedKey> = lot.keys.iter().copied().filter(|key| key.class == b'C').collect();
    let single: Vec<ClassedKey> = lot.keys.iter().copied().filter(|key| key.class != b'C').collect();
    let most = if shared.is_empty() { single.len() as u64 } else { at_most }.min(at_most).min(lot.qty.get());
    let n = 1 + rng.below(most);
    let quantities = rng.shares(lot.qty.get(), n, 1);
    let packages = rng.shares(u64::from(lot.packages), n, 0);
    let mut parts: Vec<NewLot> = quantities
        .iter()
        .zip(&packages)
        .map(|(qty, n)| NewLot {
            qty: Qty::new(*qty),
            packages: u32::try_from(*n).expect("few"),
            keys: shared.clone(),
            ..restated(lot)
        })
        .collect();
    for (i, key) in single.iter().enumerate() {
        // Without a container each part needs a key of its own first.
        let at = if i < parts.len() { i } else { rng.below(n) as usize };
        parts[at].keys.push(*key);
    }
    parts.into_iter().map(|new| ChildLot { parent: lot.id, lot: new }).collect()
}

/// A random split of a document, if it can be split.
fn random_split(world: &World, rng: &mut Rng, doc: &DocId, number: &str) -> Option<Split> {
    let n = 2 + rng.below(3);
    let mut children: Vec<Vec<ChildLot>> = vec![Vec::new(); n as usize];
    for lot in world.lots(doc) {
        let first = rng.below(n);
        for (i, part) in divided(rng, &lot, n).into_iter().enumerate() {
            children[(first as usize + i) % n as usize].push(part);
        }
    }
    children.retain(|child| !child.is_empty());
    (children.len() >= 2).then(|| world.split_body(doc, number, children))
}

#[test]
fn splitting_and_merging_again_gives_the_same_goods_and_pledge() {
    for seed in 1..=12 {
        println!("seed {seed}");
        let mut rng = Rng(seed);
        let (mut world, doc, paper) = mixed_bill();
        let pledged = seed % 2 == 0;
        if pledged {
            world.pledge_doc("B1", "E5", "MTO", &doc, &paper);
        }
        let before = (goods_of(&world.lots(&doc)), claim_on(&world, &doc));
        let consents: &[&str] = if pledged { &["E5", "B1"] } else { &["E5"] };
        let body = random_split(&world, &mut rng, &doc, "H").unwrap_or_else(|| world.halves(&doc, "H"));
        let children = children_of(&world.ok("MTO", Operation::WaybillSplit(body), consents));
        let body = world.merge_body(&children, "WHOLE-1");
        let whole = merged_of(&world.ok("MTO", Operation::WaybillMerge(body), consents));
        assert_eq!((goods_of(&world.lots(&whole)), claim_on(&world, &whole)), before);
        let after = world.doc(&whole);
        assert_eq!(after.enc.is_some(), pledged);
        if let Some(pledge) = after.enc {
            assert_eq!(world.pledge(&pledge).docs, vec![whole]);
            let op = world.release_op(&pledge);
            world.ok("B1", op, &[]);
            assert_eq!(world.pledge(&pledge).state, PledgeState::Released);
        }
        assert_eq!(world.doc(&whole).holder, world.account("E5"));
        world.deliver("E5", &whole);
    }
}

#[test]
fn goods_that_go_into_a_store_and_out_and_in_again_keep_pledge_and_priority() {
    let mut world = World::new();
    let bill = Bill { first_holder: "E1", ..Bill::new("A-1", &["B:1", "B:2", "V:3"]) };
    let doc = world.issue_bill(&bill);
    let pledge = world.pledge_doc("B1", "E1", "MTO", &doc, &bill.paper);
    let before = (goods_of(&world.lots(&doc)), claim_on(&world, &doc));
    let everybody = ["MTO", "COLD", "E1", "B1"];
    let mut at = doc;
    for n in 0..3 {
        let restated: Vec<NewLot> = world.lots(&at).iter().map(restated).collect();
        let (by, op) = if world.doc(&at).is_receipt() {
            ("MTO", Operation::WarehouseConvertOut(world.convert_out_body(&at, &format!("OUT-{n}"), restated)))
        } else {
            ("COLD", Operation::WaybillConvert(world.convert_body(&at, &format!("IN-{n}"), restated)))
        };
        let consents: Vec<&str> = everybody.into_iter().filter(|name| *name != by).collect();
        at = doc_of(&world.ok(by, op, &consents));
        assert_eq!((goods_of(&world.lots(&at)), claim_on(&world, &at)), before, "after {} conversions", n + 1);
        assert!(world.lots(&at).iter().all(|lot| lot.custodian == world.account(by)));
    }
    let record = world.pledge(&pledge);
    assert_eq!((record.state, record.docs), (PledgeState::Active, vec![at]));
}

/// Bills, all of E5, of which some are pledged to B1 and some were released.
struct Walk {
    world: World,
    rng: Rng,
    numbers: u32,
    done: BTreeMap<&'static str, u32>,
}

impl Walk {
    fn number(&mut self) -> String {
        self.numbers += 1;
        format!("N-{}", self.numbers)
    }
    fn live(&self) -> Vec<Doc> {
        let docs = self.world.state.records::<Doc>(Family::Doc).into_values();
        docs.filter(|doc| doc.state == DocState::Active).collect()
    }
    fn active_lots(&self) -> Vec<Lot> {
        let lots = self.world.state.records::<Lot>(Family::Lot).into_values();
        lots.filter(|lot| lot.status == LotStatus::Active).collect()
    }
    fn pick(&mut self) -> Doc {
        let live = self.live();
        live[self.rng.below(live.len() as u64) as usize].clone()
    }
    fn note(&mut self, what: &'static str) {
        *self.done.entry(what).or_default() += 1;
    }

    fn split(&mut self) {
        let (doc, number) = (self.pick().id, self.number());
        let Some(mut body) = random_split(&self.world, &mut self.rng, &doc, &number) else { return };
        match self.rng.below(4) {
            0 => self.spoilt(body),
            1 if self.world.doc(&doc).enc.is_some() => {
                body.released = vec![0];
                self.world.ok("MTO", Operation::WaybillSplit(body), &["E5", "B1"]);
                self.note("release");
            }
            _ => {
                self.world.ok("MTO", Operation::WaybillSplit(body), &["E5", "B1"]);
                self.note("split");
            }
        }
    }
    /// One gram or one package more or less on any part is refused.
    fn spoilt(&mut self, mut body: Split) {
        let child = self.rng.below(body.children.len() as u64) as usize;
        let lots = &mut body.children[child].lots;
        let at = self.rng.below(lots.len() as u64) as usize;
        let lot = &mut lots[at].lot;
        match self.rng.below(3) {
            0 => lot.qty = Qty::new(lot.qty.get() + 1),
            1 => lot.qty = Qty::new(lot.qty.get() - 1),
            _ => lot.packages += 1,
        }
        assert_eq!(self.world.code("MTO", Operation::WaybillSplit(body), &["E5", "B1"]), Code::NotConserved);
        self.note("spoilt");
    }
    fn merge(&mut self) {
        let (one, other, number) = (self.pick(), self.pick(), self.number());
        let body = self.world.merge_body(&[one.id, other.id], &number);
        let code = self.world.code("MTO", Operation::WaybillMerge(body), &["E5", "B1"]);
        let (expected, what) = match (one.id == other.id, one.enc == other.enc) {
            (true, _) => (Code::CollateralSetInvalid, "same"),
            (_, true) => (Code::Ok, "merge"),
            _ => (Code::MixedEncumbrance, "mixed"),
        };
        assert_eq!(code, expected);
        self.note(what);
    }
}

#[test]
fn random_splits_and_mergers_conserve_goods_keys_and_the_pledges_priority() {
    let mut done: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 1..=8 {
        println!("seed {seed}");
        let (mut world, doc, paper) = mixed_bill();
        let pledge = world.pledge_doc("B1", "E5", "MTO", &doc, &paper);
        let priority = world.pledge(&pledge).priority;
        let mut walk = Walk { world, rng: Rng(seed), numbers: 0, done: BTreeMap::new() };
        let before = goods_of(&walk.active_lots());
        for _ in 0..30 {
            if walk.rng.below(5) < 2 {
                walk.split()
            } else {
                walk.merge()
            }
            assert_eq!(goods_of(&walk.active_lots()), before);
            let pledged: BTreeSet<DocId> = walk.live().iter().filter(|d| d.enc.is_some()).map(|d| d.id).collect();
            let listed: BTreeSet<DocId> = walk.world.pledge(&pledge).docs.into_iter().collect();
            assert_eq!(pledged, listed);
            assert!(pledged.iter().all(|id| claim_on(&walk.world, id).map(|c| c.1) == Some(priority)));
        }
        walk.done.iter().for_each(|(what, n)| *done.entry(what).or_default() += n);
    }
    println!("{done:?}");
    for what in ["split", "release", "spoilt", "merge", "mixed"] {
        assert!(done.get(what).is_some_and(|n| *n >= 5), "{what} hardly ever happened in {done:?}");
    }
}
