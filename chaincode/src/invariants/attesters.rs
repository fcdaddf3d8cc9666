//! Invariants of what parties attest.

use super::{Decoded, Holds, ensure};
use landsea_types::AccountId;
use landsea_types::record::Proof;
use landsea_types::role::ProofState;

/// INV-13: nobody attests its own trade, and only a matched case has a level above the claim.
///
/// # Errors
/// An attestation by the applicant, the owner or their groups, or a level that the state does not allow.
pub fn attesters_are_independent(state: &Decoded) -> Holds {
    for case in state.proofs.values() {
        let own: [AccountId; 2] = [case.applicant, case.owner];
        let groups = [case.applicant_group, case.owner_group];
        for attestation in &case.attestations {
            let apart = attestation.group.is_none() || !groups.contains(&attestation.group);
            ensure(apart && !own.contains(&attestation.attester), "INV-13", || {
                format!("{:?} attests its own trade in {:?}", attestation.attester, case.id)
            })?;
        }
        let fits = case.due <= case.valid_until && level_fits(case);
        ensure(fits, "INV-13", || format!("{:?} is {} at level {}", case.id, case.state, case.level))?;
    }
    Ok(())
}

fn level_fits(case: &Proof) -> bool {
    match case.state {
        ProofState::Expired | ProofState::Closed => case.level == 0,
        ProofState::Contradicted => case.level == 0 && case.contradiction.is_some(),
        ProofState::Open => case.level == 1,
        ProofState::Matched | ProofState::Degraded => (1..=4).contains(&case.level),
    }
}
