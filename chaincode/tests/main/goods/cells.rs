//! Warehouse cells: opening, two-key counts, deficits and blocks.

use super::acts::*;
use crate::kit::*;
use crate::warehouse::acts::relocation;
use crate::waybill::acts::{part, whole};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::cargo::{FlowReport, Report};
use landsea_types::operation::goods::{CellCount, CellOpen};
use landsea_types::operation::party::RevokeLicence;
use landsea_types::role::{CellStatus, DocKind, FlowStep, HoldKind, LicenceKind, Role};
use landsea_types::{AccountId, Code, GoodsKey, Operation, Qty, Uom};

/// What opening a changed cell of BOND answers.
fn open_code(change: impl FnOnce(&mut CellOpen, &mut World)) -> Code {
    let mut world = World::new();
    let Operation::GoodsCellOpen(mut body) = world.cell_open_op("BOND", "site of BOND", "S:ZJ-A07") else {
        panic!("an opening")
    };
    change(&mut body, &mut world);
    world.code("BOND", Operation::GoodsCellOpen(body), &[])
}

fn reticket(world: &World, body: &mut CellOpen, kind: DocKind, keys: &[&str]) {
    body.ticket = world.ticket("BOND", kind, &Paper::new("site of BOND", keys));
}

/// What a changed count of 500 t answers.
fn count_code(change: impl FnOnce(&mut CellCount, &mut World)) -> Code {
    let mut world = world_with_cell();
    let Operation::GoodsCellCount(mut body) = world.cell_count_op("S:ZJ-A07", 500_000) else { panic!("a count") };
    change(&mut body, &mut world);
    world.code("BOND", Operation::GoodsCellCount(body), &["SUP"])
}

/// What issuing a receipt over some kilograms in the cell answers.
fn issue_code(world: &mut World, number: &str, kilograms: u64) -> (Code, Vec<u64>) {
    let batch = format!("B:{number}");
    let op = Operation::WarehouseIssue(bond_receipt(world, number, &[(kilograms, &[&batch, "S:ZJ-A07"])]));
    let outcome = world.submit("BOND", op, &["E6", "SUP"]);
    (outcome.code, outcome.args)
}

#[test]
fn an_opened_cell_is_empty_and_uncounted() {
    let mut world = World::new();
    let outcome = world.open_cell("BOND", "site of BOND", "S:ZJ-A07");
    assert_eq!(event(&outcome, EventName::CellOpened).members, vec![world.member("zj")]);
    let cell = world.cell("S:ZJ-A07");
    assert_eq!((cell.ver, cell.site, cell.keeper), (1, site("site of BOND"), world.account("BOND")));
    assert_eq!((cell.counted, cell.receipts_sum, cell.counted_at), (Qty::ZERO, Qty::ZERO, None));
    assert_eq!((cell.home, cell.status), (world.member("zj"), CellStatus::Open));
}

#[test]
fn only_the_licensed_keeper_of_a_site_opens_its_cells() {
    let mut world = World::new();
    let op = world.cell_open_op("SUP", "site of BOND", "S:1");
    assert_eq!(world.code("SUP", op, &[]), Code::RoleNotPermitted);
    let op = world.cell_open_op("WUL", "site of BOND", "S:1");
    assert_eq!(world.code("WUL", op, &[]), Code::LicenceMissing, "another's site");
    world.pass(11 * 365 * DAY);
    let op = world.cell_open_op("BOND", "site of BOND", "S:1");
    assert_eq!(world.code("BOND", op, &[]), Code::LicenceMissing, "over");
}

#[test]
fn the_ticket_of_a_cell_is_over_the_site_and_names_one_cell() {
    assert_eq!(open_code(|_, _| ()), Code::Ok);
    for keys in [&[][..], &["S:1", "S:2"], &["C:1"], &["S:1", "C:1"]] {
        let code = open_code(|body, world| reticket(world, body, DocKind::SITE, keys));
        assert_eq!(code, Code::TicketInvalid, "{keys:?}");
    }
    assert_eq!(open_code(|body, world| reticket(world, body, DocKind::WHR, &["S:1"])), Code::TicketInvalid);
    let of_another = |body: &mut CellOpen, world: &mut World| {
        body.ticket = world.ticket("WUL", DocKind::SITE, &Paper::new("site of BOND", &["S:1"]));
    };
    assert_eq!(open_code(of_another), Code::TicketInvalid);
    assert_eq!(open_code(|body, _| body.uom = Uom(*b"TNE")), Code::UnitMismatch);
}

#[test]
fn a_cell_is_opened_once() {
    let mut world = world_with_cell();
    let op = world.cell_open_op("BOND", "site of BOND", "S:ZJ-A07");
    let outcome = world.submit("BOND", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::DuplicateParty, vec![u64::from(world.member("zj").get())]));
}

#[test]
fn a_count_is_recorded_with_its_two_keys() {
    let mut world = world_with_cell();
    let outcome = world.count_cell("S:ZJ-A07", 500_000);
    let said = event(&outcome, EventName::CellCounted);
    assert_eq!(said.args, vec![500_000 * KG, 0]);
    assert_eq!(said.parties, vec![world.account("BOND"), world.account("SUP")]);
    let cell = world.cell("S:ZJ-A07");
    assert_eq!((cell.counted, cell.counted_at), (Qty::new(500_000 * KG), Some(world.time)));
    assert_eq!((cell.supervisor, cell.ver), (Some(world.account("SUP")), 2));
}

#[test]
fn any_number_counts() {
    let (mut world, _) = stored_300_of_500();
    for kilograms in [0, 1, 299_999, 300_000, u64::MAX / KG] {
        let op = world.cell_count_op("S:ZJ-A07", kilograms);
        assert_eq!(world.code("BOND", op, &["SUP"]), Code::Ok, "{kilograms}");
    }
    world.place_hold(&key("S:ZJ-A07").key.0, HoldKind::CourtFreeze);
    let op = world.cell_block_op("S:ZJ-A07");
    world.ok("zj", op, &[]);
    world.count_cell("S:ZJ-A07", 1);
}

#[test]
fn a_count_needs_the_keeper_and_the_sites_supervisor() {
    assert_eq!(count_code(|_, _| ()), Code::Ok);
    assert_eq!(count_code(|body, _| body.cell = GoodsKey([7; 32])), Code::UnknownObject);
    assert_eq!(count_code(|body, _| body.supervisor = AccountId([7; 32])), Code::UnknownObject);
    assert_eq!(count_code(|body, _| body.expect_ver += 1), Code::StaleVersion);
    assert_eq!(count_code(|body, world| body.supervisor = world.account("B1")), Code::RoleNotPermitted);
    let mut world = world_with_cell();
    let op = world.cell_count_op("S:ZJ-A07", 500_000);
    let outcome = world.submit("BOND", op.clone(), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]), "one key is none");
    assert_eq!(world.code("SUP", op.clone(), &["BOND"]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op, &["SUP"]), Code::NotHolder, "another's cell");
}

#[test]
fn another_supervisor_counts_only_where_the_site_has_none() {
    let mut world = world_with_cell();
    let op = world.onboard_op("SUP-2", &[Role::Supervisor], "gz", None);
    let outcome = world.submit("gz", op, &[]);
    world.enlist("SUP-2", Role::Supervisor, "gz", &outcome);
    let count = |world: &World, cell: &str| {
        let Operation::GoodsCellCount(mut body) = world.cell_count_op(cell, 1) else { panic!("a count") };
        body.supervisor = world.account("SUP-2");
        Operation::GoodsCellCount(body)
    };
    let op = count(&world, "S:ZJ-A07");
    assert_eq!(world.code("BOND", op, &["SUP-2"]), Code::LicenceMissing);
    world.open_cell("COLD", "site of COLD", "S:C-12");
    let op = count(&world, "S:C-12");
    assert_eq!(world.code("COLD", op, &["SUP-2"]), Code::Ok, "the site has no supervisor");
    world.license("SUP", LicenceKind::Supervision, "site of COLD");
    let op = count(&world, "S:C-12");
    assert_eq!(world.code("COLD", op, &["SUP-2"]), Code::LicenceMissing, "now it has one");
}

#[test]
fn two_keys_of_one_group_are_not_two() {
    let groups = vec![("BOND", "one house"), ("SUP", "one house")];
    let mut world = World::with(Setup { groups, ..Setup::default() });
    world.open_cell("BOND", "site of BOND", "S:ZJ-A07");
    let op = world.cell_count_op("S:ZJ-A07", 500_000);
    assert_eq!(world.code("BOND", op, &["SUP"]), Code::AttesterNotIndependent);
}

#[test]
fn nobody_counts_alone_in_two_roles() {
    let mut world = World::new();
    let body = landsea_types::operation::party::AddRole {
        party: world.account("COLD"),
        expect_ver: world.party("COLD").ver,
        role: Role::Supervisor,
    };
    world.ok("cq", Operation::PartyAddRole(body), &[]);
    world.open_cell("COLD", "site of COLD", "S:C-12");
    let Operation::GoodsCellCount(mut body) = world.cell_count_op("S:C-12", 1) else { panic!("a count") };
    body.supervisor = world.account("COLD");
    assert_eq!(world.code("COLD", Operation::GoodsCellCount(body), &[]), Code::AttesterNotIndependent);
}

#[test]
fn receipts_never_exceed_what_was_counted() {
    let (mut world, _) = stored_300_of_500();
    assert_eq!(issue_code(&mut world, "W-2", 200_001), (Code::CellCapacity, vec![200_000 * KG]));
    assert_eq!(issue_code(&mut world, "W-3", 200_000).0, Code::Ok, "the last kilogram fits");
    assert_eq!(issue_code(&mut world, "W-4", 1), (Code::CellCapacity, vec![0]));
    assert_eq!(world.books("S:ZJ-A07"), (500_000, 500_000));
}

#[test]
fn the_lots_of_one_receipt_fill_a_cell_together() {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let lots: &[(u64, &[&str])] = &[(300_000, &["B:1", "S:ZJ-A07"]), (200_001, &["B:2", "S:ZJ-A07"])];
    let op = Operation::WarehouseIssue(bond_receipt(&world, "W-1", lots));
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::CellCapacity);
    let two_cells: &[(u64, &[&str])] = &[(1, &["S:ZJ-A07", "S:ZJ-A08"])];
    world.open_cell("BOND", "site of BOND", "S:ZJ-A08");
    let op = Operation::WarehouseIssue(bond_receipt(&world, "W-2", two_cells));
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::KeyDuplicated, "a lot lies in one cell");
}

#[test]
fn a_cell_needs_a_fresh_count() {
    let mut world = world_with_cell();
    assert_eq!(issue_code(&mut world, "W-1", 1).0, Code::CountTooOld, "never counted");
    world.count_cell("S:ZJ-A07", 500_000);
    world.pass(7 * DAY - SECOND);
    assert_eq!(issue_code(&mut world, "W-1", 1).0, Code::Ok, "seven days old");
    assert_eq!(issue_code(&mut world, "W-2", 1).0, Code::CountTooOld);
    let mut world = World::with(Setup { parameters: vec![(ParamKey::CountMaxAgeMs, HOUR)], ..Setup::default() });
    world.open_cell("BOND", "site of BOND", "S:ZJ-A07");
    world.count_cell("S:ZJ-A07", 500_000);
    world.pass(HOUR);
    assert_eq!(issue_code(&mut world, "W-1", 1).0, Code::CountTooOld, "the parameter says so");
}

#[test]
fn receipts_stand_over_the_keepers_own_open_cells_in_their_unit() {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let unknown: &[(u64, &[&str])] = &[(1, &["B:1", "S:NONE"])];
    let op = Operation::WarehouseIssue(bond_receipt(&world, "W-1", unknown));
    let outcome = world.submit("BOND", op, &["E6", "SUP"]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    world.open_cell("COLD", "site of COLD", "S:C-12");
    let of_another: &[(u64, &[&str])] = &[(1, &["B:1", "S:C-12"])];
    let op = Operation::WarehouseIssue(bond_receipt(&world, "W-1", of_another));
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::UnknownObject);
    let mut body = bond_receipt(&world, "W-1", &[(1, &["B:1", "S:ZJ-A07"])]);
    body.receipt.lots[0].uom = Uom(*b"LTR");
    assert_eq!(world.code("BOND", Operation::WarehouseIssue(body), &["E6", "SUP"]), Code::UnitMismatch);
}

#[test]
fn a_blocked_or_held_cell_takes_no_new_receipts() {
    let (mut world, doc) = stored_300_of_500();
    let op = world.cell_block_op("S:ZJ-A07");
    let outcome = world.ok("zj", op, &[]);
    assert_eq!(event(&outcome, EventName::CellBlocked).parties, vec![world.account("BOND")]);
    assert_eq!(issue_code(&mut world, "W-2", 1).0, Code::CellBlocked);
    let op = world.endorse_transfer_op(&doc, "E4");
    assert_eq!(world.code("E6", op, &["BOND"]), Code::Ok, "what lies there stays somebody's");
    let op = world.cell_unblock_op("S:ZJ-A07");
    world.ok("zj", op, &[]);
    for (kind, code) in [(HoldKind::CourtFreeze, Code::Held), (HoldKind::CustomsHold, Code::Ok)] {
        let mut world = world.clone();
        world.place_hold(&key("S:ZJ-A07").key.0, kind);
        assert_eq!(issue_code(&mut world, "W-2", 1).0, code, "{kind}");
    }
    assert_eq!(issue_code(&mut world, "W-2", 1).0, Code::Ok);
}

#[test]
fn only_the_branch_of_the_cell_blocks_it_and_once() {
    let mut world = world_with_cell();
    let op = world.cell_block_op("S:ZJ-A07");
    assert_eq!(world.code("BOND", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("cq", op.clone(), &[]), Code::RoleNotPermitted, "another member's cell");
    assert_eq!(world.code("zj", op, &[]), Code::Ok);
    let op = world.cell_block_op("S:ZJ-A07");
    assert_eq!(world.code("zj", op, &[]), Code::CellBlocked);
    let op = world.cell_unblock_op("S:ZJ-A07");
    assert_eq!(world.code("cq", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(world.code("zj", op, &[]), Code::Ok);
    assert_eq!(world.cell("S:ZJ-A07").status, CellStatus::Open);
}

#[test]
fn a_short_count_raises_a_deficit_on_every_lot_and_a_recount_heals_it() {
    let (mut world, first) = stored_300_of_500();
    let second = world.issue_at_bond("WR-ZJ-0303", &[(100_000, &["B:LZ-3", "S:ZJ-A07"])]);
    let outcome = world.count_cell("S:ZJ-A07", 399_999);
    let said = event(&outcome, EventName::CellDeficit);
    assert_eq!((said.args.clone(), said.related.len()), (vec![KG], 2), "both receipts");
    for doc in [first, second] {
        let lot = world.lots(&doc).remove(0);
        assert!(lot.deficit, "commingled goods are short together");
        assert_eq!(world.holds(&lot.id.0), vec![HoldKind::Deficit]);
        let op = world.endorse_transfer_op(&doc, "E4");
        let outcome = world.submit("E6", op, &["BOND"]);
        assert_eq!((outcome.code, outcome.args), (Code::Held, vec![HoldKind::Deficit as u64]));
    }
    assert_eq!(issue_code(&mut world, "W-9", 1), (Code::Held, vec![HoldKind::Deficit as u64]));
    let outcome = world.count_cell("S:ZJ-A07", 399_000);
    assert_eq!(event(&outcome, EventName::CellDeficit).args, vec![1_000 * KG], "it has grown");
    let outcome = world.count_cell("S:ZJ-A07", 399_500);
    assert!(events(&outcome, EventName::CellDeficit).is_empty(), "it has shrunk");
    world.count_cell("S:ZJ-A07", 400_000);
    for doc in [first, second] {
        let lot = world.lots(&doc).remove(0);
        assert!(!lot.deficit && world.holds(&lot.id.0).is_empty());
    }
    let op = world.endorse_transfer_op(&first, "E4");
    assert_eq!(world.code("E6", op, &["BOND"]), Code::Ok);
}

#[test]
fn a_deficit_alarms_the_branch_of_a_pledgee_without_naming_it() {
    let (mut world, doc) = stored_300_of_500();
    let op = world.create_op("B3", "E6", &doc, &bond_paper("WR-ZJ-0301", &["B:LZ-1", "B:LZ-2", "S:ZJ-A07"]));
    world.ok("B3", op, &["E6", "BOND", "SUP"]);
    let outcome = world.count_cell("S:ZJ-A07", 280_000);
    let said = event(&outcome, EventName::CellDeficit);
    assert_eq!(said.members, vec![world.member("yn"), world.member("zj")]);
    assert_eq!(said.parties, vec![world.account("BOND")]);
}

#[test]
fn a_whole_delivery_takes_its_goods_off_the_count_and_may_cure_a_deficit() {
    let (mut world, first) = stored_300_of_500();
    let second = world.issue_at_bond("WR-ZJ-0303", &[(200_000, &["B:LZ-3", "S:ZJ-A07"])]);
    let op = world.deliver_op(&second);
    world.ok("BOND", op, &["E6"]);
    assert_eq!(world.books("S:ZJ-A07"), (300_000, 300_000));
    world.count_cell("S:ZJ-A07", 280_000);
    let op = world.deliver_op(&first);
    world.ok("BOND", op, &["E6"]);
    assert_eq!(world.books("S:ZJ-A07"), (0, 0), "what was never there cannot leave");
    assert_eq!(issue_code(&mut world, "W-9", 1).0, Code::CellCapacity, "the cell is empty and sound");
}

#[test]
fn transport_documents_name_no_cells() {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let op = world.issue_op(&Bill::new("A-1", &["C:1", "S:ZJ-A07"]));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::UnknownKindOrRules);
    let op = world.anchor_op("R-CD", DocKind::LEG_NOTE_CN, &Paper::new("N-1", &["C:1", "S:ZJ-A07"]));
    assert_eq!(world.code("R-CD", op, &[]), Code::UnknownKindOrRules);
}

#[test]
fn a_cell_has_room_for_so_many_lots() {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let full: Vec<(u64, &[&str])> = vec![(2, &["S:ZJ-A07"]); 64];
    let docs = ["W-1", "W-2", "W-3"].map(|number| world.issue_at_bond(number, &full));
    world.issue_at_bond("W-4", &full[..63]);
    let op = Operation::WarehouseIssue(bond_receipt(&world, "W-5", &full[..2]));
    assert_eq!(world.code("BOND", op, &["E6", "SUP"]), Code::CellCapacity, "255 and two");
    world.issue_at_bond("W-5", &full[..1]);
    world.open_cell("BOND", "site of BOND", "S:ZJ-A08");
    let lot = world.doc(&docs[0]).lots[0];
    let there = world.relocate_op(&docs[0], vec![relocation(&lot, "S:ZJ-A07", "S:ZJ-A08")]);
    world.ok("BOND", there, &["SUP"]);
    world.issue_at_bond("W-6", &full[..1]);
    let back = world.relocate_op(&docs[0], vec![relocation(&lot, "S:ZJ-A08", "S:ZJ-A07")]);
    assert_eq!(world.code("BOND", back, &["SUP"]), Code::CellCapacity);
    let lots = world.lots(&docs[1]);
    let halves = vec![part(&lots[0], 1, 5), part(&lots[0], 1, 5)];
    let others = lots[1..].iter().map(whole).collect();
    let op = world.split_op(world.split_body(&docs[1], "X", vec![halves, others]));
    assert_eq!(world.code("BOND", op, &["E6"]), Code::CellCapacity, "a split makes lots too");
    let op = world.partial_op(&docs[1], vec![crate::warehouse::acts::part(&lots[0].id, 1, 5, &[])]);
    assert_eq!(world.code("BOND", op, &["E6"]), Code::Ok, "what leaves makes no crowd");
}

#[test]
fn what_a_delivery_takes_is_counted_out_even_if_it_was_reported_before() {
    let (mut world, first) = stored_300_of_500();
    let second = world.issue_at_bond("WR-ZJ-0303", &[(200_000, &["B:LZ-3", "S:ZJ-A07"])]);
    let report = FlowReport {
        lots: world.doc(&first).lots,
        step: FlowStep::GateOut,
        node: *b"CNZJG   ",
        at: world.time,
        custody: None,
        seal: None,
        qty: None,
        condition: None,
        payload: commit("payload"),
    };
    world.ok("BOND", Operation::CargoReport(Report { report }), &[]);
    assert_eq!(world.books("S:ZJ-A07"), (200_000, 500_000));
    let op = world.deliver_op(&first);
    world.ok("BOND", op, &["E6"]);
    assert_eq!(world.books("S:ZJ-A07"), (0, 200_000), "nobody has seen what is left");
    assert!(world.lots(&second)[0].deficit);
    world.count_cell("S:ZJ-A07", 200_000);
    assert!(!world.lots(&second)[0].deficit, "two keys have");
}

/// The licence for the site of BOND passes to WUL, which asks to open a cell of BOND's.
fn successor_opens(world: &mut World) -> Operation {
    let party = world.party("BOND");
    let op = Operation::PartyRevokeLicence(RevokeLicence {
        party: party.id,
        expect_ver: party.ver,
        kind: LicenceKind::WarehouseSite,
        site: site("site of BOND"),
    });
    world.ok("zj", op, &[]);
    world.license("WUL", LicenceKind::WarehouseSite, "site of BOND");
    world.cell_open_op("WUL", "site of BOND", "S:ZJ-A07")
}

#[test]
fn the_next_licensee_of_a_site_takes_over_a_cell_that_was_left_empty() {
    let mut world = world_with_cell();
    world.count_cell("S:ZJ-A07", 500_000);
    let left = world.cell("S:ZJ-A07");
    let op = successor_opens(&mut world);
    let opened = world.ok("WUL", op, &[]);
    assert_eq!(event(&opened, EventName::CellOpened).members, [world.member("zj"), world.member("hh")]);
    let cell = world.cell("S:ZJ-A07");
    assert_eq!((cell.keeper, cell.home, cell.ver), (world.account("WUL"), world.member("hh"), left.ver + 1));
    assert_eq!(
        (cell.counted, cell.counted_at),
        (Qty::ZERO, None),
        "what the first keeper counted is no room for others"
    );
    let op = world.cell_count_op("S:ZJ-A07", 400_000);
    assert_eq!(world.code("BOND", op.clone(), &["SUP"]), Code::NotHolder);
    world.ok("WUL", op, &["SUP"]);
}

#[test]
fn a_cell_with_goods_a_hold_or_a_block_stays_with_its_keeper() {
    let frozen = |world: &mut World| {
        let cell = world.cell("S:ZJ-A07").key;
        world.place_hold(&cell.0, HoldKind::CourtFreeze);
    };
    let blocked = |world: &mut World| {
        let op = world.cell_block_op("S:ZJ-A07");
        world.ok("zj", op, &[]);
    };
    let spoils: [fn(&mut World); 2] = [frozen, blocked];
    let spoilt = spoils.map(|spoil| {
        let mut world = world_with_cell();
        spoil(&mut world);
        world
    });
    for mut world in spoilt.into_iter().chain([stored_300_of_500().0]) {
        let op = successor_opens(&mut world);
        let outcome = world.submit("WUL", op, &[]);
        assert_eq!((outcome.code, outcome.args), (Code::DuplicateParty, vec![u64::from(world.member("zj").get())]));
    }
}
