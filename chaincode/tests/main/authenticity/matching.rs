//! Every comparison, on templates of one rule.

use super::*;
use landsea_types::record::{FieldMatch, FieldRule, QuorumRule, Template};
use landsea_types::role::TemplateCode;

const TEMPLATE: u16 = 50;
const FIELD: u16 = 500;

/// A paper by its attester, with the values that it states.
type Copy = (&'static str, DocKind, &'static [&'static str]);

/// What a case comes to, or the first refusal.
type Verdict = Result<(ProofState, u8), Code>;

const CONTRACT: DocKind = DocKind::CONTRACT;
const INVOICE: DocKind = DocKind::INVOICE;
const PACKING: DocKind = DocKind::PACKING_LIST;

/// A template that compares one field of contract, invoice and packing list; any two attesters make its quorum.
fn template(matching: FieldMatch, required: bool) -> Template {
    let sources = vec![CONTRACT, INVOICE, PACKING];
    Template {
        id: TEMPLATE,
        ver: 1,
        code: TemplateCode::Offshore,
        docs: vec![DocKind::NCD, CONTRACT, INVOICE, PACKING],
        fields: vec![FieldRule { field: FIELD, sources, matching, required }],
        quorum: vec![QuorumRule { any_of: vec![Role::Customs, Role::Tax, Role::Insurer], min: 2 }],
        ttl_ms: 90 * DAY,
    }
}

/// What a case comes to when the given copies are attested one after the other, or the first refusal.
fn comes_to(matching: FieldMatch, required: bool, copies: &[Copy]) -> Verdict {
    let mut w = World::with(Setup { templates: vec![template(matching, required)], ..Setup::default() });
    let doc = w.issue_bill(&Bill::s1());
    let proof = w.open_proof("E5", &doc, TEMPLATE);
    for (by, kind, values) in copies {
        let op = attest_op(&w, by, &proof, *kind, &vec![(FIELD, *values)]);
        let outcome = w.submit(by, op, &[]);
        if outcome.code != Code::Ok {
            assert_eq!(outcome.args, [u64::from(FIELD)]);
            return Err(outcome.code);
        }
    }
    let case = w.proof(&proof);
    assert_eq!(case.contradiction.is_some(), case.state == ProofState::Contradicted);
    Ok((case.state, case.level))
}

const MATCHED: Verdict = Ok((ProofState::Matched, 3));
const CONTRADICTED: Verdict = Ok((ProofState::Contradicted, 0));
const UNDECIDED: Verdict = Ok((ProofState::Open, 1));
const MALFORMED: Verdict = Err(Code::FieldMismatch);

#[track_caller]
fn check(matching: FieldMatch, cases: &[(&[Copy], Verdict)]) {
    for (copies, expected) in cases {
        assert_eq!(comes_to(matching, true, copies), *expected, "{matching:?} {copies:?}");
    }
}

#[test]
fn eq_takes_one_equal_value() {
    check(
        FieldMatch::Eq,
        &[
            (&[("SW", CONTRACT, &["a"]), ("TAXG", INVOICE, &["a"])], MATCHED),
            (&[("SW", CONTRACT, &["a"]), ("TAXG", INVOICE, &["b"])], CONTRADICTED),
            (&[("SW", CONTRACT, &["a", "b"])], MALFORMED),
        ],
    );
}

#[test]
fn set_eq_takes_equal_sets() {
    check(
        FieldMatch::SetEq,
        &[
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["b", "a"])], MATCHED),
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["a"])], CONTRADICTED),
        ],
    );
}

#[test]
fn subset_takes_sets_of_which_one_contains_the_other_pair_by_pair() {
    check(
        FieldMatch::Subset,
        &[
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["a"])], MATCHED),
            (&[("SW", CONTRACT, &["a"]), ("TAXG", INVOICE, &["a", "b", "c"])], MATCHED),
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["b", "c"])], CONTRADICTED),
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["a"]), ("INS", PACKING, &["a", "b", "c"])], MATCHED),
            (&[("SW", CONTRACT, &["a", "b"]), ("TAXG", INVOICE, &["a"]), ("INS", PACKING, &["b"])], CONTRADICTED),
        ],
    );
}

#[test]
fn bucket_takes_neighbours_and_no_more_tags_than_its_tolerance_makes() {
    check(
        FieldMatch::Bucket { step: 100, tolerance: 1 },
        &[
            (&[("SW", CONTRACT, &["1", "2", "3"]), ("TAXG", INVOICE, &["3", "4", "5"])], MATCHED),
            (&[("SW", CONTRACT, &["1", "2", "3"]), ("TAXG", INVOICE, &["4", "5", "6"])], CONTRADICTED),
            (&[("SW", CONTRACT, &["0", "1"]), ("TAXG", INVOICE, &["1", "2", "3"])], MATCHED),
            (&[("SW", CONTRACT, &["1", "2", "3", "4"])], MALFORMED),
        ],
    );
    check(
        FieldMatch::Bucket { step: 100, tolerance: 0 },
        &[
            (&[("SW", CONTRACT, &["1"]), ("TAXG", INVOICE, &["1"])], MATCHED),
            (&[("SW", CONTRACT, &["1", "2"])], MALFORMED),
        ],
    );
}

#[test]
fn order_takes_a_later_date_among_the_days_of_the_earlier_one() {
    let order = FieldMatch::Order { days: 2, earlier: 1, grace: 0 };
    check(
        order,
        &[
            (&[("SW", CONTRACT, &["d1", "d2", "d3"]), ("TAXG", INVOICE, &["d1"])], MATCHED),
            (&[("SW", CONTRACT, &["d1", "d2", "d3"]), ("TAXG", INVOICE, &["d3"])], MATCHED),
            (&[("TAXG", INVOICE, &["d3"]), ("SW", CONTRACT, &["d1", "d2", "d3"])], MATCHED),
            (&[("SW", CONTRACT, &["d1", "d2", "d3"]), ("TAXG", INVOICE, &["d4"])], CONTRADICTED),
            (&[("SW", CONTRACT, &["d1", "d2", "d3", "d4"])], MALFORMED),
            (&[("SW", INVOICE, &["d1", "d2"])], MALFORMED),
        ],
    );
    // Two later papers do not compare with each other.
    let copies: &[Copy] =
        &[("SW", CONTRACT, &["d1", "d2", "d3"]), ("TAXG", INVOICE, &["d1"]), ("INS", PACKING, &["d3"])];
    assert_eq!(comes_to(order, true, copies), MATCHED);
    // Two of the earlier ones neither.
    let two = FieldMatch::Order { days: 2, earlier: 2, grace: 0 };
    let copies: &[Copy] =
        &[("SW", CONTRACT, &["d1", "d2", "d3"]), ("TAXG", INVOICE, &["d2", "d3", "d4"]), ("INS", PACKING, &["d3"])];
    assert_eq!(comes_to(two, true, copies), MATCHED);
}

#[test]
fn an_order_that_nobody_states_does_not_stand_in_the_way() {
    let order = FieldMatch::Order { days: 2, earlier: 1, grace: 0 };
    let later_only: &[Copy] = &[("SW", INVOICE, &["d1"]), ("TAXG", PACKING, &["d9"])];
    assert_eq!(comes_to(order, true, later_only), MATCHED);
    let other: &[Copy] = &[("SW", CONTRACT, &["a"]), ("TAXG", CONTRACT, &["a"])];
    assert_eq!(comes_to(FieldMatch::Eq, true, &other[..1]), UNDECIDED);
}

#[test]
fn a_mismatch_of_an_optional_field_contradicts_nothing() {
    let apart: &[Copy] = &[("SW", CONTRACT, &["a"]), ("TAXG", INVOICE, &["b"])];
    for matching in [FieldMatch::Eq, FieldMatch::SetEq, FieldMatch::Subset] {
        assert_eq!(comes_to(matching, false, apart), MATCHED, "{matching:?}");
    }
    assert_eq!(comes_to(FieldMatch::Bucket { step: 1, tolerance: 1 }, false, apart), MATCHED);
    assert_eq!(comes_to(FieldMatch::Order { days: 1, earlier: 1, grace: 0 }, false, apart), MATCHED);
}

#[test]
fn who_contradicts_only_itself_is_not_two_sources() {
    let one: &[Copy] = &[("SW", CONTRACT, &["a"]), ("SW", INVOICE, &["b"])];
    assert_eq!(comes_to(FieldMatch::Eq, true, one), UNDECIDED);
    let both: &[Copy] = &[("SW", CONTRACT, &["a"]), ("SW", INVOICE, &["b"]), ("TAXG", PACKING, &["a"])];
    assert_eq!(comes_to(FieldMatch::Eq, true, both), CONTRADICTED);
    let dates: &[Copy] = &[("SW", CONTRACT, &["d1"]), ("SW", INVOICE, &["d9"])];
    assert_eq!(comes_to(FieldMatch::Order { days: 2, earlier: 1, grace: 0 }, true, dates), UNDECIDED);
}
