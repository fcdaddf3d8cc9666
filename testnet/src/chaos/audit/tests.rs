//! Histories that are right, and the same ones spoilt.

use super::super::history::pledge_of;
use super::*;

const ISSUED: Issued = Issued { at: Position { height: Height::new(3), index: 0 }, version: 1 };

fn at(height: u64, index: u32) -> Position {
    Position { height: Height::new(height), index }
}
fn tx(n: u8) -> TxId {
    TxId([n; 32])
}

fn write(n: u8, from_ms: u64, action: Action, answer: Answer) -> Write {
    Write {
        client: 0,
        nodes: vec![0],
        doc: 0,
        tx: tx(n),
        valid_until: Height::new(50),
        action,
        invoked: Duration::from_millis(from_ms),
        ended: Duration::from_millis(from_ms + 10),
        answer,
    }
}
fn committed(at: Position, code: Code, args: &[u64]) -> Answer {
    Answer::Committed { at, code, args: args.to_vec() }
}
fn pledge(expect: u32) -> Action {
    Action::Pledge { expect }
}

/// A pledge, one that comes too late, the release, and a pledge without an answer that happened.
fn history() -> (History, Chain) {
    let release = Action::Release { pledge: pledge_of(&tx(1)) };
    let writes = vec![
        write(1, 0, pledge(1), committed(at(5, 0), Code::Ok, &[])),
        write(2, 20, pledge(2), committed(at(6, 0), Code::AlreadyPledged, &[5, 1])),
        write(3, 40, release, committed(at(7, 1), Code::Ok, &[])),
        write(4, 60, pledge(3), Answer::Unknown { why: "no answer in time".into() }),
        write(5, 80, pledge(9), Answer::NotTaken { word: "BUSY".into() }),
    ];
    let mut chain = Chain { node: "cq".into(), ..Chain::default() };
    let blocks: [&[(TxId, Code)]; 4] = [
        &[(tx(1), Code::Ok)],
        &[(tx(2), Code::AlreadyPledged)],
        &[(tx(99), Code::Ok), (tx(3), Code::Ok)],
        &[(tx(4), Code::Ok), (tx(1), Code::AlreadyCommitted)],
    ];
    for (height, block) in (5..).zip(blocks) {
        chain.add(Height::new(height), Hash([u8::try_from(height).expect("small"); 32]), block);
    }
    (History { writes, ..History::default() }, chain)
}

fn problems(history: &History, chains: &[Chain]) -> Vec<String> {
    let chain = &chains[0];
    let (eras, mut all) = replay(0, ISSUED, history, chain);
    all.extend(lost(history, chains));
    all.extend(misreported(history, chain));
    all.extend(replayed(history, chain));
    all.extend(out_of_order(history, chain));
    all.extend(forks(chains));
    all.extend(wrong_reads(history, &[eras]));
    all.extend(not_linearizable(0, ISSUED.version, history));
    all
}

fn read(stated: StatedHeight, seen: Seen) -> Read {
    Read { node: 0, doc: 0, stated, seen, asked: Duration::ZERO }
}
fn exactly(height: u64) -> StatedHeight {
    StatedHeight::Exactly { height: Height::new(height) }
}
fn document(version: Option<u32>, pledged: Option<Position>) -> Seen {
    Seen::Document { version, pledged }
}

#[test]
fn a_true_history_has_no_problem() {
    let (history, chain) = history();
    assert_eq!(problems(&history, &[chain.clone(), chain]), Vec::<String>::new());
}

#[test]
fn an_acknowledged_write_missing_on_one_node_is_lost() {
    let (history, chain) = history();
    let mut other = Chain { node: "gx".into(), ..chain.clone() };
    other.fates.remove(&tx(2));
    let found = lost(&history, &[chain.clone(), other.clone()]);
    assert!(found.len() == 1 && found[0].contains("not on gx"), "{found:?}");
    assert_eq!(forks(&[chain, other]).len(), 1);
}

#[test]
fn another_outcome_than_the_one_answered_is_misreported() {
    let (mut history, chain) = history();
    history.writes[1].answer = committed(at(6, 0), Code::Ok, &[]);
    assert_eq!(misreported(&history, &chain).len(), 1);
    history.writes[1].answer = Answer::NotTaken { word: "BUSY".into() };
    assert_eq!(misreported(&history, &chain).len(), 1, "refused at the door, yet in the chain");
}

#[test]
fn a_write_before_one_that_was_answered_earlier_is_out_of_order() {
    let (history, mut chain) = history();
    chain.fates.insert(tx(3), (at(4, 0), Code::Ok));
    assert_eq!(out_of_order(&history, &chain).len(), 1);
}

#[test]
fn a_transaction_executed_twice_or_too_late_is_noticed() {
    let (mut history, mut chain) = history();
    chain.add(Height::new(9), Hash::default(), &[(tx(4), Code::Ok)]);
    assert_eq!(replayed(&history, &chain).len(), 1);
    history.writes[0].valid_until = Height::new(4);
    assert_eq!(replayed(&history, &chain).len(), 2);
}

#[test]
fn an_outcome_that_is_not_the_registers_is_noticed() {
    let (history, mut chain) = history();
    chain.fates.insert(tx(2), (at(6, 0), Code::Ok));
    let (_, wrong) = replay(0, ISSUED, &history, &chain);
    assert!(wrong.iter().any(|w| w.contains("got OK")), "{wrong:?}");
    chain.fates.insert(tx(2), (at(6, 0), Code::Internal));
    assert!(!replay(0, ISSUED, &history, &chain).1.is_empty(), "no write of a run may get this code");
}

#[test]
fn a_late_bank_must_be_told_since_when() {
    let (mut history, chain) = history();
    history.writes[1].answer = committed(at(6, 0), Code::AlreadyPledged, &[4, 1]);
    assert_eq!(replay(0, ISSUED, &history, &chain).1.len(), 1);
}

#[test]
fn a_read_must_show_the_register_at_its_height() {
    let (mut history, chain) = history();
    let (eras, _) = replay(0, ISSUED, &history, &chain);
    let pledged = Some(at(5, 0));
    let right = [
        read(exactly(2), Seen::Nothing),
        read(exactly(4), document(None, None)),
        read(exactly(6), document(Some(2), pledged)),
        read(exactly(7), document(Some(3), None)),
        read(StatedHeight::Between { low: Height::new(4), high: Height::new(6) }, document(Some(1), None)),
        read(StatedHeight::Between { low: Height::new(4), high: Height::new(6) }, document(Some(2), pledged)),
    ];
    history.reads = right.to_vec();
    assert_eq!(wrong_reads(&history, std::slice::from_ref(&eras)), Vec::<String>::new());
    history.reads = vec![
        read(exactly(5), document(None, None)),
        read(exactly(7), document(None, pledged)),
        read(exactly(6), document(Some(1), pledged)),
        read(exactly(4), Seen::Nothing),
        read(StatedHeight::Between { low: Height::new(5), high: Height::new(6) }, document(Some(1), None)),
    ];
    assert_eq!(wrong_reads(&history, &[eras]).len(), 5);
}

#[test]
fn a_state_that_lasted_less_than_a_block_is_never_seen() {
    let era = |height, index, version| Era { from: at(height, index), version, pledged: None };
    let eras = vec![era(3, 0, 1), era(5, 0, 2), era(5, 1, 3)];
    let between = StatedHeight::Between { low: Height::new(4), high: Height::new(6) };
    let seen = |version| read(between, document(Some(version), None));
    let history = |reads| History { reads, ..History::default() };
    assert!(wrong_reads(&history(vec![seen(1), seen(3)]), std::slice::from_ref(&eras)).is_empty());
    assert_eq!(wrong_reads(&history(vec![seen(2)]), &[eras]).len(), 1);
}

#[test]
fn two_acknowledged_pledges_without_a_release_are_not_linearizable() {
    let (mut history, _) = history();
    assert_eq!(not_linearizable(0, 1, &history), Vec::<String>::new());
    history.writes[1].answer = committed(at(6, 0), Code::Ok, &[]);
    let found = not_linearizable(0, 1, &history);
    assert!(found.len() == 1 && found[0].contains("none can follow"), "{found:?}");
}

#[test]
fn an_expired_write_in_the_chain_has_no_effect_and_is_no_problem() {
    let (mut history, mut chain) = history();
    // The one without an answer, one that was refused at the door, and one that was told.
    chain.fates.insert(tx(4), (at(60, 0), EXPIRED));
    chain.fates.insert(tx(5), (at(60, 1), EXPIRED));
    chain.fates.insert(tx(6), (at(60, 2), EXPIRED));
    history.writes[4].answer = Answer::NotTaken { word: EXPIRED.to_string() };
    history.writes.push(write(6, 100, pledge(3), committed(at(60, 2), EXPIRED, &[])));
    assert_eq!(problems(&history, std::slice::from_ref(&chain)), Vec::<String>::new());
    let (eras, _) = replay(0, ISSUED, &history, &chain);
    assert_eq!(eras.last().map(|era| era.pledged), Some(None), "the pledge of the expired one is not there");
}

#[test]
fn a_late_write_with_another_outcome_and_one_that_expired_too_early_are_noticed() {
    let (history, mut chain) = history();
    chain.fates.insert(tx(4), (at(51, 0), Code::StaleVersion));
    assert_eq!(replayed(&history, &chain).len(), 1);
    chain.fates.insert(tx(4), (at(50, 0), EXPIRED));
    assert_eq!(replayed(&history, &chain), Vec::<String>::new());
    let (_, wrong) = replay(0, ISSUED, &history, &chain);
    assert!(wrong.len() == 1 && wrong[0].contains("expired at 50/0"), "{wrong:?}");
    chain.fates.insert(tx(5), (at(51, 0), EXPIRED));
    assert_eq!(misreported(&history, &chain).len(), 1, "refused as busy, yet in the chain");
}

#[test]
fn a_code_that_no_write_may_get_hides_nothing_else_of_its_document() {
    let (mut history, _) = history();
    history.writes[2].answer = committed(at(7, 1), Code::Internal, &[]);
    let found = not_linearizable(0, 1, &history);
    assert!(found.len() == 1 && found[0].contains("no write may get"), "{found:?}");
    history.writes[1].answer = committed(at(6, 0), Code::Ok, &[]);
    let found = not_linearizable(0, 1, &history);
    assert!(found.len() == 2 && found[1].contains("none can follow"), "{found:?}");
}
