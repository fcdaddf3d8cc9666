//! What a caller may see.
//!
//! Branches and auditors see parties. A document's own actors see its record; others see its public part. The bank of a
//! pledge is shown to the bank itself, the pledgor and branches; everybody else sees ENCUMBERED and the member to contact.

use super::auth::Caller;
use landsea_types::event::{Event, EventName};
use landsea_types::record::{ChainEntry, Doc, Encumbrance, Hold, Lot, Offer, Party, Pledge, Proof, UseMark};
use landsea_types::role::{ChainAction, Role};
use landsea_types::state::{Family, StateRead};
use landsea_types::{AccountId, Transaction};
use std::collections::BTreeSet;

/// Events keep their parties only for branches, auditors and those parties themselves.
pub(super) fn event(caller: &Caller, mut event: Event) -> Event {
    if !caller.sees_parties() && !event.parties.iter().any(|p| caller.is(p)) {
        event.parties.clear();
    }
    event
}

/// Alarms go to branches and auditors, and to the pledgee whose goods somebody tried to pledge again; others learn counts only.
pub(super) fn hears(state: &dyn StateRead, caller: &Caller, event: &Event) -> bool {
    use EventName::{DoublePledgeAttempt, DuplicateDocument, DuplicateGoods, NearMatch};
    let is_alarm = matches!(event.name, DoublePledgeAttempt | DuplicateDocument | DuplicateGoods | NearMatch);
    let pledgee = || {
        let leaf = state.leaf(Family::Encumbrance, &event.subject.0)?;
        borsh::from_slice::<Encumbrance>(&leaf.record).ok().map(|e| e.pledgee)
    };
    !is_alarm || caller.sees_parties() || pledgee().is_some_and(|bank| caller.is(&bank))
}

pub(super) fn sees_doc(caller: &Caller, doc: &Doc, pledge: Option<&Pledge>) -> bool {
    let actors = [Some(doc.issuer), Some(doc.holder), doc.beneficiary, doc.nominee, Some(doc.first_holder)];
    caller.sees_parties()
        || actors.iter().flatten().any(|actor| caller.is(actor))
        || pledge.is_some_and(|p| sees_pledge(caller, p))
}

/// The record of a document as the caller may see it: of a pledged document only pledgee, pledgor and branches learn the holder.
pub(super) fn doc(caller: &Caller, mut doc: Doc, pledge: Option<&Pledge>) -> Option<Doc> {
    if !sees_doc(caller, &doc, pledge) {
        return None;
    }
    if let Some(pledge) = pledge.filter(|p| !sees_pledge(caller, p)) {
        let banks: Vec<AccountId> = pledge.assigned_from.iter().map(|a| a.from).chain([pledge.pledgee]).collect();
        for party in [&mut doc.previous.0, &mut doc.previous.1] {
            party.take_if(|p| banks.contains(p));
        }
        doc.holder = mask();
    }
    hide_surrendering_bank(caller, &mut doc, pledge);
    Some(doc)
}

/// A pledged document is surrendered by its beneficiary while the bank holds it; the record of that outlives the pledge.
fn hide_surrendering_bank(caller: &Caller, doc: &mut Doc, pledge: Option<&Pledge>) {
    let shown = caller.sees_parties() || pledge.is_some_and(|p| sees_pledge(caller, p));
    let Some(before) = doc.surrendered.as_mut().filter(|_| !shown) else { return };
    let own = caller.is(&before.holder) || before.holder == before.by || before.beneficiary == Some(before.holder);
    if !own {
        before.holder = mask();
    }
}

pub(super) fn lot(caller: &Caller, lot: Lot, title_visible: bool) -> Option<Lot> {
    let own = caller.is(&lot.custodian) || lot.supervisor.is_some_and(|s| caller.is(&s));
    (caller.sees_parties() || own || title_visible).then_some(lot)
}

pub(super) fn sees_pledge(caller: &Caller, pledge: &Pledge) -> bool {
    let supervisor = pledge.supervisor.is_some_and(|s| caller.is(&s));
    caller.sees_parties() || caller.is(&pledge.pledgee) || caller.is(&pledge.pledgor) || supervisor
}

/// The record of a case as the caller may see it: attesters do not learn which bank will finance.
pub(super) fn proof(caller: &Caller, mut proof: Proof) -> Option<Proof> {
    let bank = proof.financing_bank.is_some_and(|b| caller.is(&b));
    if caller.sees_parties() || caller.is(&proof.applicant) || bank {
        return Some(proof);
    }
    proof.financing_bank = None;
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
