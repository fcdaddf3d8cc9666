//! Every operation against every wrong role, wrong state, hold, stale version and missing consent, with the code that the check order
//! demands.
//!
//! A [`Case`] says how an operation is made ready; the tests below spoil one thing at a time. A failure names the operation and what
//! was spoilt, and all of them are listed at once.

use crate::kit::World;
use landsea_chaincode::hold::{Act, Bar, KINDS, bar};
use landsea_types::operation::OPERATIONS;
use landsea_types::role::{HoldKind, Role};
use landsea_types::{Code, Operation, Outcome, PledgeId};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

mod authenticity;
mod cargo;
mod goods;
mod hold;
mod party;
mod pledge;
mod versions;
mod warehouse;
mod waybill;

/// A way to make the state wrong for an operation that is ready.
pub type Spoil = fn(&mut World, &Ready);

/// An operation that would succeed.
#[derive(Clone)]
pub struct Ready {
    pub sender: &'static str,
    pub op: Operation,
    /// Whose consents it carries.
    pub consents: Vec<&'static str>,
    /// The objects on which holds may stand: document, lot, party, pledge.
    pub targets: Vec<[u8; 32]>,
}

/// What one operation must answer.
pub struct Case {
    pub operation: &'static str,
    /// Builds a world in which the operation would succeed.
    pub ready: fn(&mut World) -> Ready,
    /// Somebody without the role, and the answer; `None` where any party may call.
    pub wrong_role: Option<(&'static str, Code)>,
    /// Ways to make the state wrong, with the answers.
    pub wrong_states: &'static [(Spoil, Code)],
    /// The row of the blocking matrix; `None` where no hold bears on it.
    pub act: Option<Act>,
    /// Whether the operation names a version, so that another one answers 1007.
    pub versioned: bool,
    /// The answer without each of the consents, in their order.
    pub missing: &'static [Code],
}

/// What a case is filled up with: a versioned operation of any party that no hold bears on, with nothing to spoil.
const BLANK: Case = Case {
    operation: "",
    ready: |_| panic!("each case says how it is made ready"),
    wrong_role: None,
    wrong_states: &[],
    act: None,
    versioned: true,
    missing: &[],
};

/// The branch that places the holds of [`World::place_hold`], so that its order sets them aside.
const ORDERING_BRANCH: &str = "cq";

/// Who may act while suspended: a pledgee still releases.
const MAY_WHILE_SUSPENDED: &[&str] = &["pledge.release", "pledge.release_partial"];

/// What a party changes in its own record only: another's, known or not, answers 1005 at step 3.
const OF_ONESELF: &[&str] = &["party.rotate_key", "party.delegate", "party.revoke_delegation"];

/// Every case.
pub fn cases() -> impl Iterator<Item = &'static Case> {
    let all: [&'static [Case]; 8] = [
        party::CASES,
        goods::CASES,
        waybill::CASES,
        warehouse::CASES,
        pledge::CASES,
        hold::CASES,
        authenticity::CASES,
        cargo::CASES,
    ];
    all.into_iter().flatten()
}

/// A case in the world that it has made ready.
struct Bench<'f> {
    case: &'static Case,
    world: World,
    ready: Ready,
    failures: &'f mut Vec<String>,
}

impl Bench<'_> {
    /// Runs the operation with a change of world, operation, sender or consents, and notes an answer that is not the expected one.
    fn expect(
        &mut self,
        situation: &str,
        expected: (Code, Option<&[u64]>),
        change: impl FnOnce(&mut World, &mut Ready),
    ) {
        let (mut world, mut ready) = (self.world.clone(), self.ready.clone());
        change(&mut world, &mut ready);
        let outcome = submit(&mut world, &ready);
        self.judge(situation, expected, &outcome);
    }
    fn judge(&mut self, situation: &str, (code, args): (Code, Option<&[u64]>), outcome: &Outcome) {
        if outcome.code != code || args.is_some_and(|args| outcome.args != args) {
            let wanted = args.map(|args| format!(" {args:?}")).unwrap_or_default();
            let got = format!("{} {:?}", outcome.code, outcome.args);
            self.failures.push(format!("{}, {situation}: expected {code}{wanted}, got {got}", self.case.operation));
        }
    }
}

/// An operation on versions that have passed; the same where it names none.
pub fn stale(op: &Operation) -> Operation {
    (0..versions::places(op)).fold(op.clone(), |op, n| versions::with_version(&op, n, |version| version + 7))
}

fn submit(world: &mut World, ready: &Ready) -> Outcome {
    let consents: Vec<&str> = ready.consents.iter().copied().filter(|name| *name != ready.sender).collect();
    world.submit(ready.sender, ready.op.clone(), &consents)
}

/// Runs a check on every case and fails with everything that went wrong, panics included.
fn each_case(check: impl Fn(&mut Bench<'_>)) {
    static BASE: OnceLock<World> = OnceLock::new();
    let mut failures = Vec::new();
    for case in cases() {
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut world = BASE.get_or_init(World::new).clone();
            let ready = (case.ready)(&mut world);
            assert_eq!(ready.op.name(), case.operation, "the case makes another operation ready");
            check(&mut Bench { case, world, ready, failures: &mut failures });
        }));
        if ran.is_err() {
            failures.push(format!("{}: a panic, see above", case.operation));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n  {}", failures.len(), failures.join("\n  "));
}

#[test]
fn every_operation_has_exactly_one_case() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for info in OPERATIONS {
        counts.insert(format!("{}.{}", info.module, info.operation), 0);
    }
    for case in cases() {
        *counts.entry(case.operation.to_string()).or_insert(99) += 1;
    }
    let wrong: Vec<_> = counts.iter().filter(|(_, n)| **n != 1).collect();
    assert!(wrong.is_empty(), "operations and their numbers of cases: {wrong:?}");
}

#[test]
fn a_ready_operation_succeeds() {
    each_case(|bench| bench.expect("ready", (Code::Ok, None), |_, _| {}));
}

#[test]
fn a_wrong_role_answers_as_step_3_demands() {
    each_case(|bench| {
        let Some((somebody, code)) = bench.case.wrong_role else { return };
        bench.expect(&format!("sent by {somebody}"), (code, None), |_, ready| ready.sender = somebody);
    });
}

#[test]
fn a_suspended_sender_answers_1006() {
    each_case(|bench| {
        let sender = bench.ready.sender;
        if bench.world.actor(sender).role == Role::Branch {
            return;
        }
        let may = MAY_WHILE_SUSPENDED.contains(&bench.case.operation);
        let code = if may { Code::Ok } else { Code::PartySuspended };
        bench.expect(&format!("{sender} is suspended"), (code, None), |world, ready| {
            world.suspend(sender);
            ready.op = versions::refreshed(world, &ready.op);
        });
    });
}

#[test]
fn every_wrong_state_has_its_code() {
    each_case(|bench| {
        for (n, (spoil, code)) in bench.case.wrong_states.iter().enumerate() {
            bench.expect(&format!("wrong state {n}"), (*code, None), |world, ready| {
                spoil(world, ready);
                ready.op = versions::refreshed(world, &ready.op);
            });
        }
    });
}

#[test]
fn an_unknown_object_answers_1012() {
    each_case(|bench| {
        for n in 0..versions::places(&bench.ready.op) {
            let own = OF_ONESELF.contains(&bench.case.operation);
            let code = if own { Code::RoleNotPermitted } else { Code::UnknownObject };
            bench.expect(&format!("object {n} is unknown"), (code, None), |_, ready| {
                ready.op = versions::with_unknown_object(&ready.op, n);
            });
        }
    });
}

#[test]
fn a_stale_version_answers_1007_and_zero_is_for_branches() {
    each_case(|bench| {
        let places = versions::places(&bench.ready.op);
        if bench.case.versioned != (places > 0) {
            bench.failures.push(format!("{}: has {places} versions", bench.case.operation));
        }
        let is_branch = bench.world.actor(bench.ready.sender).role == Role::Branch;
        for n in 0..places {
            let stale = (Code::StaleVersion, None);
            bench.expect(&format!("version {n} is stale"), stale, |_, ready| {
                ready.op = versions::with_version(&ready.op, n, |version| version + 7);
            });
            let zero = if is_branch { (Code::Ok, None) } else { stale };
            bench.expect(&format!("version {n} is zero"), zero, |_, ready| {
                ready.op = versions::with_version(&ready.op, n, |_| 0);
            });
        }
    });
}

#[test]
fn every_hold_bars_what_the_matrix_says() {
    each_case(|bench| {
        for (n, target) in bench.ready.targets.clone().into_iter().enumerate() {
            for kind in KINDS {
                held(bench, n, &target, kind);
            }
        }
    });
}

fn held(bench: &mut Bench<'_>, n: usize, target: &[u8; 32], kind: HoldKind) {
    let on_claim = bench.world.state.view().pledge(&PledgeId(*target)).is_some();
    let bar = bench.case.act.map_or(Bar::Free, |act| bar(act, kind));
    let by_order = bar == Bar::ByOrder;
    let ordered = by_order && bench.ready.sender == ORDERING_BRANCH;
    let barred = match bar {
        Bar::Free => false,
        Bar::Barred => true,
        Bar::ByOrder => !ordered,
        Bar::OnClaim => on_claim,
    };
    let args = [kind as u64];
    let expected = if barred { (Code::Held, Some(&args[..])) } else { (Code::Ok, None) };
    bench.expect(&format!("{kind} on target {n}"), expected, |world, _| world.place_hold(target, kind));
    if by_order {
        bench.expect(&format!("{kind} on target {n}, by order"), (Code::Ok, None), |world, ready| {
            world.place_hold(target, kind);
            ready.consents.push(ORDERING_BRANCH);
        });
    }
}

#[test]
fn each_missing_consent_has_its_code() {
    each_case(|bench| {
        let (consents, codes) = (bench.ready.consents.len(), bench.case.missing.len());
        if consents != codes {
            bench.failures.push(format!("{}: {consents} consents, {codes} codes", bench.case.operation));
        }
        for (n, code) in bench.case.missing.iter().enumerate().take(consents) {
            let situation = format!("without the consent of {}", bench.ready.consents[n]);
            bench.expect(&situation, (*code, None), |_, ready| {
                ready.consents.remove(n);
            });
        }
    });
}

#[test]
fn a_forged_consent_answers_1009() {
    each_case(|bench| {
        for name in bench.ready.consents.clone() {
            let mut world = bench.world.clone();
            let ready = bench.ready.clone();
            let mut consents = Vec::new();
            for party in &ready.consents {
                let mut consent = world.consent(party, ready.sender, &ready.op);
                consent.signature.0[9] ^= u8::from(*party == name);
                consents.push(consent);
            }
            let outcome = world.submit_with(ready.sender, ready.op, consents);
            bench.judge(&format!("the consent of {name} is forged"), (Code::ConsentInvalid, None), &outcome);
        }
    });
}

#[test]
fn a_consent_of_a_suspended_party_answers_1006() {
    each_case(|bench| {
        for name in bench.ready.consents.clone() {
            if bench.world.actor(name).role == Role::Branch || name == bench.ready.sender {
                continue;
            }
            bench.expect(&format!("{name} is suspended"), (Code::PartySuspended, None), |world, ready| {
                world.suspend(name);
                ready.op = versions::refreshed(world, &ready.op);
            });
        }
    });
}
