//! Small values of scenario files: times, versions, names.

use landsea_client::duration::duration_ms;
use landsea_types::role::DocKind;
use landsea_types::{Timestamp, ids::parse_hex32};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Number, Value};
use std::fmt;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span {
    /// Milliseconds.
    pub ms: u64,
}

impl TryFrom<String> for Span {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        duration_ms(&text).map(|ms| Self { ms })
    }
}

/// A time: after or before the newest block, absolute, or taken from an earlier step.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum When {
    /// Milliseconds after the base.
    After {
        /// How many.
        ms: u64,
    },
    /// Milliseconds before the base.
    Before {
        /// How many.
        ms: u64,
    },
    /// A point in time.
    At {
        /// Which.
        time: Timestamp,
    },
    /// What an earlier step answered.
    Reference {
        /// Such as `@6.block_time`.
        text: String,
    },
}

impl When {
    /// `+text` as a value, for defaults.
    pub const fn after(ms: u64) -> Self {
        When::After { ms }
    }
}

impl TryFrom<String> for When {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.as_bytes().first() {
            Some(b'+') => Ok(When::After { ms: duration_ms(&text[1..])? }),
            Some(b'-') => Ok(When::Before { ms: duration_ms(&text[1..])? }),
            Some(b'@') => Ok(When::Reference { text }),
            _ => absolute(&text),
        }
    }
}

fn absolute(text: &str) -> Result<When, String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
        format!("{text:?} is no time: +24h or -1d (from the newest block), 2026-05-13T08:00:00+08:00, or @STEP.FIELD")
    })?;
    let ms =
        u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).map_err(|_| "times before 1970 are not accepted")?;
    Ok(When::At { time: Timestamp::new(ms) })
}

/// Which version of an object an operation expects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// The one on the ledger when the step is prepared.
    #[default]
    Current,
    /// One less than that.
    Stale,
    /// Zero: "do not care", which only branches may say.
    Any,
    /// A number.
    Exactly {
        /// Which.
        number: u32,
    },
}

impl Version {
    /// The number to send, given the version on the ledger.
    pub fn number(self, current: u32) -> u32 {
        match self {
            Version::Current => current,
            Version::Stale => current.saturating_sub(1).max(u32::from(current == 1) * 2),
            Version::Any => 0,
            Version::Exactly { number } => number,
        }
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl de::Visitor<'_> for Reader {
            type Value = Version;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version number, \"current\", \"stale\" or \"any\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
                match text {
                    "current" => Ok(Version::Current),
                    "stale" => Ok(Version::Stale),
                    "any" => Ok(Version::Any),
                    other => Err(E::invalid_value(de::Unexpected::Str(other), &self)),
                }
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Version, E> {
                let number =
                    u32::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))?;
                Ok(Version::Exactly { number })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A document kind by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct KindName(pub DocKind);

impl TryFrom<String> for KindName {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let names = || DocKind::ALL.iter().filter_map(|k| k.name()).collect::<Vec<_>>().join(", ");
        DocKind::from_name(&text).map(Self).ok_or_else(|| format!("unknown kind {text:?}; there are {}", names()))
    }
}

/// Whether a text is an id written out.
pub fn is_hex_id(text: &str) -> bool {
    parse_hex32(text).is_ok()
}

/// A TOML value as JSON. Dates become text.
///
/// # Errors
/// For numbers that JSON integers cannot hold and for floats, which nothing here accepts.
pub fn json_of(value: &DeValue<'_>) -> Result<Value, String> {
    Ok(match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(yes) => Value::Bool(*yes),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Float(number) => return Err(format!("{number} is not a whole number; write quantities as text")),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            Value::Number(Number::from(read.map_err(|_| format!("{number} is out of range"))?))
        }
        DeValue::Array(items) => {
            Value::Array(items.iter().map(|item| json_of(item.get_ref())).collect::<Result<_, _>>()?)
        }
        DeValue::Table(table) => Value::Object(json_map(table)?),
    })
}

/// A TOML table as a JSON object.
///
/// # Errors
/// As [`json_of`].
pub fn json_map(table: &DeTable<'_>) -> Result<Map<String, Value>, String> {
    table.iter().map(|(key, value)| Ok((key.get_ref().to_string(), json_of(value.get_ref())?))).collect()
}

/// Reads a JSON value while keeping where it stood.
#[derive(Clone, Debug)]
pub struct Json(pub Value);

impl Json {
    /// Converts a TOML value.
    ///
    /// # Errors
    /// As [`json_of`].
    pub fn of(value: &Spanned<DeValue<'_>>) -> Result<Self, String> {
        json_of(value.get_ref()).map(Json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_add_up() {
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        for wrong in ["", "5", "h", "5x", "1h5"] {
            assert!(duration_ms(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn times_are_relative_absolute_or_taken_from_a_step() {
        let read = |text: &str| When::try_from(text.to_owned());
        assert_eq!(read("+2s"), Ok(When::After { ms: 2_000 }));
        assert_eq!(read("-1d"), Ok(When::Before { ms: 86_400_000 }));
        assert_eq!(read("1970-01-01T08:00:01+08:00"), Ok(When::At { time: Timestamp::new(1_000) }));
        assert!(matches!(read("@6.block_time"), Ok(When::Reference { .. })));
        assert!(read("tomorrow").is_err());
    }

    #[test]
    fn a_stale_version_differs_from_the_current_one() {
        for current in 1..5 {
            assert_ne!(Version::Stale.number(current), current);
            assert_ne!(Version::Stale.number(current), 0);
        }
    }
}
