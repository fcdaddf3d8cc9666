//! Operations as people write them in a file: names for kinds and roles, `+24h` for times.
//!
//! The file of `tx build --args` has exactly the fields of the operation. Besides the plain forms it may say `"kind": "NCD"`,
//! `"roles": ["BANK"]`, and for times `"+24h"` (from the newest block) or `"2026-05-13T08:00:00+08:00"`. A text `"@FILE"` stands
//! for the JSON in that file, as `fingerprint derive --out` writes a ticket.

use crate::files;
use crate::when::When;
use landsea_types::Timestamp;
use landsea_types::operation::{OPERATIONS, Operation};
use landsea_types::role::{DocKind, Role, Roles};
use serde_json::{Value, json};
use std::path::Path;

/// Fields that hold a time.
const TIMES: &[&str] = &["until", "reg_until", "not_after", "expires", "storage_from", "storage_until", "from", "to"];

/// Reads an operation by its full name, such as `pledge.create`, and its arguments. Files named in them lie in `folder`.
///
/// # Errors
/// Names the unknown operation, or the field that is wrong.
pub(crate) fn operation(name: &str, mut args: Value, folder: &Path, now: Timestamp) -> Result<Operation, String> {
    let known = OPERATIONS.iter().any(|info| format!("{}.{}", info.module, info.operation) == name);
    if !known {
        return Err(format!("unknown operation {name:?}; `landsea operations` lists them"));
    }
    include("", &mut args, folder)?;
    plain("", &mut args, now)?;
    serde_json::from_value(json!({ "operation": name, "args": args })).map_err(|e| format!("{name}: {e}"))
}

/// Replaces `"@FILE"` by the JSON of the file, which is taken as it is.
fn include(name: &str, value: &mut Value, folder: &Path) -> Result<(), String> {
    match value {
        Value::Object(map) => map.iter_mut().try_for_each(|(key, inner)| include(key, inner, folder)),
        Value::Array(list) => list.iter_mut().try_for_each(|inner| include(name, inner, folder)),
        Value::String(text) => {
            let Some(file) = text.strip_prefix('@') else { return Ok(()) };
            *value = files::read_json(&folder.join(file), "JSON").map_err(|e| format!("{name}: {e}"))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Replaces the friendly forms by the plain ones, in place.
fn plain(name: &str, value: &mut Value, now: Timestamp) -> Result<(), String> {
    if name == "roles" && value.is_array() {
        *value = json!(roles(value)?);
        return Ok(());
    }
    match value {
        Value::Object(map) => map.iter_mut().try_for_each(|(key, inner)| plain(key, inner, now)),
        Value::Array(list) => list.iter_mut().try_for_each(|inner| plain(name, inner, now)),
        Value::String(text) => {
            if let Some(number) = replaced(name, text, now)? {
                *value = json!(number);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn replaced(name: &str, text: &str, now: Timestamp) -> Result<Option<u64>, String> {
    if name == "kind" || name == "doc_kind" {
        return Ok(DocKind::from_name(text).map(|kind| u64::from(kind.0)));
    }
    let is_place = (name == "from" || name == "to") && !text.starts_with('+') && !text.contains('T');
    if !TIMES.contains(&name) || is_place || text.len() == 64 {
        return Ok(None);
    }
    match text.parse::<When>() {
        Ok(when) => Ok(Some(when.resolve(now).get())),
        // A node code may hold any letter; only what cannot be one is refused.
        Err(_) if name == "from" || name == "to" => Ok(None),
        Err(problem) => Err(format!("{name}: {problem}")),
    }
}

fn roles(value: &Value) -> Result<Roles, String> {
    let names = value.as_array().into_iter().flatten();
    let roles = names.map(|name| role(name.as_str().unwrap_or_default())).collect::<Result<Vec<_>, _>>()?;
    Ok(Roles::of(&roles))
}

/// Reads a role's name.
///
/// # Errors
/// Lists the roles.
pub(crate) fn role(name: &str) -> Result<Role, String> {
    let known: Vec<&str> = Role::ALL.iter().map(|r| r.name()).collect();
    Role::from_name(name).ok_or_else(|| format!("unknown role {name:?}; there are {}", known.join(" ")))
}

/// Reads a document kind's name.
///
/// # Errors
/// Lists the kinds.
pub(crate) fn doc_kind(name: &str) -> Result<DocKind, String> {
    let known: Vec<&str> = DocKind::ALL.iter().filter_map(|k| k.name()).collect();
    DocKind::from_name(name).ok_or_else(|| format!("unknown kind {name:?}; there are {}", known.join(" ")))
}

/// Reads a value of one of the ledger's small enumerations by its name, in any case.
///
/// # Errors
/// The parser's list of names.
pub(crate) fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T, String> {
    let upper = name.to_uppercase().replace('-', "_");
    serde_json::from_value(Value::String(upper)).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_kinds_and_roles_may_be_written_as_words() {
        let doc = "ab".repeat(32);
        let args = json!({"doc": doc, "expect_ver": 1, "until": "+24h"});
        let Ok(Operation::PledgeReserve(body)) =
            operation("pledge.reserve", args, Path::new("."), Timestamp::new(1_000))
        else {
            panic!("a reservation")
        };
        assert_eq!(body.until, Timestamp::new(86_401_000));
        let mut value = json!({"kind": "NCD", "roles": ["BANK", "branch"], "legs": [{"from": "CNTJC", "to": "CNQZH"}]});
        plain("", &mut value, Timestamp::ZERO).expect("all known");
        let bits = Roles::of(&[Role::Bank, Role::Branch]).0;
        assert_eq!(value, json!({"kind": 11, "roles": bits, "legs": [{"from": "CNTJC", "to": "CNQZH"}]}));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let unknown = operation("pledge.assign", json!({}), Path::new("."), Timestamp::ZERO).expect_err("part 2");
        assert!(unknown.contains("pledge.assign"));
        let missing = operation("pledge.reserve", json!({"doc": "ab".repeat(32)}), Path::new("."), Timestamp::ZERO)
            .expect_err("incomplete");
        assert!(missing.contains("missing field"), "{missing}");
        let time = json!({"doc": "ab".repeat(32), "expect_ver": 1, "until": "later"});
        assert!(
            operation("pledge.reserve", time, Path::new("."), Timestamp::ZERO).expect_err("no time").contains("until")
        );
    }

    #[test]
    fn every_operation_is_known_by_its_full_name() {
        for info in OPERATIONS {
            let name = format!("{}.{}", info.module, info.operation);
            let problem = operation(&name, json!({}), Path::new("."), Timestamp::ZERO)
                .expect_err("no operation has an empty body");
            assert!(problem.contains("missing field"), "{name}: {problem}");
        }
    }
}
