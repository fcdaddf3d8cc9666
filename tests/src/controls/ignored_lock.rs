//! Ignore the lock: a restarted member remembers what it signed, but not the quorum of prevotes that made it precommit.
//!
//! The double-sign guard holds, because every own message is still in the log; only the lock is gone.

use super::Control;
use super::plans::disturbed;
use super::wrapped::{StoreChange, open_changed};
use crate::cluster::{Faults, Mutation};
use crate::simulation::Plan;
use crate::simulation::disturb::Disturbance;
use landsea_storage::{MemoryDisk, OpenError, Store};
use landsea_types::consensus::{Signed, Vote};
use landsea_types::{Height, Member};

pub(super) const CONTROL: Control = Control {
    name: "ignore the lock",
    caught_by: &["locks are respected"],
    tolerates: &["no correct member halts"],
    within: 100,
    plan,
    mutation: |_| Box::new(NoLock::default()),
};

/// Rounds fail after some members have precommitted, and processes are killed all the time. Often the guard notices first that a member is
/// about to contradict itself, and halts it.
fn plan(seed: u64) -> Plan {
    let network = Faults { delay_ms: (1, 100), loss_permille: 300, ..Faults::NONE };
    let kinds = [Disturbance::Kill];
    Plan { network, pause_ms: (300, 1_500), ..disturbed(seed, 4, 40, &kinds) }
}

/// The form of a log entry: its version, a checksum over its place and its record, the record, which starts with its kind.
const VERSION: u8 = 2;
const CHECKSUM_BYTES: usize = 16;
const CHECKSUM_NAME: &str = "landsea/consensus-log/v2";
const VOTE: u8 = 0;
const POLKA: u8 = 2;

#[derive(Default)]
struct NoLock {
    lives: u64,
}

/// Keeps own votes, proposals, verdicts and timers.
struct OwnVotesOnly {
    /// Counts the starts of all members: what is hidden must not be written over.
    life: u64,
}

fn record(entry: &[u8]) -> &[u8] {
    assert_eq!(entry.first(), Some(&VERSION), "the log has another form than this violation knows");
    &entry[1 + CHECKSUM_BYTES..]
}

fn is_of_others(record: &[u8]) -> bool {
    match record {
        [VOTE, vote @ ..] => {
            let vote = borsh::from_slice::<(Signed<Vote>, bool)>(vote);
            let (_, is_own) = vote.expect("a logged vote is a signed vote with its origin");
            !is_own
        }
        [POLKA, ..] => true,
        _ => false,
    }
}

fn seal(height: Height, seq: u64, record: &[u8]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new_derive_key(CHECKSUM_NAME);
    hasher.update(&height.get().to_le_bytes()).update(&seq.to_le_bytes()).update(record);
    let mut sum = [0; CHECKSUM_BYTES];
    hasher.finalize_xof().fill(&mut sum);
    [&[VERSION][..], &sum, record].concat()
}

impl StoreChange for OwnVotesOnly {
    fn wal_entries(&self, height: Height, entries: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let kept = entries.iter().map(|entry| record(entry)).filter(|record| !is_of_others(record));
        (0..).zip(kept).map(|(seq, record)| seal(height, seq, record)).collect()
    }
    fn wal_seq(&self, seq: u64) -> u64 {
        (self.life << 32) + seq
    }
}

impl Mutation for NoLock {
    fn open_store(&mut self, _: Member, disk: &MemoryDisk) -> Result<Box<dyn Store>, OpenError> {
        self.lives += 1;
        open_changed(disk, OwnVotesOnly { life: self.lives })
    }
}
