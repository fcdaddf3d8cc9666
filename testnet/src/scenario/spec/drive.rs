//! Reading arguments through the ledger's own types.
//!
//! [`At`] is a place in the arguments: a value as it is written, the field that it fills, and the tables around it. It is a serde
//! deserializer: the operation's type asks it for a struct, an enum, a number, and it answers from the file or, where a rule says
//! so, with what the network knows.

use super::need::{Kind, Need, Place};
use super::rules::{Rule, extras, is_inline, rule, short_form};
use super::{Named, Problem};
use landsea_types::Operation;
use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

/// One reading: with samples, noting what is needed, or with the answers.
pub(super) struct Drive {
    needs: RefCell<Vec<Need>>,
    named: RefCell<Vec<Named>>,
    answers: Option<RefCell<VecDeque<Value>>>,
}

impl Drive {
    /// Notes what is needed.
    pub(super) fn asking() -> Self {
        Self { needs: RefCell::default(), named: RefCell::default(), answers: None }
    }

    /// Takes the answers in the order of the needs.
    pub(super) fn filling(answers: Vec<Value>) -> Self {
        Self { answers: Some(RefCell::new(answers.into())), ..Self::asking() }
    }

    pub(super) fn into_needs(self) -> Vec<Need> {
        self.needs.into_inner()
    }

    pub(super) fn into_named(self) -> Vec<Named> {
        self.named.into_inner()
    }

    /// Reads an operation.
    ///
    /// # Errors
    /// The first mistake, with its place.
    pub(super) fn operation(&self, name: &str, args: &Value) -> Result<Operation, Problem> {
        let place = Place { owner: "", field: "", path: Vec::new(), scope: Rc::default(), object: None };
        let body = At { drive: self, rule: Rule::PLAIN, value: Some(args.clone()), place };
        Operation::deserialize(Tagged { name, body: Some(body) })
    }

    /// What stands for a field that a rule speaks of.
    fn supply(&self, rule: Rule, value: Option<Value>, place: Place) -> Result<Value, Problem> {
        let need = Need { kind: rule.kind, value, place };
        let fail = |text| Problem { path: Some(need.place.path.clone()), is_key: false, text };
        if need.value.is_none() && !rule.is_found() {
            return Err(missing(&need.place));
        }
        if let Some(known) = need.at_once().map_err(fail)? {
            return Ok(known);
        }
        if let Some(answers) = &self.answers {
            let answer = answers.borrow_mut().pop_front();
            return answer.ok_or_else(|| fail("there are fewer answers than needs".into()));
        }
        let sample = need.sample().map_err(fail)?;
        self.named.borrow_mut().extend(need.names());
        self.needs.borrow_mut().push(need);
        Ok(sample)
    }

    fn note(&self, named: Option<Named>) {
        self.named.borrow_mut().extend(named);
    }
}

fn missing(place: &Place) -> Problem {
    let mut path = place.path.clone();
    path.pop();
    Problem { path: Some(path), is_key: false, text: format!("missing argument `{}`", place.field) }
}

/// The operation's name, then its body, as the enumeration of all operations wants them.
struct Tagged<'a> {
    name: &'a str,
    body: Option<At<'a>>,
}

impl<'de> Deserializer<'de> for Tagged<'_> {
    type Error = Problem;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_map(TaggedFields { tagged: self, at_body: false })
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct seq
        tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct TaggedFields<'a> {
    tagged: Tagged<'a>,
    at_body: bool,
}

impl<'de> de::MapAccess<'de> for TaggedFields<'_> {
    type Error = Problem;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        if self.tagged.body.is_none() {
            return Ok(None);
        }
        seed.deserialize(key(if self.at_body { "args" } else { "operation" })).map(Some)
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        if !self.at_body {
            self.at_body = true;
            return seed.deserialize(key(self.tagged.name));
        }
        let body = self.tagged.body.take().ok_or_else(|| de::Error::custom("the body is read once"))?;
        seed.deserialize(body)
    }
}

fn key(text: &str) -> StrDeserializer<'_, Problem> {
    text.into_deserializer()
}

/// A place in the arguments.
struct At<'a> {
    drive: &'a Drive,
    rule: Rule,
    value: Option<Value>,
    place: Place,
}

impl<'a> At<'a> {
    /// A place below this one.
    fn below(&self, segment: &str, value: Option<Value>, field: Field) -> At<'a> {
        let mut path = self.place.path.clone();
        path.push(segment.to_owned());
        let found = rule(field.owner, field.name);
        let value = value.or_else(|| found.default());
        let place = Place { owner: field.owner, field: field.name, path, scope: field.scope, object: field.object };
        At { drive: self.drive, rule: found, value, place }
    }

    fn supplied(self) -> Result<Value, Problem> {
        self.drive.supply(self.rule, self.value, self.place)
    }

    fn is_plain(&self) -> bool {
        self.rule.kind == Kind::Plain
    }

    /// The table of a struct: written out, or by its short form.
    fn table(&self, name: &str) -> Result<Map<String, Value>, Problem> {
        match (&self.value, short_form(name)) {
            (Some(Value::Object(map)), _) => Ok(map.clone()),
            (Some(text @ Value::String(_)), Some(field)) => Ok(Map::from_iter([(field.to_owned(), text.clone())])),
            (Some(other), _) => Err(self.fail(format!("expected a table, found {}", in_words(other)))),
            (None, _) => Err(missing(&self.place)),
        }
    }

    fn fail(&self, text: String) -> Problem {
        Problem { path: Some(self.place.path.clone()), is_key: false, text }
    }

    /// The fields of a struct, after a look at the keys that are written.
    fn fields(
        self,
        name: &'static str,
        known: &'static [&'static str],
        table: Map<String, Value>,
    ) -> Result<Fields<'a>, Problem> {
        let inlined = known.first().copied().filter(|field| is_inline(name, field) && !table.contains_key(*field));
        let more = extras(name, known);
        let stranger = table.keys().find(|k| !known.contains(&k.as_str()) && !more.contains(&k.as_str()));
        if let (Some(stranger), None) = (stranger, inlined) {
            let mut path = self.place.path.clone();
            path.push(stranger.clone());
            let there: Vec<&str> = known.iter().chain(&more).copied().collect();
            let text = format!("unknown argument `{stranger}`; there are {}", there.join(", "));
            return Err(Problem { path: Some(path), is_key: true, text });
        }
        let mut scope = (*self.place.scope).clone();
        scope.extend(table.clone());
        let object = known.first().map(|first| (rule(name, first).kind, table.get(*first).cloned()));
        for word in ["document", "paper"] {
            self.drive.note(Named::document(table.get(word), &self.place.path, word));
        }
        Ok(Fields { name, known, inlined, table, scope: Rc::new(scope), object, next: 0, at: self })
    }
}

/// What a place below another one fills.
struct Field {
    owner: &'static str,
    name: &'static str,
    scope: Rc<Map<String, Value>>,
    object: Option<(Kind, Option<Value>)>,
}

fn in_words(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::Bool(_) => "a boolean".into(),
        Value::Number(n) => format!("the number {n}"),
        Value::String(text) => format!("the text {text:?}"),
        Value::Array(_) => "a list".into(),
        Value::Object(_) => "a table".into(),
    }
}

impl<'de> Deserializer<'de> for At<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let path = self.place.path.clone();
        let value =
            if self.is_plain() { self.value.clone().ok_or_else(|| missing(&self.place)) } else { self.supplied() };
        value.and_then(|v| v.deserialize_any(visitor).map_err(de::Error::custom)).map_err(|p| p.at(&path))
    }

    fn deserialize_bool<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Problem> {
        self.value.get_or_insert(Value::Bool(false));
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.value {
            None if !self.rule.is_derived() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if self.rule.kind.is_list() {
            return self.deserialize_any(visitor);
        }
        match &self.value {
            Some(Value::Array(items)) => {
                let items = items.clone();
                visitor.visit_seq(Items { at: self, items, next: 0 })
            }
            Some(other) => Err(self.fail(format!("expected a list, found {}", in_words(other)))),
            None => Err(missing(&self.place)),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if !self.is_plain() {
            return self.deserialize_any(visitor);
        }
        let (path, table) = (self.place.path.clone(), self.table(name)?);
        visitor.visit_map(self.fields(name, fields, table)?).map_err(|p| p.at(&path))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let path = self.place.path.clone();
        if !self.is_plain() {
            let found =
                self.supplied().and_then(|v| v.deserialize_enum(name, variants, visitor).map_err(de::Error::custom));
            return found.map_err(|p: Problem| p.at(&path));
        }
        let (word, payload) = match &self.value {
            Some(Value::String(word)) => (word.clone(), None),
            Some(Value::Object(map)) if map.len() == 1 => {
                let (word, payload) = map.iter().next().ok_or_else(|| missing(&self.place))?;
                (word.clone(), Some(payload.clone()))
            }
            Some(other) => return Err(self.fail(format!("expected a word, found {}", in_words(other)))),
            None => return Err(missing(&self.place)),
        };
        let variant = variants.iter().find(|v| v.eq_ignore_ascii_case(&word)).copied();
        let variant = variant.ok_or_else(|| {
            self.fail(format!("unknown `{}` {word:?}; there are {}", self.place.field, variants.join(", ")))
        })?;
        visitor.visit_enum(Variant { at: self, owner: name, variant, payload }).map_err(|p: Problem| p.at(&path))
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map identifier
        ignored_any
    }
}

struct Fields<'a> {
    at: At<'a>,
    name: &'static str,
    known: &'static [&'static str],
    /// The field that the whole table stands for.
    inlined: Option<&'static str>,
    table: Map<String, Value>,
    scope: Rc<Map<String, Value>>,
    object: Option<(Kind, Option<Value>)>,
    next: usize,
}

impl<'de> de::MapAccess<'de> for Fields<'_> {
    type Error = Problem;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        self.known.get(self.next).map(|name| seed.deserialize(key(name))).transpose()
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let name = self.known.get(self.next).copied().unwrap_or_default();
        self.next += 1;
        let field = Field { owner: self.name, name, scope: self.scope.clone(), object: self.object.clone() };
        if self.inlined == Some(name) {
            let mut inside = self.at.below(name, Some(Value::Object(self.table.clone())), field);
            inside.place.path.pop();
            return seed.deserialize(inside);
        }
        seed.deserialize(self.at.below(name, self.table.get(name).cloned(), field))
    }
}

/// The elements of a list; each fills the same field.
struct Items<'a> {
    at: At<'a>,
    items: Vec<Value>,
    next: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_> {
    type Error = Problem;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some(item) = self.items.get(self.next).cloned() else { return Ok(None) };
        let place = &self.at.place;
        let field =
            Field { owner: place.owner, name: place.field, scope: place.scope.clone(), object: place.object.clone() };
        let inside = self.at.below(&self.next.to_string(), Some(item), field);
        self.next += 1;
        seed.deserialize(inside).map(Some)
    }
}

struct Variant<'a> {
    at: At<'a>,
    owner: &'static str,
    variant: &'static str,
    payload: Option<Value>,
}

impl<'a, 'de> de::EnumAccess<'de> for Variant<'a> {
    type Error = Problem;
    type Variant = Payload<'a>;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Payload<'a>), Problem> {
        let variant = seed.deserialize(key(self.variant))?;
        let has_payload = self.payload.is_some();
        let field = Field { owner: self.owner, name: self.variant, scope: self.at.place.scope.clone(), object: None };
        Ok((variant, Payload { at: self.at.below(self.variant, self.payload, field), has_payload }))
    }
}

struct Payload<'a> {
    at: At<'a>,
    has_payload: bool,
}

impl<'de> de::VariantAccess<'de> for Payload<'_> {
    type Error = Problem;
    fn unit_variant(self) -> Result<(), Problem> {
        match self.has_payload {
            true => Err(self.at.fail(format!("`{}` stands alone", self.at.place.field))),
            false => Ok(()),
        }
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Problem> {
        seed.deserialize(self.at)
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Problem> {
        self.at.deserialize_seq(visitor)
    }
    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Problem> {
        let name = self.at.place.field;
        self.at.deserialize_struct(name, fields, visitor)
    }
}

impl Problem {
    /// The place, unless a deeper one is known.
    fn at(mut self, path: &[String]) -> Self {
        self.path.get_or_insert_with(|| path.to_vec());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self { path: None, is_key: false, text: text.to_string() }
    }
}
