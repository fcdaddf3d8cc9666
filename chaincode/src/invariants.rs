//! The ledger's invariants as pure functions over the whole state.
//!
//! Section 5 of the certificates specification numbers them; a name such as T5 is the one the ledger specification gives. Those over
//! one state run after every block of a test or simulation ([`check_all`]), those over two consecutive states as well
//! ([`check_step`]), and those over what a block wrote and answered where it ran. Nodes do not run them: they read everything.
//!
//! | invariant | function |
//! |--|--|
//! | INV-1 (T1) | [`fingerprints_are_unique`] |
//! | INV-2 (T2) | [`a_lot_has_one_operative_title`] |
//! | INV-3 (S1, S2) | [`encumbrance_leaves_equal_live_pledges`], [`reservations_cover_whole_documents`] |
//! | INV-4 (S3) | [`priorities_never_change`] |
//! | INV-5 (L3, L5) | [`goods_come_from_nowhere_but_issue`], [`lots_keep_their_quantity`] |
//! | INV-6 (L1) | [`exclusive_keys_belong_to_one_active_lot`] |
//! | INV-7 (L2) | [`cells_hold_what_their_lots_say`] |
//! | INV-8 (T4, S9) | [`terminals_absorb`] |
//! | INV-9 (H1) | [`hold_leaves_equal_effective_holds`], [`no_held_act_succeeded`] |
//! | INV-10 (H3) | [`court_freezes_wait_in_order`], [`holds_keep_their_place`] |
//! | INV-11 (L4, F3) | [`a_lot_has_one_known_custodian`], [`custody_is_as_handed_over`], [`custody_is_contiguous`] |
//! | INV-12 (F1, F2) | [`timelines_tell_every_event`], [`events_are_append_only`] |
//! | INV-13 | [`attesters_are_independent`] |
//! | INV-14 | [`use_marks_stay_within_the_whole`], [`use_marks_stay`] |
//! | INV-15 | [`state_is_of_fixed_types`], and the types themselves: [`Fixed`] |
//! | INV-16 | [`the_queue_equals_what_is_due`] |
//! | INV-17, INV-18 | [`runs_end_alike`], over states that tests replay and reorder |
//! | INV-19 | [`refusals_leave_traces_only`] |
//! | INV-20 | [`every_success_says_something`], [`outcomes_have_their_root`] |
//! | P1, T5 | [`one_live_party_per_fingerprint`], [`chains_fold_to_their_roots`] |
//! | indexes | [`the_holder_index_is_recomputable`], [`the_stake_index_is_recomputable`], [`the_pledge_index_is_recomputable`], [`one_licence_per_site`], [`the_case_index_is_recomputable`] |
//! | versions | [`versions_grow_with_changes`] |
//! | public parts | [`public_parts_are_those_of_the_records`] |

mod attesters;
mod decoded;
mod documents;
mod encumbrance;
mod evidence;
mod fixed;
mod flow;
mod goods;
mod holds;
mod indexes;
mod public;
mod queue;
mod steps;

pub use attesters::attesters_are_independent;
pub use decoded::{Decoded, WholeState};
pub use documents::{a_lot_has_one_operative_title, chains_fold_to_their_roots, fingerprints_are_unique};
pub use encumbrance::{encumbrance_leaves_equal_live_pledges, reservations_cover_whole_documents};
pub use evidence::{the_case_index_is_recomputable, use_marks_stay, use_marks_stay_within_the_whole};
pub use fixed::{Fixed, Item, state_is_of_fixed_types};
pub use flow::{
    a_lot_has_one_known_custodian, custody_is_as_handed_over, custody_is_contiguous, events_are_append_only,
    timelines_tell_every_event,
};
pub use goods::{
    cells_hold_what_their_lots_say, exclusive_keys_belong_to_one_active_lot, goods_come_from_nowhere_but_issue,
};
pub use holds::{
    court_freezes_wait_in_order, hold_leaves_equal_effective_holds, holds_keep_their_place, no_held_act_succeeded,
};
pub use indexes::{
    one_licence_per_site, one_live_party_per_fingerprint, the_holder_index_is_recomputable,
    the_pledge_index_is_recomputable, the_stake_index_is_recomputable,
};
pub use public::public_parts_are_those_of_the_records;
pub use queue::the_queue_equals_what_is_due;
pub use steps::{
    every_success_says_something, lots_keep_their_quantity, outcomes_have_their_root, priorities_never_change,
    refusals_leave_traces_only, runs_end_alike, terminals_absorb, versions_grow_with_changes,
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

/// Checks every invariant over one state and answers its records.
///
/// # Errors
/// The first breach.
pub fn check_all(state: &dyn WholeState) -> Result<Decoded, Broken> {
    public_parts_are_those_of_the_records(state)?;
    let decoded = Decoded::of(state)?;
    check_decoded(&decoded)?;
    state_is_of_fixed_types(state)?;
    Ok(decoded)
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
    cells_hold_what_their_lots_say(state)?;
    a_lot_has_one_known_custodian(state)?;
    one_live_party_per_fingerprint(state)?;
    the_holder_index_is_recomputable(state)?;
    the_stake_index_is_recomputable(state)?;
    the_pledge_index_is_recomputable(state)?;
    one_licence_per_site(state)?;
    the_case_index_is_recomputable(state)?;
    chains_fold_to_their_roots(state)?;
    attesters_are_independent(state)?;
    hold_leaves_equal_effective_holds(state)?;
    court_freezes_wait_in_order(state)?;
    custody_is_as_handed_over(state)?;
    timelines_tell_every_event(state)?;
    use_marks_stay_within_the_whole(state)?;
    the_queue_equals_what_is_due(state)
}

/// Checks every invariant over two consecutive states.
///
/// # Errors
/// The first breach.
pub fn check_step(before: &Decoded, after: &Decoded) -> Holds {
    priorities_never_change(before, after)?;
    lots_keep_their_quantity(before, after)?;
    terminals_absorb(before, after)?;
    holds_keep_their_place(before, after)?;
    no_held_act_succeeded(before, after)?;
    custody_is_contiguous(before, after)?;
    events_are_append_only(before, after)?;
    use_marks_stay(before, after)?;
    versions_grow_with_changes(before, after)
}
