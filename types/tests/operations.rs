//! The implemented operations against the ledger's whole table (`data/operations.csv`: every operation of its three parts).

use landsea_types::operation::OPERATIONS;
use std::collections::BTreeSet;

/// The parts that this release implements.
const PARTS: [&str; 2] = ["1", "2"];

/// Module, operation, part, caller and consents of every row.
fn table() -> Vec<[&'static str; 5]> {
    let rows = include_str!("data/operations.csv").lines().skip(1);
    let cells = |row: &'static str| row.splitn(6, ',').collect::<Vec<_>>();
    rows.map(|row| cells(row)[..5].try_into().expect("a row has six cells")).collect()
}

#[test]
fn every_operation_of_the_first_two_parts_is_implemented_as_the_table_says() {
    let wanted: BTreeSet<_> = table().into_iter().filter(|row| PARTS.contains(&row[2])).collect();
    let parts: Vec<String> = OPERATIONS.iter().map(|op| op.part.to_string()).collect();
    let built: BTreeSet<_> =
        OPERATIONS.iter().zip(&parts).map(|(op, part)| [op.module, op.operation, part, op.caller, op.consents]).collect();
    let missing: Vec<_> = wanted.iter().filter(|row| !built.contains(*row)).collect();
    let surplus: Vec<_> = built.iter().filter(|row| !wanted.iter().any(|w| w == *row)).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing {missing:?}, not in the table {surplus:?}");
    println!("{} of {} operations implemented", built.len(), table().len());
}

#[test]
fn numbers_are_distinct_and_carry_the_module_in_the_high_byte() {
    let numbers: BTreeSet<u16> = OPERATIONS.iter().map(|op| op.number).collect();
    assert_eq!(numbers.len(), OPERATIONS.len());
    for (a, b) in OPERATIONS.iter().zip(OPERATIONS.iter().skip(1)) {
        let same_module = a.module == b.module;
        assert_eq!(same_module, a.number >> 8 == b.number >> 8, "{} and {}", a.operation, b.operation);
    }
}
