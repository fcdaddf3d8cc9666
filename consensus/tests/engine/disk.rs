//! A disk that forgets what was not flushed.

use landsea_consensus::{Durable, SignMark};
use landsea_types::Height;
use landsea_types::consensus::CommitCertificate;

/// The disk of one node, with the mark beside the key.
pub(crate) struct Disk {
    /// Log entries of the height in progress; the first `flushed` survive a crash.
    log: Vec<Vec<u8>>,
    flushed: usize,
    log_height: Height,
    pub(crate) mark: SignMark,
    /// Certificates of committed heights, from height 1.
    pub(crate) chain: Vec<CommitCertificate>,
    /// The negative control: neither flush nor mark reach the disk.
    pub(crate) loses_flushes: bool,
    pub(crate) flushes: u64,
}

impl Disk {
    pub(crate) fn new() -> Self {
        Self {
            log: Vec::new(),
            flushed: 0,
            log_height: Height::ZERO,
            mark: SignMark::new_key(),
            chain: Vec::new(),
            loses_flushes: false,
            flushes: 0,
        }
    }
    pub(crate) fn committed(&self) -> Height {
        Height::new(self.chain.len() as u64)
    }
    /// One atomic synced commit: the certificate is kept, the log cleared.
    pub(crate) fn commit(&mut self, certificate: CommitCertificate) {
        assert_eq!(certificate.height, self.committed().next(), "commits come in order");
        self.chain.push(certificate);
        self.log.clear();
        self.flushed = 0;
    }
    pub(crate) fn crash(&mut self) {
        self.log.truncate(self.flushed);
    }
    pub(crate) fn wipe(&mut self) {
        self.log.clear();
        self.flushed = 0;
        self.chain.clear();
    }
    pub(crate) fn log(&self) -> Vec<Vec<u8>> {
        self.log.clone()
    }
    pub(crate) fn is_flushed(&self) -> bool {
        self.flushed == self.log.len() || self.loses_flushes
    }
}

impl Durable for Disk {
    fn wal_append(&mut self, height: Height, seq: u64, entry: &[u8]) {
        if self.log.is_empty() {
            self.log_height = height;
        }
        assert_eq!(height, self.log_height, "the log holds one height");
        assert_eq!(seq, self.log.len() as u64, "sequence numbers have no gaps");
        self.log.push(entry.to_vec());
    }
    fn flush(&mut self) {
        self.flushes += 1;
        if !self.loses_flushes {
            self.flushed = self.log.len();
        }
    }
    fn advance_mark(&mut self, mark: SignMark) {
        assert!(self.is_flushed(), "the mark moves after the log is flushed");
        if !self.loses_flushes {
            assert!(mark > self.mark, "the mark goes forward");
            self.mark = mark;
        }
    }
}
