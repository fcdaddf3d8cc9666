//! Requests drawn from an OpenRPC document: mostly what its schemas allow, now and then something that they do not.

use crate::rng::Rng;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Depth below which nothing optional is drawn.
const DEPTH_MAX: usize = 8;
/// Texts kept from answers, at most.
const SEEN_MAX: usize = 400;

/// Draws requests, using ids that earlier answers named.
pub struct Requests {
    document: Value,
    rng: Rng,
    seen: Vec<String>,
    known: BTreeSet<String>,
}

impl Requests {
    /// Draws from a document with a seed.
    pub fn new(document: Value, seed: u64) -> Self {
        Self { document, rng: Rng::new(seed), seen: Vec::new(), known: BTreeSet::new() }
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
        let methods = self.document["methods"].as_array().cloned().unwrap_or_default();
        let described = methods.iter().find(|m| m["name"] == method).cloned().unwrap_or_default();
        let mut params = Map::new();
        for param in described["params"].as_array().into_iter().flatten() {
            if self.rng.chance(if param["required"] == true { 970 } else { 400 }) {
                let name = param["name"].as_str().unwrap_or_default();
                params.insert(name.into(), self.draw(&param["schema"], 0));
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

    fn draw(&mut self, schema: &Value, depth: usize) -> Value {
        if self.rng.chance(15) {
            return self.wild();
        }
        if let Some(target) = schema["$ref"].as_str().and_then(|r| r.strip_prefix('#')) {
            let target = self.document.pointer(target).cloned().unwrap_or_default();
            return self.draw(&target, depth + 1);
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        for choice in ["enum", "oneOf", "anyOf"] {
            if let Some(chosen) = schema[choice].as_array().and_then(|list| self.rng.pick(list).cloned()) {
                return if choice == "enum" { chosen } else { self.draw(&chosen, depth + 1) };
            }
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.first().map_or(Value::Null, |part| self.draw(part, depth + 1));
        }
        let kinds: Vec<&str> = match &schema["type"] {
            Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect(),
        };
        match self.rng.pick(&kinds).copied().unwrap_or("any") {
            "string" => Value::String(self.text(schema)),
            "integer" | "number" => self.number(schema),
            "boolean" => json!(self.rng.chance(500)),
            "array" => self.list(schema, depth),
            "object" => self.object(schema, depth),
            "null" => Value::Null,
            _ => self.wild(),
        }
    }

    fn text(&mut self, schema: &Value) -> String {
        if schema["maxLength"] == 1 {
            return "K".into();
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

    fn list(&mut self, schema: &Value, depth: usize) -> Value {
        if let Some(each) = schema["items"].as_array() {
            return each.iter().map(|item| self.draw(item, depth + 1)).collect();
        }
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = if depth > DEPTH_MAX { least } else { least + 2 };
        let length = self.rng.between(least, most.min(schema["maxItems"].as_u64().unwrap_or(most)).max(least));
        (0..length).map(|_| self.draw(&schema["items"], depth + 1)).collect()
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut drawn = Map::new();
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let needed = required.contains(&name.as_str());
            if needed || (depth <= DEPTH_MAX && self.rng.chance(400)) {
                drawn.insert(name.clone(), self.draw(property, depth + 1));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> Value {
        json!({
            "methods": [
                { "name": "a", "paramStructure": "by-name", "x-token": "required", "params": [
                    { "name": "id", "required": true, "schema": { "$ref": "#/components/schemas/Id" } },
                    { "name": "n", "required": false, "schema": { "type": ["integer", "null"], "maximum": 5 } },
                ] },
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
}
