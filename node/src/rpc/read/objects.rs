//! Documents, pledges, offers, parties, cases and marks.

use super::super::auth::Caller;
use super::super::{Context, errors, visibility};
use super::{Answer, page, pledge_of, pledge_of_doc, public, record, row};
use landsea_chaincode::{View, pledge as pledges};
use landsea_client::api::{DocumentRequest, DocumentView, OfferView, PartyView, PledgeView, ProofView, UseMarkView};
use landsea_types::certificate::{Question, answer};
use landsea_types::record::{ChainEntry, Delegation, Doc, Offer, Party, Proof, PublicDoc, PublicFp, UseMarks};
use landsea_types::state::{Family, Leaf, StateRead, Table};
use landsea_types::{AccountId, DocId, Fp, OfferId, PledgeId, ProofId, Timestamp};
use serde::Deserialize;

pub(crate) fn document(context: &Context, caller: &Caller, request: DocumentRequest) -> Answer<Option<DocumentView>> {
    let state = context.snapshot();
    let id = match (request.doc, request.fingerprint) {
        (Some(doc), None) => Some(doc),
        (None, Some(fp)) => public::<PublicFp>(&&*state, Family::Fp, &fp.0).map(|p| p.doc),
        _ => return Err(errors::invalid_params("name either `doc` or `fingerprint`")),
    };
    Ok(id.and_then(|id| document_view(&&*state, caller, &id)))
}

fn document_view(state: &dyn StateRead, caller: &Caller, id: &DocId) -> Option<DocumentView> {
    let doc: Doc = record(state, Family::Doc, &id.0)?;
    let pledge = pledge_of_doc(state, &doc);
    let public_doc = doc.public();
    let encumbrance = public(state, Family::Encumbrance, &id.0);
    let reservation = public(state, Family::Reservation, &id.0);
    let hold = public(state, Family::Hold, &id.0);
    let status = status_word(state, &public_doc);
    let record = visibility::doc(state, caller, doc, pledge.as_ref());
    Some(DocumentView { public: public_doc, status, encumbrance, reservation, hold, record })
}

/// The word of a certificate's verdict (Q2), for the document itself even where a later one has its fingerprint; only a certificate
/// proves it.
fn status_word(state: &dyn StateRead, doc: &PublicDoc) -> String {
    let own = PublicFp { doc: doc.id };
    let public = borsh::to_vec(&own).expect("writing to memory cannot fail");
    let fp = || Leaf { public: public.clone(), record: Vec::new(), salt: [0; 32] };
    let leaf = |family: Family, id: &[u8; 32]| match family {
        Family::Fp => Some(fp()),
        _ => state.leaf(family, id),
    };
    // The time matters to cases only.
    answer(&Question::NotPledged { fp1: doc.fp1 }, Timestamp::ZERO, leaf).word()
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HolderParams {
    holder: AccountId,
    after: Option<DocId>,
    limit: Option<usize>,
}

pub(crate) fn documents_by_holder(context: &Context, caller: &Caller, p: HolderParams) -> Answer<Vec<DocId>> {
    caller.party()?;
    if !caller.is(&p.holder) && !caller.sees_parties() {
        return Err(errors::forbidden("only the holder itself, branches and auditors may list its documents"));
    }
    known_party(&&*context.snapshot(), &p.holder)?;
    let ids = second_ids(&&*context.snapshot(), Table::Holder, &p.holder.0, p.after.map(|d| d.0), page(p.limit));
    Ok(ids.into_iter().map(DocId).collect())
}

fn known_party(state: &dyn StateRead, id: &AccountId) -> Answer<Party> {
    record(state, Family::Party, &id.0).ok_or_else(|| errors::unknown("party", id))
}

/// The second halves of rows keyed by two ids, after an id.
fn second_ids(
    state: &dyn StateRead,
    table: Table,
    first: &[u8; 32],
    after: Option<[u8; 32]>,
    limit: usize,
) -> Vec<[u8; 32]> {
    let mut from = first.to_vec();
    if let Some(after) = after {
        from.extend_from_slice(&after);
        from.push(0);
    }
    let mut until = first.to_vec();
    until.extend_from_slice(&[0xff; 33]);
    let rows = state.scan(table, &from, &until, limit);
    rows.iter().filter_map(|(key, _)| key.get(32..64)?.try_into().ok()).collect()
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChainParams {
    doc: DocId,
    after: Option<u32>,
    limit: Option<usize>,
}

pub(crate) fn chain(context: &Context, caller: &Caller, p: ChainParams) -> Answer<Vec<ChainEntry>> {
    let state = context.snapshot();
    let doc = record::<Doc>(&&*state, Family::Doc, &p.doc.0).ok_or_else(|| errors::unknown("document", p.doc))?;
    if !visibility::sees_doc(caller, &doc, pledge_of_doc(&&*state, &doc).as_ref()) {
        return Err(errors::forbidden("only the document's own actors, branches and auditors may read its chain"));
    }
    let from = [p.doc.0.as_slice(), &p.after.map_or(0, |n| n.saturating_add(1)).to_be_bytes()].concat();
    let until = [p.doc.0.as_slice(), &[0xff; 5]].concat();
    let rows = state.scan(Table::Chain, &from, &until, page(p.limit));
    let entries = rows.iter().map(|(_, v)| borsh::from_slice(v).expect("committed state decodes"));
    Ok(entries.map(|entry| visibility::chain_entry(&&*state, caller, entry)).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocParams {
    doc: DocId,
}

pub(crate) fn children(context: &Context, caller: &Caller, p: DocParams) -> Answer<Vec<DocumentView>> {
    caller.party()?;
    let state = context.snapshot();
    let doc = record::<Doc>(&&*state, Family::Doc, &p.doc.0).ok_or_else(|| errors::unknown("document", p.doc))?;
    if !visibility::sees_doc(caller, &doc, pledge_of_doc(&&*state, &doc).as_ref()) {
        return Err(errors::forbidden("only the document's own actors, branches and auditors may list its children"));
    }
    Ok(doc.children.iter().filter_map(|id| document_view(&&*state, caller, id)).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PledgeParams {
    pledge: PledgeId,
}

pub(crate) fn pledge(context: &Context, caller: &Caller, p: PledgeParams) -> Answer<Option<PledgeView>> {
    let state = context.snapshot();
    let view = pledge_of(&&*state, &p.pledge).map(|pledge| PledgeView {
        id: pledge.id,
        state: pledge.state.to_string(),
        member: pledge.home_pledgee,
        record: visibility::sees_pledge(caller, &pledge).then_some(pledge),
    });
    Ok(view)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PledgesParams {
    #[serde(rename = "bank")]
    party: AccountId,
    after: Option<PledgeId>,
    limit: Option<usize>,
}

pub(crate) fn pledges_by_party(context: &Context, caller: &Caller, p: PledgesParams) -> Answer<Vec<PledgeId>> {
    caller.party()?;
    if !caller.is(&p.party) && !caller.sees_parties() {
        return Err(errors::forbidden("only the party itself, branches and auditors may list its pledges"));
    }
    known_party(&&*context.snapshot(), &p.party)?;
    let after = p.after.map(|d| d.0);
    let ids = second_ids(&&*context.snapshot(), Table::PledgeByParty, &p.party.0, after, page(p.limit));
    Ok(ids.into_iter().map(PledgeId).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartyParams {
    party: AccountId,
}

pub(crate) fn party(context: &Context, caller: &Caller, p: PartyParams) -> Answer<Option<PartyView>> {
    let state = context.snapshot();
    let view = record::<Party>(&&*state, Family::Party, &p.party.0).map(|party| PartyView {
        public: party.public(),
        record: (caller.sees_parties() || caller.is(&party.id)).then_some(party),
    });
    Ok(view)
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FingerprintParams {
    fingerprint: Fp,
}

pub(crate) fn party_by_fingerprint(
    context: &Context,
    caller: &Caller,
    p: FingerprintParams,
) -> Answer<Option<AccountId>> {
    caller.party()?;
    if !caller.is_branch() {
        return Err(errors::forbidden("only branches may look a party up by its fingerprint"));
    }
    Ok(row(&&*context.snapshot(), Table::PartyFingerprint, &p.fingerprint.0))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofParams {
    proof: ProofId,
}

pub(crate) fn proof(context: &Context, caller: &Caller, p: ProofParams) -> Answer<Option<ProofView>> {
    let state = context.snapshot();
    Ok(proof_view(&&*state, caller, &p.proof.0))
}

fn proof_view(state: &dyn StateRead, caller: &Caller, id: &[u8; 32]) -> Option<ProofView> {
    record::<Proof>(state, Family::Proof, id)
        .map(|proof| ProofView { public: proof.public(), record: visibility::proof(state, caller, proof) })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofsParams {
    doc: DocId,
    after: Option<ProofId>,
    limit: Option<usize>,
}

/// The cases opened on a document; that there are any is public, as each of them is.
pub(crate) fn proofs_by_doc(context: &Context, caller: &Caller, p: ProofsParams) -> Answer<Vec<ProofView>> {
    let state = context.snapshot();
    record::<Doc>(&&*state, Family::Doc, &p.doc.0).ok_or_else(|| errors::unknown("document", p.doc))?;
    let ids = second_ids(&&*state, Table::ProofByDoc, &p.doc.0, p.after.map(|id| id.0), page(p.limit));
    Ok(ids.iter().filter_map(|id| proof_view(&&*state, caller, id)).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferParams {
    offer: OfferId,
}

pub(crate) fn offer(context: &Context, caller: &Caller, p: OfferParams) -> Answer<Option<OfferView>> {
    let state = context.snapshot();
    let base: &dyn StateRead = &&*state;
    let Some(offer) = row::<Offer>(base, Table::Offer, &p.offer.0) else { return Ok(None) };
    let asked = pledges::asked_to_accept(&View::new(base), &offer.terms);
    let (id, ver, state, until) = (offer.id, offer.ver, offer.state, offer.until);
    Ok(Some(OfferView { id, ver, state, until, record: visibility::offer(caller, offer, &asked) }))
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UseMarkParams {
    evidence: Fp,
}

pub(crate) fn use_mark(context: &Context, caller: &Caller, p: UseMarkParams) -> Answer<Option<UseMarkView>> {
    let state = context.snapshot();
    let view = record::<UseMarks>(&&*state, Family::Mark, &p.evidence.0).map(|uses| UseMarkView {
        public: uses.public(),
        ver: uses.ver,
        marks: visibility::marks(caller, uses.marks),
    });
    Ok(view)
}

/// Who may act for a party: all of it for the party and branches, for others what they may do themselves.
pub(crate) fn delegations(context: &Context, caller: &Caller, p: PartyParams) -> Answer<Vec<Delegation>> {
    caller.party()?;
    let party = known_party(&&*context.snapshot(), &p.party)?;
    let all = caller.sees_parties() || caller.is(&p.party);
    Ok(party.delegations.into_iter().filter(|delegation| all || caller.is(&delegation.to)).collect())
}
