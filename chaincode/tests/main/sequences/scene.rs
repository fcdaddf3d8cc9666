//! Worlds to start from: in each, more has happened than in the one before.

use crate::kit::*;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::authenticity::MarkUse;
use landsea_types::operation::hold::{CourtFreeze, CustomsHold, Dispute};
use landsea_types::operation::party::Delegate;
use landsea_types::operation::pledge::Create;
use landsea_types::record::HoldTarget;
use landsea_types::role::{DocKind, UsePurpose};
use landsea_types::{DocId, Operation, PledgeId};
use std::sync::OnceLock;

/// How many scenes there are.
pub const SCENES: usize = 4;

/// A scene, ready to be played on. Those from [`SCENES`] on are the same under short terms and a sweep that leaves most for later.
pub fn scene(n: usize) -> World {
    static ALL: OnceLock<Vec<World>> = OnceLock::new();
    let build = || {
        let parameters = vec![
            (ParamKey::SweepItemsMax, 2),
            (ParamKey::MaturedGraceMs, HOUR),
            (ParamKey::ReserveCooldownMs, HOUR),
            (ParamKey::Fp2MemoryMs, 5 * DAY),
            (ParamKey::EnforceWaitMs, HOUR),
            (ParamKey::TerminateNoticeMs, DAY),
            (ParamKey::AssignNeedsPledgor, 1),
        ];
        let mut scenes = story(Setup::default());
        scenes.extend(story(Setup { parameters, ..Setup::default() }));
        scenes.iter_mut().for_each(|scene| scene.quick = true);
        scenes
    };
    ALL.get_or_init(build)[n % (2 * SCENES)].clone()
}

/// What happens up to each of the scenes, in a world of its own.
pub fn story(setup: Setup) -> Vec<World> {
    let templates = landsea_types::genesis::templates::built_in();
    let mut world = World::with(Setup { templates, ..setup });
    let mut scenes = Vec::new();
    cells(&mut world);
    scenes.push(world.clone());
    let (bills, stored) = documents(&mut world);
    scenes.push(world.clone());
    let pledge = pledges(&mut world, &bills, &stored);
    scenes.push(world.clone());
    trouble(&mut world, &bills, &pledge);
    scenes.push(world);
    scenes
}

fn cells(world: &mut World) {
    for cell in ["S:1", "S:2"] {
        world.open_cell("BOND", "site of BOND", cell);
        world.count_cell(cell, 500_000);
    }
    world.open_cell("COLD", "site of COLD", "S:3");
}

/// Bills of E5, notes of R-CD, receipts and a case.
fn documents(world: &mut World) -> (Vec<(DocId, Bill)>, DocId) {
    let bill = |n: u64| Bill::new(&format!("SCENE {n}"), &[&format!("C:S{n}"), &format!("V:S{n}")]);
    let bills: Vec<(DocId, Bill)> = (0..6).map(bill).map(|bill| (world.issue_bill(&bill), bill)).collect();
    world.anchor_note(&Paper::new("NOTE 1", &["C:S0"]));
    world.anchor_note(&Paper::new("NOTE 2", &["C:S1", "V:S1"]));
    let stored = world.issue_at_bond("SCENE WR", &[(100_000, &["B:S1", "S:1"]), (50_000, &["B:S2", "S:1"])]);
    world.issue_receipt(&Receipt::new("SCENE COLD", &["B:S3", "P:S3"]));
    world.open_proof("E5", &bills[0].0, 1);
    (bills, stored)
}

/// A pledge of two bills, one of the receipt with its supervisor, a reservation, an offer, a use mark and a delegation.
fn pledges(world: &mut World, bills: &[(DocId, Bill)], stored: &DocId) -> PledgeId {
    let docs: Vec<_> = bills[..2].iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
    let op = Operation::PledgeCreate(world.create_body("B1", "E5", &docs));
    let pledge = pledge_of(&world.ok("B1", op, &["E5", "MTO"]));
    let paper = Paper::new("SCENE WR", &["B:S1", "B:S2", "S:1"]);
    let supervisor = Some(world.account("SUP"));
    let body = Create { supervisor, ..world.create_body("B2", "E6", &[(*stored, &paper)]) };
    world.ok("B2", Operation::PledgeCreate(body), &["E6", "BOND", "SUP"]);
    world.reserve("B2", "E5", &bills[2].0, 24);
    let terms = world.create_body("B3", "E5", &[(bills[3].0, &bills[3].1.paper)]);
    let op = world.offer_op(terms, 48);
    world.ok("B3", op, &[]);
    let ticket = world.ticket("B1", DocKind::DECLARATION, &Paper::new("DECL 1", &[]));
    let mark = MarkUse { ticket, purpose: UsePurpose::Financing, bps: 6_000, reference: commit("use") };
    world.ok("B1", Operation::AuthenticityMarkUse(mark), &[]);
    let (party, to) = (world.party("E5"), world.account("FF"));
    let until = world.time.saturating_add(30 * DAY);
    let operations = vec![0x0405, 0x0406];
    let body = Delegate { party: party.id, expect_ver: party.ver, to, operations, until };
    world.ok("E5", Operation::PartyDelegate(body), &[]);
    pledge
}

/// A default, freezes with a queue, a dispute, a customs hold, a cell that is short, a surrender, a suspended firm, and a transfer
/// that may be rejected.
fn trouble(world: &mut World, bills: &[(DocId, Bill)], pledge: &PledgeId) {
    world.enforce("B1", pledge);
    let until = world.time.saturating_add(300 * DAY);
    for branch in ["cq", "sc"] {
        let target = HoldTarget::Doc(bills[3].0);
        let freeze = CourtFreeze { target, on_behalf: commit("court"), basis: commit("order"), until };
        world.ok(branch, Operation::HoldCourtFreeze(freeze), &[]);
    }
    let dispute = Dispute { target: HoldTarget::Doc(bills[4].0), interest: commit("interest"), basis: commit("basis") };
    world.ok("INS", Operation::HoldDispute(dispute), &[]);
    let op = world.surrender_op(&bills[5].0);
    world.ok("E5", op, &[]);
    let given = world.issue_bill(&Bill::new("SCENE GIVEN", &["C:S9"]));
    let op = world.transfer_op(&given, "E6");
    world.ok("E5", op, &[]);
    let customs = CustomsHold { target: HoldTarget::Doc(given), basis: commit("basis") };
    world.ok("SW", Operation::HoldCustomsHold(customs), &[]);
    world.issue_receipt(&Receipt::new("SCENE LATE", &["B:S9"]));
    world.count_cell("S:1", 120_000);
    world.suspend("F4");
}
