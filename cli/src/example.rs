//! Examples of operations, read off the types that the commands decode: they cannot go stale.
//!
//! [`of`] decodes an operation from a source that has no data. Whatever the decoder asks for is made up on the spot and written down: a
//! struct tells its fields, a list gets one element, an enumeration tells its variants. A text that the decoder refuses (identifiers,
//! keys, units and place codes are all text) is replaced by the next kind of text until it is taken.

use landsea_types::SecretKey;
use landsea_types::operation::Operation;
use serde::Deserialize as _;
use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess};
use serde::de::{VariantAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Value, json};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// A time in examples: the first of scenario S1.
const TIME: u64 = 1_772_632_800_000;
/// Kinds of text that one field is tried with, at most.
const TEXT_KINDS_MAX: usize = 8;
/// Texts for fields whose names say what they hold.
const HINTS: &[(&str, &str)] = &[("goods_class", "842952"), ("uom", "KGM"), ("from", "CNCKG"), ("node", "CNQZH")];

/// The arguments of an operation.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Example {
    /// Arguments that decode.
    pub(crate) args: Value,
    /// Every field with what it holds, in the order of the types.
    pub(crate) fields: Vec<Field>,
    /// The other forms of fields that have several.
    pub(crate) others: Vec<Other>,
}

/// One field of an operation's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Where it stands; `[]` is every element of a list.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) holds: String,
    /// Whether it may be null or left out.
    pub(crate) optional: bool,
}

/// Another form of a field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Other {
    pub(crate) path: String,
    pub(crate) value: Value,
}

/// The example of an operation by its full name; `None` when there is no such operation.
pub(crate) fn of(name: &str) -> Option<Example> {
    let first = Trace::run(name, BTreeMap::new())?;
    let mut others = Vec::new();
    for (path, variants) in &first.enums {
        let forms = variants.iter().filter_map(|variant| form(name, path, variant));
        let forms: Vec<Value> = forms.collect();
        if forms.iter().any(Value::is_object) {
            others.extend(forms.into_iter().skip(1).map(|value| Other { path: path.clone(), value }));
        }
    }
    let optional = |path: &str| first.optional.contains(path);
    let fields = first.notes.iter().map(|(path, holds)| Field {
        path: path.clone(),
        holds: holds.clone(),
        optional: optional(path),
    });
    Some(Example { fields: fields.collect(), args: first.args, others })
}

/// The value at a path when its enumeration takes a given variant.
fn form(name: &str, path: &str, variant: &'static str) -> Option<Value> {
    let trace = Trace::run(name, BTreeMap::from([(path.to_owned(), variant)]))?;
    let pointer = path.replace("[]", ".0").replace('.', "/");
    trace.args.pointer(&format!("/{pointer}")).cloned()
}

/// What one decoding asked for.
#[derive(Default)]
struct Trace {
    args: Value,
    notes: Vec<(String, String)>,
    optional: BTreeSet<String>,
    enums: Vec<(String, &'static [&'static str])>,
    /// Variants that enumerations must take.
    forced: BTreeMap<String, &'static str>,
    /// Which kind of text each text gets, in the order of asking.
    texts: Vec<usize>,
    asked: usize,
}

impl Trace {
    /// Decodes until every text is taken: each refusal concerns the text asked for last.
    fn run(name: &str, forced: BTreeMap<String, &'static str>) -> Option<Self> {
        let mut texts = Vec::new();
        loop {
            let state = RefCell::new(Trace { forced: forced.clone(), texts, ..Trace::default() });
            let mut args = Value::Null;
            let decoded = Operation::deserialize(Root { name, state: &state, args: &mut args });
            let mut trace = state.into_inner();
            match decoded {
                Ok(_) => return Some(Trace { args, ..trace }),
                Err(_) if trace.asked == 0 => return None,
                Err(_) => {
                    trace.texts.truncate(trace.asked);
                    let last = trace.texts.last_mut()?;
                    *last += 1;
                    if *last > TEXT_KINDS_MAX {
                        return None;
                    }
                    texts = trace.texts;
                }
            }
        }
    }

    fn note(&mut self, path: &str, holds: &str) {
        if !path.is_empty() && self.notes.iter().all(|(known, _)| known != path) {
            self.notes.push((path.to_owned(), holds.to_owned()));
        }
    }

    fn text(&mut self, path: &str) -> Option<(String, &'static str)> {
        let n = self.asked;
        self.asked += 1;
        if self.texts.len() == n {
            self.texts.push(0);
        }
        kinds_of_text(last_name(path), n).into_iter().nth(*self.texts.get(n)?)
    }
}

/// Texts to try, the likeliest first, with what they are.
fn kinds_of_text(name: &str, n: usize) -> Vec<(String, &'static str)> {
    let key = SecretKey::from_seed([u8::try_from(n % 251).unwrap_or_default() + 1; 32]).public().to_string();
    let hint = HINTS.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    let mut kinds: Vec<_> = hint.into_iter().map(|text| (text, "code of upper-case letters and digits")).collect();
    kinds.extend([
        (key.clone(), "64 hex digits"),
        (key.repeat(2), "128 hex digits"),
        ("CNQZH".to_owned(), "code of upper-case letters and digits"),
        ("KGM".to_owned(), "KGM, NMP, PCE or LTR"),
    ]);
    if name == "uom" {
        kinds.truncate(1);
        kinds.iter_mut().for_each(|kind| kind.1 = "KGM, NMP, PCE or LTR");
    }
    kinds
}

fn last_name(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]")
}

/// What a number holds, by the name of its field, and one such number.
fn number(name: &str) -> (u64, &'static str) {
    const TIMES: [&str; 8] =
        ["until", "reg_until", "not_after", "expires", "storage_from", "storage_until", "from", "to"];
    match name {
        name if TIMES.contains(&name) => (TIME, "time: milliseconds since 1970, or such as +24h from the newest block"),
        "kind" | "doc_kind" => (11, "kind of document, by name (NCD) or number"),
        "roles" => (2, "list of role names ([\"BANK\"]), or their bits"),
        "at" => (TIME, "time: milliseconds since 1970, or such as -1h from the newest block"),
        "operations" => (0x0801, "operation by full name, or its number"),
        "issue_date" => (20_260_304, "day as the number yyyymmdd"),
        "class" => (67, "class of the key: the ASCII number of its letter, 67 for C"),
        "qty" | "counted" => (1_000, "thousandths of the unit"),
        name if name.ends_with("bps") => (7_000, "basis points, 0 to 10000"),
        "from_height" => (100, "height"),
        _ => (1, "whole number"),
    }
}

/// An operation: its name, then its arguments.
struct Root<'a> {
    name: &'a str,
    state: &'a RefCell<Trace>,
    args: &'a mut Value,
}

impl<'de> Deserializer<'de> for Root<'_> {
    type Error = Error;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Parts { root: self, next: 0 })
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct newtype_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct Parts<'a> {
    root: Root<'a>,
    next: usize,
}

impl<'de> MapAccess<'de> for Parts<'_> {
    type Error = Error;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let key = ["operation", "args"].get(self.next).copied();
        self.next += 1;
        key.map(|key| seed.deserialize(key.into_deserializer())).transpose()
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        if self.next == 1 {
            let name: StrDeserializer<'_, Error> = self.root.name.into_deserializer();
            return seed.deserialize(name);
        }
        seed.deserialize(Source { state: self.root.state, path: String::new(), out: self.root.args })
    }
}

/// A place at which something is asked for.
struct Source<'a> {
    state: &'a RefCell<Trace>,
    path: String,
    out: &'a mut Value,
}

impl Source<'_> {
    fn note(&self, holds: &str) {
        self.state.borrow_mut().note(&self.path, holds);
    }
    fn number(&mut self) -> u64 {
        let (number, holds) = number(last_name(&self.path));
        self.note(holds);
        *self.out = json!(number);
        number
    }
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let taken = self.state.borrow_mut().text(&self.path);
        let (text, holds) = taken.ok_or_else(|| Error::custom("no text fits"))?;
        self.note(holds);
        *self.out = json!(text);
        visitor.visit_string(text)
    }
    fn list<'de, V: Visitor<'de>>(self, left: usize, visitor: V) -> Result<V::Value, Error> {
        *self.out = json!([]);
        let elements = self.out.as_array_mut().expect("it was made as a list");
        visitor.visit_seq(Elements { state: self.state, path: format!("{}[]", self.path), left, out: elements })
    }
    fn fields<'de, V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        if self.state.borrow().optional.contains(&self.path) {
            self.note("object");
        }
        *self.out = json!({});
        let map = self.out.as_object_mut().expect("it was made as an object");
        visitor.visit_map(Fields { state: self.state, path: self.path, names: names.iter(), current: "", out: map })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $number:ty),+) => {$(
        fn $method<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            let number = <$number>::try_from(self.number()).unwrap_or(1);
            *self.out = json!(number);
            visitor.$visit(number)
        }
    )+};
}

impl<'de> Deserializer<'de> for Source<'_> {
    type Error = Error;
    numbers! { deserialize_u8 visit_u8 u8, deserialize_u16 visit_u16 u16, deserialize_u32 visit_u32 u32, deserialize_u64 visit_u64 u64 }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.note("true or false");
        *self.out = json!(false);
        visitor.visit_bool(false)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.state.borrow_mut().optional.insert(self.path.clone());
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.list(1, visitor)
    }
    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.list(len, visitor)
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.fields(names, visitor)
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let forced = self.state.borrow().forced.get(&self.path).copied();
        let variant = forced.or_else(|| variants.first().copied());
        self.note(&format!("one of {}", variants.join(", ")));
        self.state.borrow_mut().enums.push((self.path.clone(), variants));
        visitor.visit_enum(Variant { source: self, variant: variant.unwrap_or_default() })
    }
    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple_struct map identifier ignored_any
    }
}

struct Elements<'a> {
    state: &'a RefCell<Trace>,
    path: String,
    left: usize,
    out: &'a mut Vec<Value>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let mut value = Value::Null;
        let element = seed.deserialize(Source { state: self.state, path: self.path.clone(), out: &mut value })?;
        self.out.push(value);
        Ok(Some(element))
    }
}

struct Fields<'a> {
    state: &'a RefCell<Trace>,
    path: String,
    names: std::slice::Iter<'static, &'static str>,
    current: &'static str,
    out: &'a mut Map<String, Value>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(name) = self.names.next() else { return Ok(None) };
        self.current = name;
        seed.deserialize((*name).into_deserializer()).map(Some)
    }
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let separator = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{separator}{}", self.path, self.current);
        let mut value = Value::Null;
        let field = seed.deserialize(Source { state: self.state, path, out: &mut value })?;
        self.out.insert(self.current.to_owned(), value);
        Ok(field)
    }
}

struct Variant<'a> {
    source: Source<'a>,
    variant: &'static str,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = Error;
    type Variant = Self;
    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        let name: StrDeserializer<'_, Error> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a> Variant<'a> {
    /// The place of what the variant carries, under the variant's name.
    fn inside<T>(self, read: impl FnOnce(Source<'_>) -> Result<T, Error>) -> Result<T, Error> {
        let Source { state, path, out } = self.source;
        let mut value = Value::Null;
        let read = read(Source { state, path: format!("{path}.{}", self.variant), out: &mut value })?;
        *out = json!({ self.variant: value });
        Ok(read)
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Error;
    fn unit_variant(self) -> Result<(), Error> {
        *self.source.out = json!(self.variant);
        Ok(())
    }
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        self.inside(|source| seed.deserialize(source))
    }
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.inside(|source| source.list(len, visitor))
    }
    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.inside(|source| source.fields(names, visitor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::operation::OPERATIONS;

    fn decoded(name: &str, args: &Value) -> Result<Operation, serde_json::Error> {
        serde_json::from_value(json!({ "operation": name, "args": args }))
    }

    #[test]
    fn every_operation_has_an_example_that_decodes_and_says_everything() {
        for info in OPERATIONS {
            let name = format!("{}.{}", info.module, info.operation);
            let example = of(&name).unwrap_or_else(|| panic!("{name} has no example"));
            let operation = decoded(&name, &example.args).unwrap_or_else(|e| panic!("{name}: {e}"));
            let written = serde_json::to_value(&operation).expect("an operation can be written");
            assert_eq!(written["args"], example.args, "{name}: the example leaves something out");
            assert!(!example.fields.is_empty(), "{name}");
        }
        assert_eq!(of("pledge.nothing"), None);
    }

    #[test]
    fn the_other_forms_of_a_field_decode_as_well() {
        let mut forms = 0;
        for info in OPERATIONS {
            let name = format!("{}.{}", info.module, info.operation);
            let example = of(&name).expect("shown above");
            for other in &example.others {
                let pointer = format!("/{}", other.path.replace("[]", ".0").replace('.', "/"));
                let mut args = example.args.clone();
                let place = args.pointer_mut(&pointer).expect("the form has its place");
                assert_ne!(*place, other.value, "{name}: {}", other.path);
                *place = other.value.clone();
                decoded(&name, &args).unwrap_or_else(|e| panic!("{name} {}: {e}", other.path));
                forms += 1;
            }
        }
        // Endorsements, what a hold stands on, steps of a termination, what leaves a pledge.
        assert!(forms >= 2 + 4 + 2 + 2, "only {forms} forms");
    }

    #[test]
    fn fields_say_what_they_hold_and_which_may_be_left_out() {
        let example = of("pledge.create").expect("there is such an operation");
        let field = |path: &str| example.fields.iter().find(|f| f.path == path).expect("the field is listed");
        assert!(field("secured_kind").holds.contains("FORFAITING"));
        assert!(field("proof").optional && !field("pledgor").optional);
        assert_eq!(field("docs[].doc").holds, "64 hex digits");
        assert!(field("reg_until").holds.starts_with("time"));
    }
}
