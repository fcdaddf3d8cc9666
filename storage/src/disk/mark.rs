//! The sync mark: how far the RocksDB log was synced, kept beside it.
//!
//! RocksDB takes a record whose length field was damaged for a torn tail and drops it, and everything after it, without a
//! word. So after every sync the last synced sequence number is written here, and a database that opens with a lower number is refused.
//!
//! The mark itself is not synced: it is written after the sync it speaks about, so an honest crash leaves it at or behind the truth,
//! never ahead. Two slots are written in turn, so that a torn write leaves the other.

use landsea_types::Hash;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const SLOT_BYTES: usize = 24;
/// Slots lie in different sectors.
const SLOT_DISTANCE: u64 = 4096;
const FILE_NAME: &str = "synced.mark";

/// The open mark of a data folder. `slot` is the one to write next.
#[derive(Debug)]
pub(super) struct SyncMark {
    file: File,
    path: PathBuf,
    slot: u64,
    sequence: u64,
}

impl SyncMark {
    /// Creates the mark at zero, synced, with its folder entry.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(FILE_NAME);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        for slot in 0..2 {
            file.write_all_at(&encode(0), slot * SLOT_DISTANCE)?;
        }
        file.sync_all()?;
        File::open(folder)?.sync_all()?;
        Ok(Self { file, path, slot: 0, sequence: 0 })
    }

    /// Opens the mark; `None` when the folder has none.
    ///
    /// # Errors
    /// `InvalidData` when neither slot is intact.
    pub(super) fn open(folder: &Path) -> io::Result<Option<Self>> {
        let path = folder.join(FILE_NAME);
        let file = match OpenOptions::new().read(true).write(true).open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let slots = [read_slot(&file, 0), read_slot(&file, 1)];
        let Some(sequence) = slots.into_iter().flatten().max() else {
            let message = format!("neither slot of {} is intact", path.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        let slot = u64::from(slots[0] == Some(sequence));
        Ok(Some(Self { file, path, slot, sequence }))
    }

    /// The last sequence number known to be synced.
    pub(super) fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Remembers that everything up to `sequence` is synced.
    pub(super) fn advance(&mut self, sequence: u64) -> io::Result<()> {
        if sequence > self.sequence {
            self.file.write_all_at(&encode(sequence), self.slot * SLOT_DISTANCE)?;
            self.sequence = sequence;
            self.slot = 1 - self.slot;
        }
        Ok(())
    }

    /// The file, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn encode(sequence: u64) -> [u8; SLOT_BYTES] {
    let mut slot = [0; SLOT_BYTES];
    slot[..8].copy_from_slice(&sequence.to_le_bytes());
    slot[8..].copy_from_slice(&checksum(sequence).0[..16]);
    slot
}

fn checksum(sequence: u64) -> Hash {
    Hash(blake3::derive_key("landsea/sync-mark/v1", &sequence.to_le_bytes()))
}

fn read_slot(file: &File, slot: u64) -> Option<u64> {
    let mut bytes = [0; SLOT_BYTES];
    file.read_exact_at(&mut bytes, slot * SLOT_DISTANCE).ok()?;
    let (number, _) = bytes.split_first_chunk::<8>()?;
    let sequence = u64::from_le_bytes(*number);
    (encode(sequence) == bytes).then_some(sequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_slot_leaves_the_other_and_two_torn_slots_are_an_error() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut mark = SyncMark::create(folder.path()).expect("created");
        mark.advance(7).expect("written");
        mark.advance(9).expect("written");
        assert_eq!(SyncMark::open(folder.path()).expect("opens").map(|m| m.sequence()), Some(9));
        mark.file.write_all_at(&[0xff; 8], SLOT_DISTANCE).expect("written");
        let mut reopened = SyncMark::open(folder.path()).expect("opens").expect("exists");
        assert_eq!(reopened.sequence(), 7);
        reopened.advance(11).expect("written");
        assert_eq!(SyncMark::open(folder.path()).expect("opens").map(|m| m.sequence()), Some(11));
        mark.file.write_all_at(&[0xff; 8], 0).expect("written");
        mark.file.write_all_at(&[0xff; 8], SLOT_DISTANCE).expect("written");
        assert!(SyncMark::open(folder.path()).is_err());
    }

    #[test]
    fn the_mark_never_goes_back() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut mark = SyncMark::create(folder.path()).expect("created");
        mark.advance(9).expect("written");
        mark.advance(3).expect("ignored");
        assert_eq!(SyncMark::open(folder.path()).expect("opens").map(|m| m.sequence()), Some(9));
    }
}
