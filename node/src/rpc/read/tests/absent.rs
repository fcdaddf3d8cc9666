//! What is not there is told from what is there and empty.

use super::super::cargo::events_page;
use super::super::goods::{DocLotsParams, lots_page};
use super::super::holds::require_known;
use super::records::{CELL, DOC, FIRM, PLEDGE, event_id, ledger, lot_id};
use super::{branch, lot_of, travelled};
use jsonrpsee::types::ErrorObjectOwned;
use landsea_types::record::HoldTarget;
use landsea_types::{AccountId, Code, DocId, GoodsKey, LotId, PledgeId};

const UNKNOWN: [u8; 32] = [99; 32];

fn is_unknown<T>(answer: Result<T, ErrorObjectOwned>) -> bool {
    answer.is_err_and(|error| error.code() == i32::from(Code::UnknownObject.number()))
}

#[test]
fn holds_of_an_absent_target_are_an_error_and_of_a_free_one_an_empty_list() {
    let state = ledger();
    let there = [
        HoldTarget::Doc(DOC),
        HoldTarget::Lot(lot_id(1)),
        HoldTarget::Pledge(PLEDGE),
        HoldTarget::Party(FIRM),
        HoldTarget::Cell(CELL),
    ];
    for target in there {
        assert_eq!(require_known(&state, &target), Ok(()), "{target:?}");
    }
    let absent = [
        HoldTarget::Doc(DocId(UNKNOWN)),
        HoldTarget::Lot(LotId(UNKNOWN)),
        HoldTarget::Pledge(PledgeId(UNKNOWN)),
        HoldTarget::Party(AccountId(UNKNOWN)),
        HoldTarget::Cell(GoodsKey(UNKNOWN)),
    ];
    for target in absent {
        assert!(is_unknown(require_known(&state, &target)), "{target:?}");
    }
}

#[test]
fn lots_of_an_absent_document_or_after_an_absent_lot_are_an_error() {
    let state = ledger();
    let page = |doc, after| lots_page(&state, &branch(), &DocLotsParams { doc, after, limit: None });
    assert!(is_unknown(page(DocId(UNKNOWN), None)));
    assert!(is_unknown(page(DOC, Some(LotId(UNKNOWN)))));
    let ids = |after| page(DOC, after).expect("it is there").into_iter().map(|lot| lot.id).collect::<Vec<_>>();
    assert_eq!(ids(None), [lot_id(1), lot_id(2)]);
    assert_eq!(ids(Some(lot_id(1))), [lot_id(2)]);
    assert_eq!(ids(Some(lot_id(2))), []);
}

#[test]
fn a_timeline_after_an_event_of_other_goods_is_an_error() {
    let state = travelled();
    assert!(is_unknown(events_page(&state, lot_of(&state, 1), Some(event_id(77)), 500)));
    assert_eq!(events_page(&state, lot_of(&state, 1), Some(event_id(5)), 500), Ok(vec![]));
}
