//! What must fail, each for one reason that the label names. Now and then the reason is gone, or another has come first, when the
//! transaction gets its turn; the model knows.

mod claims;
mod words;

use super::acts::Act;
use super::{Draft, Workload};

const MENU: &[(u64, Act)] = &[
    // What documents, goods and pledges do not allow.
    (4, Workload::second_pledge),
    (2, Workload::second_reservation),
    (2, Workload::goods_twice),
    (2, Workload::receipt_beside_a_bill),
    (1, Workload::number_twice),
    (1, Workload::content_twice),
    (1, Workload::key_twice),
    (2, Workload::transfer_by_a_stranger),
    (2, Workload::transfer_past_the_pledgee),
    (2, Workload::reserved_by_another),
    (1, Workload::release_by_a_stranger),
    (1, Workload::release_twice),
    (1, Workload::term_too_short),
    (1, Workload::reserve_again),
    (3, Workload::look_alike),
    (1, Workload::waybill_act_on_a_receipt),
    (1, Workload::answer_twice),
    (1, Workload::act_on_the_ended),
    (1, Workload::shortage_too_large),
    (1, Workload::goods_lost),
    (2, Workload::keeper_akin),
    (1, Workload::mixed_set),
    (1, Workload::pledge_of_another),
    (1, Workload::note_as_collateral),
    (3, Workload::transfer_of_the_held),
    (2, Workload::surrender_of_the_held),
    (2, Workload::pledge_of_the_held),
    (1, Workload::lift_by_another),
    (1, Workload::filed_late),
    (2, Workload::transfer_of_the_enforced),
    (1, Workload::assign_unasked),
    // What was said or signed badly.
    (2, Workload::stale_version),
    (2, Workload::missing_consent),
    (2, Workload::missing_custodian),
    (1, Workload::wrong_role),
    (3, Workload::replay),
    (1, Workload::expired),
    (1, Workload::foreign_ticket),
    (1, Workload::other_paper),
    (2, Workload::stolen_consent),
    (1, Workload::late_consent),
    (1, Workload::firm_twice),
    (1, Workload::unknown_document),
    (1, Workload::no_licence),
    (1, Workload::no_feature),
    (1, Workload::foreign_key),
    (1, Workload::old_epoch),
    (1, Workload::shared_cell),
    (1, Workload::no_proof),
    (1, Workload::unknown_paper_kind),
];

impl Workload {
    /// One thing that must fail, where the known state allows to try it.
    pub(super) fn wrong(&mut self) -> Option<Vec<Draft>> {
        self.choose(MENU)(self)
    }
}
