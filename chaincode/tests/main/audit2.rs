//! Attacks and corner cases that an audit of the second part tried.

use crate::goods::acts::{KG, bond_receipt, lot_of};
use crate::kit::*;
use crate::warehouse::acts::relocation;
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::{ConfirmCustody, Correct, FlowReport, HandOver, Report};
use landsea_types::operation::goods::CellCount;
use landsea_types::operation::hold::{CustomsHold, Dispute};
use landsea_types::operation::party::Exit;
use landsea_types::operation::waybill::Convert;
use landsea_types::record::{HoldTarget, Party};
use landsea_types::role::{FlowAlertKind, FlowStep, HoldKind, Role};
use landsea_types::{Code, DocId, EventId, LotId, Operation, Outcome, Qty};

const CELL: &str = "S:C-12";

fn seen(world: &World, lot: &LotId, step: FlowStep) -> FlowReport {
    FlowReport {
        lots: vec![*lot],
        step,
        node: *b"CNCKG   ",
        at: world.next_time(),
        custody: None,
        seal: None,
        qty: None,
        condition: None,
        payload: commit("payload"),
    }
}

fn report_op(report: &FlowReport) -> Operation {
    Operation::CargoReport(Report { report: report.clone() })
}

fn hand_over(world: &World, from: &str, to: &str) -> Option<HandOver> {
    Some(HandOver { from: world.account(from), to: world.account(to) })
}

fn alarms(outcome: &Outcome) -> Vec<u64> {
    events(outcome, EventName::FlowAlert).iter().map(|alert| alert.args[0]).collect()
}

/// A receipt of E1 at COLD, whose site has no supervisor, over lots in a cell that holds a hundred tonnes.
fn stored(lots: &[(u64, &str)]) -> (World, DocId) {
    let mut world = World::new();
    world.open_cell("COLD", "site of COLD", CELL);
    count(&mut world, 100_000 * KG);
    let doc = issue(&mut world, "W-1", lots).expect("there is room");
    (world, doc)
}

fn count(world: &mut World, counted: u64) {
    let cell = world.cell(CELL);
    let (supervisor, evidence) = (world.account("SUP"), commit("protocol"));
    let body = CellCount { cell: cell.key, expect_ver: cell.ver, counted: Qty::new(counted), supervisor, evidence };
    world.ok("COLD", Operation::GoodsCellCount(body), &["SUP"]);
}

fn issue(world: &mut World, number: &str, lots: &[(u64, &str)]) -> Result<DocId, Code> {
    let keys: Vec<&str> = lots.iter().map(|(_, key)| *key).chain([CELL]).collect();
    let receipt = Receipt::new(number, &keys);
    let paper = receipt.paper.arrived_in(&["L:LOCAL"]);
    let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
    receipt.lots = lots.iter().map(|(kilograms, key)| lot_of(*kilograms, 10, &[key, CELL])).collect();
    let depositor = world.account("E1");
    let op = Operation::WarehouseIssue(landsea_types::operation::warehouse::Issue { depositor, receipt });
    let outcome = world.submit("COLD", op, &["E1"]);
    if outcome.code == Code::Ok { Ok(doc_of(&outcome)) } else { Err(outcome.code) }
}

mod strangers {
    use super::*;

    fn claim(world: &World, lot: &LotId, step: FlowStep) -> FlowReport {
        FlowReport { custody: hand_over(world, "MTO", "FF"), ..seen(world, lot, step) }
    }

    #[test]
    fn who_only_claims_to_receive_goods_does_not_send_them_on_their_way() {
        let mut world = World::new();
        let bill = Bill::new("A-1", &["C:1"]);
        let doc = world.issue_bill(&bill);
        let lot = world.doc(&doc).lots[0];
        let departed = claim(&world, &lot, FlowStep::Departed);
        world.ok("FF", report_op(&departed), &[]);
        let paper = Paper::new("W-1", &["B:1"]).arrived_in(&["C:1"]);
        let convert = Operation::WaybillConvert(Convert {
            doc,
            expect_ver: world.ver(&doc),
            receipt: world.receipt_body("COLD", "site of COLD", &paper),
            shortages: vec![],
            accept_shortage: false,
        });
        assert_eq!(world.code("COLD", convert, &["MTO", "E5"]), Code::Ok, "they never left");
    }

    #[test]
    fn its_word_counts_once_the_custodian_has_confirmed_it() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
        let lot = world.doc(&doc).lots[0];
        let departed = claim(&world, &lot, FlowStep::Departed);
        world.ok("FF", report_op(&departed), &[]);
        assert!(!world.state.view().flow(&lot).expect("reported").step.is_in_transit());
        let confirm = Operation::CargoConfirmCustody(ConfirmCustody { event: departed.id() });
        world.ok("MTO", confirm, &[]);
        assert!(world.state.view().flow(&lot).expect("reported").step.is_in_transit());
        assert_eq!(world.lot(&lot).custodian, world.account("FF"));
    }

    #[test]
    fn its_seal_is_not_put_on() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
        let lot = world.doc(&doc).lots[0];
        let before = world.lot(&lot);
        let sealed = FlowReport { seal: Some(commit("its own")), ..claim(&world, &lot, FlowStep::Sealed) };
        world.ok("FF", report_op(&sealed), &[]);
        assert_eq!(world.lot(&lot), before, "not even the version changes");
    }

    #[test]
    fn it_does_not_end_a_silence() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::new("A-1", &["C:1"]));
        let lot = world.doc(&doc).lots[0];
        let departed = seen(&world, &lot, FlowStep::Departed);
        world.ok("MTO", report_op(&departed), &[]);
        let due = world.state.view().flow(&lot).expect("reported").silent_from;
        assert!(due.is_some());
        let heard = claim(&world, &lot, FlowStep::Heartbeat);
        world.ok("FF", report_op(&heard), &[]);
        world.ok("FF", Operation::CargoCorrect(Correct { event: heard.id(), replacement: None }), &[]);
        assert_eq!(world.state.view().flow(&lot).expect("reported").silent_from, due);
    }
}

mod custody {
    use super::*;

    /// Goods pledged by E5, and what a hand-over of them to PORT that both custodians sign leads to.
    fn handed_over(groups: Vec<(&'static str, &'static str)>) -> (World, LotId, Outcome) {
        let mut world = World::with(Setup { groups, ..Setup::default() });
        let (doc, _) = world.pledged_bill(&Bill::s1());
        let lot = world.doc(&doc).lots[0];
        let report =
            FlowReport { custody: hand_over(&world, "MTO", "PORT"), ..seen(&world, &lot, FlowStep::Discharged) };
        let outcome = world.ok("MTO", report_op(&report), &["PORT"]);
        (world, lot, outcome)
    }

    #[test]
    fn pledged_goods_stay_with_their_custodian_when_they_are_handed_to_one_of_the_borrowers_group() {
        for side in ["E5", "B1"] {
            let (world, lot, outcome) = handed_over(vec![("PORT", "group"), (side, "group")]);
            assert_eq!(world.lot(&lot).custodian, world.account("MTO"), "{side}");
            assert!(alarms(&outcome).contains(&(FlowAlertKind::CustodyGap as u64)), "{side}");
        }
        let (world, lot, outcome) = handed_over(vec![("PORT", "group"), ("E1", "group")]);
        assert_eq!(world.lot(&lot).custodian, world.account("PORT"));
        assert!(alarms(&outcome).is_empty());
    }
}

mod disputes {
    use super::*;

    fn dispute(target: HoldTarget) -> Operation {
        Operation::HoldDispute(Dispute { target, interest: commit("interest"), basis: commit("basis") })
    }

    #[test]
    fn nobody_disputes_a_thing_twice_at_once_and_so_leaves_no_room_for_others() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::s1());
        let op = dispute(HoldTarget::Doc(doc));
        world.ok("E6", op.clone(), &[]);
        assert_eq!(world.code("E6", op.clone(), &[]), Code::TooLarge);
        world.ok("E4", op, &[]);
        world.ok("E6", dispute(HoldTarget::Lot(world.doc(&doc).lots[0])), &[]);
    }
}

mod cells_under_hold {
    use super::*;

    #[test]
    fn a_customs_hold_on_a_cell_goes_along_with_goods_that_move_to_another() {
        let (mut world, doc) = stored(&[(60_000, "B:1"), (40_000, "B:2")]);
        world.open_cell("COLD", "site of COLD", "S:C-13");
        let target = HoldTarget::Cell(key(CELL).key);
        world.ok("SW", Operation::HoldCustomsHold(CustomsHold { target, basis: commit("basis") }), &[]);
        let lot = world.doc(&doc).lots[0];
        let op = world.relocate_op(&doc, vec![relocation(&lot, CELL, "S:C-13")]);
        world.ok("COLD", op, &[]);
        assert_eq!(world.holds(&lot.0), [HoldKind::CustomsHold]);
        assert_eq!(world.holds(&target.id()), [HoldKind::CustomsHold], "and stays");
    }

    #[test]
    fn holds_on_a_cell_go_along_with_goods_that_leave_on_a_waybill() {
        let (mut world, doc) = stored(&[(60_000, "B:1"), (40_000, "B:2")]);
        let target = HoldTarget::Cell(key(CELL).key);
        world.ok("SW", Operation::HoldCustomsHold(CustomsHold { target, basis: commit("basis") }), &[]);
        let interest = commit("interest");
        world.ok("E6", Operation::HoldDispute(Dispute { target, interest, basis: commit("basis") }), &[]);
        let lots = vec![lot_of(60_000, 10, &["B:1", "C:1"]), lot_of(40_000, 10, &["B:2", "C:2"])];
        let body = world.convert_out_body(&doc, "A-1", lots);
        let outcome = world.ok("MTO", Operation::WarehouseConvertOut(body), &["COLD", "E1"]);
        let new = doc_of(&outcome);
        for lot in world.doc(&new).lots {
            assert_eq!(world.holds(&lot.0), [HoldKind::Dispute, HoldKind::CustomsHold]);
        }
        let op = world.surrender_op(&new);
        assert_eq!(world.code("E1", op, &[]), Code::Held);
    }
}

mod capacity {
    use super::*;

    /// One lot of 60 t has left, says the keeper, is then lost or delivered, and has come back, it says, as if of the other.
    fn room_made(end: impl FnOnce(&mut World, &DocId)) -> Result<DocId, Code> {
        let (mut world, first) = stored(&[(60_000, "B:1")]);
        let second = issue(&mut world, "W-2", &[(40_000, "B:2")]).expect("there is room");
        let (lot, other) = (world.doc(&first).lots[0], world.doc(&second).lots[0]);
        let out = seen(&world, &lot, FlowStep::GateOut);
        world.ok("COLD", report_op(&out), &[]);
        assert_eq!(world.books(CELL), (40_000, 100_000));
        end(&mut world, &first);
        for _ in 0..2 {
            let back = seen(&world, &other, FlowStep::GateIn);
            world.ok("COLD", report_op(&back), &["SUP"]);
        }
        assert!(world.books(CELL).0 <= 40_000, "{:?}", world.books(CELL));
        issue(&mut world, "W-3", &[(1, "B:3")])
    }

    #[test]
    fn goods_that_were_reported_away_and_are_lost_come_back_for_nobody() {
        let lost = |world: &mut World, doc: &DocId| {
            let op = world.loss_op(&world.doc(doc).lots[0]);
            world.ok("COLD", op, &[]);
        };
        assert_eq!(room_made(lost), Err(Code::CellCapacity));
    }

    #[test]
    fn goods_that_were_reported_away_and_are_delivered_come_back_for_nobody() {
        let delivered = |world: &mut World, doc: &DocId| {
            let op = world.deliver_op(doc);
            world.ok("COLD", op, &["E1"]);
        };
        assert_eq!(room_made(delivered), Err(Code::CellCapacity));
    }

    #[test]
    fn a_keeper_alone_neither_brings_goods_back_into_a_cell_nor_unsays_that_they_left() {
        let (mut world, doc) = stored(&[(60_000, "B:1")]);
        let lot = world.doc(&doc).lots[0];
        let out = seen(&world, &lot, FlowStep::GateOut);
        world.ok("COLD", report_op(&out), &[]);
        let back = seen(&world, &lot, FlowStep::GateIn);
        world.ok("COLD", report_op(&back), &[]);
        assert_eq!(world.books(CELL), (40_000, 60_000), "recorded, and no more");
        let again = seen(&world, &lot, FlowStep::GateIn);
        world.ok("COLD", report_op(&again), &["SUP"]);
        assert_eq!(world.books(CELL), (100_000, 60_000), "two keys");
        let out = seen(&world, &lot, FlowStep::GateOut);
        world.ok("COLD", report_op(&out), &[]);
        world.ok("COLD", Operation::CargoCorrect(Correct { event: out.id(), replacement: None }), &[]);
        assert_eq!(world.books(CELL), (40_000, 60_000));
        assert!(world.lot(&lot).deficit);
    }

    #[test]
    fn an_exit_that_a_keeper_corrects_is_not_counted_twice() {
        let (mut world, doc) = stored(&[(60_000, "B:1")]);
        let lot = world.doc(&doc).lots[0];
        let out = FlowReport { qty: Some(Qty::new(10_000 * KG)), ..seen(&world, &lot, FlowStep::GateOut) };
        world.ok("COLD", report_op(&out), &[]);
        assert_eq!(world.books(CELL), (90_000, 60_000));
        let less = FlowReport { qty: Some(Qty::new(4_000 * KG)), ..out.clone() };
        world.ok("COLD", Operation::CargoCorrect(Correct { event: out.id(), replacement: Some(less.clone()) }), &[]);
        assert_eq!(world.books(CELL).0, 90_000, "the supervisor has not agreed");
        let more = FlowReport { qty: Some(Qty::new(30_000 * KG)), ..out };
        world.ok("COLD", Operation::CargoCorrect(Correct { event: less.id(), replacement: Some(more.clone()) }), &[]);
        assert_eq!(world.books(CELL).0, 70_000);
        world.ok("COLD", Operation::CargoCorrect(Correct { event: more.id(), replacement: None }), &["SUP"]);
        assert_eq!(world.books(CELL).0, 100_000, "two keys");
    }

    #[test]
    fn goods_may_move_into_a_cell_in_which_everything_was_counted() {
        let (mut world, doc) = stored(&[(60_000, "B:1")]);
        let lot = world.doc(&doc).lots[0];
        world.open_cell("COLD", "site of COLD", "S:C-13");
        let there = world.relocate_op(&doc, vec![relocation(&lot, CELL, "S:C-13")]);
        world.ok("COLD", there, &[]);
        count(&mut world, u64::MAX);
        let back = world.relocate_op(&doc, vec![relocation(&lot, "S:C-13", CELL)]);
        assert_eq!(world.code("COLD", back, &[]), Code::Ok);
    }
}

mod leavers {
    use super::*;

    #[test]
    fn a_bill_does_not_go_back_to_a_firm_that_has_left() {
        let mut world = World::new();
        let doc = world.issue_bill(&Bill::s1());
        let op = world.transfer_op(&doc, "E4");
        world.ok("E5", op, &[]);
        let exit = Operation::PartyExit(Exit { party: world.account("E5"), expect_ver: world.party("E5").ver });
        world.ok("cq", exit, &[]);
        let op = world.reject_op(&doc);
        assert_eq!(world.code("E4", op, &[]), Code::PartySuspended);
    }
}
