//! Every invariant notices a state that breaks it: one deliberate breach or more for each of the twenty, and for what the specification
//! does not number.

use crate::goods::acts::*;
use crate::kit::*;
use landsea_chaincode::invariants::{self, Broken, Decoded};
use landsea_chaincode::view::Due;
use landsea_types::operation::authenticity::MarkUse;
use landsea_types::operation::cargo::{FlowReport, HandOver, Report};
use landsea_types::outcome::outcomes_root;
use landsea_types::record::{Cell, Doc, Flow, Hold, HoldTarget, Lot, Pledge, Priority, Proof, UseMarks};
use landsea_types::role::{DocKind, DocState, FlowStep, HoldState, LotStatus, ProofState, UsePurpose};
use landsea_types::state::{Family, Table, Write};
use landsea_types::{
    AccountId, Code, DocId, EventId, Height, LotId, Operation, Outcome, PledgeId, ProofId, Qty, Timestamp, TxId,
};
use std::sync::OnceLock;

/// A world with something of everything that invariants speak about.
#[derive(Clone)]
struct Base {
    world: World,
    /// A pledged bill, one that is reserved, one that is free, and one stored in the cell `S:1`.
    pledged: DocId,
    reserved: DocId,
    free: DocId,
    stored: DocId,
    pledge: PledgeId,
    case: ProofId,
    /// A hand-over of a lot of the free bill.
    event: EventId,
}

fn base() -> Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(build).clone()
}

fn build() -> Base {
    let templates = landsea_types::genesis::templates::built_in();
    let mut world = World::with(Setup { templates, ..Setup::default() });
    let (pledged, pledge) = world.pledged_bill(&Bill::new("A", &["C:1", "C:2"]));
    let reserved = world.issue_bill(&Bill::new("B", &["C:3"]));
    world.reserve("B2", "E5", &reserved, 24);
    let free = world.issue_bill(&Bill::new("C", &["C:4", "C:5"]));
    world.open_cell("BOND", "site of BOND", "S:1");
    world.count_cell("S:1", 500_000);
    let stored = world.issue_at_bond("D", &[(300_000, &["B:1", "S:1"])]);
    let case = world.open_proof("E5", &free, 1);
    let ticket = world.ticket("B1", DocKind::DECLARATION, &Paper::new("DECL", &[]));
    let mark = MarkUse { ticket, purpose: UsePurpose::Financing, bps: 6_000, reference: commit("use") };
    world.ok("B1", Operation::AuthenticityMarkUse(mark), &[]);
    for branch in ["cq", "gx"] {
        let freeze = landsea_types::operation::hold::CourtFreeze {
            target: HoldTarget::Doc(reserved),
            on_behalf: commit("court"),
            basis: commit("order"),
            until: world.time.saturating_add(90 * DAY),
        };
        world.ok(branch, Operation::HoldCourtFreeze(freeze), &[]);
    }
    let report = hand_over(&world, &world.doc(&free).lots[0]);
    let event = report.id();
    world.ok("MTO", Operation::CargoReport(Report { report }), &["R-CD"]);
    Base { world, pledged, reserved, free, stored, pledge, case, event }
}

fn hand_over(world: &World, lot: &LotId) -> FlowReport {
    FlowReport {
        lots: vec![*lot],
        step: FlowStep::Loaded,
        node: *b"CNTJC   ",
        at: world.time,
        custody: Some(HandOver { from: world.account("MTO"), to: world.account("R-CD") }),
        seal: None,
        qty: None,
        condition: None,
        payload: commit("hand-over"),
    }
}

/// What the checks over one state say after a change.
fn broken(change: impl FnOnce(&mut Base)) -> &'static str {
    let mut base = base();
    invariants::check_all(&base.world.state).expect("sound before the change");
    change(&mut base);
    invariants::check_all(&base.world.state).expect_err("the change breaks an invariant").invariant
}

/// What the checks over two states say when the second is the first with a change.
fn broken_step(change: impl FnOnce(&mut Decoded, &Base)) -> &'static str {
    let base = base();
    let before = Decoded::of(&base.world.state).expect("sound");
    let mut after = before.clone();
    assert_eq!(invariants::check_step(&before, &after), Ok(()));
    change(&mut after, &base);
    invariants::check_step(&before, &after).expect_err("the change breaks an invariant").invariant
}

impl Base {
    fn change_doc(&mut self, id: DocId, change: impl FnOnce(&mut Doc)) {
        let mut doc = self.world.doc(&id);
        change(&mut doc);
        self.world.edit(|view| view.put_doc(&doc));
    }
    /// Changes the first lot of a document.
    fn change_lot(&mut self, doc: DocId, change: impl FnOnce(&mut Lot)) {
        let mut lot = self.world.lots(&doc).remove(0);
        change(&mut lot);
        self.world.edit(|view| view.put_lot(&lot));
    }
    fn change_pledge(&mut self, change: impl FnOnce(&mut Pledge)) {
        let mut pledge = self.world.pledge(&self.pledge);
        change(&mut pledge);
        self.world.edit(|view| view.put_pledge(&pledge));
    }
    fn change_cell(&mut self, change: impl FnOnce(&mut Cell)) {
        let mut cell = self.world.cell("S:1");
        change(&mut cell);
        self.world.edit(|view| view.put_cell(&cell));
    }
    fn change_case(&mut self, change: impl FnOnce(&mut Proof)) {
        let mut case = self.world.proof(&self.case);
        change(&mut case);
        self.world.edit(|view| view.put_proof(&case));
    }
    fn change_hold(&mut self, state: HoldState, change: impl FnOnce(&mut Hold)) {
        let holds = self.world.state.table::<Hold>(Table::Hold);
        let mut hold = holds.into_values().find(|hold| hold.state == state).expect("one stands, one waits");
        change(&mut hold);
        self.world.edit(|view| view.put_hold(&hold));
    }
    fn marks(&self) -> UseMarks {
        self.world.state.records::<UseMarks>(Family::Mark).into_values().next().expect("one was made")
    }
    /// The first lot of the free bill, which was handed over.
    fn handed_over(&self) -> LotId {
        self.world.doc(&self.free).lots[0]
    }
}

#[test]
fn two_documents_of_one_content_or_a_stray_fingerprint_break_inv_1() {
    let content = broken(|base| {
        let fp2 = base.world.doc(&base.pledged).fp2;
        base.change_doc(base.free, |doc| doc.fp2 = fp2);
    });
    let stray = broken(|base| {
        let fp1 = base.world.doc(&base.free).fp1;
        let other = base.pledged;
        base.world.edit(|view| view.put_fp(&fp1, other));
    });
    assert_eq!([content, stray], ["INV-1"; 2]);
}

#[test]
fn a_lot_under_two_titles_or_none_and_a_split_without_children_break_inv_2() {
    let two = broken(|base| {
        let lots = base.world.doc(&base.reserved).lots;
        base.change_doc(base.free, |doc| doc.lots.extend(lots));
    });
    let none = broken(|base| {
        base.change_doc(base.free, |doc| doc.lots.truncate(1));
        let mut lot = base.world.lots(&base.free).remove(0);
        lot.title = None;
        base.world.edit(|view| view.put_lot(&lot));
    });
    let childless = broken(|base| {
        for lot in base.world.lots(&base.free) {
            let ended = Lot { status: LotStatus::Consumed, title: None, ..lot };
            base.world.edit(|view| view.put_lot(&ended));
        }
        base.change_doc(base.free, |doc| doc.state = DocState::Split);
    });
    assert_eq!([two, none, childless], ["INV-2"; 3]);
}

#[test]
fn a_second_pledge_a_missing_leaf_another_holder_or_another_rank_break_inv_3() {
    let second = broken(|base| base.change_pledge(|pledge| pledge.id = PledgeId([7; 32])));
    let missing = broken(|base| {
        let doc = base.pledged;
        base.world.edit(|view| view.remove_encumbrance(&doc.0));
    });
    let holder = broken(|base| {
        let firm = base.world.account("E1");
        base.change_doc(base.pledged, |doc| doc.holder = firm);
    });
    let rank = broken(|base| base.change_pledge(|p| p.priority = Priority { height: Height::new(1), index: 0 }));
    let stray = broken(|base| {
        let doc = base.free;
        base.change_pledge(|p| {
            p.joined.push(landsea_types::record::pledge::Joined { doc, priority: p.priority });
        });
    });
    assert_eq!([second, missing, holder, rank, stray], ["INV-3"; 5]);
}

#[test]
fn a_partial_reservation_breaks_inv_3() {
    let found = broken(|base| {
        let doc = base.reserved;
        base.world.edit(|view| view.remove_reservation(&doc.0));
    });
    assert_eq!(found, "INV-3");
}

#[test]
fn a_priority_that_moves_breaks_inv_4() {
    let own = broken_step(|after, base| after.pledges.get_mut(&base.pledge).expect("known").priority.index += 1);
    let vanished = broken_step(|after, base| drop(after.pledges.remove(&base.pledge)));
    let joined = broken_step(|after, base| {
        let later = Priority { height: Height::new(999), index: 0 };
        let pledge = after.pledges.get_mut(&base.pledge).expect("known");
        pledge.joined.push(landsea_types::record::pledge::Joined { doc: base.pledged, priority: later });
    });
    assert_eq!([own, vanished, joined], ["INV-4"; 3]);
}

#[test]
fn goods_from_nowhere_break_inv_5() {
    let from_a_living_lot = broken(|base| {
        let parent = base.world.lots(&base.free)[0].id;
        let mut lot = base.world.lots(&base.free).remove(1);
        lot.parents = vec![parent];
        base.world.edit(|view| view.put_lot(&lot));
    });
    let more_than_there_was = broken(|base| {
        let lots = base.world.lots(&base.free);
        let parent = Lot { id: LotId([9; 32]), status: LotStatus::Consumed, title: None, ..lots[0].clone() };
        let child = Lot { parents: vec![parent.id], qty: Qty::new(parent.qty.get() + 1), ..lots[1].clone() };
        base.world.edit(|view| {
            view.put_lot(&parent);
            view.put_lot(&child);
        });
    });
    let grown = broken_step(|after, _| {
        let lot = after.lots.values_mut().next().expect("some lot");
        (lot.qty, lot.ver) = (Qty::new(lot.qty.get() + 1), lot.ver + 1);
    });
    assert_eq!([from_a_living_lot, more_than_there_was, grown], ["INV-5"; 3]);
}

#[test]
fn a_key_without_its_lot_or_on_two_lots_breaks_inv_6() {
    let without = broken(|base| base.world.edit(|view| view.put_goods_key(&key("C:4").key, Vec::new())));
    let twice = broken(|base| base.change_lot(base.reserved, |lot| lot.keys = vec![key("C:1")]));
    assert_eq!([without, twice], ["INV-6"; 2]);
}

#[test]
fn books_of_a_cell_that_do_not_add_up_break_inv_7() {
    let sum = broken(|base| base.change_cell(|cell| cell.receipts_sum = Qty::new(1)));
    let index = broken(|base| {
        let row = base.world.state.rows.keys().find(|(table, _)| *table == Table::CellLot).cloned().expect("one lot");
        base.world.state.rows.remove(&row);
    });
    let unflagged = broken(|base| base.change_cell(|cell| cell.counted = Qty::new(1)));
    let flagged = broken(|base| base.change_lot(base.stored, |lot| lot.deficit = true));
    assert_eq!([sum, index, unflagged, flagged], ["INV-7"; 4]);
}

#[test]
fn what_has_ended_and_changes_breaks_inv_8() {
    let ended = |edit: &dyn Fn(&mut Decoded, &Base), again: &dyn Fn(&mut Decoded, &Base)| {
        let base = base();
        let mut before = Decoded::of(&base.world.state).expect("sound");
        edit(&mut before, &base);
        let mut after = before.clone();
        assert_eq!(invariants::check_step(&before, &after), Ok(()));
        again(&mut after, &base);
        invariants::check_step(&before, &after).expect_err("it had ended").invariant
    };
    let doc = ended(
        &|state, base| state.docs.get_mut(&base.free).expect("known").state = DocState::Accomplished,
        &|state, base| state.docs.get_mut(&base.free).expect("known").state = DocState::Active,
    );
    let lot = ended(
        &|state, base| state.lots.get_mut(&base.handed_over()).expect("known").status = LotStatus::Delivered,
        &|state, base| state.lots.get_mut(&base.handed_over()).expect("known").status = LotStatus::Active,
    );
    let pledge = ended(
        &|state, base| {
            state.pledges.get_mut(&base.pledge).expect("known").state = landsea_types::role::PledgeState::Lapsed
        },
        &|state, base| state.pledges.get_mut(&base.pledge).expect("known").cover_low = true,
    );
    assert_eq!([doc, lot, pledge], ["INV-8"; 3]);
}

#[test]
fn a_hold_without_its_leaf_and_an_act_under_a_hold_break_inv_9() {
    let leaf = broken(|base| {
        let doc = base.reserved;
        base.world.edit(|view| view.put_standings(&doc.0, Vec::new()));
    });
    let act = broken_step(|after, base| {
        let doc = after.docs.get_mut(&base.reserved).expect("known");
        (doc.state, doc.ver) = (DocState::PendDelivery, doc.ver + 1);
    });
    assert_eq!([leaf, act], ["INV-9"; 2]);
}

#[test]
fn a_freeze_that_waits_for_nothing_or_changes_its_place_breaks_inv_10() {
    let nothing = broken(|base| {
        base.world.edit(|view| {
            let standing = landsea_chaincode::hold::holds_on(view, &HoldTarget::Doc(base.reserved));
            let (first, second) = (standing[0].clone(), standing[1].clone());
            let lifted = Hold { state: HoldState::Lifted, ..first.clone() };
            landsea_chaincode::hold::put(view, Some(&first), &lifted);
            landsea_chaincode::hold::put(view, Some(&second), &second);
            landsea_chaincode::hold::refresh(view, &HoldTarget::Doc(base.reserved));
            view.unschedule(first.until, Due::Hold, &first.id.0);
        });
    });
    let place = broken(|base| {
        base.change_hold(HoldState::Queued, |hold| hold.placed = Priority { height: Height::new(1), index: 0 });
    });
    let moved = broken_step(|after, _| {
        let hold = after.holds.values_mut().next().expect("some hold");
        (hold.placed.index, hold.ver) = (hold.placed.index + 1, hold.ver + 1);
    });
    assert_eq!([nothing, place, moved], ["INV-10"; 3]);
}

#[test]
fn goods_in_hands_that_nobody_gave_them_to_break_inv_11() {
    let trader = broken(|base| {
        let trader = base.world.account("E1");
        base.change_lot(base.pledged, |lot| lot.custodian = trader);
    });
    let another = broken(|base| {
        let keeper = base.world.account("COLD");
        base.change_lot(base.free, |lot| lot.custodian = keeper);
    });
    let by_itself = broken_step(|after, base| {
        let keeper = base.world.account("COLD");
        let lot = after.lots.get_mut(&base.world.doc(&base.pledged).lots[0]).expect("known");
        (lot.custodian, lot.ver) = (keeper, lot.ver + 1);
    });
    assert_eq!([trader, another, by_itself], ["INV-11"; 3]);
}

#[test]
fn a_timeline_with_a_gap_and_a_rewritten_event_break_inv_12() {
    let gap = broken(|base| {
        let lot = base.handed_over();
        let flow = base.world.state.view().flow(&lot).expect("it was reported");
        base.world.edit(|view| view.put_flow(&lot, &Flow { events: 2, ..flow }));
    });
    let renamed = broken(|base| {
        let mut event = base.world.state.view().cargo_event(&base.event).expect("reported");
        event.report.payload = commit("something else");
        base.world.edit(|view| view.put_cargo_event(&event));
    });
    let rewritten = broken_step(|after, base| {
        after.cargo_events.get_mut(&base.event).expect("known").report.step = FlowStep::Lost;
    });
    let deleted = broken_step(|after, base| drop(after.cargo_events.remove(&base.event)));
    assert_eq!([gap, renamed, rewritten, deleted], ["INV-12"; 4]);
}

#[test]
fn an_attester_of_its_own_trade_and_a_level_without_a_match_break_inv_13() {
    let level = broken(|base| base.change_case(|case| case.level = 4));
    let own = broken(|base| {
        let (paper, fields) = (Paper::new("DECL 9", &[]), [(landsea_types::fingerprint::field::HS, &["842952"][..])]);
        let op = base.world.attest_op("SW", &base.case, DocKind::DECLARATION, &paper, &fields);
        base.world.ok("SW", op, &[]);
        base.change_case(|case| {
            case.attestations[0].attester = case.applicant;
        });
    });
    let ended = broken(|base| base.change_case(|case| (case.state, case.level) = (ProofState::Closed, 2)));
    assert_eq!([level, own, ended], ["INV-13"; 3]);
}

#[test]
fn more_than_the_whole_of_a_piece_of_evidence_breaks_inv_14() {
    let more = broken(|base| {
        let mut marks = base.marks();
        marks.marks.push(landsea_types::record::UseMark { n: 2, bps: 4_001, ..marks.marks[0].clone() });
        base.world.edit(|view| view.put_use_marks(&marks));
    });
    let gone = broken_step(|after, _| after.marks.values_mut().for_each(|marks| marks.marks.clear()));
    assert_eq!([more, gone], ["INV-14"; 2]);
}

#[test]
fn a_row_with_text_in_it_breaks_inv_15() {
    let text = broken(|base| {
        base.world.edit(|view| view.put_row(Table::Attempt, &7u64.to_be_bytes(), &"a name".to_string()));
    });
    assert_eq!(text, "INV-15");
}

#[test]
fn a_queue_that_forgets_or_invents_breaks_inv_16() {
    let forgets = broken(|base| {
        let (pledge, until) = (base.pledge, base.world.pledge(&base.pledge).reg_until);
        base.world.edit(|view| view.unschedule(until, Due::Maturity, &pledge.0));
    });
    let invents = broken(|base| {
        let doc = base.free;
        base.world.edit(|view| view.schedule(Timestamp::new(9), Due::Reservation, &doc.0, &[]));
    });
    let of_a_kind = |due: Due| {
        broken(|base| {
            let row = base.world.state.rows.keys().find(|(t, key)| *t == Table::Expiry && key[8] == due as u8);
            let row = row.cloned().unwrap_or_else(|| panic!("nothing of {due:?} is due"));
            base.world.state.rows.remove(&row);
        })
    };
    let kinds = [Due::Reservation, Due::Consent, Due::Proof, Due::Hold, Due::Mirror, Due::Silence];
    assert_eq!([forgets, invents], ["INV-16"; 2]);
    assert_eq!(kinds.map(of_a_kind), ["INV-16"; 6]);
}

#[test]
fn runs_that_end_differently_break_inv_17_and_inv_18() {
    let base = base();
    let (state, mut rows, mut leaves) = (&base.world.state, base.world.state.clone(), base.world.state.clone());
    let row = rows.rows.keys().next().cloned().expect("some row");
    rows.rows.remove(&row);
    let leaf = leaves.leaves.values_mut().next().expect("some leaf");
    leaf.salt[0] ^= 1;
    let name = |result: Result<(), Broken>| result.map_err(|broken| broken.invariant);
    assert_eq!(name(invariants::runs_end_alike(state, &state.clone(), true)), Ok(()));
    assert_eq!(name(invariants::runs_end_alike(state, &rows, true)), Err("INV-17"));
    assert_eq!(name(invariants::runs_end_alike(state, &rows, false)), Ok(()), "rows remember the order");
    assert_eq!(name(invariants::runs_end_alike(state, &leaves, false)), Err("INV-18"));
}

fn outcome(code: Code) -> Outcome {
    Outcome { tx: TxId([1; 32]), code, operation: 0, args: vec![], events: vec![], touched: vec![] }
}

#[test]
fn a_trace_of_a_refused_transaction_breaks_inv_19() {
    let write = |table| Write::Row { table, key: vec![1], value: Some(vec![2]) };
    let check = |write: &Write, code| {
        invariants::refusals_leave_traces_only(&[write], &[outcome(code)]).map_err(|broken| broken.invariant)
    };
    assert_eq!(check(&write(Table::Transaction), Code::Held), Ok(()));
    assert_eq!(check(&write(Table::Attempt), Code::AlreadyPledged), Ok(()));
    assert_eq!(check(&write(Table::Attempt), Code::Held), Err("INV-19"));
    assert_eq!(check(&write(Table::Pledge), Code::AlreadyPledged), Err("INV-19"));
    let leaf = Write::Leaf { family: Family::Doc, id: [1; 32], leaf: None };
    assert_eq!(check(&leaf, Code::AlreadyPledged), Err("INV-19"));
}

#[test]
fn a_silent_success_or_another_root_breaks_inv_20() {
    let silent = invariants::every_success_says_something(&[outcome(Code::Ok)], Height::new(1));
    assert_eq!(silent.map_err(|broken| broken.invariant), Err("INV-20"));
    let all = [outcome(Code::Held), outcome(Code::AlreadyPledged)];
    assert_eq!(invariants::outcomes_have_their_root(&all, &outcomes_root(&all)), Ok(()));
    let other = invariants::outcomes_have_their_root(&all[..1], &outcomes_root(&all));
    assert_eq!(other.map_err(|broken| broken.invariant), Err("INV-20"));
    let changed = [outcome(Code::Ok), outcome(Code::AlreadyPledged)];
    assert!(outcomes_root(&changed) != outcomes_root(&all));
}

#[test]
fn a_rewritten_chain_breaks_t5() {
    assert_eq!(broken(|base| base.change_doc(base.free, |doc| doc.chain_root.0[0] ^= 1)), "T5");
}

#[test]
fn two_parties_of_one_fingerprint_break_p1() {
    let found = broken(|base| {
        let twin = landsea_types::record::Party { id: AccountId([5; 32]), ..base.world.party("E5") };
        base.world.edit(|view| view.put_party(&twin));
    });
    assert_eq!(found, "P1");
}

#[test]
fn an_index_without_a_row_is_noticed() {
    let without = |table: Table| {
        broken(|base| {
            let row = base.world.state.rows.keys().find(|(t, _)| *t == table).cloned().expect("the index has rows");
            base.world.state.rows.remove(&row);
        })
    };
    let tables = [Table::Holder, Table::Stake, Table::PledgeByParty, Table::ProofByDoc];
    assert_eq!(tables.map(without), ["holder index", "stake index", "pledge index", "case index"]);
}

#[test]
fn a_public_part_of_another_record_is_noticed() {
    let found = broken(|base| {
        let (shown, record) = (base.world.doc(&base.pledged).public(), base.world.doc(&base.free));
        base.world.edit(|view| view.put_leaf(Family::Doc, &record.id.0, &shown, &record));
    });
    assert_eq!(found, "public parts");
}

#[test]
fn a_row_that_does_not_decode_is_noticed() {
    let found = broken(|base| {
        let pledge = base.pledge;
        base.world.edit(|view| view.put_row(Table::Pledge, &pledge.0, &1u8));
    });
    assert_eq!(found, "the state decodes");
}

#[test]
fn a_change_under_the_old_version_is_noticed() {
    let found =
        broken_step(|after, base| after.docs.get_mut(&base.free).expect("known").nominee = Some(AccountId([1; 32])));
    assert_eq!(found, "versions");
}

#[test]
fn every_invariant_of_the_specification_is_named_in_the_module() {
    let text = include_str!("../../src/invariants.rs");
    let table: String = text.lines().filter(|line| line.starts_with("//! | ")).collect();
    let unnamed: Vec<String> = (1..=20).map(|n| format!("INV-{n}")).filter(|n| !names(&table, n)).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}

/// Whether a number stands in a text as a whole.
fn names(text: &str, number: &str) -> bool {
    let ends = |rest: &str| rest.chars().next().is_none_or(|c| !c.is_ascii_digit());
    text.match_indices(number).any(|(at, _)| ends(&text[at + number.len()..]))
}
