//! Linearizability of one document's pledge register: the search of Wing and Gong with Lowe's memory.
//!
//! An operation takes effect at one instant between its invocation and its answer. The search looks for an order of all answered
//! operations, and of any of the unanswered ones, in which every answer is the one that the register gives at that place. An
//! operation without an answer may take effect at any later time or never; one that would change nothing is left out.
//!
//! What was tried is remembered as (operations done, register): the order in which they were done does not matter.

use std::collections::HashSet;

/// What the register holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Register {
    /// Grows by one with every change.
    pub(crate) version: u32,
    /// The live pledge, by a name that no other pledge of the history has.
    pub(crate) pledge: Option<usize>,
}

/// What is asked of the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Pledge, provided that nothing is pledged and the version is as expected.
    Pledge {
        /// The pledge that comes to be.
        name: usize,
        /// The version it must meet.
        expect: u32,
    },
    /// Release, provided that it is the live pledge.
    Release {
        /// The pledge that ends.
        name: usize,
    },
}

/// What the register answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It took effect.
    Applied,
    /// Refused: another pledge is live.
    AlreadyPledged,
    /// Refused: the version is another one, or the pledge has ended.
    Stale,
}

/// One operation of a history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Op {
    /// When it was invoked, in any unit.
    pub(crate) invoked: u64,
    /// When the answer came and which; `None` when none did.
    pub(crate) answer: Option<(u64, Reply)>,
    /// What was asked.
    pub(crate) act: Act,
}

impl Register {
    /// The answer to an operation and the register after it.
    pub(crate) fn apply(self, act: Act) -> (Reply, Self) {
        match act {
            Act::Pledge { .. } if self.pledge.is_some() => (Reply::AlreadyPledged, self),
            Act::Pledge { expect, .. } if expect != self.version => (Reply::Stale, self),
            Act::Pledge { name, .. } => (Reply::Applied, self.changed(Some(name))),
            Act::Release { name } if self.pledge == Some(name) => (Reply::Applied, self.changed(None)),
            Act::Release { .. } => (Reply::Stale, self),
        }
    }

    fn changed(self, pledge: Option<usize>) -> Self {
        Self { version: self.version.saturating_add(1), pledge }
    }
}

/// Why a history is not linearizable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Operations of the longest order that was found.
    pub(crate) done: usize,
    /// The register after them.
    pub(crate) register: Register,
    /// Operations none of which could follow, as indices into the history.
    pub(crate) stuck: Vec<usize>,
}

/// A set of operations, as bits.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Done(Vec<u64>);

impl Done {
    fn has(&self, op: usize) -> bool {
        self.0[op / 64] >> (op % 64) & 1 == 1
    }
    fn flip(&mut self, op: usize) {
        self.0[op / 64] ^= 1 << (op % 64);
    }
}

/// A point of the search: which operations may come next, and how far they were tried.
struct Frame {
    register: Register,
    candidates: Vec<usize>,
    tried: usize,
    /// The operation whose effect led here; none at the start.
    by: Option<usize>,
}

struct Search<'h> {
    history: &'h [Op],
    /// Operations in the order of invocation.
    order: Vec<usize>,
    done: Done,
    answered_left: usize,
}

/// Looks for a linearization of a history that begins with `start`.
///
/// # Errors
/// [`Violation`] with the furthest point that any order reaches.
pub(crate) fn linearize(start: Register, history: &[Op]) -> Result<(), Violation> {
    let mut order: Vec<usize> = (0..history.len()).collect();
    order.sort_by_key(|op| history[*op].invoked);
    let done = Done(vec![0; history.len() / 64 + 1]);
    let answered_left = history.iter().filter(|op| op.answer.is_some()).count();
    Search { history, order, done, answered_left }.run(start)
}

impl Search<'_> {
    fn run(mut self, start: Register) -> Result<(), Violation> {
        let mut seen = HashSet::new();
        let mut stack = vec![self.frame(start, None)];
        let mut best = Violation { done: 0, register: start, stuck: stack[0].candidates.clone() };
        while self.answered_left > 0 {
            let Some(frame) = stack.last_mut() else { return Err(best) };
            let Some(op) = frame.candidates.get(frame.tried).copied() else {
                if let Some(undone) = stack.pop().and_then(|f| f.by) {
                    self.take_back(undone);
                }
                continue;
            };
            frame.tried += 1;
            let Some(register) = self.effect(frame.register, op) else { continue };
            self.take(op);
            if !seen.insert((self.done.clone(), register)) {
                self.take_back(op);
                continue;
            }
            let frame = self.frame(register, Some(op));
            if stack.len() > best.done {
                best = Violation { done: stack.len(), register, stuck: frame.candidates.clone() };
            }
            stack.push(frame);
        }
        Ok(())
    }

    /// The register after an operation, unless its answer contradicts the register or it has none and would change nothing.
    fn effect(&self, register: Register, op: usize) -> Option<Register> {
        let (reply, after) = register.apply(self.history[op].act);
        let wanted = self.history[op].answer.map_or(Reply::Applied, |(_, reply)| reply);
        (reply == wanted).then_some(after)
    }

    fn take(&mut self, op: usize) {
        self.done.flip(op);
        self.answered_left -= usize::from(self.history[op].answer.is_some());
    }

    fn take_back(&mut self, op: usize) {
        self.done.flip(op);
        self.answered_left += usize::from(self.history[op].answer.is_some());
    }

    /// Operations that were invoked before the first answer that is still to be accounted for.
    fn frame(&self, register: Register, by: Option<usize>) -> Frame {
        let open = || self.order.iter().copied().filter(|op| !self.done.has(*op));
        let mut bound = u64::MAX;
        let mut candidates = Vec::new();
        for op in open() {
            let Op { invoked, answer, .. } = self.history[op];
            if invoked > bound {
                break;
            }
            bound = bound.min(answer.map_or(u64::MAX, |(at, _)| at));
            candidates.push(op);
        }
        candidates.retain(|op| self.history[*op].invoked <= bound);
        Frame { register, candidates, tried: 0, by }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(invoked: u64, answered: u64, act: Act, reply: Reply) -> Op {
        Op { invoked, answer: Some((answered, reply)), act }
    }
    fn unanswered(invoked: u64, act: Act) -> Op {
        Op { invoked, answer: None, act }
    }
    fn pledge(name: usize, expect: u32) -> Act {
        Act::Pledge { name, expect }
    }
    fn release(name: usize) -> Act {
        Act::Release { name }
    }
    fn holds(history: &[Op]) -> bool {
        linearize(Register { version: 1, pledge: None }, history).is_ok()
    }
    use Reply::{AlreadyPledged, Applied, Stale};

    #[test]
    fn one_after_the_other_is_linearizable() {
        assert!(holds(&[]));
        assert!(holds(&[
            op(0, 1, pledge(0, 1), Applied),
            op(2, 3, pledge(1, 1), AlreadyPledged),
            op(4, 5, release(0), Applied),
            op(6, 7, pledge(2, 1), Stale),
            op(8, 9, pledge(3, 3), Applied),
        ]));
    }

    #[test]
    fn a_race_has_one_winner_whatever_the_order_of_the_answers() {
        assert!(holds(&[op(0, 9, pledge(0, 1), AlreadyPledged), op(1, 8, pledge(1, 1), Applied)]));
        assert!(holds(&[op(0, 9, pledge(0, 1), Applied), op(1, 2, pledge(1, 1), AlreadyPledged)]));
    }

    #[test]
    fn two_winners_are_a_double_pledge() {
        assert!(!holds(&[op(0, 9, pledge(0, 1), Applied), op(1, 8, pledge(1, 1), Applied)]));
        // A version that leaves room does not help: there was no release between them.
        assert!(!holds(&[op(0, 1, pledge(0, 1), Applied), op(2, 3, pledge(1, 2), Applied)]));
    }

    #[test]
    fn a_lost_acknowledged_write_is_noticed() {
        // The pledge was acknowledged, and later the document is pledged in its first version as if nothing had been.
        assert!(!holds(&[op(0, 1, pledge(0, 1), Applied), op(2, 3, pledge(1, 1), Applied)]));
        assert!(!holds(&[op(0, 1, pledge(0, 1), Applied), op(2, 3, release(0), Stale)]));
    }

    #[test]
    fn an_answer_from_the_past_is_noticed() {
        let history = [
            op(0, 1, pledge(0, 1), Applied),
            op(2, 3, release(0), Applied),
            // Nothing is pledged any more when this is invoked.
            op(4, 5, pledge(1, 1), AlreadyPledged),
        ];
        assert!(!holds(&history));
        let overlapping = [history[0], op(2, 6, release(0), Applied), history[2]];
        assert!(holds(&overlapping), "the release may come after the refusal");
    }

    #[test]
    fn a_refused_operation_that_took_effect_is_noticed() {
        // Refused as stale, yet its pledge is what stands in the way later.
        let history = [op(0, 1, pledge(0, 2), Stale), op(2, 3, pledge(1, 1), AlreadyPledged)];
        assert!(!holds(&history));
        assert!(!holds(&[history[0], op(2, 3, release(0), Applied)]));
    }

    #[test]
    fn an_unanswered_operation_may_take_effect_late_or_never() {
        let refused = op(8, 9, pledge(1, 1), AlreadyPledged);
        assert!(holds(&[unanswered(0, pledge(0, 1)), refused]));
        assert!(holds(&[unanswered(0, pledge(0, 1)), op(8, 9, pledge(1, 1), Applied)]));
        assert!(holds(&[unanswered(0, pledge(0, 1)), refused, op(10, 11, release(0), Applied)]));
        assert!(!holds(&[refused, unanswered(10, pledge(0, 1))]), "it was not invoked yet");
    }

    #[test]
    fn an_unanswered_operation_takes_effect_at_most_once() {
        let history =
            [unanswered(0, pledge(0, 1)), op(1, 2, release(0), Applied), op(3, 4, pledge(1, 3), AlreadyPledged)];
        assert!(!holds(&history));
    }

    #[test]
    fn a_violation_tells_how_far_an_order_reaches() {
        let history = [op(0, 1, pledge(0, 1), Applied), op(2, 3, pledge(1, 1), Applied)];
        let violation = linearize(Register { version: 1, pledge: None }, &history).expect_err("two winners");
        assert_eq!(
            violation,
            Violation { done: 1, register: Register { version: 2, pledge: Some(0) }, stuck: vec![1] }
        );
    }

    /// Operations of a random history that race; as many follow one after the other.
    const RACING: usize = 60;

    #[test]
    fn random_true_histories_pass_and_one_changed_answer_fails() {
        for seed in 0..200 {
            let history = random_history(seed);
            assert!(holds(&history), "seed {seed}");
            let mut rng = crate::chaos::rng::Rng::new(seed, "changes");
            for changed in [quiet(&history), released(&history)] {
                assert!(!changed.is_empty(), "seed {seed}");
                let at = changed[rng.index(changed.len())];
                for reply in [Applied, AlreadyPledged, Stale] {
                    let mut other = history.clone();
                    let (answered, truth) = other[at].answer.expect("only answered ones are changed");
                    other[at].answer = Some((answered, reply));
                    assert_eq!(holds(&other), reply == truth, "seed {seed}: {reply:?} instead of {truth:?} at {at}");
                }
            }
        }
    }

    #[test]
    fn a_change_that_is_acknowledged_once_more_fails() {
        for seed in 0..200 {
            let mut history = random_history(seed);
            let last = *history.iter().rev().find(|op| changes(op)).expect("the race ends with a change");
            let end = 100 * 1_000;
            history.push(op(end, end + 1, last.act, Applied));
            assert!(!holds(&history), "seed {seed}");
        }
    }

    fn changes(op: &Op) -> bool {
        op.answer.is_some_and(|(_, reply)| reply == Applied)
    }

    /// Operations that nothing overlaps, after one that leaves only one register possible: only one answer is true.
    fn quiet(history: &[Op]) -> Vec<usize> {
        (RACING + 1..history.len()).collect()
    }

    /// Pledges amid the race whose release is acknowledged: they must have been applied.
    fn released(history: &[Op]) -> Vec<usize> {
        let is_released = |name| history.iter().any(|op| op.act == release(name) && changes(op));
        let fits = |op: &Op| matches!(op.act, Act::Pledge { name, .. } if changes(op) && is_released(name));
        (0..RACING).filter(|at| fits(&history[*at])).collect()
    }

    fn random_act(rng: &mut crate::chaos::rng::Rng, register: Register, name: usize) -> Act {
        match register.pledge.filter(|_| rng.chance(60)) {
            Some(live) => release(live),
            None => pledge(name, register.version - u32::from(rng.chance(20))),
        }
    }

    /// A history made from an order. First intervals around the instants at which the register was really asked, some answers
    /// dropped; then a change after which no dropped one can take effect any more; then one operation after the other.
    fn random_history(seed: u64) -> Vec<Op> {
        let mut rng = crate::chaos::rng::Rng::new(seed, "histories");
        let mut register = Register { version: 1, pledge: None };
        let mut history = Vec::new();
        for name in 0..RACING {
            let at = 100 * (name as u64 + 10);
            let act = random_act(&mut rng, register, name);
            let (reply, after) = register.apply(act);
            register = after;
            let answer = (at + rng.below(500), reply);
            let drop = rng.chance(10) && reply == Applied;
            history.push(Op { invoked: at - rng.below(500), answer: (!drop).then_some(answer), act });
        }
        for name in RACING..2 * RACING {
            let at = 100 * (name as u64 + 100);
            let change = register.pledge.map_or(pledge(name, register.version), release);
            let act = if name == RACING { change } else { random_act(&mut rng, register, name) };
            let (reply, after) = register.apply(act);
            register = after;
            history.push(op(at, at + 1, act, reply));
        }
        history
    }
}
