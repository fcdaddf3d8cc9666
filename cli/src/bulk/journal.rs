//! What was sent and what became of it, so that a run goes on where the last one ended, however it ended.
//!
//! One JSON object a line, appended. A transaction is on disk before it is sent: after a power failure the same bytes are sent again,
//! and the ledger takes the same bytes once. Rows are named by their content roots, so a corrected file goes on with the same journal.
//! A last line that was cut off is dropped.

use crate::error::CliError;
use landsea_types::{AccountId, ChainId, Commit, DocId, TxId};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Version of the format.
const VERSION: u16 = 1;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Entry {
    /// The first line: whose journal it is.
    Opened { version: u16, chain: ChainId, sender: AccountId },
    /// About to be sent.
    Sent { transaction: String, rows: Vec<Commit> },
    /// Committed with all its operations; the documents are in the order of the rows.
    Accepted { transaction: TxId, rows: Vec<Commit>, documents: Vec<DocId> },
    /// A row that will not be sent again.
    Settled { row: Commit, end: End },
    /// The transaction can have no effect any more; rows without an end of their own are free again.
    Void { transaction: TxId },
}

/// How a row ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum End {
    /// This run, or an earlier one with this journal, registered it.
    Accepted { document: DocId, transaction: TxId },
    /// The ledger had it before with the same content from the same issuer.
    Known { document: DocId },
    /// The ledger refused it.
    Refused { code: u16, document: Option<DocId>, sentence: String },
}

/// What the earlier runs left.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Past {
    pub(crate) ends: HashMap<Commit, End>,
    /// Transactions of unknown outcome, encoded as hex, with their rows.
    pub(crate) open: Vec<(String, Vec<Commit>)>,
}

/// The file, held by one process at a time.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens or makes a journal.
    ///
    /// # Errors
    /// When another process holds it, or it belongs to another chain or sender, or is no journal.
    pub(crate) fn open(path: &Path, chain: ChainId, sender: AccountId) -> Result<(Self, Past), CliError> {
        let fail = |e: std::io::Error| CliError::file(path, &e);
        let options = File::options().read(true).write(true).create(true).truncate(false).open(path);
        let mut file = options.map_err(fail)?;
        file.try_lock().map_err(|_| CliError::usage("another run works with this journal").at(path))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(fail)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let entries = parse(&bytes[..whole]).map_err(|e| e.at(path))?;
        file.set_len(whole as u64).and_then(|()| file.seek(SeekFrom::End(0))).map_err(fail)?;
        let mut journal = Self { file, path: path.to_path_buf() };
        let own = Entry::Opened { version: VERSION, chain, sender };
        match entries.first() {
            None => journal.write(&own)?,
            Some(first) if *first == own => {}
            Some(_) => {
                return Err(CliError::usage("the journal is of another chain, another sender or another version")
                    .at(path)
                    .next("Name another result file with --results FILE; its journal lies beside it."));
            }
        }
        Ok((journal, replay(entries)))
    }

    /// Appends a line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn write(&mut self, entry: &Entry) -> Result<(), CliError> {
        let line = serde_json::to_string(entry).expect("only string keys") + "\n";
        self.file.write_all(line.as_bytes()).map_err(|e| CliError::file(&self.path, &e))
    }

    /// Makes sure that what was written survives a power failure.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(crate) fn sync(&self) -> Result<(), CliError> {
        self.file.sync_data().map_err(|e| CliError::file(&self.path, &e))
    }
}

fn parse(bytes: &[u8]) -> Result<Vec<Entry>, CliError> {
    let lines = bytes.split(|byte| *byte == b'\n').zip(1..).filter(|(line, _)| !line.is_empty());
    let read = |(line, number): (&[u8], u32)| {
        serde_json::from_slice(line)
            .map_err(|e| CliError::usage(format!("line {number} is no entry of a journal: {e}")))
    };
    lines.map(read).collect()
}

fn replay(entries: Vec<Entry>) -> Past {
    let mut past = Past::default();
    let mut open: Vec<(TxId, String, Vec<Commit>)> = Vec::new();
    for entry in entries {
        match entry {
            Entry::Opened { .. } => {}
            Entry::Sent { transaction, rows } => open.push((id_of(&transaction), transaction, rows)),
            Entry::Accepted { transaction, rows, documents } => {
                open.retain(|(id, ..)| *id != transaction);
                let ends = documents.into_iter().map(|document| End::Accepted { document, transaction });
                past.ends.extend(rows.into_iter().zip(ends));
            }
            Entry::Settled { row, end } => drop(past.ends.insert(row, end)),
            Entry::Void { transaction } => open.retain(|(id, ..)| *id != transaction),
        }
    }
    past.open = open.into_iter().map(|(_, transaction, rows)| (transaction, rows)).collect();
    past
}

/// The id of an encoded transaction; zero for what is none, which no entry names.
fn id_of(transaction: &str) -> TxId {
    let bytes = hex::decode(transaction).unwrap_or_default();
    borsh::from_slice::<landsea_types::Transaction>(&bytes).map(|tx| tx.id()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_client::builder::Draft;
    use landsea_client::keys::Identity;
    use landsea_types::operation::Operation;
    use landsea_types::operation::pledge::Reserve;
    use landsea_types::{Height, SecretKey, Timestamp};

    const CHAIN: ChainId = ChainId([7; 32]);
    const SENDER: AccountId = AccountId([1; 32]);

    fn sent(row: u8) -> (Entry, TxId) {
        let identity = Identity { account: SENDER, key: 0, secret: SecretKey::from_seed([3; 32]) };
        let reserve = Reserve { doc: DocId([row; 32]), expect_ver: 1, until: Timestamp::new(9) };
        let draft = Draft::new(CHAIN, SENDER).operation(Operation::PledgeReserve(reserve));
        let tx = draft.valid_until(Height::new(5)).sign(&identity).expect("complete");
        (Entry::Sent { transaction: hex::encode(tx.encode()), rows: vec![Commit([row; 32])] }, tx.id())
    }

    fn reopened(path: &Path) -> Past {
        Journal::open(path, CHAIN, SENDER).expect("its own journal").1
    }

    #[test]
    fn what_was_sent_without_an_outcome_is_open_and_what_has_one_is_not() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        let (mut journal, past) = Journal::open(&path, CHAIN, SENDER).expect("a new file");
        assert_eq!(past, Past::default());
        let (first, first_id) = sent(1);
        let (second, second_id) = sent(2);
        let (third, _) = sent(3);
        [&first, &second, &third].into_iter().for_each(|entry| journal.write(entry).expect("room"));
        let document = DocId([9; 32]);
        let accepted =
            Entry::Accepted { transaction: first_id, rows: vec![Commit([1; 32])], documents: vec![document] };
        journal.write(&accepted).expect("room");
        journal.write(&Entry::Void { transaction: second_id }).expect("room");
        assert!(Journal::open(&path, CHAIN, SENDER).is_err(), "one process at a time");
        drop(journal);
        let past = reopened(&path);
        assert_eq!(past.open.iter().map(|(_, rows)| rows[0]).collect::<Vec<_>>(), [Commit([3; 32])]);
        assert_eq!(past.ends, HashMap::from([(Commit([1; 32]), End::Accepted { document, transaction: first_id })]));
    }

    #[test]
    fn a_line_that_was_cut_off_is_dropped_and_the_next_one_stands_alone() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        let end = End::Known { document: DocId([4; 32]) };
        let (mut journal, _) = Journal::open(&path, CHAIN, SENDER).expect("a new file");
        journal.write(&Entry::Settled { row: Commit([1; 32]), end: end.clone() }).expect("room");
        drop(journal);
        let length = std::fs::metadata(&path).expect("it is there").len();
        File::options().append(true).open(&path).and_then(|mut f| f.write_all(b"{\"settled\":{\"ro")).expect("room");
        assert_eq!(reopened(&path).ends.len(), 1);
        assert_eq!(std::fs::metadata(&path).expect("it is there").len(), length);
        let (mut journal, _) = Journal::open(&path, CHAIN, SENDER).expect("its own journal");
        journal.write(&Entry::Settled { row: Commit([2; 32]), end }).expect("room");
        drop(journal);
        assert_eq!(reopened(&path).ends.len(), 2);
    }

    #[test]
    fn a_journal_of_another_sender_or_no_journal_at_all_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("journal");
        drop(Journal::open(&path, CHAIN, SENDER).expect("a new file"));
        assert!(Journal::open(&path, CHAIN, AccountId([2; 32])).is_err());
        assert!(Journal::open(&path, ChainId([8; 32]), SENDER).is_err());
        std::fs::write(&path, "kind,number\n").expect("own file");
        let wrong = Journal::open(&path, CHAIN, SENDER).map(|_| ()).expect_err("a table is no journal");
        assert!(wrong.what.contains("line 1"), "{}", wrong.what);
    }
}
