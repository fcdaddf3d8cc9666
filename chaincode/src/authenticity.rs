//! Trade authenticity: a case on a document, attested by those who hold their own copies of its papers.
//!
//! # Operations
//! - `open` (the holder or beneficiary, or a BANK with the holder's consent): a case on one document under a template, level 1.
//! - `attest` (any attester role): the tags of the attester's own copy, with the fingerprint of that copy.
//! - `refuse` (any attester role): a recorded refusal; it replaces an earlier confirmation of the same paper.
//! - `withdraw_attestation` (the attester): degrades the case and alerts the pledgee.
//! - `link` (the pledgee): ties a case to the pledge that relies on it.
//! - `close` (the applicant): ends the case.
//! - `mark_use`, `release_mark` (BANK, CUSTOMS, TAX, INSURER): shares of one piece of evidence that are used for a purpose.
//!
//! # States
//! `OPEN -> MATCHED(level) -> DEGRADED(level-) | CONTRADICTED | EXPIRED`. A degraded case may match again. CONTRADICTED stays: the evidence
//! is not healed by withdrawing it, a new case is opened instead; further attestations are still recorded.
//! `close` leads from every state but EXPIRED to CLOSED. The level of a contradicted, expired or closed case is zero. Level 4 is level 3
//! while every lot of the subject, whatever it has become, has been seen by its supervisor within `physical_confirm_ms`.
//!
//! # Key space
//! `proof/` leaves by `ProofId`, `Table::ProofByDoc` by document; the queue row `Due::Proof` at the case's `due`; `mark/` leaves by the
//! fingerprint of the evidence.
//!
//! # Events
//! ProofOpened \[template, level\]; Attested \[paper kind, result\]; AttWithdrawn \[paper kind\]; ProofMatched \[level\];
//! ProofDegraded \[level now, level before\]; ProofContradicted \[field\]; ProofLinked \[level\]; ProofClosed \[level before\]; UseMarked and
//! MarkReleased \[purpose, share, share in use\]. No event names a bank to another party: a pledgee's alert is an event of its own.
//!
//! # Invariants
//! The applicant, the firm that holds the document, the financing bank and the pledgee never count, nor does anybody of their groups;
//! attesters of one group count once (INV-13). The level is a function of the attestations and of the sight of the goods at a time and
//! nothing else. The shares in use of one piece of evidence for one purpose stay within the whole (INV-14).

mod case;
mod level;
mod link;
mod marks;
mod op;
mod physical;
mod reassess;

pub use case::{expire, level_at, level_for};
pub use link::{close, link};
pub use marks::{mark_use, release_mark};
pub use op::{attest, open, refuse, withdraw_attestation};
pub(crate) use reassess::on_seen;
