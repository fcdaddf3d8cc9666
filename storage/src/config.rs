//! What an operator may choose about a store.

/// Settings of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// Heights, counted back from the tip, at which state proofs can be made. Zero keeps all. Older tree nodes are removed
    /// with the commits that follow; lowering the number never loses current state.
    pub proof_versions_kept: u64,
    /// Changed leaves after which the pages of the state tree are written; a start applies at most so many again.
    pub tree_flush_leaves: usize,
    /// Pages of leaves of the state tree kept in memory, bytes.
    pub tree_cache_bytes: usize,
    /// Leaves of the committed state kept in memory for execution, bytes.
    pub leaf_cache_bytes: usize,
    /// Memtables of all column families together, bytes.
    pub write_buffer_bytes: usize,
    /// Block cache shared by all column families, bytes.
    pub block_cache_bytes: usize,
    /// Size of the RocksDB log that triggers a memtable flush, bytes.
    pub log_bytes_max: u64,
    /// Table files held open. A table that is not open is read anew, index and filter, for a single key: where they are many, that
    /// costs more than everything else.
    pub open_files_max: u32,
}

impl Default for StoreConfig {
    fn default() -> Self {
        Self {
            proof_versions_kept: 1_000,
            tree_flush_leaves: 8_192,
            tree_cache_bytes: 256 << 20,
            leaf_cache_bytes: 16 << 20,
            write_buffer_bytes: 64 << 20,
            block_cache_bytes: 16 << 20,
            log_bytes_max: 128 << 20,
            open_files_max: 512,
        }
    }
}
