//! The OpenRPC document: made from the table of methods and the types that they take and give, so that it cannot say anything else.

use super::methods::{self, Entry, Notified};
use landsea_client::api::TOKEN_METHODS;
use landsea_client::explain;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

const OPENRPC_VERSION: &str = "1.3.2";

/// What a method takes and gives.
pub(super) struct Shape {
    params: Schema,
    result: Schema,
}

impl Shape {
    pub(super) fn of<P: JsonSchema, R: JsonSchema>(generator: &mut SchemaGenerator) -> Self {
        Self { params: P::json_schema(generator), result: generator.subschema_for::<R>() }
    }
}

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| document(&methods::table()));
static TEXT: LazyLock<String> = LazyLock::new(|| DOCUMENT.to_string());

/// The document, for `rpc.discover`.
pub(super) fn discover() -> Value {
    DOCUMENT.clone()
}

/// The document as text, for `/openrpc.json`.
pub(super) fn text() -> &'static str {
    &TEXT
}

fn document(table: &[Entry]) -> Value {
    let settings = SchemaSettings::draft07().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let methods: Vec<Value> = table.iter().map(|entry| method(entry, &mut generator)).collect();
    let schemas = generator.take_definitions(true);
    let errors: Map<String, Value> =
        explain::all().map(|e| (e.name.to_string(), json!({ "code": e.code, "message": e.en, "data": e }))).collect();
    json!({
        "openrpc": OPENRPC_VERSION,
        "info": {
            "title": "Landsea",
            "description": "Trade documents on a permissioned ledger. Parameters are one JSON object; ids, fingerprints and \
                            transactions are hex. Every error carries data: code, name, meaning and next step in Chinese and English.",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "methods": methods,
        "components": { "schemas": schemas, "errors": errors },
    })
}

fn method(entry: &Entry, generator: &mut SchemaGenerator) -> Value {
    let shape = (entry.shape)(generator);
    let mut described = json!({
        "name": entry.name,
        "summary": entry.summary,
        "paramStructure": if entry.by_position { "by-position" } else { "by-name" },
        "params": params(&shape.params),
        "result": { "name": "result", "schema": shape.result },
        "errors": errors(entry),
        "x-token": if TOKEN_METHODS.contains(&entry.name) { "required" } else { "optional" },
    });
    if let Some(Notified { method, end, shape }) = &entry.notified {
        let notification = json!({ "method": method, "unsubscribe": end, "schema": shape(generator) });
        described["x-notification"] = notification;
    }
    described
}

/// The properties of the one object that a method takes; those that must be there first, as the standard asks.
fn params(object: &Schema) -> Vec<Value> {
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = object.get("properties").and_then(Value::as_object);
    let descriptor = |(name, schema): (&String, &Value)| json!({ "name": name, "required": required.contains(&name.as_str()), "schema": schema });
    let mut all: Vec<Value> = properties.into_iter().flatten().map(descriptor).collect();
    all.sort_by_key(|p| p["required"] != json!(true));
    all
}

/// The errors that any client of a method must expect; the codes of the ledger where it can be refused.
fn errors(entry: &Entry) -> Vec<Value> {
    let name = |e: &explain::Explanation| json!({ "$ref": format!("#/components/errors/{}", e.name) });
    explain::all().filter(|e| e.code < 0 || entry.is_refusable).map(|e| name(&e)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every `$ref` in a value.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|v| references(v, found));
            }
            Value::Array(list) => list.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_to_a_component() {
        let document = discover();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.contains("#/components/schemas/DocId"), "{found:?}");
        for reference in found {
            let path = reference.strip_prefix('#').expect("a local reference");
            assert!(document.pointer(path).is_some(), "{reference} leads nowhere");
        }
    }

    #[test]
    fn a_method_is_described_with_its_parameters_and_whether_it_needs_a_token() {
        let document = discover();
        let methods = document["methods"].as_array().expect("a list");
        let of = |name: &str| methods.iter().find(|m| m["name"] == name).expect("described");
        let chain = of("chain");
        let names: Vec<_> = chain["params"].as_array().expect("a list").iter().map(|p| &p["name"]).collect();
        assert_eq!(names, ["doc", "after", "limit"]);
        assert_eq!(chain["params"][0]["schema"]["$ref"], "#/components/schemas/DocId");
        assert_eq!((&chain["params"][0]["required"], &chain["params"][1]["required"]), (&json!(true), &json!(false)));
        assert_eq!((&of("chain")["x-token"], &of("evidence")["x-token"]), (&json!("optional"), &json!("required")));
        assert_eq!(of("subscribe_events")["x-notification"]["method"], "event");
        assert!(document["components"]["errors"]["ALREADY_PLEDGED"]["data"]["zh"].is_string());
    }
}
