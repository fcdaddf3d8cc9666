//! Check step 8: derive tickets.

use crate::context::Cx;
use crate::goods;
use crate::refusal::{Refused, ensure};
use landsea_types::genesis::ParamKey;
use landsea_types::role::DocKind;
use landsea_types::ticket::DeriveTicket;
use landsea_types::{AccountId, Code, bounds, crypto::SignatureCheck};

/// The rule-set version of this release.
pub const RULES: u16 = 1;

impl Cx<'_, '_> {
    /// A ticket made for `applicant` over a document of `kind`, signed by the applicant's home branch and not expired.
    ///
    /// # Errors
    /// 3003 for anything wrong with the ticket, 3008 for an unknown kind, rule version or class of
    /// goods keys, 3009 for an old epoch.
    pub fn require_ticket(&self, ticket: &DeriveTicket, applicant: &AccountId, kind: DocKind) -> Refused {
        let body = &ticket.body;
        let applicant_home = self.view.party(applicant).map(|p| p.home);
        let branch = self.view.member(body.member);
        let made_here = body.chain_id == self.block.chain
            && body.applicant == *applicant
            && applicant_home == Some(body.member)
            && branch.is_some_and(|b| b.validator_key == ticket.public_key);
        let latest = self.now().saturating_add(self.param(ParamKey::TicketTtlMs));
        let timely = self.now() <= body.not_after && body.not_after <= latest;
        let bounded =
            body.goods_keys.len() <= bounds::GOODS_KEYS_MAX && body.arrival_keys.len() <= bounds::GOODS_KEYS_MAX;
        let of_this_kind = body.kind == kind;
        ensure(made_here && timely && bounded && of_this_kind && self.signature_holds(ticket), Code::TicketInvalid)?;
        let known_classes = body.goods_keys.iter().all(|key| goods::is_known(key.class));
        ensure(body.rules == RULES && kind.name().is_some() && known_classes, Code::UnknownKindOrRules)?;
        ensure(u64::from(body.epoch) == self.param(ParamKey::FingerprintEpoch), Code::FingerprintEpochStale)
    }

    fn signature_holds(&self, ticket: &DeriveTicket) -> bool {
        self.signatures.is_valid(&SignatureCheck {
            key: ticket.public_key,
            message: ticket.sign_bytes(),
            signature: ticket.signature,
        })
    }
}
