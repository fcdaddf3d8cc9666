//! What certificates open is what the records say.

use super::{Broken, Holds, WholeState};
use crate::view::encode;
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::Hash;
use landsea_types::record::{Doc, Encumbrance, Lot, Occupancy, Party, Proof, PublicFp, Reservation, UseMarks};
use landsea_types::role::DocKind;
use landsea_types::state::Family;

/// What certificates open is what the records say. It is held by no number: section 0 of the ledger specification asks for it.
///
/// # Errors
/// A leaf whose public part is not its record's, or a document of a kind that is none.
pub fn public_parts_are_those_of_the_records(state: &dyn WholeState) -> Holds {
    same_public(state, Family::Doc, Doc::public)?;
    same_public(state, Family::Lot, Lot::public)?;
    same_public(state, Family::Encumbrance, Encumbrance::public)?;
    same_public(state, Family::Reservation, Reservation::public)?;
    same_public(state, Family::Party, Party::public)?;
    same_public(state, Family::Proof, Proof::public)?;
    same_public(state, Family::Mark, UseMarks::public)?;
    same_public(state, Family::GoodsKey, Occupancy::public)?;
    same_public(state, Family::Fp, PublicFp::clone)?;
    super::holds::public_holds_are_the_gravest(state)?;
    let mut result = Ok(());
    each_record(state, Family::Doc, &mut |doc: Doc, _| {
        if doc.kind == DocKind::PARTY || doc.kind == DocKind::SITE {
            result = Err(Broken::new("public parts", format!("{:?} is no document", doc.id)));
        }
    })?;
    result
}

fn same_public<T: BorshDeserialize, P: BorshSerialize>(
    state: &dyn WholeState,
    family: Family,
    public: impl Fn(&T) -> P,
) -> Holds {
    let mut result = Ok(());
    each_record(state, family, &mut |record: T, shown| {
        if encode(&public(&record)) != shown {
            result = Err(Broken::new("public parts", format!("a leaf of {family:?} shows another record")));
        }
    })?;
    result
}

pub(super) fn each_record<T: BorshDeserialize>(
    state: &dyn WholeState,
    family: Family,
    visit: &mut dyn FnMut(T, &[u8]),
) -> Holds {
    let mut result = Ok(());
    state.each_leaf(family, &mut |id, leaf| match borsh::from_slice(&leaf.record) {
        Ok(record) => visit(record, &leaf.public),
        Err(error) => {
            result = Err(Broken::new("the state decodes", format!("{family:?} {}: {error}", Hash(*id).short())));
        }
    });
    result
}
