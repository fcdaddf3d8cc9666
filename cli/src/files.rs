//! Reading and writing the files that pass between firms.

use crate::error::CliError;
use crate::output;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Largest input file, bytes; above every wire bound.
const INPUT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads a text file; `-` is the standard input.
///
/// # Errors
/// With the path, for a file that is absent, too large or not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    if path == Path::new("-") {
        return std::io::read_to_string(std::io::stdin()).map_err(|e| CliError::usage(format!("standard input: {e}")));
    }
    let length = std::fs::metadata(path).map_err(|e| CliError::file(path, &e))?.len();
    if length > INPUT_BYTES_MAX {
        return Err(CliError::usage(format!("{}: {length} bytes, at most {INPUT_BYTES_MAX} are read", path.display())));
    }
    let bytes = std::fs::read(path).map_err(|e| CliError::file(path, &e))?;
    String::from_utf8(bytes)
        .map_err(|_| CliError::usage(format!("{} is not a text file (not valid UTF-8)", path.display())))
}

/// Reads a JSON file.
///
/// # Errors
/// With path, line and column.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T, CliError> {
    let text = read_text(path)?;
    serde_json::from_str(&text).map_err(|e| CliError::usage(format!("{}: not {what}: {e}", path.display())))
}

/// Writes a file, replacing it; `-` is the standard output.
///
/// # Errors
/// With the path.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), CliError> {
    if path == Path::new("-") {
        output::raw(text);
        return Ok(());
    }
    std::fs::write(path, text).map_err(|e| CliError::file(path, &e))
}

/// Writes a JSON file, replacing it.
///
/// # Errors
/// With the path.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(value).map_err(|e| CliError::local(format!("{}: {e}", path.display())))?;
    write_text(path, &(text + "\n"))
}
