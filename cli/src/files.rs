//! Reading and writing the files that pass between firms.

use crate::error::CliError;
use crate::output;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::Read as _;
use std::path::Path;

/// Largest input file, bytes; above every wire bound.
const INPUT_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// Reads a text file; `-` is the standard input.
///
/// # Errors
/// With the path, for a file that is absent, too large or not UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, CliError> {
    read_foreign(path)?.map_err(CliError::usage)
}

/// Reads a text file that somebody else has made; `-` is the standard input. That it is too large or not UTF-8 is an answer about the
/// file, not a failure of the command.
///
/// # Errors
/// With the path, for a file that cannot be read.
pub(crate) fn read_foreign(path: &Path) -> Result<Result<String, String>, CliError> {
    let mut bytes = Vec::new();
    let limit = INPUT_BYTES_MAX + 1;
    let (name, read) = match path == Path::new("-") {
        true => ("standard input".to_owned(), std::io::stdin().take(limit).read_to_end(&mut bytes)),
        false => {
            let file = std::fs::File::open(path).map_err(|e| CliError::file(path, &e))?;
            (path.display().to_string(), file.take(limit).read_to_end(&mut bytes))
        }
    };
    read.map_err(|e| CliError::file(Path::new(&name), &e))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > INPUT_BYTES_MAX) {
        return Ok(Err(format!("{name}: more than {INPUT_BYTES_MAX} bytes")));
    }
    Ok(String::from_utf8(bytes).map_err(|_| format!("{name} is not a text file (not valid UTF-8)")))
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
