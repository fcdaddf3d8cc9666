//! Arguments are read through the ledger's types: every operation can be written, and every mistake is found with its place.

use super::{Kind, Problem, Spec};
use crate::scenario::args::Names;
use landsea_types::operation::{OPERATIONS, Operation};
use landsea_types::role::FlowStep;
use serde_json::{Value, json};

fn read(name: &str, args: Value) -> Result<Spec, Problem> {
    Spec::read(name, args).expect("the operation is known").map(|(spec, _)| spec)
}

fn problem(name: &str, args: Value) -> (String, String) {
    let problem = read(name, args).expect_err("something is wrong");
    (problem.path.expect("the place is known").join("."), problem.text)
}

/// Answers of the right form, as a network would give them.
fn answers(spec: &Spec) -> Vec<Value> {
    let needs = spec.needs().expect("it was read");
    needs.iter().map(|need| need.sample().expect("it was read")).collect()
}

#[test]
fn every_operation_knows_its_arguments() {
    for info in OPERATIONS {
        let name = format!("{}.{}", info.module, info.operation);
        let (path, text) = problem(&name, json!({"no_such_argument": 1}));
        assert_eq!(path, "no_such_argument", "{name}: {text}");
        assert!(text.contains("unknown argument `no_such_argument`; there are "), "{name}: {text}");
    }
    assert!(Spec::read("pledge.borrow", json!({})).is_none());
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let (path, text) = problem("pledge.assign", json!({"pledge": "P1"}));
    assert_eq!((path.as_str(), text.as_str()), ("", "missing argument `to`"));
    let (path, text) = problem("pledge.realise", json!({"pledge": "P1", "mode": "GIFT", "to": "E4"}));
    assert!(path == "mode" && text.contains("AUCTION, AGREED, SET_OFF, LC_CLAIM"), "{path}: {text}");
    let (path, _) = problem("party.tag", json!({"party": "E1", "tag": 3, "from": "tomorrow"}));
    assert_eq!(path, "from");
    let (path, _) = problem("goods.cell_count", json!({"cell": "A-07", "counted": "25,2", "supervisor": "SUP"}));
    assert_eq!(path, "counted");
    let target = json!({"target": {"ship": "bill"}, "interest": "ours"});
    let (path, text) = problem("hold.dispute", target);
    assert!(path == "target" && text.contains("doc, lot, pledge, party, cell"), "{path}: {text}");
    let release = json!({"pledge": "P1", "release": {"SPLIT": {"doc": "bill", "children": ["a", 7]}}});
    let (path, text) = problem("pledge.release_partial", release);
    assert!(path == "release.SPLIT.children.1" && text.contains("expected a table"), "{path}: {text}");
    let (path, text) = problem("waybill.merge", json!({"docs": ["a", "b"]}));
    assert!(path == "ticket" && text.contains("`document`"), "{path}: {text}");
}

#[test]
fn names_are_collected_with_what_they_name() {
    let args = json!({
        "pledge": "P1",
        "add": [{"doc": "bill", "ticket": {"applicant": "B2"}}, "other bill"],
        "remove": ["old bill"],
    });
    let (_, named) = Spec::read("pledge.substitute", args).expect("known").expect("well formed");
    let found: Vec<(Names, &str, String)> =
        named.iter().map(|n| (n.names, n.name.as_str(), n.path.join("."))).collect();
    for wanted in [
        (Names::Step, "P1", "pledge"),
        (Names::Document, "bill", "add.0.doc"),
        (Names::Party, "B2", "add.0.ticket"),
        (Names::Document, "other bill", "add.1.doc"),
        (Names::Document, "old bill", "remove.0.doc"),
    ] {
        let wanted = (wanted.0, wanted.1, wanted.2.to_owned());
        assert!(found.contains(&wanted), "{wanted:?} is not in {found:?}");
    }
}

#[test]
fn answers_fill_the_fields_in_the_order_of_the_needs() {
    let args = json!({"lots": ["bill"], "step": "gate_out", "qty": "5 t", "custody": {"from": "MTO", "to": "COLD"}});
    let spec = read("cargo.report", args).expect("well formed");
    let needs = spec.needs().expect("well formed");
    let kinds: Vec<Kind> = needs.iter().map(|need| need.kind).collect();
    assert_eq!(kinds, [Kind::Lots, Kind::Time, Kind::Party, Kind::Party, Kind::Commit]);
    let mut given = answers(&spec);
    given[2] = json!("11".repeat(32));
    let Ok(Operation::CargoReport(body)) = spec.fill(given) else { panic!("a report") };
    let custody = body.report.custody.expect("written");
    assert_eq!((body.report.step, custody.from.0), (FlowStep::GateOut, [0x11; 32]));
    assert_eq!(body.report.qty.map(|q| q.get()), Some(5_000_000), "tonnes are thousandths of a kilogram too");
}

#[test]
fn the_version_that_is_expected_is_that_of_the_first_argument() {
    let spec = read("authenticity.link", json!({"proof": "case", "pledge": "P1"})).expect("well formed");
    let needs = spec.needs().expect("well formed");
    let version = needs.iter().find(|need| need.kind == Kind::Version).expect("the operation has one");
    assert_eq!(version.place.object, Some((Kind::Made("proof"), Some(json!("case")))));
}

#[test]
fn released_children_may_be_named_by_their_documents() {
    let args = json!({"doc": "bill", "children": ["a", {"document": "b"}], "released": ["b"]});
    let spec = read("waybill.split", args).expect("well formed");
    let Ok(Operation::WaybillSplit(split)) = spec.fill(answers(&spec)) else { panic!("a split") };
    assert_eq!((split.children.len(), split.released), (2, vec![1]));
    let stranger = json!({"doc": "bill", "children": ["a", "b"], "released": ["c"]});
    assert!(problem("waybill.split", stranger).1.contains("no child is made from the document `c`"));
}
