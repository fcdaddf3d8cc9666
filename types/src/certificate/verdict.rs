//! What a verified certificate says: the verdict, the three lines and the exit code.

use super::paper::PaperLine;
use crate::role::{DocState, HoldKind, LotStatus, ProofState};
use crate::{AccountId, DocId, Height, LotId, Member, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The status at the header's time. Only [`Verdict::Free`] means that nothing stands in the way of a pledge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// ACTIVE, and neither encumbrance, reservation nor hold on the document or any of its lots.
    Free,
    /// A bank has reserved the document; `member` is the branch to contact.
    Reserved { until: Timestamp, member: Member },
    /// A live pledge covers the goods; `since` and `index` are its priority, `member` is the branch to contact.
    Encumbered { since: Height, index: u32, member: Member },
    /// A hold is effective.
    Held { kind: HoldKind },
    /// The goods were delivered against the document.
    Delivered,
    /// Another document stands in its place.
    Replaced { by: DocId },
    /// The authoritative document is on paper.
    Paper,
    /// The ledger has never registered the document. It may be genuine or not: nothing here says that it is free.
    Unknown,
    /// The document is ACTIVE, but all its goods are lost: there is nothing to pledge.
    NoGoods,
    /// The document is in another state, which does not allow a pledge; or the state alone was asked for (ACTIVE included).
    State { state: DocState },
    /// Q3 asked for an unregistered document, but it is registered.
    Registered { doc: DocId },
    /// Q4: no registered lot occupies one of the goods keys.
    Unoccupied,
    /// Q4: a registered lot occupies one of the goods keys.
    Occupied { lot: LotId },
    /// Q5: no live pledge covers the document. Reservations and holds were not asked for.
    NotEncumbered,
    /// Q6: the level of the case, zero when it has ended.
    Level { level: u8, state: ProofState, subject: DocId },
    /// Q7: who keeps each lot of the document, and where.
    Custody { lots: Vec<Kept> },
    /// The certificate is older than the limit.
    Stale { age_ms: u64, max_age_ms: u64 },
    /// The certificate proves nothing.
    Invalid,
}

impl Verdict {
    /// Process exit code of the verifier: 0 FREE, 9 RESERVED, 10 ENCUMBERED, 11 HELD, 12 UNKNOWN, 13 any other state,
    /// 20 INVALID, 21 STALE.
    pub fn exit_code(&self) -> u8 {
        match self {
            Verdict::Free => 0,
            Verdict::Reserved { .. } => 9,
            Verdict::Encumbered { .. } => 10,
            Verdict::Held { .. } => 11,
            Verdict::Unknown => 12,
            Verdict::Invalid => 20,
            Verdict::Stale { .. } => 21,
            _ => 13,
        }
    }
    /// The word alone, such as `ENCUMBERED`.
    pub fn word(&self) -> String {
        match self {
            Verdict::Free => "FREE".into(),
            Verdict::Reserved { .. } => "RESERVED".into(),
            Verdict::Encumbered { .. } => "ENCUMBERED".into(),
            Verdict::Held { .. } => "HELD".into(),
            Verdict::Delivered => "DELIVERED".into(),
            Verdict::Replaced { .. } => "REPLACED".into(),
            Verdict::Paper => "PAPER".into(),
            Verdict::Unknown => "UNKNOWN".into(),
            Verdict::NoGoods => "NO_GOODS".into(),
            Verdict::State { state } => state.to_string(),
            Verdict::Registered { .. } => "REGISTERED".into(),
            Verdict::Unoccupied => "UNOCCUPIED".into(),
            Verdict::Occupied { .. } => "OCCUPIED".into(),
            Verdict::NotEncumbered => "NOT_ENCUMBERED".into(),
            Verdict::Level { .. } => "LEVEL".into(),
            Verdict::Custody { .. } => "CUSTODY".into(),
            Verdict::Stale { .. } => "STALE".into(),
            Verdict::Invalid => "INVALID".into(),
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.word())?;
        match self {
            Verdict::Reserved { until, member } => write!(f, "(until {until}, member {member})"),
            Verdict::Encumbered { since, index, member } => write!(f, "(since {since}/{index}, member {member})"),
            Verdict::Held { kind } => write!(f, "({kind})"),
            Verdict::Replaced { by } => write!(f, "(by {by})"),
            Verdict::Registered { doc } => write!(f, "(as {doc})"),
            Verdict::Occupied { lot } => write!(f, "(by lot {lot})"),
            Verdict::Level { level, state, subject } => write!(f, "({level}, {state}, document {subject})"),
            Verdict::Custody { lots } => {
                let lots: Vec<String> = lots.iter().map(ToString::to_string).collect();
                write!(f, "({})", lots.join("; "))
            }
            Verdict::Stale { age_ms, max_age_ms } => write!(f, "({age_ms} ms old, at most {max_age_ms})"),
            _ => Ok(()),
        }
    }
}

/// One lot of a document and who keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    pub lot: LotId,
    pub status: LotStatus,
    pub custodian: AccountId,
    /// The member in whose territory the goods are.
    pub place: Member,
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "lot {} {} kept by {} in member {}", self.lot, self.status, self.custodian, self.place)
    }
}

/// The INTEGRITY line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "integrity", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Integrity {
    /// A quorum decided the header and every leaf stands under it.
    Valid { signers: usize, validators: usize, height: Height, time: Timestamp },
    /// The first defect found.
    Invalid { reason: String },
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Integrity::Valid { signers, validators, height, time } => {
                write!(f, "VALID ({signers} of {validators} members signed block {height}, block time {time})")
            }
            Integrity::Invalid { reason } => write!(f, "INVALID ({reason})"),
        }
    }
}

/// The ISSUER line: who issued the document and the branch that registered that party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IssuerLine {
    pub issuer: AccountId,
    pub home: Member,
    /// Code of the home in the genesis.
    pub code: String,
    /// Name of the home in the genesis.
    pub name: String,
}

impl fmt::Display for IssuerLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} registered by {} ({})", self.issuer, self.code, self.name)
    }
}

/// The whole answer of the verifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    pub integrity: Integrity,
    pub status: Verdict,
    /// `None` unless the certificate shows a document.
    pub issuer: Option<IssuerLine>,
    pub paper: PaperLine,
}

impl Verification {
    /// The process exit code, see [`Verdict::exit_code`].
    pub fn exit_code(&self) -> u8 {
        self.status.exit_code()
    }
    /// Whether everything that has to hold for a loan holds: FREE, and the paper in hand is that document.
    pub fn is_free_for_this_paper(&self) -> bool {
        self.status == Verdict::Free && self.paper == PaperLine::Valid
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "INTEGRITY  {}", self.integrity)?;
        writeln!(f, "STATUS     {}", self.status)?;
        match &self.issuer {
            Some(issuer) => writeln!(f, "ISSUER     {issuer}")?,
            None => writeln!(f, "ISSUER     NOT SHOWN")?,
        }
        write!(f, "PAPER      {}", self.paper)
    }
}
