//! The sign mark's file: two slots beside the validator key, written in turn, so that a torn write never loses the last mark.

use crate::replica::MarkKeeper;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_consensus::SignMark;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const SLOT_BYTES: u64 = 128;

/// One slot's content.
#[derive(BorshSerialize, BorshDeserialize)]
struct Slot {
    count: u64,
    mark: SignMark,
    checksum: [u8; 32],
}

/// Why a mark file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    #[error(
        "there is no sign mark at {path}: nothing says what this key has signed; restore the file, or run `landsea node recover-mark`"
    )]
    Missing { path: PathBuf },
    #[error("the sign mark {path} cannot be read: {problem}; restore the file, or run `landsea node recover-mark`")]
    Unreadable { path: PathBuf, problem: String },
}

/// A [`MarkKeeper`] on a file.
pub struct MarkFile {
    path: PathBuf,
    file: File,
    count: u64,
    mark: SignMark,
}

impl MarkFile {
    /// Where the mark of a key file lies.
    pub fn path_beside(key: &Path) -> PathBuf {
        let mut name = key.file_name().unwrap_or_default().to_os_string();
        name.push(".mark");
        key.with_file_name(name)
    }

    /// Creates the mark of a new key; never replaces one.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path, mark: SignMark) -> std::io::Result<()> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        write_slot(&file, 0, mark)?;
        file.sync_all()?;
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    }

    /// Opens an existing mark.
    ///
    /// # Errors
    /// [`MarkError`] when it is missing or no slot holds.
    pub fn open(path: &Path) -> Result<Self, MarkError> {
        let opened = OpenOptions::new().read(true).write(true).open(path);
        let file = opened.map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => MarkError::Missing { path: path.into() },
            _ => MarkError::Unreadable { path: path.into(), problem: e.to_string() },
        })?;
        let slots = [read_slot(&file, 0), read_slot(&file, 1)];
        let newest = slots.into_iter().flatten().max_by_key(|slot| slot.count);
        let slot = newest.ok_or_else(|| MarkError::Unreadable {
            path: path.into(),
            problem: "neither slot has a valid checksum".into(),
        })?;
        Ok(Self { path: path.into(), file, count: slot.count, mark: slot.mark })
    }
}

fn checksum(count: u64, mark: &SignMark) -> [u8; 32] {
    landsea_types::crypto::hash_of("sign-mark", &(count, mark))
}

fn write_slot(file: &File, count: u64, mark: SignMark) -> std::io::Result<()> {
    let slot = Slot { count, mark, checksum: checksum(count, &mark) };
    let mut bytes = borsh::to_vec(&slot)?;
    bytes.resize(SLOT_BYTES as usize, 0);
    file.write_all_at(&bytes, (count % 2) * SLOT_BYTES)?;
    crate::process_stats::note_mark_sync();
    file.sync_data()
}

fn read_slot(file: &File, index: u64) -> Option<Slot> {
    let mut bytes = [0u8; SLOT_BYTES as usize];
    file.read_exact_at(&mut bytes, index * SLOT_BYTES).ok()?;
    let slot = Slot::deserialize(&mut &bytes[..]).ok()?;
    (slot.checksum == checksum(slot.count, &slot.mark)).then_some(slot)
}

impl MarkKeeper for MarkFile {
    fn load(&self) -> Option<SignMark> {
        Some(self.mark)
    }
    fn store(&mut self, mark: SignMark) {
        self.count += 1;
        self.mark = mark;
        if let Err(error) = write_slot(&self.file, self.count, mark) {
            panic!(
                "cannot write the sign mark {}: {error}; free the disk and start the node again",
                self.path.display()
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_consensus::SignStep;
    use landsea_types::Height;

    fn mark(height: u64) -> SignMark {
        SignMark { height: Height::new(height), round: 0, step: SignStep::Prevote }
    }

    #[test]
    fn a_torn_write_keeps_the_mark_before() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key.mark");
        MarkFile::create(&path, SignMark::new_key()).expect("new file");
        let mut file = MarkFile::open(&path).expect("opens");
        file.store(mark(7));
        file.store(mark(8));
        // Slot 0 holds the newest mark; tear it.
        let raw = OpenOptions::new().write(true).open(&path).expect("opens");
        raw.write_all_at(&[0xff; 9], 3).expect("writes");
        assert_eq!(MarkFile::open(&path).expect("opens").load(), Some(mark(7)));
    }

    #[test]
    fn a_missing_or_spoilt_mark_names_the_next_command() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key.mark");
        let missing = MarkFile::open(&path).err().expect("missing").to_string();
        assert!(missing.contains("recover-mark"), "{missing}");
        std::fs::write(&path, [0u8; 256]).expect("writes");
        assert!(matches!(MarkFile::open(&path), Err(MarkError::Unreadable { .. })));
        assert!(MarkFile::create(&path, SignMark::new_key()).is_err(), "an existing mark must never be replaced");
    }
}
