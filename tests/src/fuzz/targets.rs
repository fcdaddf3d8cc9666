//! The table of targets.

mod certificate;
mod disk;
mod engine;
mod files;
mod ledger;
mod p2p;
mod rpc;
mod wire;

use super::{Answer, Bounds, Syntax, Target};
use Syntax::{Binary, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::{Debug, Display};

pub use disk::Damage;
pub(crate) use disk::mark_at;
pub use engine::{Restart, sample_restarts, sample_scripts};

/// Every target.
pub static TARGETS: &[Target] = &[
    target("consensus_message", "messages of the consensus class", Binary, Bounds::DECODER, 60_000, wire::consensus),
    target("fetch_message", "messages of the fetch class", Binary, Bounds::DECODER, 30_000, wire::fetch),
    target("block", "blocks of the header class", Binary, Bounds::DECODER, 20_000, wire::block),
    target(
        "batch",
        "batches, checked whole, also re-signed by a bad origin",
        Binary,
        Bounds::WORKER,
        4_500,
        wire::batch,
    ),
    target("transaction", "transactions and their JSON form", Binary, Bounds::DECODER, 30_000, wire::transaction),
    target("token", "tokens of callers", Text, Bounds::DECODER, 5_000, wire::token),
    target("execution", "transactions run on the state before them", Binary, Bounds::WORKER, 20_000, ledger::execution),
    target(
        "consensus_engine",
        "an engine with one bad member of four",
        Binary,
        Bounds::WORKER,
        3_200,
        engine::messages,
    ),
    target("wal", "the consensus log after a restart", Binary, Bounds::WORKER, 6_000, engine::log),
    target("certificate", "status certificates in borsh", Binary, Bounds::WORKER, 4_500, certificate::bytes),
    target("certificate_json", "status certificates in JSON", Text, Bounds::WORKER, 4_500, certificate::json),
    target("paper", "paper evidence beside a certificate", Text, Bounds::WORKER, 6_000, certificate::paper),
    target("document", "documents of firms, down to fingerprints", Text, Bounds::WORKER, 9_000, files::document),
    target("draft", "drafts and consent requests of other parties", Text, Bounds::WORKER, 6_000, files::draft),
    target("genesis", "genesis files", Text, Bounds::WORKER, 3_000, files::genesis),
    target("node_config", "node.toml", Text, Bounds::WORKER, 3_000, files::node_config),
    target("network_file", "network.json of a test network", Text, Bounds::WORKER, 1_000, files::network),
    target("key_file", "key files", Text, Bounds::WORKER, 2_000, files::key),
    target("salts_file", "salts files", Text, Bounds::WORKER, 2_000, files::salts),
    target("scenario", "scenario files", Text, Bounds::WORKER, 1_200, files::scenario),
    target("sign_mark", "the sign mark beside a validator key", Binary, Bounds::WORKER, 1_500, disk::sign_mark),
    target(
        "stored_rows",
        "values of the store changed below its checksums",
        Binary,
        Bounds::ELSEWHERE,
        300,
        disk::rows,
    ),
    target("stored_files", "files of a data folder changed", Binary, Bounds::ELSEWHERE, 36, disk::files),
    target("frames", "frames of a peer's stream", Binary, FRAMES, 10_000, p2p::frames),
    target("handshake", "the first bytes of a TCP connection", Binary, Bounds::ELSEWHERE, 120, p2p::handshake),
    target("rpc_params", "parameter types of the RPC methods", Text, Bounds::WORKER, 15_000, rpc::params),
    target("rpc", "JSON-RPC requests to a running node", Text, Bounds::ELSEWHERE, 800, rpc::requests),
];

/// A frame's payload is read into room for all of it: a header of four bytes announces at most one frame.
const FRAMES: Bounds = Bounds { fixed: 512 << 10, per_byte: 8, work: 8 };

const fn target(
    name: &'static str,
    about: &'static str,
    syntax: Syntax,
    bounds: Bounds,
    short: u64,
    open: fn() -> super::Check,
) -> Target {
    Target { name, about, syntax, bounds, short, open }
}

/// The kind of a refusal: its first words, without what stands in quotes and without numbers.
fn kind(error: &impl Display) -> Answer {
    let text = error.to_string();
    let unquoted: String = text.split(['`', '"', '\'']).step_by(2).collect();
    let words = unquoted.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 1);
    words.take(6).collect::<Vec<_>>().join(" ")
}

/// Checks that whatever decodes encodes to the same bytes.
fn canonical<T>(bytes: &[u8], decoded: T, encode: impl Fn(&T) -> Vec<u8>) -> T {
    assert_eq!(encode(&decoded), bytes, "another encoding of the same value decodes");
    decoded
}

/// Reads JSON; whatever reads must read back from what it is written as.
fn from_json<T: DeserializeOwned + Serialize + PartialEq + Debug>(text: &str) -> Result<T, serde_json::Error> {
    let read: T = serde_json::from_str(text)?;
    let written = serde_json::to_string(&read).expect("what was read can be written");
    let again: T = serde_json::from_str(&written).unwrap_or_else(|e| panic!("{written} does not read back: {e}"));
    assert_eq!(again, read, "JSON reads back as something else");
    Ok(read)
}

/// A text, or the answer for bytes that are none.
fn text(bytes: &[u8]) -> Result<&str, Answer> {
    std::str::from_utf8(bytes).map_err(|_| "no text".into())
}
