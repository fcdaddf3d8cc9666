//! Random sequences of hold operations against a model of what stands: a list of holds per object, and nothing of the chaincode.

use super::*;
use std::collections::BTreeMap;

const WALKS: u64 = 12;
const STEPS: u32 = 90;

/// A small generator: good enough to vary, easy to repeat.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % sides as u64).expect("few sides")
    }
}

/// A hold as the model remembers it.
struct Known {
    id: HoldId,
    kind: HoldKind,
    by: &'static str,
    target: HoldTarget,
    until: Timestamp,
    order: u32,
}

/// What stands, in the order in which it was placed.
#[derive(Default)]
struct Model {
    holds: Vec<Known>,
    placed: u32,
}

impl Model {
    fn lapse(&mut self, now: Timestamp) {
        self.holds.retain(|hold| hold.until > now);
    }
    /// The kinds that stand on a target: of court freezes only the earliest.
    fn standing(&self, target: &HoldTarget) -> BTreeMap<HoldKind, usize> {
        let mut kinds = BTreeMap::new();
        for hold in self.holds.iter().filter(|hold| hold.target == *target) {
            *kinds.entry(hold.kind).or_insert(0) += 1;
        }
        kinds.entry(HoldKind::CourtFreeze).and_modify(|n| *n = 1);
        kinds
    }
    /// Whether a hold is EFFECTIVE: it is no court freeze, or the earliest on its target.
    fn is_effective(&self, hold: &Known) -> bool {
        let earlier = |other: &&Known| {
            other.kind == HoldKind::CourtFreeze && other.target == hold.target && other.order < hold.order
        };
        hold.kind != HoldKind::CourtFreeze || !self.holds.iter().any(|other| earlier(&other))
    }
}

struct Walk {
    world: World,
    model: Model,
    dice: Dice,
    targets: Vec<HoldTarget>,
}

impl Walk {
    fn new(seed: u64) -> Self {
        let mut world = World::new();
        let (doc, pledge) = world.pledged_bill(&Bill::s1());
        let lot = world.doc(&doc).lots[1];
        let party = world.account("E5");
        let targets =
            vec![HoldTarget::Doc(doc), HoldTarget::Lot(lot), HoldTarget::Pledge(pledge), HoldTarget::Party(party)];
        Self { world, model: Model::default(), dice: Dice(seed), targets }
    }
    fn step(&mut self) {
        if self.dice.roll(4) == 0 {
            let ms = [HOUR, 2 * DAY, 9 * DAY][self.dice.roll(3)];
            self.world.advance(ms);
        }
        match self.dice.roll(7) {
            0..=2 => self.place(),
            3 => self.end(),
            4 => self.renew(),
            5 => self.lengthen(),
            _ => drop(self.world.pass(DAY)),
        }
        self.model.lapse(self.world.time);
        self.compare();
    }
    fn place(&mut self) {
        let target = self.targets[self.dice.roll(self.targets.len())];
        let days = 1 + self.dice.roll(40) as u64;
        let now = self.world.next_time();
        let until = now.saturating_add(days * DAY);
        let (by, op, kind, until) = match self.dice.roll(4) {
            0 => ("E1", dispute_op(target), HoldKind::Dispute, now.saturating_add(30 * DAY)),
            1 => ("gx", regulator_op(target), HoldKind::RegulatorFreeze, now.saturating_add(7 * DAY)),
            2 => ("SW", customs_op(target), HoldKind::CustomsHold, Timestamp::MAX),
            _ => (["cq", "gx", "yn"][self.dice.roll(3)], court_op(target, until), HoldKind::CourtFreeze, until),
        };
        let outcome = self.world.submit(by, op, &[]);
        if outcome.code == Code::Ok {
            self.model.placed += 1;
            let (id, order) = (hold_of(&outcome), self.model.placed);
            self.model.holds.push(Known { id, kind, by, target, until, order });
        } else {
            assert_eq!(outcome.code, Code::TooLarge, "{kind} on {target:?}");
        }
    }
    fn pick(&mut self, kind: Option<HoldKind>) -> Option<usize> {
        let fits = |(n, hold): (usize, &Known)| kind.is_none_or(|k| hold.kind == k).then_some(n);
        let all: Vec<usize> = self.model.holds.iter().enumerate().filter_map(fits).collect();
        (!all.is_empty()).then(|| all[self.dice.roll(all.len())])
    }
    /// Ends a hold by whoever placed it; a countersigned one with the second branch.
    fn end(&mut self) {
        let Some(n) = self.pick(None) else { return };
        let hold = &self.model.holds[n];
        let (id, by, late) = (hold.id, hold.by, hold.until <= self.world.next_time());
        let op = match hold.kind {
            HoldKind::Dispute => self.world.withdraw_dispute_op(&id),
            HoldKind::CustomsHold => self.world.release_customs_op(&id),
            _ => self.world.lift_op(&id),
        };
        let second = self.world.hold(&id).countersigned.map(|_| "yn");
        let consents: Vec<&str> = second.into_iter().collect();
        let code = self.world.code(by, op, &consents);
        assert_eq!(code, if late { Code::NotEntitledToLift } else { Code::Ok });
        self.model.holds.remove(n);
    }
    fn renew(&mut self) {
        let Some(n) = self.pick(Some(HoldKind::CourtFreeze)) else { return };
        let (id, by, until) = (self.model.holds[n].id, self.model.holds[n].by, self.model.holds[n].until);
        let later = until.saturating_add(5 * DAY);
        let op = self.world.renew_op(&id, later);
        let late = until <= self.world.next_time();
        assert_eq!(self.world.code(by, op, &[]), if late { Code::HoldTerm } else { Code::Ok });
        if !late {
            self.model.holds[n].until = later;
        }
    }
    /// Files a case for a dispute or countersigns an emergency freeze.
    fn lengthen(&mut self) {
        let kind = [HoldKind::Dispute, HoldKind::RegulatorFreeze][self.dice.roll(2)];
        let Some(n) = self.pick(Some(kind)) else { return };
        let (id, late) = (self.model.holds[n].id, self.model.holds[n].until <= self.world.next_time());
        let record = self.world.hold(&id);
        let (by, op, until) = match kind {
            HoldKind::Dispute => ("E1", self.world.file_op(&id), Timestamp::MAX),
            _ => ("yn", self.world.countersign_op(&id), record.from.saturating_add(90 * DAY)),
        };
        let refusal = match kind {
            _ if record.countersigned.is_some() => Some(Code::NotEntitledToLift),
            HoldKind::Dispute => late.then_some(Code::FilingDeadline),
            _ => late.then_some(Code::NotEntitledToLift),
        };
        assert_eq!(self.world.code(by, op, &[]), refusal.unwrap_or(Code::Ok));
        if refusal.is_none() {
            self.model.holds[n].until = until;
        }
    }
    /// Leaves, states and the gravest of each target are those of the model.
    fn compare(&self) {
        for target in &self.targets {
            let mut shown: BTreeMap<HoldKind, usize> = BTreeMap::new();
            for kind in self.world.holds(&target.id()) {
                *shown.entry(kind).or_insert(0) += 1;
            }
            assert_eq!(shown, self.model.standing(target), "{target:?}");
        }
        for hold in &self.model.holds {
            let expected = if self.model.is_effective(hold) { HoldState::Effective } else { HoldState::Queued };
            assert_eq!(self.world.state_of(&hold.id), expected, "{:?}", hold.id);
        }
    }
}

#[test]
fn random_walks_agree_with_a_list_of_holds() {
    for seed in 0..WALKS {
        let result = std::panic::catch_unwind(|| {
            let mut walk = Walk::new(seed);
            for _ in 0..STEPS {
                walk.step();
            }
            walk.model.placed
        });
        let placed = result.unwrap_or_else(|_| panic!("seed {seed}"));
        assert!(placed > 5, "seed {seed} placed {placed}");
    }
}
