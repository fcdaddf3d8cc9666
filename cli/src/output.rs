//! What people and programs see: aligned tables for people, JSON with `--json`.

use crate::context::Names;
use crate::error::{CliError, exit};
use crate::when;
use comfy_table::{ContentArrangement, Table, presets};
use landsea_client::api::TransactionView;
use landsea_types::event::Event;
use landsea_types::role::{DocKind, Roles};
use landsea_types::{Code, Member, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;
use std::sync::OnceLock;

/// Why nothing more can be printed on the standard output.
#[derive(Debug)]
enum Lost {
    /// Whoever read it has gone, as `head` does.
    Closed,
    /// It cannot be written: a full disk.
    Failed { problem: String },
}

/// Set by the first write that fails; nothing is written after it.
static LOST: OnceLock<Lost> = OnceLock::new();

/// Fields that hold milliseconds since 1970.
const TIMES: &[&str] = &[
    "block_time",
    "time",
    "until",
    "valid_until_time",
    "reg_until",
    "grace_until",
    "created",
    "not_after",
    "at",
    "opened",
    "storage_from",
    "storage_until",
    "expires",
    "issued_at",
    "recorded",
    "silent_from",
    "seen",
    "counted_at",
    "mirror_due",
    "custody_due",
    "sold_from",
    "from",
    "to",
];
/// Fields that hold thousandths of a unit of measure.
const QUANTITIES: &[&str] = &["qty", "counted", "receipts_sum", "missing", "away"];
/// Fields that hold member indices.
const MEMBERS: &[&str] = &[
    "member",
    "home",
    "place",
    "existing_home",
    "attempt_home",
    "home_pledgee",
    "home_pledgor",
    "proposer",
    "members",
    "voter",
    "by_member",
];

/// Prints a line. What cannot be written is remembered for [`end`]: a command goes on to its own exit code.
pub(crate) fn line(text: impl AsRef<str>) {
    raw(&format!("{}\n", text.as_ref()));
}

/// Prints a text as it is, see [`line`].
pub(crate) fn raw(text: &str) {
    if is_lost() {
        return;
    }
    let mut out = std::io::stdout().lock();
    note_loss(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

/// Whether nothing more can be printed.
pub(crate) fn is_lost() -> bool {
    LOST.get().is_some()
}

fn note_loss(written: std::io::Result<()>) {
    let Err(error) = written else { return };
    let _ = LOST.set(match error.kind() {
        ErrorKind::BrokenPipe => Lost::Closed,
        _ => Lost::Failed { problem: error.to_string() },
    });
}

/// The exit code of a command that came to its end: its own, unless that says success and the answer could not be written.
pub(crate) fn end(code: ExitCode, json: bool) -> ExitCode {
    let own = match LOST.get() {
        Some(Lost::Failed { problem }) => Some(problem.as_str()),
        _ => None,
    };
    let Some(problem) = own.or_else(landsea_testnet::output_failure) else { return code };
    error(&CliError::local(format!("standard output: {problem}")), json);
    if code == ExitCode::SUCCESS { ExitCode::from(exit::LOCAL) } else { code }
}

/// Prints a value as JSON.
pub(crate) fn json_value(value: &impl Serialize) {
    line(serde_json::to_string_pretty(value).expect("answers have only string keys"));
}

/// Prints a remark beside the answer, so that JSON on the standard output stays whole.
pub(crate) fn note(text: &str) {
    // There is nowhere left to say that this could not be said.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints an error for people, or as one JSON object.
pub(crate) fn error(error: &CliError, json: bool) {
    if json {
        return note(&json!({ "error": error.what, "next": error.next, "exit": error.exit }).to_string());
    }
    note(&format!("landsea: {}", error.what));
    if let Some(next) = &error.next {
        note(&format!("         {next}"));
    }
}

/// Prints what is wrong with the command line, or the help or version that it asks for.
pub(crate) fn of_arguments(error: &clap::Error, json: bool) -> ExitCode {
    if json && error.use_stderr() {
        let text = error.render().to_string();
        let what = text.trim().trim_start_matches("error: ").to_owned();
        self::error(&CliError::usage(what).next("`--help` after the command shows its options."), true);
    } else {
        note_loss(error.print());
    }
    end(ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE)), json)
}

/// A table without lines, whose columns line up for wide characters as well.
pub(crate) fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    if !head.is_empty() {
        table.set_header(head.iter().map(|h| h.to_uppercase()));
    }
    table
}

/// Prints a table without the padding at its edges.
pub(crate) fn print_table(table: &Table) {
    for row in table.to_string().lines() {
        line(row.strip_prefix(' ').unwrap_or(row).trim_end());
    }
}

/// Prints an answer as JSON or as field and value.
pub(crate) fn answer(value: &impl Serialize, json: bool, names: &Names) {
    if json {
        return json_value(value);
    }
    let value = serde_json::to_value(value).expect("answers have only string keys");
    if let Some(list) = value.as_array().filter(|list| list.iter().all(|item| !item.is_object())) {
        return list.iter().for_each(|item| line(scalar("", item, names)));
    }
    let mut rows = Vec::new();
    describe("", "", &value, names, &mut rows);
    let mut table = table(&[]);
    for (field, text) in rows {
        table.add_row([field, text]);
    }
    print_table(&table);
}

/// Flattens a value into (path, text).
fn describe(path: &str, name: &str, value: &Value, names: &Names, rows: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                describe(&join(path, key), key, inner, names, rows);
            }
        }
        Value::Array(list) if list.iter().any(|item| item.is_object() || item.is_array()) => {
            for (index, item) in list.iter().enumerate() {
                describe(&format!("{path}[{index}]"), name, item, names, rows);
            }
        }
        Value::Array(list) if list.is_empty() => rows.push((path.into(), "-".into())),
        Value::Array(list) => {
            for (index, item) in list.iter().enumerate() {
                let place = if index == 0 { path.to_owned() } else { String::new() };
                rows.push((place, scalar(name, item, names)));
            }
        }
        scalar_value => rows.push((path.into(), scalar(name, scalar_value, names))),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Spells a single value, explaining numbers whose meaning the field's name tells.
fn scalar(name: &str, value: &Value, names: &Names) -> String {
    match (value, value.as_u64()) {
        (Value::Null, _) => "-".into(),
        (Value::String(text), _) => text.clone(),
        (_, Some(number)) if TIMES.contains(&name) && number > 0 => when::text(Timestamp::new(number)),
        (_, Some(number)) if MEMBERS.contains(&name) => member(number, names),
        (_, Some(number)) if name == "kind" || name == "doc_kind" => kind(number),
        (_, Some(number)) if name == "roles" => roles(number),
        (_, Some(number)) if QUANTITIES.contains(&name) => quantity(number),
        (_, Some(number)) if name == "code" => code(number),
        _ => value.to_string(),
    }
}

/// Thousandths as a decimal number.
pub(crate) fn quantity(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn member(number: u64, names: &Names) -> String {
    u8::try_from(number).map_or_else(|_| number.to_string(), |index| names.member(Member::new(index)))
}

fn kind(number: u64) -> String {
    let known = u16::try_from(number).ok().and_then(|n| DocKind(n).name());
    known.map_or_else(|| number.to_string(), str::to_owned)
}

fn roles(number: u64) -> String {
    let bits = u16::try_from(number).unwrap_or_default();
    Roles(bits).iter().map(|role| role.name()).collect::<Vec<_>>().join(" ")
}

/// An outcome code with its name.
pub(crate) fn code(number: u64) -> String {
    let known = u16::try_from(number).ok().and_then(|n| Code::try_from(n).ok());
    known.map_or_else(|| number.to_string(), |code| code.to_string())
}

/// Prints what became of a transaction.
pub(crate) fn outcome(view: &TransactionView, json: bool, names: &Names) {
    if json {
        return json_value(view);
    }
    line(format!("{}  height {} index {}  transaction {}", view.code, view.height, view.index, view.id));
    if view.code != Code::Ok {
        line(explain(view.code, &view.args, names));
        line(format!("operation {} of the transaction was refused; nothing was changed", view.operation));
    }
    events(&view.events);
}

/// Prints events, one line each.
pub(crate) fn events(events: &[Event]) {
    let mut table = table(&[]);
    for event in events {
        let related: Vec<String> = event.related.iter().map(ToString::to_string).collect();
        let args = crate::events::spelled(event);
        table.add_row([event.name.as_str().to_owned(), event.subject.to_string(), args, related.join(" ")]);
    }
    if !events.is_empty() {
        print_table(&table);
    }
}

/// The meaning of a refusal with its arguments spelled out.
pub(crate) fn explain(code: Code, args: &[u64], names: &Names) -> String {
    match (code, args) {
        (Code::AlreadyPledged, [since, home, ..]) => {
            format!("already pledged since height {since}; contact {}", member(*home, names))
        }
        (Code::Encumbered, [since, home, ..]) => {
            let home = member(*home, names);
            format!("encumbered since height {since}: the pledgee must consent; contact {home}")
        }
        (_, []) => code.meaning().to_owned(),
        (_, args) => {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            format!("{} [{}]", code.meaning(), args.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn columns_line_up_for_chinese_names() {
        let mut table = table(&[]);
        table.add_row(["重庆", "1"]).add_row(["Chongqing", "2"]);
        let text = table.to_string();
        let column = |line: &str, mark: char| line.split(mark).next().expect("has a first part").width();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(column(lines[0], '1'), column(lines[1], '2'), "{text}");
    }

    #[test]
    fn numbers_are_explained_by_the_name_of_their_field() {
        let names = Names::default();
        let value = json!({"kind": 11, "qty": 25_200_500, "until": 1_772_632_800_000u64, "from": u64::MAX, "lots": [], "deep": {"roles": 2}});
        let mut rows = Vec::new();
        describe("", "", &value, &names, &mut rows);
        let text = |field: &str| rows.iter().find(|(f, _)| f == field).map(|(_, t)| t.as_str());
        assert_eq!(text("kind"), Some("NCD"));
        assert_eq!(text("qty"), Some("25200.500"));
        assert_eq!(text("until"), Some("2026-03-04 14:00:00.000 UTC"));
        assert_eq!(text("from"), Some("no end"));
        assert_eq!(text("lots"), Some("-"));
        assert_eq!(text("deep.roles"), Some("BANK"));
    }

    #[test]
    fn a_refused_second_pledge_says_since_when_and_whom_to_ask() {
        let text = explain(Code::AlreadyPledged, &[41, 1], &Names::default());
        assert!(text.contains("since height 41") && text.contains("contact member 1"), "{text}");
    }
}
