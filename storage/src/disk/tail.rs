//! Looks for the one damage of RocksDB's log files that its own reader does not survive.
//!
//! A record has a header of seven bytes, that of a recycled log file eleven. Where fewer than eleven bytes are left and the type among them is
//! one of recycled files, the reader of RocksDB waits for more bytes for ever, and opening the database never returns. This store never recycles
//! log files, so such a type is damage wherever it stands.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Records do not cross blocks, but are cut into parts.
const BLOCK_BYTES: u64 = 32 << 10;
const HEADER_BYTES: u64 = 7;
/// Types of records in recycled log files.
const RECYCLED: [u8; 6] = [5, 6, 7, 8, 11, 131];

/// The first log file or manifest in a folder that holds a record of a recycled log file; `None` also when there is no folder yet.
pub(super) fn find_recycled(database: &Path) -> io::Result<Option<PathBuf>> {
    if !database.exists() {
        return Ok(None);
    }
    for entry in std::fs::read_dir(database)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_log = name.ends_with(".log") || name.starts_with("MANIFEST-");
        if is_log && holds_recycled(&File::open(&path)?)? {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Walks the headers from the start; behind the first one that fits nowhere RocksDB's own checksums decide.
fn holds_recycled(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut at = 0;
    while at + HEADER_BYTES <= length {
        let rest_of_block = BLOCK_BYTES - at % BLOCK_BYTES;
        if rest_of_block < HEADER_BYTES {
            at += rest_of_block;
            continue;
        }
        let mut header = [0; HEADER_BYTES as usize];
        file.read_exact_at(&mut header, at)?;
        let [_, _, _, _, low, high, kind] = header;
        if RECYCLED.contains(&kind) {
            return Ok(true);
        }
        at += HEADER_BYTES + u64::from(u16::from_le_bytes([low, high]));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(tail: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("temporary folder");
        let record = [&[1, 2, 3, 4, 3, 0, 1][..], b"abc"].concat();
        std::fs::write(folder.path().join("000004.log"), [&record, tail].concat()).expect("written");
        folder
    }

    #[test]
    fn a_tail_that_looks_recycled_is_found_and_other_tails_are_left_to_the_database() {
        for (tail, is_found) in
            [(&[7u8; 8][..], true), (&[5; 7], true), (&[7; 6], false), (&[1; 8], false), (&[], false)]
        {
            let folder = log(tail);
            let found = find_recycled(folder.path()).expect("readable");
            assert_eq!(found.is_some(), is_found, "{tail:?}");
        }
        assert_eq!(find_recycled(Path::new("/nowhere/at/all")).expect("no folder is no damage"), None);
    }
}
