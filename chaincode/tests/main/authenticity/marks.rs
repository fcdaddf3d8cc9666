//! Use marks: shares of one piece of evidence.

use super::*;
use landsea_types::operation::authenticity::{MarkUse, ReleaseMark};
use landsea_types::record::{UseMark, UseMarks};
use landsea_types::role::UsePurpose::{self, *};
use landsea_types::{Bps, Fp, bounds};

fn invoice() -> Paper {
    Paper::new("BY-INV-260302-01", &[])
}

fn mark_op(w: &World, by: &str, purpose: UsePurpose, bps: Bps) -> Operation {
    let ticket = w.ticket(by, DocKind::INVOICE, &invoice());
    Operation::AuthenticityMarkUse(MarkUse { ticket, purpose, bps, reference: commit("amounts") })
}

fn mark(w: &mut World, by: &str, purpose: UsePurpose, bps: Bps) -> (Code, Vec<u64>) {
    let op = mark_op(w, by, purpose, bps);
    let outcome = w.submit(by, op, &[]);
    (outcome.code, outcome.args)
}

fn marks(w: &World) -> UseMarks {
    w.state.view().use_marks(&invoice().fp1()).expect("the evidence is marked")
}

fn release_op(w: &World, n: u32) -> Operation {
    let evidence = invoice().fp1();
    Operation::AuthenticityReleaseMark(ReleaseMark { evidence, expect_ver: marks(w).ver, mark: n })
}

#[test]
fn shares_for_one_purpose_add_up_to_the_whole_and_no_further() {
    let mut w = World::new();
    assert_eq!(mark(&mut w, "B1", Financing, 6_000).0, Code::Ok);
    assert_eq!(mark(&mut w, "B2", Financing, 4_001), (Code::UseMarkExceeded, vec![4_000]));
    assert_eq!(mark(&mut w, "B2", Financing, 4_000).0, Code::Ok);
    assert_eq!(mark(&mut w, "B3", Financing, 1), (Code::UseMarkExceeded, vec![0]), "the last unit");
    assert_eq!(mark(&mut w, "B3", FxPayment, 10_000).0, Code::Ok, "each purpose has its own whole");
    let public = marks(&w).public();
    assert_eq!(public.used_bps, [10_000, 10_000, 0, 0]);
}

#[test]
fn a_share_is_one_to_ten_thousand() {
    let mut w = World::new();
    for bps in [0, 10_001, Bps::MAX] {
        assert_eq!(mark(&mut w, "B1", Financing, bps), (Code::UseMarkExceeded, vec![10_000]), "{bps}");
    }
    assert!(w.state.view().use_marks(&invoice().fp1()).is_none());
    for (purpose, bps) in UsePurpose::ALL.iter().zip([1, 10_000, 1, 10_000]) {
        assert_eq!(mark(&mut w, "B1", *purpose, bps).0, Code::Ok);
    }
}

#[test]
fn what_is_given_back_can_be_used_again() {
    let mut w = World::new();
    mark(&mut w, "B1", Financing, 10_000);
    let op = release_op(&w, 1);
    let outcome = w.ok("B1", op, &[]);
    assert_eq!(event(&outcome, EventName::MarkReleased).args, [Financing as u64, 10_000, 0]);
    assert_eq!(mark(&mut w, "B2", Financing, 10_000).0, Code::Ok);
    let all = marks(&w);
    assert_eq!((all.ver, all.marks.len(), all.marks[0].released, all.marks[1].n), (3, 2, true, 2));
}

#[test]
fn a_mark_is_told_to_branches_and_to_its_marker_alone() {
    let mut w = World::new();
    let op = mark_op(&w, "B2", Financing, 2_500);
    let outcome = w.ok("B2", op, &[]);
    let used = event(&outcome, EventName::UseMarked);
    assert_eq!(
        (used.parties.as_slice(), used.members.as_slice()),
        ([w.account("B2")].as_slice(), [w.member("gx")].as_slice())
    );
    assert_eq!(
        (used.subject.0, used.args.as_slice()),
        (invoice().fp1().0, [Financing as u64, 2_500, 2_500].as_slice())
    );
}

#[test]
fn only_users_of_evidence_mark_it() {
    let mut w = World::new();
    for by in ["E5", "MTO", "SUP", "cq"] {
        assert_eq!(mark(&mut w, by, Financing, 1).0, Code::RoleNotPermitted, "{by}");
    }
    for by in ["B1", "SW", "TAXG", "INS"] {
        assert_eq!(mark(&mut w, by, Insurance, 1).0, Code::Ok, "{by}");
    }
    w.suspend("B3");
    assert_eq!(mark(&mut w, "B3", Financing, 1).0, Code::PartySuspended);
}

#[test]
fn the_ticket_is_the_markers_own_over_a_paper() {
    let mut w = World::new();
    let with = |w: &mut World, spoil: &dyn Fn(&World, &mut MarkUse)| {
        let Operation::AuthenticityMarkUse(mut body) = mark_op(w, "B1", Financing, 1) else { panic!("a mark") };
        spoil(w, &mut body);
        w.code("B1", Operation::AuthenticityMarkUse(body), &[])
    };
    let foreign = |w: &World, body: &mut MarkUse| body.ticket = w.ticket("B2", DocKind::INVOICE, &invoice());
    assert_eq!(with(&mut w, &foreign), Code::TicketInvalid);
    assert_eq!(with(&mut w, &|_, body| body.ticket.body.fp1 = Fp([9; 32])), Code::TicketInvalid);
    let stale = |w: &World, body: &mut MarkUse| {
        let mut unsigned = w.ticket_body("B1", DocKind::INVOICE, &invoice());
        unsigned.epoch = 9;
        body.ticket = w.sign_ticket(unsigned);
    };
    assert_eq!(with(&mut w, &stale), Code::FingerprintEpochStale);
    for kind in [DocKind::PARTY, DocKind::SITE] {
        let no_paper = move |w: &World, body: &mut MarkUse| body.ticket = w.ticket("B1", kind, &invoice());
        assert_eq!(with(&mut w, &no_paper), Code::UnknownKindOrRules, "{kind:?}");
    }
    let both = |w: &World, body: &mut MarkUse| (foreign(w, body), body.bps = 0).0;
    assert_eq!(with(&mut w, &both), Code::TicketInvalid, "8 before 13");
}

#[test]
fn releasing_answers_each_defect_with_its_code() {
    let mut w = World::new();
    mark(&mut w, "B1", Financing, 5_000);
    let op = release_op(&w, 1);
    assert_eq!(w.code("E5", op.clone(), &[]), Code::RoleNotPermitted);
    assert_eq!(w.code("B2", op.clone(), &[]), Code::NotHolder);
    let strange = release_op(&w, 2);
    let outcome = w.submit("B1", strange, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
    let unknown = ReleaseMark { evidence: Fp([1; 32]), expect_ver: 1, mark: 1 };
    let outcome = w.submit("B1", Operation::AuthenticityReleaseMark(unknown), &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![0]));
    w.ok("B1", op.clone(), &[]);
    assert_eq!(w.code("B1", op, &[]), Code::StaleVersion);
    let again = release_op(&w, 1);
    assert_eq!(w.code("B2", again.clone(), &[]), Code::PledgeState, "6 before 11");
    assert_eq!(w.code("B1", again, &[]), Code::PledgeState);
}

/// Evidence with as many marks of one basis point as it has room for, the given ones released.
fn full_but_for(released: &[u32]) -> World {
    let mut w = World::new();
    mark(&mut w, "B1", Financing, 1);
    let one = marks(&w).marks[0].clone();
    let max = u32::try_from(bounds::USE_MARKS_MAX).expect("a small number");
    assert_eq!(max, 256);
    let all = (1..=max).map(|n| UseMark { n, released: released.contains(&n), ..one.clone() }).collect();
    w.edit(|view| view.put_use_marks(&UseMarks { evidence: invoice().fp1(), ver: 1, marks: all }));
    w
}

#[test]
fn evidence_has_room_for_a_bounded_number_of_marks_in_use() {
    let mut w = full_but_for(&[]);
    assert_eq!(mark(&mut w, "B1", Financing, 1).0, Code::TooLarge);
    assert_eq!(mark(&mut w, "B1", Financing, 10_000).0, Code::UseMarkExceeded, "what is left is judged first");
}

#[test]
fn marks_that_were_given_back_make_room_the_oldest_first_and_their_numbers_stay_used() {
    let mut w = full_but_for(&[7, 256]);
    for (n, gone) in [(257, 7), (258, 256)] {
        assert_eq!(mark(&mut w, "B1", Financing, 1).0, Code::Ok);
        let all = marks(&w).marks;
        assert_eq!((all.len(), all[255].n), (256, n));
        assert!(all.iter().all(|mark| mark.n != gone), "{gone}");
    }
    assert_eq!(mark(&mut w, "B1", Financing, 1).0, Code::TooLarge);
    let op = release_op(&w, 7);
    let outcome = w.submit("B1", op, &[]);
    assert_eq!((outcome.code, outcome.args), (Code::UnknownObject, vec![1]));
}
