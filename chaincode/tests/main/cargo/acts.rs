//! Cargo events with sensible values, and reads of what they leave.

use crate::kit::*;
use landsea_types::event::{Event, EventName};
use landsea_types::operation::cargo::{ConfirmCustody, Correct, FlowReport, HandOver, Report};
use landsea_types::record::{CargoEvent, Flow};
use landsea_types::role::{FlowAlertKind, FlowStep};
use landsea_types::{Commit, EventId, LotId, Operation, Outcome, Qty};

/// A node code, padded.
pub fn node(code: &str) -> [u8; 8] {
    landsea_types::ids::ascii::parse(code).expect("a node code")
}

impl World {
    /// What is seen of lots in the next block, at Tuanjiecun.
    pub fn sight(&self, lots: &[LotId], step: FlowStep) -> FlowReport {
        FlowReport {
            lots: lots.to_vec(),
            step,
            node: node("CNTJC"),
            at: self.next_time(),
            custody: None,
            seal: None,
            qty: None,
            condition: None,
            payload: commit("payload"),
        }
    }
    /// The same at another node.
    pub fn sight_at(&self, lots: &[LotId], step: FlowStep, code: &str) -> FlowReport {
        FlowReport { node: node(code), ..self.sight(lots, step) }
    }
    /// The same with some kilograms.
    pub fn sight_of_kg(&self, lot: &LotId, step: FlowStep, kilograms: u64) -> FlowReport {
        FlowReport { qty: Some(Qty::new(kilograms * 1_000)), ..self.sight(&[*lot], step) }
    }
    /// The same with a seal.
    pub fn sight_of_seal(&self, lots: &[LotId], step: FlowStep, seal: &str) -> FlowReport {
        FlowReport { seal: Some(commit(seal)), ..self.sight(lots, step) }
    }
    /// A hand-over between two of the cast.
    pub fn hand_over(&self, lots: &[LotId], from: &str, to: &str) -> FlowReport {
        let custody = Some(HandOver { from: self.account(from), to: self.account(to) });
        FlowReport { custody, ..self.sight(lots, FlowStep::Loaded) }
    }
    /// Reports, which must succeed.
    #[track_caller]
    pub fn say(&mut self, by: &str, report: &FlowReport, consents: &[&str]) -> Outcome {
        self.ok(by, report_op(report), consents)
    }
    /// `cargo.correct`.
    pub fn correct_op(&self, event: &EventId, replacement: Option<&FlowReport>) -> Operation {
        Operation::CargoCorrect(Correct { event: *event, replacement: replacement.cloned() })
    }
    /// A cargo event.
    #[track_caller]
    pub fn cargo_event(&self, id: &EventId) -> CargoEvent {
        self.state.view().cargo_event(id).expect("the event is recorded")
    }
    /// Where a lot is.
    #[track_caller]
    pub fn flow(&self, lot: &LotId) -> Flow {
        self.state.view().flow(lot).expect("somebody has reported of the lot")
    }
    /// The timeline of a lot.
    pub fn timeline(&self, lot: &LotId) -> Vec<EventId> {
        let view = self.state.view();
        (1..).map_while(|n| view.timeline(lot, n)).collect()
    }
}

/// `cargo.report`.
pub fn report_op(report: &FlowReport) -> Operation {
    Operation::CargoReport(Report { report: report.clone() })
}

/// `cargo.confirm_custody`.
pub fn confirm_op(event: &EventId) -> Operation {
    Operation::CargoConfirmCustody(ConfirmCustody { event: *event })
}

/// The kinds of alarm in an outcome, in their order, each once.
pub fn alarms(outcome: &Outcome) -> Vec<FlowAlertKind> {
    let kind = |event: &&Event| FlowAlertKind::ALL[usize::try_from(event.args[0]).expect("a kind")];
    let mut all: Vec<FlowAlertKind> = events(outcome, EventName::FlowAlert).iter().map(kind).collect();
    all.dedup();
    all
}

/// No threshold.
pub const NO_CONDITION: Commit = Commit([0; 32]);
