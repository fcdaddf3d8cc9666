//! What a reader with a cursor hears, however often it has to begin again.

use super::*;
use crate::rpc::certificates::tests::{commit_outcomes, genesis};
use landsea_client::api::error;
use landsea_storage::{MemoryDisk, MemoryStore, Store, StoreConfig};
use landsea_types::event::EventName;
use landsea_types::outcome::Outcome;
use landsea_types::{Code, Hash, TxId};

fn event(name: EventName, subject: u8) -> Event {
    let subject = Hash([subject; 32]);
    Event { name, subject, related: vec![], members: vec![], parties: vec![], args: vec![] }
}

fn outcome(tx: u8, events: Vec<Event>) -> Outcome {
    Outcome { tx: TxId([tx; 32]), code: Code::Ok, operation: 0, args: vec![], events, touched: vec![] }
}

/// Height 1 has three events in two transactions, 2 has none, 3 has two of which strangers hear one, 4 has one.
fn ledger(disk: &MemoryDisk) -> MemoryStore {
    let genesis = genesis();
    let mut store = MemoryStore::open(disk, StoreConfig::default()).expect("a fresh disk opens");
    store.initialise(&[], genesis.chain_id(), genesis.time).expect("fresh");
    let issued = |n| event(EventName::DocIssued, n);
    let heights = [
        vec![outcome(1, vec![issued(1), event(EventName::Reserved, 2)]), outcome(2, vec![issued(3)])],
        vec![],
        vec![outcome(3, vec![event(EventName::CoverLow, 4), issued(5)])],
        vec![outcome(4, vec![event(EventName::Voided, 6)])],
    ];
    for outcomes in heights {
        commit_outcomes(&mut store, &genesis, Vec::new(), outcomes);
    }
    store
}

fn page_of(store: &MemoryStore, filter: &EventFilter, limit: usize) -> Result<Events, ErrorObjectOwned> {
    events_page(&*store.reader().snapshot(), &Caller::Anonymous, filter, limit, &Work::free())
}

fn from(height: u64, index: u32) -> EventFilter {
    EventFilter { from: Some(EventCursor { height: Height::new(height), index }), ..EventFilter::default() }
}

fn subjects(events: &[EventNotice]) -> Vec<u8> {
    events.iter().map(|notice| notice.event.subject.0[0]).collect()
}

/// Reads to the end in pages, each time from where the last page says.
fn all_in_pages(store: &MemoryStore, mut filter: EventFilter, limit: usize) -> Vec<u8> {
    let mut heard = Vec::new();
    loop {
        let page = page_of(store, &filter, limit).expect("the heights are kept");
        assert!(page.events.len() <= limit);
        heard.extend(subjects(&page.events));
        if page.next.height > page.tip {
            return heard;
        }
        filter.from = Some(page.next);
    }
}

#[test]
fn pages_of_any_length_tell_every_event_once_and_in_order() {
    let store = ledger(&MemoryDisk::new());
    for limit in 1..=6 {
        assert_eq!(all_in_pages(&store, from(0, 0), limit), [1, 2, 3, 5, 6], "limit {limit}");
    }
    let documents = EventFilter { names: vec![EventName::DocIssued], ..from(0, 0) };
    assert_eq!(all_in_pages(&store, documents, 1), [1, 3, 5]);
}

#[test]
fn a_reader_that_breaks_off_after_every_event_loses_and_repeats_none() {
    let store = ledger(&MemoryDisk::new());
    let (mut filter, mut heard) = (from(1, 0), Vec::new());
    while let Some(first) = page_of(&store, &filter, 500).expect("the heights are kept").events.first() {
        heard.push(first.event.subject.0[0]);
        filter.from = Some(first.next);
    }
    assert_eq!(heard, [1, 2, 3, 5, 6]);
}

#[test]
fn a_cursor_means_the_same_after_a_restart_and_before_its_height_is_reached() {
    let disk = MemoryDisk::new();
    let mut store = ledger(&disk);
    let end = page_of(&store, &EventFilter::default(), 9).expect("the end is a place");
    assert_eq!((end.events.len(), end.next), (0, EventCursor::at(Height::new(5))));
    let late = page_of(&store, &from(6, 2), 9).expect("a height to come is no error");
    assert_eq!(late.next, EventCursor { height: Height::new(6), index: 2 });
    commit_outcomes(&mut store, &genesis(), Vec::new(), vec![outcome(5, vec![event(EventName::DocIssued, 7)])]);
    drop(store);
    let store = MemoryStore::open(&disk, StoreConfig::default()).expect("it opens again");
    let filter = EventFilter { from: Some(end.next), ..EventFilter::default() };
    assert_eq!(subjects(&page_of(&store, &filter, 9).expect("kept").events), [7]);
    assert_eq!(subjects(&page_of(&store, &from(1, 2), 9).expect("kept").events), [3, 5, 6, 7]);
}

#[test]
fn a_subscription_begins_at_a_height_or_a_cursor_and_not_at_both() {
    let height = EventFilter { from_height: Some(Height::new(3)), ..EventFilter::default() };
    assert_eq!(start(&height), Ok(Some(EventCursor::at(Height::new(3)))));
    assert_eq!(start(&from(3, 1)), Ok(Some(EventCursor { height: Height::new(3), index: 1 })));
    assert_eq!(start(&EventFilter::default()), Ok(None));
    let both = EventFilter { from_height: Some(Height::new(3)), ..from(3, 1) };
    assert_eq!(start(&both).expect_err("both").code(), -32602);
    assert_eq!(begin(Some(EventCursor::default()), EventCursor::at(Height::new(9))), EventCursor::at(Height::new(1)));
}

#[test]
fn a_height_that_is_not_kept_is_an_error_and_not_silence() {
    let store = ledger(&MemoryDisk::new());
    let snapshot = store.reader().snapshot();
    assert_eq!(require_kept(&*snapshot, Height::ZERO).expect_err("nothing of height 0").code(), error::HEIGHT);
    assert_eq!((1..=9).map(Height::new).filter(|h| require_kept(&*snapshot, *h).is_err()).count(), 0);
}
