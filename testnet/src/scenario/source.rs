//! Where a scenario's text comes from, and errors that point into it.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Largest file read, bytes.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// What is wrong with a scenario file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what is allowed.
    pub problem: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.path, self.line, self.column, self.problem)
    }
}

/// A scenario's text and the folder that its file names are relative to.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name for messages.
    pub path: String,
    /// The text.
    pub text: String,
    /// Where the documents lie.
    pub files: Files,
}

/// Where the files that a scenario names are found.
#[derive(Clone, Debug)]
pub enum Files {
    /// Beside the scenario file.
    Folder {
        /// The folder.
        dir: PathBuf,
    },
    /// In this program.
    BuiltIn {
        /// Path and content.
        table: &'static [(&'static str, &'static str)],
    },
}

impl Source {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// With the path, when it is absent, too large or not UTF-8.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = read_text(path)?;
        let dir = path.parent().unwrap_or(Path::new(".")).to_path_buf();
        Ok(Self { path: path.display().to_string(), text, files: Files::Folder { dir } })
    }

    /// An error at a byte range of the text.
    pub fn error(&self, span: Range<usize>, problem: impl Into<String>) -> FileError {
        let (line, column) = self.place(span.start);
        FileError { path: self.path.clone(), line, column, problem: problem.into() }
    }

    /// Line and column of a byte, both from 1.
    pub fn place(&self, byte: usize) -> (usize, usize) {
        let mut end = byte.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }

    /// An error of the TOML parser or of a field's type.
    pub fn toml_error(&self, error: &toml::de::Error, fallback: Range<usize>) -> FileError {
        self.error(error.span().unwrap_or(fallback), error.message().trim().replace('\n', "; "))
    }
}

impl Files {
    /// Reads a file named in a scenario.
    ///
    /// # Errors
    /// When there is none or it cannot be read.
    pub fn read(&self, name: &str) -> Result<String, String> {
        match self {
            Files::Folder { dir } => read_text(&dir.join(name)),
            Files::BuiltIn { table } => {
                let found = table.iter().find(|(known, _)| *known == name);
                found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| format!("{name}: not a built-in file"))
            }
        }
    }
}

fn read_text(path: &Path) -> Result<String, String> {
    let fail = |e: std::io::Error| format!("{}: {e}", path.display());
    let length = std::fs::metadata(path).map_err(fail)?.len();
    if length > FILE_BYTES_MAX {
        return Err(format!("{}: {length} bytes, at most {FILE_BYTES_MAX} are read", path.display()));
    }
    let bytes = std::fs::read(path).map_err(fail)?;
    String::from_utf8(bytes).map_err(|_| format!("{}: not a text file (not valid UTF-8)", path.display()))
}
