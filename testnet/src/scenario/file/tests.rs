use super::queries::QUERIES;
use super::*;
use crate::scenario::source::Files;
use crate::scenario::spec::Spec;
use crate::scenario::step::{Act, QuestionName};
use std::collections::BTreeSet;

const HEAD: &str = r#"name = "test"
[cast.E]
name = "a firm"
roles = ["ENTERPRISE"]
id = "91500106XXDEM0015X"
home = "cq"
[documents.bill]
kind = "NCD"
number = "A-1"
issue_date = 2026-03-04
issuer = "91500106XXDEM0023Q"
consignor = "91500106XXDEM0015X"
consignee = "TO ORDER"
containers = ["XLHU2601019"]
packages = 9
gross_weight = "61,280 kg"
hs = ["8429.52"]
destination = "SGSIN"
"#;

pub(super) fn read(text: &str) -> Result<Scenario, Vec<String>> {
    let source = Source { path: "t.toml".into(), text: text.into(), files: Files::BuiltIn { table: &[] } };
    parse(&source).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

/// The one error of a file made of the head and more lines.
fn error_of(more: &str) -> String {
    let errors = read(&format!("{HEAD}{more}")).expect_err("it is wrong");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    errors[0].clone()
}

/// Line of the first line after the head.
fn after_head() -> usize {
    HEAD.lines().count() + 1
}

const STEP: &str = "[[step]]\nid = \"1\"\nactor = \"E\"\nop = \"pledge.reserve\"\nargs = { doc = \"bill\" }\n";

#[test]
fn a_whole_file_is_read() {
    let scenario = read(&format!("{HEAD}{STEP}")).expect("nothing is wrong");
    assert_eq!((scenario.cast.len(), scenario.documents.len(), scenario.steps.len()), (1, 1, 1));
    assert_eq!(scenario.steps[0].line, after_head());
    assert_eq!(scenario.documents["bill"].fields["issue_date"], "2026-03-04");
}

#[test]
fn a_broken_line_is_named_by_line_and_column() {
    let error = error_of("[[step]]\nid = \n");
    assert!(error.starts_with(&format!("t.toml:{}:", after_head() + 1)), "{error}");
}

#[test]
fn an_unknown_key_is_refused_with_those_that_are_allowed() {
    let error = error_of(&STEP.replace("actor", "actr"));
    assert!(error.starts_with(&format!("t.toml:{}:1:", after_head() + 2)), "{error}");
    assert!(error.contains("actr") && error.contains("`actor`"), "{error}");
    let error = error_of(&STEP.replace("doc =", "dokument ="));
    assert!(error.contains("dokument") && error.contains("pledge.reserve"), "{error}");
}

#[test]
fn names_that_nothing_has_are_refused_where_they_stand() {
    let error = error_of(&STEP.replace("\"bill\"", "\"bil\""));
    assert_eq!(error, format!("t.toml:{}:16: no document `bil`; there are bill", after_head() + 4));
    let error = error_of(&STEP.replace("\"E\"", "\"F\""));
    assert!(error.contains("no party `F`; there are E"), "{error}");
    let more = STEP.replace("pledge.reserve", "pledge.release").replace("doc = \"bill\"", "pledge = \"0\"");
    assert!(error_of(&more).contains("no earlier step `0`"));
}

#[test]
fn unknown_operations_codes_events_and_members_are_refused() {
    let cases = [
        (
            STEP.replace("pledge.reserve", "pledge.rezerve"),
            "unknown operation `pledge.rezerve`; there are party.onboard",
        ),
        (format!("{STEP}expect = 5999\n"), "expected \"OK\""),
        (format!("{STEP}expect = \"FRE\"\n"), "unknown answer `FRE`"),
        (format!("{STEP}expect_events = [\"Nothing\"]\n"), "unknown event `Nothing`"),
        (format!("{STEP}via = \"zz\"\n"), "no node `zz`"),
        (format!("{STEP}expect_args = [\"@7.height\"]\n"), "no earlier step `7`; there are 1"),
        (format!("{STEP}expect_args = [\"@member.zz\"]\n"), "no node `zz`"),
        (format!("{STEP}repeat = 3\n"), "repeats the steps of one `block`"),
        (format!("{STEP}query = \"status\"\n"), "exactly one of"),
        (format!("{STEP}hostile = \"rude\"\n"), "unknown word `rude`; there are truncated"),
        (format!("{STEP}{STEP}"), "the id `1` stands twice"),
    ];
    for (text, wanted) in cases {
        let error = error_of(&text);
        assert!(error.contains(wanted), "{error}");
    }
}

/// The one error of a query with arguments.
fn query_error(query: &str, args: &str) -> String {
    error_of(&format!("[[step]]\nid = \"1\"\nactor = \"E\"\nquery = \"{query}\"\nargs = {args}\n"))
}

#[test]
fn the_arguments_of_a_query_are_checked_before_anything_is_sent() {
    let cases = [
        ("where", "{}", "needs exactly one of `doc`, `lot`"),
        ("where", "{ lot = \"nope\" }", "no document `nope`; there are bill"),
        ("where", "{ lot = \"bill.1\", bogus = 3 }", "unknown argument `bogus`; there are doc, lot, index, height"),
        ("where", "{ lot = \"bill\", height = \"9\" }", "no earlier step `9`; there are 1"),
        ("params", "{ height = 3 }", "unknown argument `height`; there are none"),
        ("queue", "{ target = \"bill\" }", "a target is a table of one of doc, lot"),
        ("queue", "{ target = { doc = \"nope\" } }", "no document `nope`"),
        ("queue", "{ target = { lot = \"nope.0\" } }", "no document `nope`"),
        ("cell", "{ cell = \"KEEPER/A-1\" }", "no party `KEEPER`"),
        ("in_transit", "{ member = \"zz\" }", "no node `zz`"),
        ("use_mark", "{ evidence = \"nope\" }", "no document `nope`"),
        ("hold", "{ hold = \"7\" }", "no earlier step `7`"),
        ("events", "{ names = [\"Nothing\"] }", "unknown event"),
    ];
    for (query, args, wanted) in cases {
        let error = query_error(query, args);
        assert!(error.contains(wanted), "{query} {args}: {error}");
    }
    let bad =
        "[[step]]\nid = \"1\"\nactor = \"E\"\nquery = \"header\"\nargs = { depth = 3 }\nexpect = \"BAD_REQUEST\"\n";
    assert!(read(&format!("{HEAD}{bad}")).is_ok(), "a question may be meant to be wrong");
}

#[test]
fn a_document_that_gives_no_fingerprint_is_refused_at_its_field() {
    let text = format!("{HEAD}{STEP}").replace("\"XLHU2601019\"", "\"XLHU2601018\"");
    let errors = read(&text).expect_err("the check digit is wrong");
    assert!(errors[0].starts_with("t.toml:14:1:") && errors[0].contains("check digit"), "{errors:?}");
    let text = format!("{HEAD}{STEP}").replace("packages = 9\n", "");
    assert!(read(&text).expect_err("a field is missing")[0].contains("`packages`"));
}

#[test]
fn variants_extend_other_documents_and_may_drop_fields() {
    let more = "[documents.copy]\nextends = \"bill\"\nnumber = \"A-2\"\nremove = [\"buyer\"]\n";
    assert!(error_of(&format!("{more}{STEP}")).contains("no field `buyer` to remove"));
    let scenario =
        read(&format!("{HEAD}{}{STEP}", more.replace("buyer", "issue_date") + "issue_date = \"2026-03-05\"\n"));
    let copy = scenario.expect("nothing is wrong").documents["copy"].fields.clone();
    assert_eq!((copy["number"].as_str(), copy["issue_date"].as_str()), (Some("A-2"), Some("2026-03-05")));
    let looped = "[documents.a]\nextends = \"b\"\n[documents.b]\nextends = \"a\"\n";
    let errors = read(&format!("{HEAD}{looped}{STEP}")).expect_err("a loop");
    assert!(errors[0].contains("extends itself"), "{errors:?}");
}

#[test]
fn firms_need_valid_codes_and_homes() {
    let text = format!("{HEAD}{STEP}").replace("91500106XXDEM0015X\"\nhome", "91500106XXDEM0015Y\"\nhome");
    assert!(read(&text).expect_err("a wrong check digit")[0].contains("t.toml:5:"));
    let text = format!("{HEAD}{STEP}").replace("home = \"cq\"", "home = \"xx\"");
    assert!(read(&text).expect_err("no such member")[0].contains("unknown member `xx`"));
}

#[test]
fn labels_must_be_neighbours() {
    let step = |id: &str, label: &str| STEP.replace("id = \"1\"", &format!("id = \"{id}\"{label}"));
    let text = step("1", "\ntogether = \"x\"") + &step("2", "") + &step("3", "\ntogether = \"x\"");
    assert!(error_of(&text).contains("must follow each other"));
}

/// Every scenario of this crate.
fn all_scenarios() -> Vec<Scenario> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder is part of the crate");
    let paths = entries.map(|e| e.expect("readable").path()).filter(|p| p.extension().is_some_and(|e| e == "toml"));
    let read = |path: std::path::PathBuf| {
        let lines = |errors: Vec<FileError>| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        parse(&Source::read(&path).expect("readable")).unwrap_or_else(|errors| panic!("{}", lines(errors)))
    };
    paths.map(read).collect()
}

#[test]
fn every_scenario_of_this_crate_is_well_formed() {
    let count = all_scenarios().len();
    assert!(count >= 12, "only {count} scenarios");
}

#[test]
fn every_operation_query_and_question_is_played_by_some_scenario() {
    let (mut operations, mut queries, mut questions) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for step in all_scenarios().into_iter().flat_map(|s| s.steps) {
        let is_refused = step.refusal().is_some();
        match step.act {
            // What is refused has not been played.
            Act::Transact(what) if !is_refused => {
                operations.extend(what.operations.iter().map(|op| op.name().to_owned()));
            }
            Act::Query { method, .. } => drop(queries.insert(method)),
            Act::Certificate { question, .. } => drop(questions.insert(question.to_string())),
            _ => {}
        }
    }
    let missing: Vec<String> = Spec::names().filter(|name| !operations.contains(name)).collect();
    assert!(missing.is_empty(), "no scenario plays {missing:?}");
    assert_eq!(queries, QUERIES.iter().map(|q| q.name.to_owned()).collect());
    assert_eq!(questions, QuestionName::WORDS.iter().map(|q| (*q).to_owned()).collect());
}
