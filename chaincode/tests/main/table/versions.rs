//! The versions that an operation names, found in its JSON: every `expect_ver` stands beside the id of its object.

use crate::kit::World;
use landsea_types::{AccountId, DocId, Fp, GoodsKey, Hash, HoldId, LotId, OfferId, Operation, PledgeId, ProofId};
use serde_json::{Map, Value};

/// The fields that may name the object of a version; where several stand beside one, the first of this list.
const OBJECTS: [&str; 10] = ["hold", "proof", "offer", "doc", "title", "pledge", "lot", "cell", "evidence", "party"];

/// How many versions the operation names.
pub fn places(op: &Operation) -> usize {
    let mut n = 0;
    edit(op, &mut |_| n += 1);
    n
}

/// The operation with its `n`-th version changed.
pub fn with_version(op: &Operation, n: usize, change: impl Fn(u64) -> u64) -> Operation {
    at(op, n, &|object| {
        let version = object["expect_ver"].as_u64().expect("a version is a number");
        object.insert("expect_ver".into(), change(version).into());
    })
}

/// The operation with the object of its `n`-th version replaced by one that does not exist.
pub fn with_unknown_object(op: &Operation, n: usize) -> Operation {
    at(op, n, &|object| {
        let field = object_of(object).expect("a version stands beside an object");
        object.insert(field.into(), Hash([0xee; 32]).to_string().into());
    })
}

/// The operation with every version brought up to date; an unknown object keeps its old one.
pub fn refreshed(world: &World, op: &Operation) -> Operation {
    edit(op, &mut |object| {
        if let Some(version) = current(world, object) {
            object.insert("expect_ver".into(), version.into());
        }
    })
}

fn at(op: &Operation, n: usize, change: &dyn Fn(&mut Map<String, Value>)) -> Operation {
    let mut seen = 0;
    edit(op, &mut |object| {
        if seen == n {
            change(object);
        }
        seen += 1;
    })
}

/// Shows every object with a version and reads the operation back.
fn edit(op: &Operation, visit: &mut dyn FnMut(&mut Map<String, Value>)) -> Operation {
    let mut json = serde_json::to_value(op).expect("operations are JSON");
    walk(&mut json, visit);
    serde_json::from_value(json).expect("the edited operation is of the same type")
}

fn walk(value: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            if object.contains_key("expect_ver") {
                visit(object);
            }
            object.values_mut().for_each(|value| walk(value, visit));
        }
        Value::Array(values) => values.iter_mut().for_each(|value| walk(value, visit)),
        _ => {}
    }
}

fn object_of(object: &Map<String, Value>) -> Option<&'static str> {
    OBJECTS.into_iter().find(|field| object.contains_key(*field))
}

fn current(world: &World, object: &Map<String, Value>) -> Option<u32> {
    let field = object_of(object)?;
    let Hash(id) = object.get(field)?.as_str()?.parse().expect("an id is a hash");
    let view = world.state.view();
    match field {
        "hold" => view.hold(&HoldId(id)).map(|hold| hold.ver),
        "proof" => view.proof(&ProofId(id)).map(|case| case.ver),
        "offer" => view.offer(&OfferId(id)).map(|offer| offer.ver),
        "doc" | "title" => view.doc(&DocId(id)).map(|doc| doc.ver),
        "pledge" => view.pledge(&PledgeId(id)).map(|pledge| pledge.ver),
        "lot" => view.lot(&LotId(id)).map(|lot| lot.ver),
        "cell" => view.cell(&GoodsKey(id)).map(|cell| cell.ver),
        "evidence" => view.use_marks(&Fp(id)).map(|marks| marks.ver),
        _ => view.party(&AccountId(id)).map(|party| party.ver),
    }
}

#[test]
fn versions_are_found_wherever_they_stand() {
    let mut world = World::new();
    let paper = crate::kit::Paper::new("A", &["C:1"]);
    let bill = crate::kit::Bill { paper: paper.clone(), ..crate::kit::Bill::s1() };
    let doc = world.issue_bill(&bill);
    let op = world.create_op("B1", "E5", &doc, &paper);
    assert_eq!(places(&op), 1);
    let stale = with_version(&op, 0, |version| version + 7);
    assert_ne!(stale, op);
    assert_eq!(refreshed(&world, &stale), op);
}
