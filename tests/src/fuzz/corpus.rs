//! The checked-in corpus: one folder per target, one file per input, raw bytes or text.
//!
//! Entries are samples of a real run (see [`super::samples`]). A file whose name starts with `regression_` once broke something, which the
//! rest of the name says.

use std::path::{Path, PathBuf};

/// The folder of a target's entries.
pub fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

/// One input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The file's name.
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A target's entries, by name.
///
/// # Panics
/// When the folder cannot be read: a target without a corpus would test nothing.
pub fn load(target: &str) -> Vec<Entry> {
    let folder = folder(target);
    let listed = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut paths: Vec<PathBuf> = listed.map(|e| e.expect("a folder that opens can be listed").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| Entry { name: name(&path), bytes: read(&path) }).collect()
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Replaces a target's entries, except regressions.
///
/// # Errors
/// When the folder cannot be written.
pub fn replace(target: &str, entries: &[Entry]) -> std::io::Result<()> {
    let folder = folder(target);
    std::fs::create_dir_all(&folder)?;
    for old in load(target).into_iter().filter(|e| !e.name.starts_with("regression_")) {
        std::fs::remove_file(folder.join(old.name))?;
    }
    entries.iter().try_for_each(|entry| std::fs::write(folder.join(&entry.name), &entry.bytes))
}
