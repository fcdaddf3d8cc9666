//! Check step 12: consents.
//!
//! The sender's own signature counts as its consent. Every other consent is a detached signature over the operation and
//! its sender, used once and remembered until its `not_after` has passed.

use crate::context::Cx;
use crate::party::with_due_keys;
use crate::refusal::{Refusal, Refused, ensure};
use crate::view::Due;
use landsea_types::genesis::ParamKey;
use landsea_types::record::Party;
use landsea_types::role::{KeyPurpose, PartyStatus, Role};
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Consent};

impl Cx<'_, '_> {
    /// Requires a party's consent to this operation in one of `roles` (its own roles are not checked here: the role in the
    /// consent says in which capacity it signs). `who` is the argument of 1008.
    ///
    /// # Errors
    /// `absent` (1008, or 5004 for a custodian) without a consent, 1009 for a bad one, 1006 when the party is not active.
    pub fn require_consent(&mut self, party: &AccountId, roles: &[Role], who: u64, absent: Code) -> Refused {
        if self.given.contains(party) {
            return self.require_still_active(party);
        }
        let consent = self.find_consent(party, roles, who, absent)?;
        // The same consent in every byte: one like it in another role has to be signed and counted by itself.
        if !self.used.contains(&consent) {
            self.check_consent(&consent)?;
            self.consume(&consent);
        }
        Ok(())
    }

    /// Who accepted an offer may have been suspended since. The sender's own status was judged at step 3.
    fn require_still_active(&self, party: &AccountId) -> Refused {
        let active = self.view.party(party).is_some_and(|p| p.status == PartyStatus::Active);
        ensure(active || *party == self.sender.id, Code::PartySuspended)
    }

    /// Whether a valid consent of the party to this operation is in the transaction (or it is the sender itself).
    pub fn has_valid_consent(&self, party: &AccountId) -> bool {
        self.given.contains(party)
            || self.consents_of(party).any(|c| c.op_hash == self.op_hash && self.check_consent(c).is_ok())
    }

    /// Whether the party says anything to this operation, good or bad: itself as the sender, a consent to it, or one made for
    /// another caller. What it says is judged by [`Cx::require_consent`] at step 12.
    pub fn offers_consent(&self, party: &AccountId) -> bool {
        let meant = |c: &Consent| c.op_hash == self.op_hash || !self.op_hashes.contains(&c.op_hash);
        self.given.contains(party) || self.consents_of(party).any(meant)
    }

    fn consents_of(&self, party: &AccountId) -> impl Iterator<Item = &Consent> {
        let party = *party;
        self.tx.consents.iter().filter(move |c| c.party == party)
    }

    fn find_consent(&self, party: &AccountId, roles: &[Role], who: u64, absent: Code) -> Refused<Consent> {
        let mine = |c: &&Consent| c.op_hash == self.op_hash && (roles.is_empty() || roles.contains(&c.role));
        if let Some(found) = self.consents_of(party).find(mine) {
            return Ok(found.clone());
        }
        // A consent for something that is not in this transaction at all was made for another caller or operation.
        let stray = self.consents_of(party).any(|c| !self.op_hashes.contains(&c.op_hash));
        if stray { Err(Refusal::new(Code::ConsentInvalid)) } else { Err(Refusal::with_args(absent, &[who])) }
    }

    fn check_consent(&self, consent: &Consent) -> Refused {
        let bad = || Refusal::new(Code::ConsentInvalid);
        let party = self.view.party(&consent.party).ok_or_else(bad)?;
        let latest = self.now().saturating_add(self.param(ParamKey::ConsentMaxMs));
        let timely = self.now() <= consent.not_after && consent.not_after <= latest;
        let key_ok = self.key_speaks_for(&party, consent);
        let fresh = self.view.row(Table::Consent, &consent.id().0).is_none();
        if !(timely && key_ok && fresh && self.signatures.is_valid(&consent.check(&self.block.chain))) {
            return Err(bad());
        }
        if party.status != PartyStatus::Active {
            return Err(Refusal::new(Code::PartySuspended));
        }
        Ok(())
    }

    /// The key is the party's own, or that of a party to which it has delegated this operation.
    fn key_speaks_for(&self, party: &Party, consent: &Consent) -> bool {
        let signs = |p: Party| {
            let p = with_due_keys(p, self.block);
            p.key_is_valid(consent.key, &consent.public_key, KeyPurpose::Sign, self.height())
        };
        let delegates = party.delegations.iter().filter(|d| party.delegates(&d.to, self.op_number, self.now()));
        let mut active = delegates.filter_map(|d| self.view.party(&d.to)).filter(|p| p.status == PartyStatus::Active);
        signs(party.clone()) || active.any(signs)
    }

    fn consume(&mut self, consent: &Consent) {
        let id = consent.id();
        self.used.push(consent.clone());
        self.view.put_row(Table::Consent, &id.0, &consent.not_after);
        self.view.schedule(consent.not_after.saturating_add(1), Due::Consent, &id.0, &[]);
    }
}
