//! Requests drawn from an OpenRPC document: mostly what its schemas allow, now and then something that they do not.

use crate::rng::Rng;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Depth below which nothing optional is drawn.
const DEPTH_MAX: usize = 8;
/// Texts kept from answers, at most.
const SEEN_MAX: usize = 400;

/// Draws requests, using ids that earlier answers named.
pub struct Requests {
    document: Arc<Value>,
    rng: Rng,
    seen: Vec<String>,
    known: BTreeSet<String>,
    /// Ids by the schema that describes them, and by the field in which they stood.
    kinds: BTreeMap<String, Vec<String>>,
}

/// What a value is for: the field in which it stands and the schema that describes it.
#[derive(Clone, Copy, Default)]
struct Purpose<'a> {
    field: &'a str,
    kind: &'a str,
}

/// The last part of a reference.
fn kind_of(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or_default()
}

/// The kind of id that a schema describes, if that is all it does; it may be left out.
fn id_kind(schema: &Value) -> Option<&str> {
    let either = schema["anyOf"].as_array().and_then(|all| all.iter().find_map(|one| one["$ref"].as_str()));
    schema["$ref"].as_str().or(either).map(kind_of)
}

impl Requests {
    /// Draws from a document with a seed.
    pub fn new(document: Value, seed: u64) -> Self {
        let (seen, known, kinds) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
        Self { document: Arc::new(document), rng: Rng::new(seed), seen, known, kinds }
    }

    /// The methods that HTTP answers, with whether they need a token.
    pub fn methods(&self) -> Vec<(String, bool)> {
        let all = self.document["methods"].as_array().into_iter().flatten();
        let answered = all.filter(|m| m["paramStructure"] == "by-name" && m["x-notification"].is_null());
        answered.map(|m| (m["name"].as_str().unwrap_or_default().into(), m["x-token"] == "required")).collect()
    }

    /// The name of an error code of the document.
    pub fn error_name(&self, code: i64) -> Option<&str> {
        let errors = self.document.pointer("/components/errors").and_then(Value::as_object)?;
        errors.iter().find(|(_, error)| error["code"] == code).map(|(name, _)| name.as_str())
    }

    /// Parameters for a method.
    pub fn params(&mut self, method: &str) -> Value {
        let document = Arc::clone(&self.document);
        let mut params = Map::new();
        for param in described(&document, method)["params"].as_array().into_iter().flatten() {
            if self.rng.chance(if param["required"] == true { 970 } else { 400 }) {
                let field = param["name"].as_str().unwrap_or_default();
                params.insert(field.into(), self.draw(&param["schema"], Purpose { field, kind: "" }, 0));
            }
        }
        if self.rng.chance(20) {
            params.insert("surplus".into(), self.wild());
        }
        if self.rng.chance(10) { self.wild() } else { Value::Object(params) }
    }

    /// Keeps the ids of an answer for later requests.
    pub fn learn(&mut self, answer: &Value) {
        match answer {
            Value::String(text)
                if text.len() >= 64 && self.seen.len() < SEEN_MAX && self.known.insert(text.clone()) =>
            {
                self.seen.push(text.clone());
            }
            Value::Array(list) => list.iter().for_each(|v| self.learn(v)),
            Value::Object(map) => map.values().for_each(|v| self.learn(v)),
            _ => {}
        }
    }

    /// Keeps the ids of a method's result by what the description says of them: a parameter is then drawn from those of its kind.
    pub fn learn_result(&mut self, method: &str, result: &Value) {
        let document = Arc::clone(&self.document);
        self.sort(&described(&document, method)["result"]["schema"], Purpose::default(), result);
        self.learn(result);
    }
    /// Keeps a text for parameters of a name.
    pub fn learn_as(&mut self, field: &str, text: &str) {
        let known = self.kinds.entry(field.into()).or_default();
        if !known.iter().any(|k| k == text) {
            known.push(text.into());
        }
    }
    /// The ids of a kind, in the order in which they were learnt.
    pub fn ids(&self, kind: &str) -> &[String] {
        self.kinds.get(kind).map(Vec::as_slice).unwrap_or_default()
    }
    /// Every method that can be asked about one id alone, with every id of that kind.
    pub fn about_each(&self) -> Vec<(String, Value)> {
        let mut all = Vec::new();
        for method in self.document["methods"].as_array().into_iter().flatten() {
            let params: Vec<&Value> = method["params"].as_array().into_iter().flatten().collect();
            for param in &params {
                let is_alone = params.iter().all(|p| p["name"] == param["name"] || p["required"] != true);
                let field = param["name"].as_str().unwrap_or_default();
                for id in id_kind(&param["schema"]).filter(|_| is_alone).into_iter().flat_map(|kind| self.ids(kind)) {
                    all.push((method["name"].as_str().unwrap_or_default().into(), json!({ field: id })));
                }
            }
        }
        all
    }

    fn sort(&mut self, schema: &Value, purpose: Purpose<'_>, value: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            let document = Arc::clone(&self.document);
            let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
            return self.sort(target, Purpose { kind: kind_of(reference), ..purpose }, value);
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            schema[choice].as_array().into_iter().flatten().for_each(|one| self.sort(one, purpose, value));
        }
        match value {
            Value::String(text) if text.len() == 64 && schema["pattern"].is_string() => {
                [purpose.kind, purpose.field]
                    .into_iter()
                    .filter(|k| !k.is_empty())
                    .for_each(|k| self.learn_as(k, text));
            }
            Value::Array(list) => list.iter().enumerate().for_each(|(n, value)| {
                let each = schema["items"].get(n).unwrap_or(&schema["items"]);
                self.sort(each, purpose, value);
            }),
            Value::Object(map) => map.iter().for_each(|(field, value)| {
                let described = schema["properties"].get(field).unwrap_or(&Value::Null);
                self.sort(described, Purpose { field, kind: "" }, value);
            }),
            _ => {}
        }
    }

    fn draw(&mut self, schema: &Value, purpose: Purpose<'_>, depth: usize) -> Value {
        if self.rng.chance(15) {
            return self.wild();
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let document = Arc::clone(&self.document);
            let target = document.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
            return self.draw(target, Purpose { kind: kind_of(reference), ..purpose }, depth + 1);
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        for choice in ["enum", "oneOf", "anyOf"] {
            if let Some(chosen) = schema[choice].as_array().and_then(|list| self.rng.pick(list).cloned()) {
                return if choice == "enum" { chosen } else { self.draw(&chosen, purpose, depth + 1) };
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.first().map_or(Value::Null, |part| self.draw(part, purpose, depth + 1));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        match self.rng.pick(&kinds).copied().unwrap_or("any") {
            "string" => Value::String(self.text(schema, purpose)),
            "integer" | "number" => self.number(schema),
            "boolean" => json!(self.rng.chance(500)),
            "array" => self.list(schema, purpose, depth),
            "object" => self.object(schema, depth),
            "null" => Value::Null,
            _ => self.wild(),
        }
    }

    fn text(&mut self, schema: &Value, purpose: Purpose<'_>) -> String {
        if schema["maxLength"] == 1 {
            return "K".into();
        }
        let (first, second) = match self.rng.chance(500) {
            true => (purpose.field, purpose.kind),
            false => (purpose.kind, purpose.field),
        };
        let of_kind = self.kinds.get(first).or_else(|| self.kinds.get(second));
        if let Some(text) = of_kind.filter(|_| self.rng.chance(900)).and_then(|texts| self.rng.pick(texts)) {
            return text.clone();
        }
        let digits = match schema["pattern"].as_str() {
            Some(pattern) if pattern.contains("{64}") => 64,
            Some(pattern) if pattern.contains("{128}") => 128,
            _ if self.rng.chance(500) => 64,
            _ => 6,
        };
        let is_seen = self.rng.chance(800);
        match self.rng.pick(&self.seen).filter(|text| is_seen && (digits != 64 || text.len() == 64)) {
            Some(seen) => seen.clone(),
            None => (0..digits).map(|_| char::from_digit((self.rng.bits() % 16) as u32, 16).unwrap_or('0')).collect(),
        }
    }

    fn number(&mut self, schema: &Value) -> Value {
        let edges = [0, 1, 2, 3, 7, 64, 500, 1 << 20, u64::from(u32::MAX), i64::MAX as u64, u64::MAX];
        let small = self.rng.between(0, 9);
        let edge = self.rng.pick(&edges).copied().unwrap_or_default();
        let max = schema["maximum"].as_u64().unwrap_or(u64::MAX);
        json!(if self.rng.chance(600) { small } else { edge }.min(max))
    }

    fn list(&mut self, schema: &Value, purpose: Purpose<'_>, depth: usize) -> Value {
        if let Some(each) = schema["items"].as_array() {
            return each.iter().map(|item| self.draw(item, purpose, depth + 1)).collect();
        }
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = if depth > DEPTH_MAX { least } else { least + 2 };
        let length = self.rng.between(least, most.min(schema["maxItems"].as_u64().unwrap_or(most)).max(least));
        (0..length).map(|_| self.draw(&schema["items"], purpose, depth + 1)).collect()
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut drawn = Map::new();
        for (field, property) in schema["properties"].as_object().into_iter().flatten() {
            let needed = required.contains(&field.as_str());
            if needed || (depth <= DEPTH_MAX && self.rng.chance(400)) {
                drawn.insert(field.clone(), self.draw(property, Purpose { field, kind: "" }, depth + 1));
            }
        }
        Value::Object(drawn)
    }

    /// Something that hardly any schema allows.
    fn wild(&mut self) -> Value {
        let wild = [
            Value::Null,
            json!(-1),
            json!(1.5e300),
            json!(u64::MAX),
            json!(""),
            json!("\u{0}\u{202e}质押\"'<script>"),
            json!("f".repeat(5_000)),
            json!([[[[[[[[[[]]]]]]]]]]),
            json!({ "": { "$ref": "#" } }),
            json!(true),
        ];
        self.rng.pick(&wild).cloned().unwrap_or_default()
    }
}

/// What a document says of a method.
fn described<'a>(document: &'a Value, method: &str) -> &'a Value {
    let methods = document["methods"].as_array().into_iter().flatten();
    methods.into_iter().find(|m| m["name"] == method).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "methods": [
                { "name": "a", "paramStructure": "by-name", "x-token": "required", "params": [
                    { "name": "id", "required": true, "schema": { "$ref": "#/components/schemas/Id" } },
                    { "name": "n", "required": false, "schema": { "type": ["integer", "null"], "maximum": 5 } },
                ], "result": { "schema": { "type": "array", "items": { "anyOf": [
                    { "type": "object", "properties": { "key": { "$ref": "#/components/schemas/Id" } } },
                    { "type": "null" },
                ] } } } },
                { "name": "s", "paramStructure": "by-name", "params": [], "x-notification": {} },
            ],
            "components": {
                "schemas": { "Id": { "type": "string", "pattern": "^[0-9a-f]{64}$" } },
                "errors": { "BUSY": { "code": -32003 } },
            },
        })
    }

    #[test]
    fn a_seed_fixes_the_requests_and_most_of_them_are_as_described() {
        let draw = |seed| {
            let mut requests = Requests::new(document(), seed);
            (0..200).map(|_| requests.params("a")).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        let described = |params: &&Value| params["id"].as_str().is_some_and(|id| id.len() == 64);
        assert!(draw(1).iter().filter(described).count() > 150);
    }

    #[test]
    fn ids_of_answers_are_asked_about() {
        let mut requests = Requests::new(document(), 3);
        let id = "ab".repeat(32);
        requests.learn(&json!({ "list": [{ "id": id }] }));
        assert!((0..50).filter(|_| requests.params("a")["id"] == json!(id)).count() > 20);
        assert_eq!(requests.methods(), [("a".into(), true)]);
        assert_eq!((requests.error_name(-32003), requests.error_name(7)), (Some("BUSY"), None));
    }

    #[test]
    fn an_id_of_a_result_is_drawn_for_a_parameter_of_its_kind_alone_and_asked_about_by_itself() {
        let mut requests = Requests::new(document(), 3);
        let (id, other) = ("ab".repeat(32), "cd".repeat(32));
        requests.learn_result("a", &json!([null, { "key": id, "unknown": other }]));
        assert_eq!((requests.ids("Id"), requests.ids("key")), (&[id.clone()][..], &[id.clone()][..]));
        assert_eq!(requests.about_each(), [("a".into(), json!({ "id": id }))]);
        assert!((0..50).filter(|_| requests.params("a")["id"] == json!(id)).count() > 35);
    }
}
