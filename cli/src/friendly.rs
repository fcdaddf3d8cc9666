//! Operations as people write them in a file: names for kinds and roles, `+24h` for times, texts for commitments.
//!
//! The file of `tx build --args` has exactly the fields of the operation. Besides the plain forms it may say `"kind": "NCD"`,
//! `"roles": ["BANK"]`, `"operations": ["cargo.report"]`, and for times `"+24h"` or `"-2h"` (from the newest block) or
//! `"2026-05-13T08:00:00+08:00"`. `{"text": "my claim"}` stands for the commitment to a text, whose salt goes to the file of `--keep`. A
//! text `"@FILE"` stands for the JSON in that file, as `fingerprint derive --out` writes a ticket.

use crate::commitments::Keeper;
use crate::error::CliError;
use crate::files;
use crate::when::When;
use landsea_types::Timestamp;
use landsea_types::operation::{OPERATIONS, Operation, OperationInfo};
use landsea_types::role::{DocKind, Role, Roles};
use serde::Deserialize as _;
use serde::de::value::MapDeserializer;
use serde_json::{Value, json};
use std::path::Path;

/// Fields that hold a time.
const TIMES: &[&str] =
    &["until", "reg_until", "not_after", "expires", "storage_from", "storage_until", "from", "to", "at"];
/// The one field of an object that stands for a commitment.
const TEXT: &str = "text";

/// How the arguments of an operation are read.
pub(crate) struct Reading<'a> {
    /// Where files named in them lie.
    pub(crate) folder: &'a Path,
    /// What relative times count from.
    pub(crate) now: Timestamp,
    /// What keeps the texts behind commitments.
    pub(crate) keeper: &'a Keeper,
}

impl Reading<'_> {
    /// Reads an operation by its full name, such as `pledge.create`, and its arguments.
    ///
    /// # Errors
    /// Names the unknown operation, or the field that is wrong.
    pub(crate) fn operation(&self, name: &str, mut args: Value) -> Result<Operation, CliError> {
        if info(name).is_none() {
            return Err(CliError::usage(format!("unknown operation {name:?}; `landsea operations` lists them")));
        }
        include("", &mut args, self.folder).map_err(CliError::usage)?;
        self.commit(name, &mut args)?;
        plain("", &mut args, self.now).map_err(|e| CliError::usage(format!("{name}: {e}")))?;
        decoded(name, args)
    }

    /// Replaces `{"text": "..."}` by the commitment to the text.
    fn commit(&self, path: &str, value: &mut Value) -> Result<(), CliError> {
        match value {
            Value::Object(map) if map.len() == 1 && map.get(TEXT).is_some_and(Value::is_string) => {
                let text = map.get(TEXT).and_then(Value::as_str).unwrap_or_default();
                *value = json!(self.keeper.text(path, text)?);
                Ok(())
            }
            Value::Object(map) => {
                map.iter_mut().try_for_each(|(key, inner)| self.commit(&format!("{path}.{key}"), inner))
            }
            Value::Array(list) => {
                let mut places = list.iter_mut().enumerate();
                places.try_for_each(|(index, inner)| self.commit(&format!("{path}[{index}]"), inner))
            }
            _ => Ok(()),
        }
    }
}

fn info(name: &str) -> Option<&'static OperationInfo> {
    OPERATIONS.iter().find(|info| format!("{}.{}", info.module, info.operation) == name)
}

/// Decodes an operation; the name goes first, so that the place of a mistake in the arguments is known.
fn decoded(name: &str, args: Value) -> Result<Operation, CliError> {
    let parts = [("operation", json!(name)), ("args", args)];
    let parts = MapDeserializer::<_, serde_json::Error>::new(parts.into_iter());
    let mut track = serde_path_to_error::Track::new();
    Operation::deserialize(serde_path_to_error::Deserializer::new(parts, &mut track)).map_err(|error| {
        let path = track.path().to_string();
        let place = path.strip_prefix("args.").map(|field| format!(" `{field}`")).unwrap_or_default();
        let wrong = CliError::usage(format!("{name}:{place} {error}"));
        match error.to_string().contains("64 hex digits") {
            true => wrong.next(
                "An id is 64 hex digits. For a commitment write {\"text\": \"...\"} and name a new file with --keep FILE, \
                 where text and salt are kept.",
            ),
            false => wrong.next(format!("`landsea operations {name}` shows every field with an example.")),
        }
    })
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
    if name == "operations" {
        return operation_number(text).map(Some);
    }
    if name == "kind" || name == "doc_kind" {
        return Ok(DocKind::from_name(text).map(|kind| u64::from(kind.0)));
    }
    let is_place = (name == "from" || name == "to") && !text.starts_with(['+', '-']) && !text.contains('T');
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

/// The number of an operation by its full name, or as `landsea operations` prints it.
fn operation_number(text: &str) -> Result<u64, String> {
    let written = text.strip_prefix("0x").and_then(|digits| u16::from_str_radix(digits, 16).ok());
    let known = written.filter(|number| OPERATIONS.iter().any(|info| info.number == *number));
    let number = known.or_else(|| info(text).map(|info| info.number));
    number
        .map(u64::from)
        .ok_or_else(|| format!("operations: unknown operation {text:?}; `landsea operations` lists them"))
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

    fn read(name: &str, args: Value, now: u64) -> Result<Operation, CliError> {
        let keeper = Keeper::new(None);
        Reading { folder: Path::new("."), now: Timestamp::new(now), keeper: &keeper }.operation(name, args)
    }

    fn problem(name: &str, args: Value) -> String {
        read(name, args, 0).expect_err("something is wrong").what
    }

    #[test]
    fn times_kinds_and_roles_may_be_written_as_words() {
        let doc = "ab".repeat(32);
        let args = json!({"doc": doc, "expect_ver": 1, "until": "+24h"});
        let Ok(Operation::PledgeReserve(body)) = read("pledge.reserve", args, 1_000) else { panic!("a reservation") };
        assert_eq!(body.until, Timestamp::new(86_401_000));
        let mut value = json!({"kind": "NCD", "roles": ["BANK", "branch"], "legs": [{"from": "CNTJC", "to": "CNQZH"}]});
        plain("", &mut value, Timestamp::ZERO).expect("all known");
        let bits = Roles::of(&[Role::Bank, Role::Branch]).0;
        assert_eq!(value, json!({"kind": 11, "roles": bits, "legs": [{"from": "CNTJC", "to": "CNQZH"}]}));
    }

    #[test]
    fn a_report_may_tell_its_time_and_a_delegation_its_operations_in_words() {
        let mut value = json!({"report": {"at": "-1h", "node": "CNQZH"}, "operations": ["cargo.report", "0x0701", 3]});
        plain("", &mut value, Timestamp::new(3_600_001)).expect("all known");
        let report = info("cargo.report").expect("it exists").number;
        assert_eq!(value, json!({"report": {"at": 1, "node": "CNQZH"}, "operations": [report, 0x0701, 3]}));
        for at in ["+0h", "1970-01-01T08:00:00+08:00"] {
            let mut value = json!({"at": at});
            plain("", &mut value, Timestamp::ZERO).expect("a time");
            assert_eq!(value, json!({"at": 0}), "{at}");
        }
        for unknown in ["cargo.nothing", "0xffff", "0x"] {
            let mut value = json!({"operations": [unknown]});
            assert!(plain("", &mut value, Timestamp::ZERO).expect_err("unknown").contains(unknown), "{unknown}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let doc = "ab".repeat(32);
        assert!(problem("pledge.nothing", json!({})).contains("pledge.nothing"));
        let missing = problem("pledge.reserve", json!({"doc": doc}));
        assert!(missing.contains("missing field"), "{missing}");
        let time = json!({"doc": doc, "expect_ver": 1, "until": "later"});
        assert!(problem("pledge.reserve", time).contains("until"));
    }

    #[test]
    fn the_path_of_a_wrong_field_is_told() {
        let mut args = crate::example::of("pledge.create").expect("it exists").args;
        args["docs"][0]["doc"] = json!("ab");
        let text = problem("pledge.create", args.clone());
        assert!(text.contains("`docs[0].doc`"), "{text}");
        args = crate::example::of("hold.file_case").expect("it exists").args;
        args["expect_ver"] = json!("one");
        let text = problem("hold.file_case", args);
        assert!(text.contains("`expect_ver`"), "{text}");
    }

    #[test]
    fn a_text_is_committed_to_and_kept_or_nothing_is_built() {
        let folder = std::env::temp_dir().join(format!("landsea-keep-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
        let file = folder.join("kept.json");
        let args = || {
            let mut args = crate::example::of("hold.dispute").expect("it exists").args;
            args["interest"] = json!({"text": "my claim"});
            args
        };
        assert!(problem("hold.dispute", args()).contains("interest"));
        let keeper = Keeper::new(Some(&file));
        let reading = Reading { folder: &folder, now: Timestamp::ZERO, keeper: &keeper };
        let operation = reading.operation("hold.dispute", args()).expect("complete");
        keeper.store().expect("a new file");
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(&file).expect("written")).expect("JSON");
        let sent = json!(operation);
        assert_eq!((kept[0]["text"].as_str(), &kept[0]["commit"]), (Some("my claim"), &sent["args"]["interest"]));
        let mut plain = args();
        plain["interest"] = json!("my claim");
        let wrong = read("hold.dispute", plain, 0).expect_err("no commitment");
        assert!(wrong.next.as_deref().is_some_and(|next| next.contains("--keep")), "{wrong:?}");
        std::fs::remove_dir_all(&folder).expect("own folder");
    }

    #[test]
    fn every_operation_is_known_by_its_full_name() {
        for info in OPERATIONS {
            let name = format!("{}.{}", info.module, info.operation);
            let problem = problem(&name, json!({}));
            assert!(problem.contains("missing field"), "{name}: {problem}");
        }
    }
}
