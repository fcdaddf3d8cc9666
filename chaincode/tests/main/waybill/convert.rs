//! `waybill.convert`: the second scenario's arrival, and what it must refuse.

mod gone_on;

use super::acts::{children_of, merged_of, part, restated, short_kg};
use crate::kit::*;
use landsea_types::event::EventName;
use landsea_types::operation::warehouse::MANDATORY_FIELDS;
use landsea_types::operation::waybill::{Convert, NewLot, Shortage};
use landsea_types::record::Flow;
use landsea_types::role::{DocKind, DocState, FlowStep, HoldKind, LegalBasis, LicenceKind, LotKind, LotStatus};
use landsea_types::{Code, DocId, Operation, PledgeId, Qty, Uom};

const KG: u64 = 1_000;

fn lot(kilograms: u64, packages: u32, keys: &[&str]) -> NewLot {
    NewLot {
        kind: LotKind::Unit,
        uom: Uom::KGM,
        qty: Qty::new(kilograms * KG),
        packages,
        goods_class: *b"020230",
        keys: keys.iter().map(|k| key(k)).collect(),
    }
}

/// The through bill over 50,400 kg of frozen beef in two reefers.
fn beef_bill() -> Bill {
    let paper = Paper::new("SHLT-SSZ-CKG-2026-000052", &["C:XLRU2602015", "C:XLRU2602020"]);
    let kind = DocKind::MTD;
    Bill { issuer: "MTO", kind, basis: LegalBasis::Agreement, first_holder: "E1", paper, ..Bill::s1() }
}

/// The receipt's paper: the meat lot, come in by the two reefers.
fn beef_paper() -> Paper {
    Paper::new("TJLC-WR-2026-0087", &["M:BR-CSI-2026-11873"]).arrived_in(&["C:XLRU2602015", "C:XLRU2602020"])
}

/// A world with the beef bill of E1.
fn arrived() -> (World, DocId) {
    let mut world = World::new();
    let mut body = world.issue_body(&beef_bill());
    body.lots = vec![lot(25_200, 1_008, &["C:XLRU2602015"]), lot(25_200, 1_008, &["C:XLRU2602020"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E1"]));
    (world, doc)
}

/// The same, pledged to B1 with SUP appointed.
fn arrived_pledged() -> (World, DocId, PledgeId) {
    let (mut world, doc) = arrived();
    let mut body = world.create_body("B1", "E1", &[(doc, &beef_bill().paper)]);
    body.supervisor = Some(world.account("SUP"));
    let pledge = pledge_of(&world.ok("B1", Operation::PledgeCreate(body), &["E1", "MTO", "SUP"]));
    (world, doc, pledge)
}

/// The conversion at COLD with `kilograms` weighed and the rest declared short.
fn convert_body(world: &World, doc: &DocId, kilograms: u64) -> Convert {
    let paper = beef_paper();
    let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
    receipt.lots = vec![lot(kilograms, 2_016, &["M:BR-CSI-2026-11873"])];
    Convert {
        doc: *doc,
        expect_ver: world.ver(doc),
        receipt,
        shortages: vec![short_kg(50_400 - kilograms)],
        accept_shortage: false,
    }
}

/// What converting with a changed body answers, every consent given.
fn code_with(change: impl FnOnce(&mut Convert, &mut World)) -> Code {
    let (mut world, doc) = arrived();
    let mut body = convert_body(&world, &doc, 50_280);
    change(&mut body, &mut world);
    world.code("COLD", Operation::WaybillConvert(body), &["MTO", "E1"])
}

/// Another paper of the receipt, with its ticket.
fn retitle(world: &World, body: &mut Convert, paper: &Paper) {
    body.receipt.ticket = world.ticket("COLD", DocKind::WHR, paper);
}

const ALL: &[&str] = &["MTO", "E1", "B1", "SUP"];

#[test]
fn a_pledged_waybill_becomes_a_receipt_under_the_same_pledge_and_priority() {
    let (mut world, doc, pledge) = arrived_pledged();
    let before = world.pledge(&pledge);
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    let outcome = world.ok("COLD", op, ALL);
    assert_eq!(event(&outcome, EventName::Converted).args, vec![120 * KG]);
    assert_eq!(events(&outcome, EventName::CustodyChanged).len(), 1);
    let (old, new) = (world.doc(&doc), world.doc(&doc_of(&outcome)));
    assert_eq!((old.state, old.replaced_by, old.enc), (DocState::Converted, Some(new.id), None));
    assert_eq!((new.state, new.kind, new.replaces), (DocState::Active, DocKind::WHR, Some(doc)));
    assert_eq!((new.issuer, new.holder), (world.account("COLD"), world.account("B1")));
    assert_eq!((new.beneficiary, new.enc), (Some(world.account("E1")), Some(pledge)));
    let lots = world.lots(&new.id);
    assert_eq!((lots.len(), lots[0].qty, lots[0].packages), (1, Qty::new(50_280 * KG), 2_016));
    assert_eq!((lots[0].custodian, lots[0].supervisor), (world.account("COLD"), Some(world.account("SUP"))));
    assert_eq!(lots[0].parents, old.lots);
    assert!(world.lots(&doc).iter().all(|lot| lot.status == LotStatus::Consumed));
    let after = world.pledge(&pledge);
    assert_eq!((after.priority, after.docs, after.lots), (before.priority, vec![new.id], new.lots));
    assert_eq!(world.encumbrance(&new.id.0).expect("encumbered").priority, before.priority);
    assert!(world.encumbrance(&doc.0).is_none());
}

#[test]
fn the_containers_go_on_their_way_and_the_batch_stays() {
    let (mut world, doc) = arrived();
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    world.ok("COLD", op, &["MTO", "E1"]);
    world.issue_bill(&Bill::new("NEXT-1", &["C:XLRU2602015"]));
    let op = world.receipt_op(&Receipt::new("TJLC-WR-2026-0088", &["M:BR-CSI-2026-11873"]));
    assert_eq!(world.code("COLD", op, &["E1"]), Code::GoodsKeyOccupied);
}

#[test]
fn a_second_pledge_on_the_receipt_answers_5001() {
    let (mut world, doc, _) = arrived_pledged();
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    let receipt = doc_of(&world.ok("COLD", op, ALL));
    let op = world.create_op("B2", "E1", &receipt, &beef_paper());
    assert_eq!(world.code("B2", op, &["E1", "COLD"]), Code::AlreadyPledged);
}

#[test]
fn a_shortage_is_judged_to_the_last_gram() {
    // 30 bps of 50,400 kg are 151.2 kg.
    let code = |grams: u64, accept: bool| {
        code_with(|body, _| {
            let short = 50_400 * KG - grams;
            body.receipt.lots[0].qty = Qty::new(grams);
            body.shortages = vec![Shortage { uom: Uom::KGM, qty: Qty::new(short), packages: 0 }];
            body.accept_shortage = accept;
        })
    };
    assert_eq!(code(50_280_000, false), Code::Ok);
    assert_eq!(code(50_248_800, false), Code::Ok, "exactly the tolerance");
    assert_eq!(code(50_248_799, false), Code::ShortageAboveTolerance, "one gram more");
    assert_eq!(code(50_100_000, false), Code::ShortageAboveTolerance);
    assert_eq!(code(50_100_000, true), Code::Ok, "accepted by who signs");
    assert_eq!(code(1, true), Code::Ok);
}

#[test]
fn a_pledged_shortage_above_tolerance_needs_the_flag_and_the_pledgee() {
    let (mut world, doc, _) = arrived_pledged();
    let mut body = convert_body(&world, &doc, 50_100);
    assert_eq!(world.code("COLD", Operation::WaybillConvert(body.clone()), ALL), Code::ShortageAboveTolerance);
    body.accept_shortage = true;
    let op = Operation::WaybillConvert(body);
    assert_eq!(world.code("COLD", op.clone(), &["MTO", "E1", "SUP"]), Code::Encumbered);
    assert_eq!(world.code("COLD", op, ALL), Code::Ok);
}

#[test]
fn what_came_in_is_stored_or_declared_short() {
    let declared = |short: Vec<Shortage>| code_with(|body, _| body.shortages = short);
    assert_eq!(declared(vec![]), Code::NotConserved);
    assert_eq!(declared(vec![short_kg(119)]), Code::NotConserved);
    assert_eq!(declared(vec![short_kg(121)]), Code::NotConserved);
    assert_eq!(declared(vec![short_kg(60), short_kg(60)]), Code::Ok, "in two parts");
    let other_unit = Shortage { uom: Uom(*b"LTR"), qty: Qty::new(120_000), packages: 0 };
    assert_eq!(declared(vec![other_unit]), Code::UnitMismatch);
    assert_eq!(declared(vec![Shortage { packages: 1, ..short_kg(120) }]), Code::NotConserved, "a carton too many");
    assert_eq!(code_with(|body, _| body.receipt.lots[0].uom = Uom(*b"NMP")), Code::UnitMismatch);
    assert_eq!(code_with(|body, _| body.receipt.lots[0].packages = 2_015), Code::NotConserved);
    let carton_short = |body: &mut Convert, _: &mut World| {
        body.receipt.lots[0].packages = 2_015;
        body.shortages[0].packages = 1;
    };
    assert_eq!(code_with(carton_short), Code::Ok);
    let surplus = |body: &mut Convert, _: &mut World| {
        body.receipt.lots[0].qty = Qty::new(50_401 * KG);
        body.shortages.clear();
    };
    assert_eq!(code_with(surplus), Code::NotConserved, "goods from nowhere");
    let overflow = |body: &mut Convert, _: &mut World| {
        body.shortages = vec![Shortage { uom: Uom::KGM, qty: Qty::new(u64::MAX), packages: 0 }; 2];
    };
    assert_eq!(code_with(overflow), Code::NotConserved);
}

#[test]
fn lasting_keys_stay_with_the_goods() {
    let mut world = World::new();
    let bill = Bill { first_holder: "E1", ..Bill::new("A-1", &["C:1", "V:VIN1"]) };
    let doc = world.issue_bill(&bill);
    let mut convert = |number: &str, keys: &[&str]| {
        let paper = Paper::new(number, keys).arrived_in(&["C:1"]);
        let mut receipt = world.receipt_body("COLD", "site of COLD", &paper);
        receipt.lots = vec![NewLot { qty: Qty::new(40_000_000), packages: 6, ..lot(1, 1, keys) }];
        let body = Convert { doc, expect_ver: world.ver(&doc), receipt, shortages: vec![], accept_shortage: false };
        world.code("COLD", Operation::WaybillConvert(body), &["MTO", "E1"])
    };
    assert_eq!(convert("W-1", &["B:1"]), Code::KeyDuplicated, "the vehicle is gone");
    assert_eq!(convert("W-2", &["V:VIN1"]), Code::Ok);
}

#[test]
fn a_container_ends_only_if_every_new_lot_has_another_key() {
    let lots = |keys: &'static [&'static str]| {
        code_with(move |body, world| {
            retitle(world, body, &Paper::new("W-1", keys));
            let each = |key: &&'static str| NewLot { qty: Qty::new(0), packages: 0, ..lot(0, 0, &[key]) };
            body.receipt.lots = keys.iter().map(each).collect();
            let n = keys.len() as u64;
            for (i, lot) in body.receipt.lots.iter_mut().enumerate() {
                lot.qty = Qty::new(50_280 * KG / n);
                lot.packages = if i == 0 { 2_016 } else { 0 };
            }
        })
    };
    assert_eq!(lots(&["C:XLRU2602015", "C:XLRU2602020"]), Code::Ok, "stored as they came");
    assert_eq!(lots(&["C:XLRU2602015"]), Code::KeyDuplicated);
    assert_eq!(lots(&["C:XLRU2602015", "M:1"]), Code::KeyDuplicated);
    assert_eq!(lots(&["M:1", "M:2"]), Code::Ok);
}

#[test]
fn a_wagon_ends_with_arrival() {
    let mut world = World::new();
    let mut body = world.issue_body(&Bill { first_holder: "E1", ..Bill::new("A-1", &["C:1", "W:1"]) });
    body.lots = vec![lot(100, 10, &["C:1", "W:1"])];
    let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E1"]));
    let mut receipt = world.receipt_body("COLD", "site of COLD", &Paper::new("W-1", &["C:1"]));
    receipt.lots = vec![lot(100, 10, &["C:1"])];
    let body = Convert { doc, expect_ver: 1, receipt, shortages: vec![], accept_shortage: false };
    world.ok("COLD", Operation::WaybillConvert(body), &["MTO", "E1"]);
    assert!(world.state.view().goods_key(&key("W:1").key).is_empty());
    assert!(!world.state.view().goods_key(&key("C:1").key).is_empty());
}

#[test]
fn a_receipt_stores_no_wagon_and_a_cell_must_be_open() {
    for (class, expected) in
        [("W:1", Code::UnknownKindOrRules), ("L:1", Code::UnknownKindOrRules), ("S:1", Code::UnknownObject)]
    {
        let code = code_with(|body, world| {
            retitle(world, body, &Paper::new("W-1", &[class]));
            body.receipt.lots = vec![lot(50_280, 2_016, &[class])];
        });
        assert_eq!(code, expected, "{class}");
    }
}

#[test]
fn keys_of_other_goods_are_not_taken_in() {
    let code = code_with(|body, world| {
        world.issue_receipt(&Receipt::new("W-9", &["M:9"]));
        retitle(world, body, &Paper::new("W-1", &["M:9"]));
        body.receipt.lots = vec![lot(50_280, 2_016, &["M:9"])];
    });
    assert_eq!(code, Code::GoodsKeyOccupied);
    let code = code_with(|body, world| {
        world.issue_bill(&Bill::new("A-9", &["C:9"]));
        retitle(world, body, &beef_paper().arrived_in(&["C:XLRU2602015", "C:9"]));
    });
    assert_eq!(code, Code::GoodsKeyOccupied, "nor under arrival keys");
}

#[test]
fn the_receipts_number_is_new() {
    let code = code_with(|_, world| {
        let paper = beef_paper().over(&["B:9"]).arrived_in(&["L:LOCAL"]);
        world.issue_receipt(&Receipt { paper, ..Receipt::new("W-9", &["B:9"]) });
    });
    assert_eq!(code, Code::DuplicateDocument);
}

#[test]
fn carrier_holder_pledgee_and_supervisor_consent_in_that_order() {
    let (mut world, doc, _) = arrived_pledged();
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    let mut refused = |consents: &[&str]| {
        let outcome = world.submit("COLD", op.clone(), consents);
        (outcome.code, outcome.args)
    };
    assert_eq!(refused(&["MTO", "E1", "SUP"]).0, Code::Encumbered);
    assert_eq!(refused(&["B1"]), (Code::ConsentMissing, vec![0]), "the carrier");
    assert_eq!(refused(&["B1", "MTO"]), (Code::ConsentMissing, vec![1]), "the beneficiary");
    assert_eq!(refused(&["B1", "MTO", "E1"]), (Code::ConsentMissing, vec![3]), "the supervisor");
    assert_eq!(refused(ALL), (Code::Ok, vec![]));
}

#[test]
fn a_supervised_site_brings_its_supervisor() {
    let (mut world, doc) = arrived();
    world.license("SUP", LicenceKind::Supervision, "site of COLD");
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    let outcome = world.submit("COLD", op.clone(), &["MTO", "E1"]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![3]));
    let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1", "SUP"]));
    let part = world.doc(&receipt).receipt.expect("a receipt");
    assert_eq!((part.supervisor, part.depositor), (Some(world.account("SUP")), world.account("E1")));
}

#[test]
fn a_carrier_that_is_holder_too_consents_once() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill { first_holder: "MTO", ..Bill::new("A-1", &["C:1"]) });
    let mut receipt = world.receipt_body("COLD", "site of COLD", &Paper::new("W-1", &["B:1"]));
    receipt.lots = vec![lot(20_000, 3, &["B:1"])];
    let body = Convert { doc, expect_ver: 1, receipt, shortages: vec![], accept_shortage: false };
    world.ok("COLD", Operation::WaybillConvert(body), &["MTO"]);
}

#[test]
fn only_a_licensed_warehouse_converts() {
    let (mut world, doc) = arrived();
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    assert_eq!(world.code("MTO", op.clone(), &["E1"]), Code::RoleNotPermitted);
    assert_eq!(world.code("WUL", op.clone(), &["MTO", "E1"]), Code::LicenceMissing, "another's site");
    world.suspend("COLD");
    assert_eq!(world.code("COLD", op, &["MTO", "E1"]), Code::PartySuspended);
    let (mut world, doc) = arrived();
    world.pass(11 * 365 * DAY);
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    assert_eq!(world.code("COLD", op, &["MTO", "E1"]), Code::LicenceMissing, "the licence is over");
}

#[test]
fn objects_versions_kinds_and_states_are_checked_in_order() {
    assert_eq!(code_with(|body, _| body.doc = DocId([7; 32])), Code::UnknownObject);
    assert_eq!(code_with(|body, _| body.expect_ver = 9), Code::StaleVersion);
    let receipt = |body: &mut Convert, world: &mut World| {
        body.doc = world.issue_receipt(&Receipt::new("W-9", &["B:9"]));
        body.expect_ver = 1;
    };
    assert_eq!(code_with(receipt), Code::NotPledgeableHere, "a receipt is not converted");
    let partly = |body: &mut Convert, _: &mut World| body.receipt.mandatory_fields = MANDATORY_FIELDS & !1;
    assert_eq!(code_with(partly), Code::NotPledgeableHere, "negotiable without every field");
    let plain = |body: &mut Convert, world: &mut World| {
        partly(body, world);
        body.receipt.negotiable = false;
    };
    assert_eq!(code_with(plain), Code::Ok);
    let surrendered = |body: &mut Convert, world: &mut World| {
        let op = world.surrender_op(&body.doc);
        world.ok("E1", op, &[]);
        body.expect_ver = 2;
    };
    assert_eq!(code_with(surrendered), Code::DocumentState);
    assert_eq!(code_with(|body, _| body.receipt.loss_standard_bps = 10_001), Code::TermOutOfLimits);
    assert_eq!(code_with(|body, _| body.receipt.storage_until = body.receipt.storage_from), Code::TermOutOfLimits);
}

#[test]
fn disputes_and_customs_holds_follow_the_goods_and_others_bar_arrival() {
    for kind in [HoldKind::CourtFreeze, HoldKind::RegulatorFreeze, HoldKind::LossStop] {
        assert_eq!(code_with(|body, world| world.place_hold(&body.doc.0, kind)), Code::Held, "{kind}");
    }
    for kind in [HoldKind::Dispute, HoldKind::CustomsHold, HoldKind::Deficit] {
        let (mut world, doc) = arrived();
        let lot = world.doc(&doc).lots[1];
        world.place_hold(&lot.0, kind);
        let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
        let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1"]));
        assert_eq!(world.holds(&receipt.0), [], "it stood on goods, not on the paper");
        assert_eq!(world.holds(&lot.0), []);
        assert!(world.lots(&receipt).iter().all(|lot| world.holds(&lot.id.0) == [kind]), "{kind}");
        let (mut world, doc) = arrived();
        world.place_hold(&doc.0, kind);
        let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
        let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1"]));
        assert_eq!((world.holds(&receipt.0), world.holds(&doc.0)), (vec![kind], vec![]));
        assert!(world.lots(&receipt).iter().all(|lot| world.holds(&lot.id.0).is_empty()));
    }
}

#[test]
fn a_court_freeze_lets_arrival_pass_by_the_order_of_its_branch() {
    let (mut world, doc) = arrived();
    world.place_hold(&doc.0, HoldKind::CourtFreeze);
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    assert_eq!(
        world.code("COLD", op.clone(), &["MTO", "E1", "gx"]),
        Code::Held,
        "another branch's word counts nothing"
    );
    let forged = {
        let mut consent = world.consent("cq", "COLD", &op);
        consent.signature.0[3] ^= 1;
        let others = ["MTO", "E1"].map(|party| world.consent(party, "COLD", &op));
        others.into_iter().chain([consent]).collect()
    };
    assert_eq!(world.submit_with("COLD", op.clone(), forged).code, Code::ConsentInvalid);
    let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1", "cq"]));
    assert_eq!(world.holds(&receipt.0), [HoldKind::CourtFreeze], "the freeze goes on");
}

#[test]
fn goods_on_their_way_are_not_converted() {
    for (step, expected) in [
        (FlowStep::Departed, Code::DocumentState),
        (FlowStep::OnBoard, Code::DocumentState),
        (FlowStep::Arrived, Code::Ok),
        (FlowStep::Unstuffed, Code::Ok),
    ] {
        let code = code_with(|body, world| {
            let lot = world.doc(&body.doc).lots[1];
            world.edit(|view| {
                let at = landsea_types::Timestamp::new(1);
                let flow = Flow { step, at, recorded: at, node: *b"CNTJC   ", ..Flow::UNKNOWN };
                view.put_flow(&lot, &flow);
            });
        });
        assert_eq!(code, expected, "{step}");
    }
}

#[test]
fn whoever_has_the_goods_agrees_to_the_arrival() {
    let hand_over = |to: &'static str| {
        let (mut world, doc) = arrived();
        let (lot, to) = (world.doc(&doc).lots[0], world.account(to));
        world.edit(|view| {
            let mut lot = view.lot(&lot).expect("the lot exists");
            (lot.custodian, lot.ver) = (to, lot.ver + 1);
            view.put_lot(&lot);
        });
        (world, doc)
    };
    let (mut world, doc) = hand_over("R-CD");
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    let outcome = world.submit("COLD", op.clone(), &["MTO", "E1"]);
    assert_eq!((outcome.code, outcome.args), (Code::ConsentMissing, vec![0]), "the last carrier has not spoken");
    assert_eq!(
        world.code("COLD", op.clone(), &["R-CD", "E1"]),
        Code::ConsentMissing,
        "nor does it stand for the issuer"
    );
    assert_eq!(world.code("COLD", op, &["MTO", "R-CD", "E1"]), Code::Ok);
    let (mut world, doc) = hand_over("COLD");
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    assert_eq!(world.code("COLD", op, &["MTO", "E1"]), Code::Ok, "the warehouse has them already");
}

#[test]
fn a_warehouse_of_the_debtors_or_the_banks_group_takes_no_pledged_goods_in() {
    for side in ["E1", "B1"] {
        let groups = vec![("COLD", "one group"), (side, "one group")];
        let mut world = World::with(Setup { groups, ..Setup::default() });
        let mut body = world.issue_body(&beef_bill());
        body.lots = vec![lot(25_200, 1_008, &["C:XLRU2602015"]), lot(25_200, 1_008, &["C:XLRU2602020"])];
        let doc = doc_of(&world.ok("MTO", Operation::WaybillIssue(body), &["E1"]));
        let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
        let free = world.execute(world.next_context(), &[world_tx(&world, &op)]);
        assert_eq!(free.outcomes[0].code, Code::Ok, "unpledged goods may go anywhere");
        world.pledge_doc("B1", "E1", "MTO", &doc, &beef_bill().paper);
        let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
        assert_eq!(world.code("COLD", op.clone(), &["MTO", "E1", "B1"]), Code::CustodianNotIndependent, "{side}");
        assert_eq!(world.code("COLD", op, &[]), Code::Encumbered, "3006 before 5109");
    }
}

/// A signed conversion with its consents, without using up the world's numbers.
fn world_tx(world: &World, op: &Operation) -> landsea_types::Transaction {
    let consent = |party: &str| {
        let actor = world.actor(party);
        let terms = landsea_types::transaction::ConsentTerms {
            party: actor.account,
            key: actor.key,
            role: actor.role,
            op_hash: op.hash(&world.account("COLD")),
            not_after: world.next_time().saturating_add(DAY),
            nonce: 1,
        };
        world.sign_consent(party, terms)
    };
    let actor = world.actor("COLD");
    landsea_types::Transaction {
        version: landsea_types::Transaction::VERSION,
        chain_id: world.chain,
        sender: actor.account,
        represents: None,
        key: actor.key,
        public_key: actor.secret.public(),
        valid_until: world.height.saturating_add(100),
        nonce: 1,
        ops: vec![op.clone()],
        consents: vec![consent("MTO"), consent("E1")],
        signature: landsea_types::Signature([0; 64]),
    }
    .sign(&actor.secret)
}

#[test]
fn a_reservation_passes_to_the_receipt() {
    let (mut world, doc) = arrived();
    world.reserve("B1", "E1", &doc, 24);
    let op = Operation::WaybillConvert(convert_body(&world, &doc, 50_280));
    assert_eq!(world.code("COLD", op.clone(), &["MTO", "E1"]), Code::ReservedByOther);
    let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1", "B1"]));
    assert!(world.reservation(&doc.0).is_none());
    assert!(world.reservation(&receipt.0).is_some());
    let op = world.create_op("B2", "E1", &receipt, &beef_paper());
    assert_eq!(world.code("B2", op, &["E1", "COLD"]), Code::ReservedByOther);
}

#[test]
fn the_first_failing_check_of_a_conversion_answers() {
    let (mut world, doc, _) = arrived_pledged();
    let spoilt = convert_body(&world, &doc, 50_100);
    let op = Operation::WaybillConvert(Convert { shortages: vec![], ..spoilt.clone() });
    assert_eq!(world.code("COLD", op.clone(), &[]), Code::Encumbered, "3006 before 1008 and 4003");
    assert_eq!(world.code("COLD", op.clone(), &["B1"]), Code::ConsentMissing, "1008 before 4003");
    assert_eq!(world.code("COLD", op, ALL), Code::NotConserved, "4003 before 3107");
    let mut body = spoilt;
    body.receipt.ticket.body.epoch = 9;
    assert_eq!(world.code("COLD", Operation::WaybillConvert(body), &[]), Code::TicketInvalid, "3003 before 3006");
}

#[test]
fn halves_in_one_container_are_stored_one_after_the_other() {
    let mut world = World::new();
    let doc = world.issue_bill(&Bill { first_holder: "E1", ..Bill::new("LCL-1", &["C:1"]) });
    let whole = world.lots(&doc).remove(0);
    let body = world.split_body(&doc, "P", vec![vec![part(&whole, 12_000, 1)], vec![part(&whole, 8_000, 2)]]);
    let halves = children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E1"]));
    for (n, half) in halves.iter().enumerate() {
        let lots = world.lots(half).iter().map(restated).collect();
        let op = Operation::WaybillConvert(world.convert_body(half, &format!("W-{n}"), lots));
        let receipt = doc_of(&world.ok("COLD", op, &["MTO", "E1"]));
        assert_eq!(world.state.view().goods_key(&key("C:1").key).len(), 2);
        assert_eq!(world.lots(&receipt)[0].origin_doc, doc, "still of one consignment");
    }
    let op = world.issue_op(&Bill::new("NEXT-1", &["C:1"]));
    assert_eq!(world.code("MTO", op, &["E5"]), Code::GoodsKeyOccupied);
}

#[test]
fn shared_containers_of_two_consignments_do_not_become_one() {
    let mut world = World::new();
    let docs = [("A-1", "C:1"), ("A-2", "C:2")]
        .map(|(number, container)| world.issue_bill(&Bill { first_holder: "E1", ..Bill::new(number, &[container]) }));
    let halves = docs.map(|doc| {
        let whole = world.lots(&doc).remove(0);
        let number = format!("half of {doc}");
        let body = world.split_body(&doc, &number, vec![vec![part(&whole, 12_000, 1)], vec![part(&whole, 8_000, 2)]]);
        children_of(&world.ok("MTO", Operation::WaybillSplit(body), &["E1"]))
    });
    let merged = |world: &mut World, n: usize| {
        let body = world.merge_body(&[halves[0][n], halves[1][n]], &format!("M-{n}"));
        merged_of(&world.ok("MTO", Operation::WaybillMerge(body), &["E1"]))
    };
    let (first, second) = (merged(&mut world, 0), merged(&mut world, 1));
    let convert = |world: &mut World, doc: &DocId, number: &str, keys: &[&str]| {
        let lots: Vec<NewLot> = world.lots(doc).iter().map(restated).collect();
        let total = lots.iter().map(|lot| lot.qty.get()).sum::<u64>();
        let packages = lots.iter().map(|lot| lot.packages).sum();
        let keys = keys.iter().map(|k| key(k)).collect();
        let one = NewLot { qty: Qty::new(total), packages, keys, ..lots[0].clone() };
        let op = Operation::WaybillConvert(world.convert_body(doc, number, vec![one]));
        world.code("COLD", op, &["MTO", "E1"])
    };
    assert_eq!(convert(&mut world, &first, "W-1", &["C:1", "C:2"]), Code::KeyDuplicated, "others are still in both");
    assert_eq!(convert(&mut world, &first, "W-1", &["M:1"]), Code::Ok, "taken out of them");
    assert_eq!(convert(&mut world, &second, "W-2", &["C:1", "C:2"]), Code::Ok, "nobody else is in them now");
}
