//! Which rows go when, without a node.

use super::*;
use landsea_types::operation::pledge::Reserve;
use landsea_types::{AccountId, SecretKey, Timestamp};

const SENDER: AccountId = AccountId([1; 32]);
const CHAIN: ChainId = ChainId([7; 32]);

fn root(row: u8) -> Commit {
    Commit([row; 32])
}

/// Does something with the sender of a file of so many rows, of which an earlier run left a transaction open.
fn with_sender<T>(count: u8, open: &[Commit], then: impl FnOnce(&mut Sender<'_>) -> T) -> T {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (file, journal) = (folder.path().join("bills.csv"), folder.path().join("journal"));
    let line = |row: u8| format!("HOUSE_BILL,QZFF/{row:04},2026-03-05\n");
    let text: String = (0..count).map(line).collect();
    std::fs::write(&file, format!("kind,number,issue_date\n{text}")).expect("the folder is writable");
    let rows = crate::bulk::rows::read(&file).expect("a table");
    let roots: Vec<Option<Commit>> = (0..count).map(|row| Some(root(row))).collect();
    let identity = Identity { account: SENDER, key: 0, secret: SecretKey::from_seed([3; 32]) };
    let reserve = Reserve { doc: DocId([1; 32]), expect_ver: 1, until: Timestamp::new(9) };
    let draft = Draft::new(CHAIN, SENDER).operation(Operation::PledgeReserve(reserve));
    let tx = draft.valid_until(Height::new(5)).sign(&identity).expect("complete");
    let past = Past { open: vec![(hex::encode(tx.encode()), open.to_vec())], ..Past::default() };
    let (journal, _) = Journal::open(&journal, CHAIN, SENDER).expect("a new file");
    let client = RpcClient::new("http://127.0.0.1:9").expect("an address");
    let terms = Terms { chain: CHAIN, identity, legal_basis: LegalBasis::NcdConvention, valid_for: 5 };
    then(&mut Sender::new(&client, terms, (&rows, &roots), (journal, past), true))
}

fn queued(sender: &Sender<'_>) -> Vec<usize> {
    sender.queue.iter().flat_map(|group| group.rows.clone()).collect()
}

#[test]
fn a_transaction_stays_open_when_one_of_its_rows_left_the_file() {
    let gone = root(99);
    with_sender(4, &[root(0), gone, root(2)], |sender| {
        assert_eq!(queued(sender), [1, 3], "the other rows of the open transaction are not sent again");
        assert!(sender.is_any_withdrawn());
        let id = *sender.under_way.keys().next().expect("it is kept");
        sender.void(id, "over").expect("room");
        assert_eq!(queued(sender), [0, 2, 1, 3], "after its end they are, and the one that is gone is not");
    });
    with_sender(2, &[root(0), root(1)], |sender| assert!(!sender.is_any_withdrawn()));
}

#[test]
fn a_transaction_that_comes_too_late_is_made_anew_and_no_row_is_refused() {
    with_sender(2, &[root(0), root(1)], |sender| {
        let mut flight = sender.under_way.drain().next().expect("it is kept").1;
        flight.tries.splits = 9;
        for renewals in 1..=RENEWALS_MAX {
            sender.renew(&flight, "late").expect("few enough");
            flight.tries = sender.queue.pop_front().expect("it is in line").tries;
            assert_eq!(flight.tries, Tries { splits: 9, renewals });
        }
        let error = sender.renew(&flight, "late").expect_err("it is never taken");
        assert_eq!((error.exit, sender.ends.len()), (exit::UNREACHABLE, 0));
    });
}

#[test]
fn what_is_wrong_with_the_sender_is_no_fault_of_a_row() {
    for number in [1001, 1005, 1006, 1011, 2002, 2003] {
        assert!(concerns_sender(Code::try_from(number).expect("a code")), "{number}");
    }
    for code in [Code::TransactionExpired, Code::TicketInvalid, Code::DuplicateDocument, Code::GoodsKeyOccupied] {
        assert!(!concerns_sender(code), "{code}");
    }
}

/// Rounds and transactions until every row of one transaction has ended, when some are bad.
fn play(bad: &[usize]) -> (u32, usize, Vec<usize>) {
    let mut groups = vec![((0..OPERATIONS_MAX).collect::<Vec<_>>(), Tries::default())];
    let (mut rounds, mut sent, mut accepted) = (0, 0, Vec::new());
    while !groups.is_empty() {
        (rounds, sent) = (rounds + 1, sent + groups.len());
        let mut next = Vec::new();
        for (rows, tries) in groups {
            match rows.iter().position(|row| bad.contains(row)) {
                Some(refused) => next.extend(remainder(&rows, refused, tries)),
                None => accepted.extend(rows),
            }
        }
        groups = next;
    }
    accepted.sort_unstable();
    (rounds, sent, accepted)
}

#[test]
fn one_bad_row_costs_one_more_transaction_and_no_good_row() {
    for bad in 0..OPERATIONS_MAX {
        let (rounds, sent, accepted) = play(&[bad]);
        assert_eq!((rounds, sent), (2, 2), "bad row {bad}");
        assert_eq!(accepted, (0..OPERATIONS_MAX).filter(|row| *row != bad).collect::<Vec<_>>());
    }
}

#[test]
fn every_set_of_bad_rows_is_isolated_in_few_rounds() {
    for mask in 0..1u32 << OPERATIONS_MAX {
        let bad: Vec<usize> = (0..OPERATIONS_MAX).filter(|row| mask & (1 << row) != 0).collect();
        let (rounds, sent, accepted) = play(&bad);
        let good: Vec<usize> = (0..OPERATIONS_MAX).filter(|row| !bad.contains(row)).collect();
        assert_eq!(accepted, good, "{bad:?}");
        assert!(rounds <= 6 && sent <= 2 * OPERATIONS_MAX, "{bad:?}: {rounds} rounds, {sent} transactions");
    }
}
