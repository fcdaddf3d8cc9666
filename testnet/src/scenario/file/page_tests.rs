//! The page on the format says what this program does.

use super::queries::QUERIES;
use super::tests::read;
use crate::scenario::spec::Spec;
use crate::scenario::step::{ConsentFlaw, Hostile, QuestionName, Spoil};
use landsea_types::operation::OPERATIONS;

const PAGE: &str = include_str!("../../../../docs/scenario-format.md");

/// The cells of the row that begins with a name.
fn row(name: &str) -> Vec<&'static str> {
    let start = format!("| `{name}`");
    let line = PAGE.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row for {name}"));
    line.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// The arguments that an operation takes, as its error names them.
fn arguments(name: &str) -> Vec<String> {
    let wrong = serde_json::json!({"no_such_argument": 1});
    let problem = Spec::read(name, wrong).expect("the operation is known").expect_err("it has no such argument");
    let (_, list) = problem.text.split_once("there are ").expect("the error lists them");
    list.split(", ").map(|argument| argument.trim_matches('`').to_owned()).collect()
}

#[test]
fn every_operation_occurs_in_the_page() {
    for name in Spec::names() {
        assert!(PAGE.contains(&format!("`{name}`")), "{name}");
    }
    assert!(PAGE.contains(&format!("All {} operations", OPERATIONS.len())), "{}", OPERATIONS.len());
}

#[test]
fn operations_of_the_second_part_have_all_their_arguments_and_an_example_that_reads() {
    for info in OPERATIONS.iter().filter(|info| info.part == 2) {
        let name = format!("{}.{}", info.module, info.operation);
        let cells = row(&name);
        let wanted: Vec<String> = arguments(&name).into_iter().filter(|argument| argument != "expect_ver").collect();
        let there: Vec<&str> = cells[1].split(", ").map(|argument| argument.trim_matches('`')).collect();
        assert_eq!(there, wanted, "{name}: the page should say {}", wanted.join(", "));
        let example = cells[2].trim_matches('`');
        let parsed: toml::Table =
            toml::from_str(&format!("args = {example}")).unwrap_or_else(|e| panic!("{name}: {e}"));
        let args = serde_json::to_value(&parsed["args"]).expect("JSON has all that stands there");
        let read = Spec::read(&name, args).expect("the operation is known");
        assert!(read.is_ok(), "{name}: {:?}", read.err());
    }
}

#[test]
fn every_query_has_a_row_with_its_arguments() {
    let words = |list: &[&str], between: &str| {
        let words: Vec<String> = list.iter().map(|word| format!("`{word}`")).collect();
        if words.is_empty() { "-".to_owned() } else { words.join(between) }
    };
    for query in QUERIES {
        let row = format!("| `{}` | {} | {} |", query.name, words(query.one_of, " or "), words(query.others, ", "));
        assert!(PAGE.lines().any(|line| line.starts_with(&row)), "the page should have {row}");
    }
}

#[test]
fn every_word_for_questions_and_spoilt_things_occurs() {
    let all = [QuestionName::WORDS, Hostile::WORDS, ConsentFlaw::WORDS, Spoil::WORDS].concat();
    let missing: Vec<&str> = all.into_iter().filter(|word| !PAGE.contains(&format!("`{word}`"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn the_first_example_is_a_whole_scenario() {
    let (_, rest) = PAGE.split_once("```toml\n").expect("there is an example");
    let (example, _) = rest.split_once("```").expect("it ends");
    let scenario = read(example).unwrap_or_else(|errors| panic!("{errors:#?}"));
    assert!(scenario.steps.len() >= 3);
}
