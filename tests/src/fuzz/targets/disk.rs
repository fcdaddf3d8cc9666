//! What a disk gives back: the sign mark, the store's values below its checksums, and the files of a data folder.

use super::kind;
use crate::fuzz::caught::halts;
use crate::fuzz::fixture::{Fixture, fixture};
use crate::fuzz::{Answer, Check, scratch};
use landsea_chaincode::genesis_writes;
use landsea_consensus::{SignMark, SignStep};
use landsea_node::maintain::replay;
use landsea_node::mark::MarkFile;
use landsea_node::replica::MarkKeeper;
use landsea_storage::disk::{Column, DiskRead};
use landsea_storage::replay::verify;
use landsea_storage::{MemoryDisk, MemoryStore, OpenError, RocksStore, Snapshot, Store, StoreConfig, Tip};
use landsea_types::consensus::Evidence;
use landsea_types::crypto::Ed25519;
use landsea_types::state::{Family, Leaf, tree_key};
use landsea_types::{Batch, Block, CommitCertificate, Height, Outcome};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The words with which storage halts.
const HALT: &[&str] = &["storage fault: "];

// ---- The sign mark.

/// A mark file never holds a mark that was not written to it, and can be written on whatever happened to it.
pub(super) fn sign_mark() -> Check {
    let folder = scratch();
    let written: BTreeSet<SignMark> = written_marks();
    Box::new(move |bytes| {
        let path = folder.path().join("key.mark");
        std::fs::write(&path, bytes).expect("the file can be written");
        let mut file = match MarkFile::open(&path) {
            Ok(file) => file,
            Err(error) => {
                assert!(error.to_string().contains("recover-mark"), "no next command: {error}");
                return kind(&error.to_string().replace(&path.display().to_string(), ""));
            }
        };
        let mark = file.load().expect("an open file holds a mark");
        assert!(written.contains(&mark), "{mark:?} was never written");
        let next = SignMark { height: mark.height.next(), ..mark };
        file.store(next);
        let again = MarkFile::open(&path).unwrap_or_else(|e| panic!("spoilt by writing on: {e}"));
        assert_eq!(again.load(), Some(next), "the newest mark is lost");
        format!("mark of height {}", mark.height)
    })
}

/// The marks of the corpus: heights 0 to 3.
fn written_marks() -> BTreeSet<SignMark> {
    std::iter::once(SignMark::new_key()).chain((1..=3).map(mark_at)).collect()
}

/// The mark that the corpus holds for a height above 0.
pub(crate) fn mark_at(height: u64) -> SignMark {
    SignMark { height: Height::new(height), round: 1, step: SignStep::Precommit }
}

// ---- Damage to rows and files.

/// An input of [`rows`] and [`files`]: eleven bytes; missing ones count as zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Which column, or which file.
    pub place: u8,
    /// Which row of the column.
    pub row: u16,
    /// 0 to 3: change a bit, overwrite a byte, cut off the end, or append.
    pub how: u8,
    /// Where in the value or the file.
    pub at: u32,
    /// The bit, the byte, or how much to append.
    pub value: u8,
}

impl Damage {
    /// Reads an input.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut field = [0u8; 9];
        let given = bytes.len().min(9);
        field[..given].copy_from_slice(&bytes[..given]);
        let [place, r0, r1, how, a0, a1, a2, a3, value] = field;
        Self { place, row: u16::from_le_bytes([r0, r1]), how, at: u32::from_le_bytes([a0, a1, a2, a3]), value }
    }
    /// The input that it is read from.
    pub fn to_bytes(self) -> Vec<u8> {
        let Self { place, row, how, at, value } = self;
        [&[place][..], &row.to_le_bytes(), &[how], &at.to_le_bytes(), &[value]].concat()
    }

    fn apply(self, bytes: &mut Vec<u8>) {
        let at = self.at as usize % bytes.len().max(1);
        match (self.how % 4, bytes.get_mut(at)) {
            (0, Some(byte)) => *byte ^= 1 << (self.value % 8),
            (1, Some(byte)) => *byte = self.value,
            (2, Some(_)) => bytes.truncate(at),
            _ => bytes.extend(std::iter::repeat_n(self.value, 1 + usize::from(self.value) % 40)),
        }
    }
}

/// Everything that headers, certificates and roots cover.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    tip: Tip,
    blocks: Vec<Option<Block>>,
    certificates: Vec<Option<CommitCertificate>>,
    outcomes: Vec<Option<Vec<Outcome>>>,
    batches: Vec<Option<Batch>>,
    leaves: Vec<([u8; 32], Leaf)>,
    evidence: Vec<Evidence>,
}

fn contents(chain: &Fixture, snapshot: &dyn Snapshot) -> Contents {
    let heights = || (1..=chain.blocks.len() as u64).map(Height::new);
    let ids = chain.blocks.iter().flat_map(|b| &b.block.batches);
    Contents {
        tip: snapshot.tip(),
        blocks: heights().map(|h| snapshot.block(h)).collect(),
        certificates: heights().map(|h| snapshot.certificate(h)).collect(),
        outcomes: heights().map(|h| snapshot.outcomes(h)).collect(),
        batches: ids.map(|id| snapshot.batch(id)).collect(),
        leaves: Family::ALL.iter().flat_map(|family| snapshot.leaves(*family, &[0; 32], usize::MAX)).collect(),
        evidence: snapshot.evidence(),
    }
}

/// Opens and reads a damaged store. Whatever was changed, it is refused, halts, fails what `landsea node verify` does, or reads as before.
fn judge<S: Store>(opened: Result<S, OpenError>, before: &Contents) -> Answer {
    let chain = fixture();
    let ready = opened.and_then(|mut store| {
        store.initialise(&genesis_writes(&chain.genesis), chain.chain(), chain.genesis.time)?;
        Ok(store)
    });
    let store = match ready {
        Ok(store) => store,
        Err(error) => {
            assert!(error.to_string().contains("Next: "), "no next command: {error}");
            return format!("refused to open: {}", kind(&error).split(' ').take(4).collect::<Vec<_>>().join(" "));
        }
    };
    let snapshot = store.reader().snapshot();
    let mut validators = |_| Some(chain.validators.clone());
    let verified = halts(HALT, || verify(&*snapshot, chain.genesis.time, &mut validators));
    let proofs = proofs(before, &*snapshot);
    match verified {
        None => format!("halted; {proofs}"),
        Some(Err(error)) => format!("found: {}; {proofs}", kind(&error)),
        Some(Ok(_)) => match halts(HALT, || contents(chain, &*snapshot)) {
            None => format!("halted outside what is verified; {proofs}"),
            Some(now) => {
                let found = now != *before;
                // What verification alone does not see, such as the signature of a batch's origin, executing the chain again must.
                assert!(
                    !found || replay(&*snapshot, &chain.genesis, &Ed25519).is_err(),
                    "changed data is served and verifies"
                );
                format!("{}; {proofs}", if found { "found by execution" } else { "nothing lost" })
            }
        },
    }
}

/// Proofs of some leaves: none may prove against the certified root that a leaf is absent.
fn proofs(before: &Contents, snapshot: &dyn Snapshot) -> Answer {
    let (height, root) = (before.tip.height, before.tip.state_root);
    let mut answers = BTreeSet::new();
    for family in [Family::Doc, Family::Lot, Family::Encumbrance] {
        let Some((id, leaf)) = snapshot_leaf(snapshot, family) else { continue };
        let key = tree_key(family, &id);
        let Some(Some(proof)) = halts(HALT, || snapshot.prove(height, &key)) else {
            answers.insert("no proof");
            continue;
        };
        assert!(proof.verify(&root, &key, None).is_err(), "a leaf that is there is proved absent");
        let holds = proof.verify(&root, &key, Some(&leaf.value())).is_ok();
        answers.insert(if holds { "proof" } else { "broken proof" });
    }
    answers.into_iter().collect::<Vec<_>>().join(", ")
}

fn snapshot_leaf(snapshot: &dyn Snapshot, family: Family) -> Option<([u8; 32], Leaf)> {
    halts(HALT, || snapshot.leaves(family, &[0; 32], 1))?.pop()
}

/// Values of the store changed where no checksum of the disk is asked: only the store's own decoding, hashes and roots can notice.
///
/// Not covered, because no root covers them: plain rows (indexes that follow from the blocks), the consensus log (see the target `wal`),
/// undecided batches and proposals.
pub(super) fn rows() -> Check {
    let (disk, store) = fixture().in_memory();
    let before = contents(fixture(), &*store.reader().snapshot());
    drop(store);
    let columns = Column::ALL.map(|column| (column, all_rows(&disk, column)));
    Box::new(move |bytes| {
        let damage = Damage::from_bytes(bytes);
        let (column, rows) = &columns[usize::from(damage.place) % columns.len()];
        let Some((key, value)) = rows.get(usize::from(damage.row) % rows.len().max(1)) else { return "no row".into() };
        let mut changed = value.clone();
        damage.apply(&mut changed);
        assert!(disk.overwrite_value(*column, key, &changed), "the row was there");
        let answer = crate::fuzz::caught::caught(|| judge(MemoryStore::open(&disk, StoreConfig::default()), &before));
        disk.overwrite_value(*column, key, value);
        format!("{}: {}", column.name(), answer.unwrap_or_else(|problem| panic!("{damage:?}: {problem}")))
    })
}

fn all_rows(disk: &MemoryDisk, column: Column) -> Vec<(Vec<u8>, Vec<u8>)> {
    disk.open().scan(column, &[], &[0xff; 80], usize::MAX).expect("an undamaged disk can be read")
}

/// Files of a data folder changed: the checksums of the database and the sync mark must notice.
pub(super) fn files() -> Check {
    let folder = scratch();
    let sound = folder.path().join("sound");
    let before = {
        let mut store = RocksStore::open(&sound, StoreConfig::default()).expect("the folder is new");
        fixture().fill(&mut store, |_| {});
        contents(fixture(), &*store.reader().snapshot())
    };
    let names = listed(&sound);
    Box::new(move |bytes| {
        let damage = Damage::from_bytes(bytes);
        let name = &names[usize::from(damage.place) % names.len()];
        let copy = folder.path().join("copy");
        copy_folder(&sound, &copy, &names);
        let mut content = std::fs::read(copy.join(name)).expect("a copied file");
        damage.apply(&mut content);
        std::fs::write(copy.join(name), content).expect("a copied file");
        let answer = judge(RocksStore::open(&copy, StoreConfig::default()), &before);
        std::fs::remove_dir_all(&copy).expect("a folder of ours");
        let kind = name.file_name().unwrap_or_default().to_string_lossy().replace(|c: char| c.is_ascii_digit(), "");
        format!("{kind}: {answer}")
    })
}

/// The files below a folder, relative to it, without the lock.
fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in std::fs::read_dir(folder.join(&below)).expect("a folder of ours") {
            let entry = entry.expect("a folder that opens can be listed");
            let path = below.join(entry.file_name());
            match entry.path().is_dir() {
                true => open.push(path),
                false if entry.file_name() != "LOCK" => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

fn copy_folder(from: &Path, to: &Path, names: &[PathBuf]) {
    for name in names {
        let target = to.join(name);
        std::fs::create_dir_all(target.parent().expect("below a folder")).expect("a folder of ours");
        std::fs::copy(from.join(name), target).expect("a file of ours");
    }
}
