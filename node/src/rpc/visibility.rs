//! What a caller may see.
//!
//! Branches and auditors see parties. A document's own actors see its record; others see its public part. The bank of a
//! pledge is shown to the bank itself, the pledgor and branches; everybody else sees ENCUMBERED and the member to contact.

mod events;

#[cfg(test)]
pub(super) use events::{Audience, Numbers, ROWS, row_of};
pub(super) use events::{event, follows, hears};

use super::auth::Caller;
use landsea_chaincode::pledge as pledges;
use landsea_types::record::{ChainEntry, Doc, Hold, Lot, Offer, Party, Pledge, Proof, UseMark};
use landsea_types::role::{ChainAction, DocState, Role};
use landsea_types::state::{Family, StateRead};
use landsea_types::{AccountId, Transaction};
use std::collections::BTreeSet;

/// A document's own actors: issuer, holder, beneficiary and nominee, both sides of its live pledge, and who surrendered it while the
/// issuer has not answered or has delivered. Whoever has passed it on has lost sight of it.
pub(super) fn sees_doc(caller: &Caller, doc: &Doc, pledge: Option<&Pledge>) -> bool {
    use DocState::{Accomplished, PendAmend, PendDelivery};
    let surrendered = doc.surrendered.iter().filter(|_| matches!(doc.state, PendDelivery | PendAmend | Accomplished));
    let actors = [Some(doc.issuer), Some(doc.holder), doc.beneficiary, doc.nominee];
    caller.sees_parties()
        || actors.iter().flatten().chain(surrendered.map(|s| &s.by)).any(|actor| caller.is(actor))
        || pledge.is_some_and(|p| sees_pledge(caller, p))
}

/// The record of a document as the caller may see it. Of a pledged document only pledgee, pledgor, supervisor and branches learn the
/// holder. A pledge leaves its bank's name behind in a document that has ended, and a bank that has realised holds like a firm: no bank
/// is shown but to itself, to those its pledge names, and to whoever dealt with it.
pub(super) fn doc(state: &dyn StateRead, caller: &Caller, mut doc: Doc, pledge: Option<&Pledge>) -> Option<Doc> {
    if !sees_doc(caller, &doc, pledge) {
        return None;
    }
    if caller.sees_parties() {
        return Some(doc);
    }
    let known: Vec<AccountId> = pledge.filter(|p| sees_pledge(caller, p)).map(banks_of).unwrap_or_default();
    let shown = |party: &AccountId| caller.is(party) || known.contains(party) || !is_bank(state, party);
    // The issuer issued to the first holder; whoever may act for the document named its nominee and has it from the previous ones.
    let issued = caller.is(&doc.issuer);
    let acts = pledges::actor(&doc).is_some_and(|actor| caller.is(&actor)) && !doc.state.is_terminal();
    if pledge.is_some_and(|p| !sees_pledge(caller, p)) || !shown(&doc.holder) {
        doc.holder = mask();
    }
    if !issued && !shown(&doc.first_holder) {
        doc.first_holder = mask();
    }
    doc.beneficiary.take_if(|party| !shown(party));
    for party in [&mut doc.nominee, &mut doc.previous.0, &mut doc.previous.1] {
        party.take_if(|party| !acts && !shown(party));
    }
    // Whoever claims the goods names itself to the issuer.
    let claimant = doc.surrendered.as_ref().map(|before| before.by).filter(|_| issued);
    hide_surrendering_bank(&mut doc, |party| claimant == Some(*party) || shown(party));
    Some(doc)
}

/// The bank of a pledge and those before it.
fn banks_of(pledge: &Pledge) -> Vec<AccountId> {
    pledge.assigned_from.iter().map(|a| a.from).chain([pledge.pledgee]).collect()
}

/// A pledged document is surrendered by its beneficiary while the bank holds it; the record of that outlives the pledge, as does that of
/// a bank's own claim.
fn hide_surrendering_bank(doc: &mut Doc, shown: impl Fn(&AccountId) -> bool) {
    let Some(before) = doc.surrendered.as_mut() else { return };
    for party in [&mut before.by, &mut before.holder] {
        if !shown(party) {
            *party = mask();
        }
    }
    before.beneficiary.take_if(|party| !shown(party));
}

pub(super) fn lot(caller: &Caller, lot: Lot, title_visible: bool) -> Option<Lot> {
    let own = caller.is(&lot.custodian) || lot.supervisor.is_some_and(|s| caller.is(&s));
    (caller.sees_parties() || own || title_visible).then_some(lot)
}

pub(super) fn sees_pledge(caller: &Caller, pledge: &Pledge) -> bool {
    let supervisor = pledge.supervisor.is_some_and(|s| caller.is(&s));
    caller.sees_parties() || caller.is(&pledge.pledgee) || caller.is(&pledge.pledgor) || supervisor
}

/// The record of a case as the caller may see it: attesters do not learn which bank will finance or asks.
pub(super) fn proof(state: &dyn StateRead, caller: &Caller, mut proof: Proof) -> Option<Proof> {
    let bank = proof.financing_bank.is_some_and(|b| caller.is(&b));
    if caller.sees_parties() || caller.is(&proof.applicant) || bank {
        return Some(proof);
    }
    proof.financing_bank = None;
    if is_bank(state, &proof.applicant) {
        proof.applicant = mask();
    }
    proof.attestations.iter().any(|a| caller.is(&a.attester)).then_some(proof)
}

/// A chain entry as the caller may see it: pledge entries name nobody, and the others no bank, such as one that realises a pledge,
/// except to whom they name themselves.
pub(super) fn chain_entry(state: &dyn StateRead, caller: &Caller, entry: ChainEntry) -> ChainEntry {
    let named = [Some(entry.actor), entry.recipient, entry.represented];
    if caller.sees_parties() || named.iter().flatten().any(|party| caller.is(party)) {
        return entry;
    }
    if matches!(entry.action, ChainAction::PledgeEndorse | ChainAction::PledgeRelease) {
        return ChainEntry { actor: mask(), recipient: None, represented: None, ..entry };
    }
    let shown = |party: &AccountId| !is_bank(state, party);
    let actor = if shown(&entry.actor) { entry.actor } else { mask() };
    let (recipient, represented) = (entry.recipient.filter(shown), entry.represented.filter(shown));
    ChainEntry { actor, recipient, represented, ..entry }
}

fn is_bank(state: &dyn StateRead, party: &AccountId) -> bool {
    let record = state.leaf(Family::Party, &party.0);
    record.and_then(|leaf| borsh::from_slice::<Party>(&leaf.record).ok()).is_some_and(|party| party.has(Role::Bank))
}

/// Who may follow the goods of a lot: its custodian and supervisor, the holder and owner of its document, both sides and the
/// supervisor of its pledge, branches and auditors. A former holder may not.
pub(super) fn sees_goods(caller: &Caller, lot: &Lot, title: Option<&Doc>, pledge: Option<&Pledge>) -> bool {
    let keeps = caller.is(&lot.custodian) || lot.supervisor.is_some_and(|s| caller.is(&s));
    let owns = title.is_some_and(|doc| caller.is(&doc.holder) || doc.beneficiary.is_some_and(|b| caller.is(&b)));
    caller.sees_parties() || keeps || owns || pledge.is_some_and(|p| sees_pledge(caller, p))
}

/// The record of a hold for a party concerned: of a bank that placed it only branches and the bank itself learn the name.
pub(super) fn hold(state: &dyn StateRead, caller: &Caller, mut hold: Hold) -> Hold {
    if !caller.sees_parties() && !caller.is(&hold.by) && is_bank(state, &hold.by) {
        hold.by = mask();
    }
    hold
}

/// The record of an offer for its bank, those who are asked to accept it, branches and auditors.
pub(super) fn offer(caller: &Caller, offer: Offer, asked: &BTreeSet<AccountId>) -> Option<Offer> {
    let concerned = caller.is(&offer.bank) || asked.iter().chain(&offer.accepted).any(|party| caller.is(party));
    (caller.sees_parties() || concerned).then_some(offer)
}

/// The marks on a piece of evidence: one's own, all for branches and auditors.
pub(super) fn marks(caller: &Caller, mut marks: Vec<UseMark>) -> Vec<UseMark> {
    marks.retain(|mark| caller.sees_parties() || caller.is(&mark.by));
    marks
}

/// Bodies go to the sender, the consenting parties, branches and auditors.
pub(super) fn sees_body(caller: &Caller, tx: &Transaction) -> bool {
    caller.sees_parties() || caller.is(&tx.sender) || tx.consents.iter().any(|c| caller.is(&c.party))
}

/// Stands where a party is not shown.
fn mask() -> AccountId {
    AccountId::default()
}
