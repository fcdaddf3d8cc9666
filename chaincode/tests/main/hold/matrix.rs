//! The blocking matrix, cell by cell, against one real operation per row and real holds where an operation places them.

use super::*;
use landsea_chaincode::hold::{Act, Bar, KINDS, MATRIX, bar};
use landsea_types::PledgeId;
use landsea_types::operation::pledge::{Assign, DeclareDefault, Realise};
use landsea_types::operation::warehouse::{DeliverPartial, Part};
use landsea_types::operation::waybill::Convert;
use landsea_types::role::{PledgeState, RealiseMode};
use landsea_types::{AccountId, LotId, Qty};

/// An act about to succeed.
struct Scene {
    world: World,
    sender: &'static str,
    op: Operation,
    consents: Vec<&'static str>,
    targets: Vec<HoldTarget>,
}

/// Who holds the bill or receipt of a scene.
fn targets_of(world: &World, doc: &DocId, holder: &str) -> Vec<HoldTarget> {
    let lots = world.doc(doc).lots.into_iter().map(HoldTarget::Lot);
    [HoldTarget::Doc(*doc), HoldTarget::Party(world.account(holder))].into_iter().chain(lots).collect()
}

/// A scene on a free bill of E5.
fn on_bill(sender: &'static str, consents: &[&'static str], op: impl FnOnce(&World, &DocId) -> Operation) -> Scene {
    let (world, doc) = bill_of_e5();
    let (op, targets) = (op(&world, &doc), targets_of(&world, &doc, "E5"));
    Scene { world, sender, op, consents: consents.to_vec(), targets }
}

/// A scene on a pledge of E5's bill to B1.
fn on_pledge(consents: &[&'static str], op: impl FnOnce(&mut World, &PledgeId) -> Operation) -> Scene {
    let mut world = World::new();
    let (doc, pledge) = world.pledged_bill(&Bill::s1());
    let op = op(&mut world, &pledge);
    let mut targets = targets_of(&world, &doc, "E5");
    targets.push(HoldTarget::Pledge(pledge));
    Scene { world, sender: "B1", op, consents: consents.to_vec(), targets }
}

fn scene(act: Act) -> Option<Scene> {
    Some(match act {
        Act::Pledge => on_bill("B2", &["E5"], |world, doc| world.reserve_op(doc, 24)),
        Act::Transfer => on_bill("E5", &[], |world, doc| world.transfer_op(doc, "E1")),
        Act::Reshape => {
            on_bill("MTO", &["E5"], |world, doc| world.amend_op(doc, &Bill::s1().paper.rewritten("another content")))
        }
        Act::Convert => on_bill("COLD", &["MTO", "E5"], conversion),
        Act::Exit => on_bill("E5", &[], |world, doc| world.surrender_op(doc)),
        Act::PartialExit => partial_delivery(),
        Act::Release => on_pledge(&[], |world, pledge| world.release_op(pledge)),
        Act::Assign => on_pledge(&["B3"], |world, pledge| assignment(world, pledge, world.account("B3"))),
        Act::Realise => on_pledge(&["MTO", "E5"], realisation),
        Act::Record => on_pledge(&["E5"], |world, pledge| world.extend_op(pledge, 400)),
        Act::Lapse => return None,
    })
}

fn conversion(world: &World, doc: &DocId) -> Operation {
    let receipt = world.receipt_body("COLD", "site of COLD", &Paper::new("WR", &["B:1", "B:2", "B:3"]));
    let body = Convert { doc: *doc, expect_ver: 1, receipt, shortages: Vec::new(), accept_shortage: false };
    Operation::WaybillConvert(body)
}

fn partial_delivery() -> Scene {
    let mut world = World::new();
    let doc = world.issue_receipt(&Receipt::new("WR", &["B:1", "B:2"]));
    let lot: LotId = world.doc(&doc).lots[0];
    let part = Part { lot, qty: Qty::new(5_000_000), packages: 1, keys: Vec::new() };
    let op = Operation::WarehouseDeliverPartial(DeliverPartial { doc, expect_ver: 1, parts: vec![part] });
    let targets = targets_of(&world, &doc, "E1");
    Scene { world, sender: "COLD", op, consents: vec!["E1"], targets }
}

fn assignment(world: &World, pledge: &PledgeId, to: AccountId) -> Operation {
    let expect_ver = world.pledge(pledge).ver;
    let body = Assign { pledge: *pledge, expect_ver, to, accept_enforcing: false, encumbered_claim: false };
    Operation::PledgeAssign(body)
}

fn realisation(world: &mut World, pledge: &PledgeId) -> Operation {
    let expect_ver = world.pledge(pledge).ver;
    let notice = DeclareDefault { pledge: *pledge, expect_ver, notice: commit("notice") };
    world.ok("B1", Operation::PledgeDeclareDefault(notice), &[]);
    world.pass(8 * DAY);
    let (expect_ver, to) = (world.pledge(pledge).ver, world.account("E4"));
    Operation::PledgeRealise(Realise { pledge: *pledge, expect_ver, mode: RealiseMode::Agreed, to, order: None })
}

/// Places a hold by its own operation, or by the kit where its operation belongs to another part or to nobody.
fn place(world: &mut World, kind: HoldKind, target: HoldTarget) {
    match kind {
        HoldKind::Dispute => drop(world.dispute("INS", target)),
        HoldKind::CourtFreeze => drop(world.freeze("gx", target, 600)),
        HoldKind::RegulatorFreeze => drop(world.emergency("gx", target)),
        HoldKind::CustomsHold => drop(world.customs(target)),
        HoldKind::LossStop | HoldKind::Deficit => world.place_hold(&target.id(), kind),
    }
}

#[test]
fn every_cell_answers_as_the_matrix_says() {
    for act in Act::ALL {
        let Some(scene) = scene(act) else { continue };
        for kind in KINDS {
            for target in &scene.targets {
                check_cell(act, kind, &scene, *target);
            }
        }
    }
}

fn check_cell(act: Act, kind: HoldKind, scene: &Scene, target: HoldTarget) {
    let mut world = scene.world.clone();
    place(&mut world, kind, target);
    let mut answer = |consents: &[&str]| {
        let context = world.next_context();
        let tx = world.tx(scene.sender, std::slice::from_ref(&scene.op), consents);
        let outcome = world.execute(context, &[tx]).outcomes.swap_remove(0);
        (outcome.code, outcome.args)
    };
    let on_claim = matches!(target, HoldTarget::Pledge(_));
    let cell = bar(act, kind);
    let barred = matches!(cell, Bar::Barred | Bar::ByOrder) || (cell == Bar::OnClaim && on_claim);
    let free = (Code::Ok, Vec::new());
    let expected = if barred { (Code::Held, vec![kind as u64]) } else { free.clone() };
    assert_eq!(answer(&scene.consents), expected, "{act:?} under {kind} on {target:?}");
    if barred {
        let ordered: Vec<&str> = scene.consents.iter().copied().chain(["gx"]).collect();
        let expected = if cell == Bar::ByOrder { free } else { expected };
        assert_eq!(answer(&ordered), expected, "{act:?} under {kind} on {target:?}, by order");
    }
}

#[test]
fn a_lapse_waits_as_the_matrix_says() {
    let mut base = World::new();
    let (doc, pledge) = base.pledged_bill(&Bill::s1());
    let due = base.pledge(&pledge).grace_until.since(base.time);
    base.pass(due - 2 * DAY);
    let mut targets = targets_of(&base, &doc, "E5");
    targets.push(HoldTarget::Pledge(pledge));
    for kind in KINDS {
        for target in &targets {
            let mut world = base.clone();
            place(&mut world, kind, *target);
            world.pass(3 * DAY);
            let waits = bar(Act::Lapse, kind) == Bar::Barred;
            let expected = if waits { PledgeState::Matured } else { PledgeState::Lapsed };
            assert_eq!(world.pledge(&pledge).state, expected, "{kind} on {target:?}");
        }
    }
}

/// Section 8 of the specification, as it stands there: `x`, `-`, `o` only by order, `c` on the claim.
const SPECIFIED: [(Act, &str); 11] = [
    (Act::Pledge, "xxx-xx"),
    (Act::Transfer, "xxx-xx"),
    (Act::Reshape, "xxx-xx"),
    (Act::Convert, "-ox-x-"),
    (Act::Exit, "xxxxx-"),
    (Act::PartialExit, "xxxxxx"),
    (Act::Release, "-cx---"),
    (Act::Assign, "cxx---"),
    (Act::Realise, "xox---"),
    (Act::Record, "------"),
    (Act::Lapse, "xxx-xx"),
];

#[test]
fn the_matrix_is_the_one_of_the_specification() {
    let letter = |bar: &Bar| match bar {
        Bar::Free => '-',
        Bar::Barred => 'x',
        Bar::ByOrder => 'o',
        Bar::OnClaim => 'c',
    };
    let data: Vec<(Act, String)> = MATRIX.iter().map(|(act, row)| (*act, row.iter().map(letter).collect())).collect();
    let specified: Vec<(Act, String)> = SPECIFIED.iter().map(|(act, row)| (*act, row.to_string())).collect();
    assert_eq!(data, specified);
}

#[test]
fn an_order_is_judged_with_the_other_consents() {
    let scene = scene(Act::Convert).expect("a conversion");
    let mut world = scene.world.clone();
    let target = scene.targets[0];
    world.freeze("gx", target, 600);
    assert_eq!(world.code("COLD", scene.op.clone(), &["MTO", "E5", "cq"]), Code::Held, "another branch orders nothing");
    let mut forged: Vec<_> = ["MTO", "E5", "gx"].iter().map(|p| world.consent(p, "COLD", &scene.op)).collect();
    forged[2].signature.0[7] ^= 1;
    assert_eq!(world.submit_with("COLD", scene.op.clone(), forged).code, Code::ConsentInvalid, "1009 at step 12");
    world.ok("COLD", scene.op, &["MTO", "E5", "gx"]);
}
