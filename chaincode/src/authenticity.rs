//! Trade authenticity: a case on a document, attested by those who hold their own copies of its papers.
//!
//! # Operations
//! - `open` (the holder or beneficiary, or a BANK with the holder's consent): a case on one document under a template, level 1.
//! - `attest` (any attester role): the tags of the attester's own copy, with the fingerprint of that copy.
//! - `refuse` (any attester role): a recorded refusal; it replaces an earlier confirmation of the same paper.
//! - `withdraw_attestation` (the attester): degrades the case and alerts the pledgee.
//!
//! # States
//! `OPEN -> MATCHED(level) -> DEGRADED(level-) | CONTRADICTED | EXPIRED`. A degraded case may match again. CONTRADICTED stays: the evidence
//! is not healed by withdrawing it, a new case is opened instead; further attestations are still recorded.
//! The level of a contradicted or expired case is zero.
//!
//! # Key space
//! `proof/` leaves by `ProofId`; the queue row `Due::Proof` at the case's `due`.
//!
//! # Events
//! ProofOpened \[template, level\]; Attested \[paper kind, result\]; AttWithdrawn \[paper kind\]; ProofMatched \[level\];
//! ProofDegraded \[level now, level before\]; ProofContradicted \[field\]. No event names a bank to another party: the pledgee's alert is
//! an event of its own.
//!
//! # Invariants
//! The applicant, the firm that holds the document, the financing bank and the pledgee never count, nor does anybody of their groups;
//! attesters of one group count once (INV-13). The level is a function of the attestations at a time and nothing else.

mod case;
mod level;
mod op;
mod second;

pub use case::{expire, level_at, level_for};
pub use op::{attest, open, refuse, withdraw_attestation};
pub use second::*;
