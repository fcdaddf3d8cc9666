//! The firm's file: CSV whose columns are the fields of a document, or one JSON document a line.
//!
//! A row that is wrong spoils no other: it keeps its place with what is wrong and what to do. Only a file in which no row can be read
//! (not UTF-8, an unknown column) is refused as a whole.

use crate::error::CliError;
use landsea_client::paper::{Paper, PaperError};
use landsea_types::bounds::GOODS_KEYS_MAX;
use landsea_types::fingerprint::{DocumentInput, FingerprintError};
use serde::Deserialize as _;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::path::Path;

/// Largest file, bytes: far above 100,000 documents.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Between the values of a list in one cell.
const LIST_SEPARATORS: [char; 3] = [';', '；', '\n'];

/// One document of the file.
#[derive(Debug)]
pub(crate) struct Row {
    /// Line on which it begins, from 1.
    pub(crate) line: u64,
    /// The document's number as written, so that people find it.
    pub(crate) number: String,
    /// The document, or what is wrong with it.
    pub(crate) paper: Result<Box<Paper>, Fault>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Column of the CSV, or position in the line of JSON, from 1.
    pub(crate) column: Option<usize>,
    pub(crate) what: String,
    pub(crate) next: &'static str,
}

impl Fault {
    fn new(column: Option<usize>, what: impl Into<String>, next: &'static str) -> Self {
        Self { column, what: what.into(), next }
    }

    /// The whole sentence, with its place.
    pub(crate) fn sentence(&self, line: u64) -> String {
        let column = self.column.map(|column| format!(", column {column}")).unwrap_or_default();
        format!("line {line}{column}: {}. {}", self.what, self.next)
    }
}

/// Reads a file; `.jsonl` and `.ndjson` hold JSON, any other CSV.
///
/// # Errors
/// When nothing of it can be read.
pub(crate) fn read(path: &Path) -> Result<Vec<Row>, CliError> {
    let length = std::fs::metadata(path).map_err(|e| CliError::file(path, &e))?.len();
    if length > FILE_BYTES_MAX {
        return Err(CliError::usage(format!("{length} bytes, at most {FILE_BYTES_MAX}")).at(path));
    }
    let bytes = std::fs::read(path).map_err(|e| CliError::file(path, &e))?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        let line = bytes[..e.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        CliError::usage(format!("line {line}: not UTF-8")).at(path).next("Save the table as \"CSV UTF-8\".")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let is_json = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("jsonl") || e.eq_ignore_ascii_case("ndjson"));
    let mut rows = if is_json { json_lines(text) } else { csv_rows(text).map_err(|e| e.at(path))? };
    if rows.is_empty() {
        return Err(CliError::usage("holds no document").at(path));
    }
    mark_repeated(&mut rows);
    Ok(rows)
}

/// The JSON document of the row that begins on a line, for commands that want one document.
///
/// # Errors
/// When there is no such row, or it is wrong.
pub(crate) fn document(rows: &[Row], line: u64) -> Result<&DocumentInput, CliError> {
    let lines = || format!("no row begins on line {line}");
    let row = rows.iter().find(|row| row.line == line).ok_or_else(|| CliError::usage(lines()))?;
    row.paper.as_ref().map(|paper| &paper.document).map_err(|fault| CliError::usage(fault.sentence(line)))
}

/// One document cannot be registered twice, so the second row of it is not sent.
fn mark_repeated(rows: &mut [Row]) {
    let mut seen: HashMap<[u8; 32], u64> = HashMap::new();
    for row in rows {
        let Ok(paper) = &row.paper else { continue };
        if let Some(first) = seen.get(&paper.raws.fp1) {
            let what = format!("this is the document of line {first} once more");
            row.paper = Err(Fault::new(None, what, "Remove one of the two rows, or correct its number or date."));
        } else {
            seen.insert(paper.raws.fp1, row.line);
        }
    }
}

// ---- JSON

fn json_lines(text: &str) -> Vec<Row> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    lines.map(|(text, line)| json_row(text, line)).collect()
}

fn json_row(text: &str, line: u64) -> Row {
    let mut source = serde_json::Deserializer::from_str(text);
    let read = serde_path_to_error::deserialize::<_, DocumentInput>(&mut source).map_err(|error| {
        let (path, inner) = (error.path().to_string(), error.inner());
        Fault::new(Some(inner.column()), plain(inner, &path), "Correct it and run the same command again.")
    });
    let whole = read.and_then(|document| match source.end() {
        Ok(()) => Ok(document),
        Err(_) => Err(Fault::new(None, "more than one JSON object", "Write one document a line.")),
    });
    let number = whole.as_ref().ok().and_then(|document| document.number.clone()).unwrap_or_default();
    Row { line, number, paper: whole.and_then(|document| checked(document, |_| None)) }
}

/// A parser's message without its own place, which is told otherwise.
fn plain(error: &serde_json::Error, path: &str) -> String {
    let text = error.to_string();
    let text = text.split(" at line ").next().unwrap_or(&text).to_owned();
    if path == "." { text } else { format!("`{path}`: {text}") }
}

// ---- CSV

/// A column of the header.
#[derive(Debug)]
struct Column {
    field: String,
    /// Whether its cells hold several values.
    is_list: bool,
}

fn csv_rows(text: &str) -> Result<Vec<Row>, CliError> {
    let delimiter = delimiter(text.lines().next().unwrap_or_default());
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).delimiter(delimiter).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|e| CliError::usage(format!("line 1: {e}")))?.clone();
    let columns = columns(&head)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| CliError::usage(e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(csv_row(&columns, &record, line));
    }
    Ok(rows)
}

/// Spreadsheets of some languages part cells with semicolons or tabs.
fn delimiter(head: &str) -> u8 {
    let count = |mark: char| head.chars().filter(|c| *c == mark).count();
    [(b',', count(',')), (b';', count(';')), (b'\t', count('\t'))]
        .into_iter()
        .fold((b',', 0), |best, next| if next.1 > best.1 { next } else { best })
        .0
}

fn columns(head: &csv::StringRecord) -> Result<Vec<Column>, CliError> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, place) in head.iter().zip(1..) {
        let wrong = |what: String| Err(CliError::usage(format!("line 1, column {place}: {what}")));
        if columns.iter().any(|known| known.field == name) {
            return wrong(format!("the column `{name}` stands twice"));
        }
        match is_list(name) {
            Ok(is_list) => columns.push(Column { field: name.to_owned(), is_list }),
            Err(problem) => return wrong(problem),
        }
    }
    match columns.iter().any(|column| column.field == "kind") {
        true => Ok(columns),
        false => Err(CliError::usage("line 1: there is no column `kind`")
            .next("The first line names the fields of a document: docs/bulk-anchoring.md has an example.")),
    }
}

/// Whether a field of a document holds several values, as the document's own reader takes it.
fn is_list(field: &str) -> Result<bool, String> {
    let takes = |value: Value| {
        let document = json!({ "kind": "HOUSE_BILL" });
        let Value::Object(mut map) = document else { unreachable!("written as an object") };
        let value = if field == "kind" { json!("HOUSE_BILL") } else { value };
        map.insert(field.to_owned(), value);
        DocumentInput::deserialize(Value::Object(map)).map(|_| ())
    };
    match takes(Value::Null) {
        Ok(()) => Ok(false),
        Err(_) => takes(json!([])).map(|()| true).map_err(|e| e.to_string()),
    }
}

fn csv_row(columns: &[Column], record: &csv::StringRecord, line: u64) -> Row {
    let cell = |field: &str| {
        let place = columns.iter().position(|column| column.field == field)?;
        record.get(place).map(str::to_owned)
    };
    let number = cell("number").unwrap_or_default();
    if record.len() != columns.len() {
        let what = format!("{} cells where the header names {} columns", record.len(), columns.len());
        let next = "Put a cell that holds the separator or a quote into quotes.";
        return Row { line, number, paper: Err(Fault::new(None, what, next)) };
    }
    let place = |field: &str| columns.iter().position(|column| column.field == field).map(|place| place + 1);
    let cells = columns.iter().zip(record).filter(|(_, text)| !text.is_empty());
    let map: Map<String, Value> = cells.map(|(column, text)| (column.field.clone(), value(column, text))).collect();
    let read = serde_path_to_error::deserialize::<_, DocumentInput>(Value::Object(map)).map_err(|error| {
        let path = error.path().to_string();
        let field = path.split(['.', '[']).next().unwrap_or_default();
        Fault::new(place(field), plain(error.inner(), &path), CORRECT)
    });
    Row { line, number, paper: read.and_then(|document| checked(document, place)) }
}

const CORRECT: &str = "Correct it and run the same command again.";

/// A cell: a text, or a list of texts. What is more than a text (a batch with its brand) is written as JSON.
fn value(column: &Column, text: &str) -> Value {
    if text.starts_with(['[', '{'])
        && (column.is_list || column.field == "arrived_in")
        && let Ok(value) = serde_json::from_str(text)
    {
        return value;
    }
    if !column.is_list {
        return json!(text);
    }
    json!(text.split(LIST_SEPARATORS).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>())
}

// ---- both

/// Computes the document, and refuses here what the ledger would refuse of every such document.
fn checked(document: DocumentInput, place: impl Fn(&str) -> Option<usize>) -> Result<Box<Paper>, Fault> {
    let paper = Paper::new(document).map_err(|error| {
        let field = field_of(&error).unwrap_or_default();
        Fault::new(place(field), error.to_string(), CORRECT)
    })?;
    if !paper.kind().is_anchor() {
        let name = paper.kind().name().unwrap_or("of this number");
        let what = format!("a document of kind {name} is no note");
        return Err(Fault::new(place("kind"), what, "Titles are issued one by one with `landsea waybill issue`."));
    }
    paper.issue_date().map_err(|error| Fault::new(place("issue_date"), error.to_string(), CORRECT))?;
    match paper.raws.goods_keys.len() {
        0 => {
            let what = "the document names no goods";
            let next = "Fill in containers, vins, batches, ssccs, or wagons with their departure_date.";
            Err(Fault::new(None, what, next))
        }
        keys if keys > GOODS_KEYS_MAX => {
            let what = format!("the document names {keys} goods, at most {GOODS_KEYS_MAX}");
            Err(Fault::new(None, what, "Ask the branch how to register it in parts."))
        }
        _ => Ok(Box::new(paper)),
    }
}

fn field_of(error: &PaperError) -> Option<&'static str> {
    match error {
        PaperError::Fingerprint(FingerprintError::Normalise(error)) => Some(error.field),
        PaperError::Fingerprint(
            FingerprintError::Missing { field, .. } | FingerprintError::NotApplicable { field, .. },
        ) => Some(field),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "kind,number,issue_date,issuer,consignor,consignee,containers,packages,gross_weight,hs,destination\n";
    const GOOD: &str = "HOUSE_BILL,QZFF/2026/0091,2026-03-05,91460300XXDEM00E1L,91500107XXDEM00FX5,TO ORDER,XLHU2601019;XLHU2601024,9,\"61,280 kg\",8429.52,SGSIN\n";

    fn rows(lines: &str) -> Vec<Row> {
        let mut rows = csv_rows(&format!("{HEAD}{lines}")).expect("the header is sound");
        mark_repeated(&mut rows);
        rows
    }

    fn fault(rows: &[Row], index: usize) -> String {
        rows[index].paper.as_ref().expect_err("it is wrong").sentence(rows[index].line)
    }

    #[test]
    fn a_row_of_cells_and_a_line_of_json_are_the_same_document() {
        let rows = rows(GOOD);
        let document = document(&rows, 2).expect("it is sound");
        assert_eq!(document.containers, ["XLHU2601019", "XLHU2601024"]);
        let lines = json_lines(&format!("\n{}\n", serde_json::to_string(document).expect("string keys only")));
        assert_eq!(lines[0].line, 2);
        let raws = |row: &Row| row.paper.as_ref().expect("it is sound").raws.clone();
        assert_eq!(raws(&lines[0]), raws(&rows[0]));
    }

    #[test]
    fn a_wrong_cell_is_named_by_line_and_column_and_the_rows_around_it_are_kept() {
        let wrong = GOOD.replace("XLHU2601024", "XLHU2601025").replace("0091", "0092");
        let short = "HOUSE_BILL,QZFF/2026/0093\n";
        let title = GOOD.replace("HOUSE_BILL", "NCD").replace("0091", "0094");
        let kind = GOOD.replace("HOUSE_BILL", "HOUSE").replace("0091", "0095");
        let rows = rows(&format!("{GOOD}{wrong}{short}{title}{kind}{}", GOOD.replace("0091", "0096")));
        assert!(rows[0].paper.is_ok() && rows[5].paper.is_ok(), "{rows:?}");
        let text = fault(&rows, 1);
        assert!(text.starts_with("line 3, column 7: ") && text.contains("check digit"), "{text}");
        assert!(fault(&rows, 2).contains("2 cells where the header names 11 columns"));
        assert!(fault(&rows, 3).contains("column 1") && fault(&rows, 3).contains("waybill issue"));
        assert!(fault(&rows, 4).contains("column 1") && fault(&rows, 4).contains("kind"), "{}", fault(&rows, 4));
    }

    #[test]
    fn the_second_row_of_one_document_names_the_first() {
        let rows = rows(&format!("{GOOD}{}", GOOD.replace("QZFF/2026/0091", "qzff 2026-0091")));
        assert!(rows[0].paper.is_ok());
        assert!(fault(&rows, 1).contains("the document of line 2 once more"), "{}", fault(&rows, 1));
    }

    #[test]
    fn an_unknown_or_repeated_column_refuses_the_file_and_says_which() {
        for (head, words) in
            [("kind,numbr\n", "column 2: unknown field `numbr`"), ("kind,kind\n", "twice"), ("number\n", "`kind`")]
        {
            let error = csv_rows(head).expect_err("the header is wrong");
            assert!(error.what.contains(words), "{}", error.what);
        }
    }

    #[test]
    fn a_broken_line_of_json_tells_its_column() {
        let rows = json_lines("{\"kind\":\"HOUSE_BILL\",\n{\"kind\":\"HOUSE_BILL\",\"packges\":1}\n{} {}");
        let texts: Vec<String> = (0..3).map(|n| fault(&rows, n)).collect();
        assert!(texts[0].starts_with("line 1, column "), "{texts:?}");
        assert!(texts[1].starts_with("line 2, column ") && texts[1].contains("packges"), "{texts:?}");
        assert!(texts[2].starts_with("line 3"), "{texts:?}");
    }

    #[test]
    fn cells_may_be_parted_by_semicolons_or_tabs_and_hold_json() {
        assert_eq!(
            [delimiter("a,b"), delimiter("a;b;c,d"), delimiter("a\tb"), delimiter("a")],
            [b',', b';', b'\t', b',']
        );
        let batches = Column { field: "batches".into(), is_list: is_list("batches").expect("a field") };
        assert_eq!(value(&batches, r#"[{"brand":"B","number":"7"}]"#), json!([{"brand": "B", "number": "7"}]));
        assert_eq!(value(&batches, "7； 8"), json!(["7", "8"]));
        assert_eq!((is_list("number"), is_list("packages"), is_list("arrived_in")), (Ok(false), Ok(false), Ok(false)));
    }
}
