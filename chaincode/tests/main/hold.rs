//! Tests of `hold`.

mod cells;
mod court;
mod dispute;
mod due;
mod follow;
mod invariants;
mod matrix;
mod notices;
mod others;
mod placing;
mod walk;

use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::hold::*;
use landsea_types::record::{Hold, HoldTarget};
use landsea_types::role::{HoldKind, HoldState};
use landsea_types::{Code, Commit, DocId, HoldId, Operation, Outcome, Timestamp};

/// A bill of E5 under which nothing stands.
fn bill_of_e5() -> (World, DocId) {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill::s1());
    (world, doc)
}

/// The hold that an outcome placed.
#[track_caller]
fn hold_of(outcome: &Outcome) -> HoldId {
    let placed = events(outcome, EventName::HoldPlaced);
    HoldId(placed.first().unwrap_or_else(|| panic!("nothing placed: {}", outcome.code)).subject.0)
}

fn dispute_op(target: HoldTarget) -> Operation {
    Operation::HoldDispute(Dispute { target, interest: commit("interest"), basis: commit("basis") })
}

pub fn court_op(target: HoldTarget, until: Timestamp) -> Operation {
    let (on_behalf, basis) = (commit("court"), commit("order"));
    Operation::HoldCourtFreeze(CourtFreeze { target, on_behalf, basis, until })
}

fn regulator_op(target: HoldTarget) -> Operation {
    Operation::HoldRegulatorFreeze(RegulatorFreeze { target, basis: commit("basis") })
}

fn customs_op(target: HoldTarget) -> Operation {
    Operation::HoldCustomsHold(CustomsHold { target, basis: commit("basis") })
}

impl World {
    fn hold(&self, id: &HoldId) -> Hold {
        self.state.view().hold(id).expect("the hold exists")
    }
    fn state_of(&self, id: &HoldId) -> HoldState {
        self.hold(id).state
    }
    #[track_caller]
    fn dispute(&mut self, by: &str, target: HoldTarget) -> HoldId {
        hold_of(&self.ok(by, dispute_op(target), &[]))
    }
    /// A court freeze transmitted by a branch, for some days from the next block.
    #[track_caller]
    fn freeze(&mut self, branch: &str, target: HoldTarget, days: u64) -> HoldId {
        let until = self.next_time().saturating_add(days * DAY);
        hold_of(&self.ok(branch, court_op(target, until), &[]))
    }
    #[track_caller]
    fn emergency(&mut self, branch: &str, target: HoldTarget) -> HoldId {
        hold_of(&self.ok(branch, regulator_op(target), &[]))
    }
    #[track_caller]
    fn customs(&mut self, target: HoldTarget) -> HoldId {
        hold_of(&self.ok("SW", customs_op(target), &[]))
    }
    fn file_op(&self, hold: &HoldId) -> Operation {
        let expect_ver = self.hold(hold).ver;
        Operation::HoldFileCase(FileCase { hold: *hold, expect_ver, notice: commit("acceptance") })
    }
    fn withdraw_dispute_op(&self, hold: &HoldId) -> Operation {
        Operation::HoldWithdrawDispute(WithdrawDispute { hold: *hold, expect_ver: self.hold(hold).ver })
    }
    fn renew_op(&self, hold: &HoldId, until: Timestamp) -> Operation {
        let expect_ver = self.hold(hold).ver;
        Operation::HoldRenewFreeze(RenewFreeze { hold: *hold, expect_ver, basis: commit("renewal"), until })
    }
    fn lift_op(&self, hold: &HoldId) -> Operation {
        Operation::HoldLift(Lift { hold: *hold, expect_ver: self.hold(hold).ver, order: commit("lifted") })
    }
    fn countersign_op(&self, hold: &HoldId) -> Operation {
        Operation::HoldCountersignFreeze(CountersignFreeze { hold: *hold, expect_ver: self.hold(hold).ver })
    }
    fn release_customs_op(&self, hold: &HoldId) -> Operation {
        Operation::HoldCustomsRelease(CustomsRelease { hold: *hold, expect_ver: self.hold(hold).ver })
    }
    /// Whether the firm can pass a document of E5's on.
    fn moves(&mut self, doc: &DocId) -> Code {
        let op = self.transfer_op(doc, "E1");
        self.would("E5", op)
    }
    /// What an operation would answer in the next block, without running it.
    fn would(&mut self, sender: &str, op: Operation) -> Code {
        let tx = self.tx(sender, &[op], &[]);
        self.execute(self.next_context(), &[tx]).outcomes[0].code
    }
}
