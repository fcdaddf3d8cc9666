//! The ledger's invariants as pure functions over the whole state.
//!
//! Section 5 of the certificates specification numbers them; a name such as T5 is the one the ledger specification gives. Those over
//! one state run after every block of a test or simulation ([`check_all`]), those over two consecutive states as well
//! ([`check_step`]). Nodes do not run them: they read everything.
//!
//! | invariant | function |
//! |--|--|
//! | INV-1 (T1) | [`fingerprints_are_unique`] |
//! | INV-2 (T2) | [`a_lot_has_one_operative_title`] |
//! | INV-3 (S1, S2) | [`encumbrance_leaves_equal_live_pledges`], [`reservations_cover_whole_documents`] |
//! | INV-4 (S3) | [`priorities_never_change`] |
//! | INV-5 (L3, L5) | [`goods_come_from_nowhere_but_issue`] |
//! | INV-6 (L1) | [`exclusive_keys_belong_to_one_active_lot`] |
//! | INV-8 (T4, S9) | [`terminals_absorb`] |
//! | INV-9 (H1) | [`hold_leaves_equal_effective_holds`] |
//! | INV-10 (H3) | [`court_freezes_wait_in_order`], [`ended_holds_absorb`] |
//! | INV-11 (L4) | [`a_lot_has_one_known_custodian`] |
//! | INV-13 | [`attesters_are_independent`] |
//! | INV-16 | [`the_queue_equals_what_is_due`] |
//! | INV-19 | [`refusals_leave_traces_only`] |
//! | INV-20 | [`every_success_says_something`] |
//! | P1, T5 | [`one_live_party_per_fingerprint`], [`chains_fold_to_their_roots`] |
//!
//! INV-7 (cells), INV-12 (cargo events) and INV-14 (use marks) speak of modules of later parts; INV-15 is held by
//! the record types; INV-17 and 18 need whole runs and are held by the tests that replay them.

mod decoded;
mod documents;
mod encumbrance;
mod goods;
mod holds;
mod parties;
mod public;
mod queue;
mod steps;

pub use decoded::{Decoded, WholeState};
pub use documents::{a_lot_has_one_operative_title, chains_fold_to_their_roots, fingerprints_are_unique};
pub use encumbrance::{encumbrance_leaves_equal_live_pledges, reservations_cover_whole_documents};
pub use goods::{
    a_lot_has_one_known_custodian, exclusive_keys_belong_to_one_active_lot, goods_come_from_nowhere_but_issue,
};
pub use holds::{court_freezes_wait_in_order, ended_holds_absorb, hold_leaves_equal_effective_holds};
pub use parties::{attesters_are_independent, one_live_party_per_fingerprint};
pub use public::public_parts_are_those_of_the_records;
pub use queue::the_queue_equals_what_is_due;
pub use steps::{
    every_success_says_something, priorities_never_change, refusals_leave_traces_only, terminals_absorb,
    versions_grow_with_changes,
};

/// A state in which an invariant does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Number or name in the specification, such as `INV-3`.
    pub invariant: &'static str,
    /// What was found where.
    pub detail: String,
}

impl Broken {
    /// A breach with its description.
    pub fn new(invariant: &'static str, detail: impl Into<String>) -> Self {
        Self { invariant, detail: detail.into() }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} does not hold: {}", self.invariant, self.detail)
    }
}

impl std::error::Error for Broken {}

/// Holds or the first breach.
pub type Holds = Result<(), Broken>;

fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Holds {
    if holds { Ok(()) } else { Err(Broken::new(invariant, detail())) }
}

/// Checks every invariant over one state.
///
/// # Errors
/// The first breach.
pub fn check_all(state: &dyn WholeState) -> Holds {
    public_parts_are_those_of_the_records(state)?;
    check_decoded(&Decoded::of(state)?)
}

/// Checks every invariant over the records of one state.
///
/// # Errors
/// The first breach.
pub fn check_decoded(state: &Decoded) -> Holds {
    fingerprints_are_unique(state)?;
    a_lot_has_one_operative_title(state)?;
    encumbrance_leaves_equal_live_pledges(state)?;
    reservations_cover_whole_documents(state)?;
    goods_come_from_nowhere_but_issue(state)?;
    exclusive_keys_belong_to_one_active_lot(state)?;
    a_lot_has_one_known_custodian(state)?;
    one_live_party_per_fingerprint(state)?;
    chains_fold_to_their_roots(state)?;
    attesters_are_independent(state)?;
    hold_leaves_equal_effective_holds(state)?;
    court_freezes_wait_in_order(state)?;
    the_queue_equals_what_is_due(state)
}

/// Checks every invariant over two consecutive states.
///
/// # Errors
/// The first breach.
pub fn check_step(before: &Decoded, after: &Decoded) -> Holds {
    priorities_never_change(before, after)?;
    terminals_absorb(before, after)?;
    ended_holds_absorb(before, after)?;
    versions_grow_with_changes(before, after)
}
