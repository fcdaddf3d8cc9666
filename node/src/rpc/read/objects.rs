//! Documents, lots, pledges, parties and cases.

use super::super::auth::Caller;
use super::super::{Context, errors, visibility};
use super::{Answer, page, pledge_of, pledge_of_doc, public, record, row};
use landsea_client::api::{DocumentRequest, DocumentView, LotView, PartyView, PledgeView, ProofView};
use landsea_types::record::{ChainEntry, Doc, Lot, Party, Proof, PublicDoc, PublicFp, PublicGoodsKey};
use landsea_types::role::DocState;
use landsea_types::state::{Family, StateRead, Table};
use landsea_types::{AccountId, DocId, Fp, GoodsKey, LotId, PledgeId, ProofId};
use serde::Deserialize;

/// Entries of one chain, at most; a chain grows by one per act.
const CHAIN_ENTRIES_MAX: usize = 10_000;

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
    let burdened = (encumbrance.is_some(), hold.is_some(), reservation.is_some());
    let status = status_word(&public_doc, burdened);
    let record = visibility::doc(caller, doc, pledge.as_ref());
    Some(DocumentView { public: public_doc, status, encumbrance, reservation, hold, record })
}

/// The word of a certificate's verdict; only a certificate proves it.
fn status_word(doc: &PublicDoc, (encumbered, held, reserved): (bool, bool, bool)) -> String {
    match doc.state {
        _ if encumbered => "ENCUMBERED".into(),
        _ if held => "HELD".into(),
        _ if reserved => "RESERVED".into(),
        DocState::Active => "FREE".into(),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
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
    let ids = second_ids(&&*context.snapshot(), Table::Holder, &p.holder, p.after.map(|d| d.0), page(p.limit));
    Ok(ids.into_iter().map(DocId).collect())
}

/// The second halves of rows keyed by (account, id), after an id.
fn second_ids(
    state: &dyn StateRead,
    table: Table,
    account: &AccountId,
    after: Option<[u8; 32]>,
    limit: usize,
) -> Vec<[u8; 32]> {
    let mut from = account.0.to_vec();
    if let Some(after) = after {
        from.extend_from_slice(&after);
        from.push(0);
    }
    let mut until = account.0.to_vec();
    until.extend_from_slice(&[0xff; 33]);
    let rows = state.scan(table, &from, &until, limit);
    rows.iter().filter_map(|(key, _)| key.get(32..64)?.try_into().ok()).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DocParams {
    doc: DocId,
}

pub(crate) fn chain(context: &Context, caller: &Caller, p: DocParams) -> Answer<Vec<ChainEntry>> {
    let state = context.snapshot();
    let Some(doc) = record::<Doc>(&&*state, Family::Doc, &p.doc.0) else { return Ok(Vec::new()) };
    if !visibility::sees_doc(caller, &doc, pledge_of_doc(&&*state, &doc).as_ref()) {
        return Err(errors::forbidden("only the document's own actors, branches and auditors may read its chain"));
    }
    let mut until = p.doc.0.to_vec();
    until.extend_from_slice(&[0xff; 5]);
    let rows = state.scan(Table::Chain, &p.doc.0, &until, CHAIN_ENTRIES_MAX);
    let entries = rows.iter().map(|(_, v)| borsh::from_slice(v).expect("committed state decodes"));
    Ok(entries.map(|entry| visibility::chain_entry(caller, entry)).collect())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LotParams {
    lot: LotId,
}

pub(crate) fn lot(context: &Context, caller: &Caller, p: LotParams) -> Answer<Option<LotView>> {
    let state = context.snapshot();
    let Some(lot) = record::<Lot>(&&*state, Family::Lot, &p.lot.0) else { return Ok(None) };
    let title = lot.title.and_then(|id| record::<Doc>(&&*state, Family::Doc, &id.0));
    let title_visible =
        title.is_some_and(|doc| visibility::sees_doc(caller, &doc, pledge_of_doc(&&*state, &doc).as_ref()));
    let encumbrance = public(&&*state, Family::Encumbrance, &p.lot.0);
    let public = lot.public();
    Ok(Some(LotView { id: p.lot, public, encumbrance, record: visibility::lot(caller, lot, title_visible) }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GoodsKeyParams {
    key: GoodsKey,
}

pub(crate) fn goods_key(context: &Context, _: &Caller, p: GoodsKeyParams) -> Answer<Option<LotId>> {
    let state = context.snapshot();
    Ok(public::<PublicGoodsKey>(&&*state, Family::GoodsKey, &p.key.0).map(|k| k.lot))
}

#[derive(Deserialize)]
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

#[derive(Deserialize)]
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
    let after = p.after.map(|d| d.0);
    let ids = second_ids(&&*context.snapshot(), Table::PledgeByParty, &p.party, after, page(p.limit));
    Ok(ids.into_iter().map(PledgeId).collect())
}

#[derive(Deserialize)]
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

#[derive(Deserialize)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofParams {
    proof: ProofId,
}

pub(crate) fn proof(context: &Context, caller: &Caller, p: ProofParams) -> Answer<Option<ProofView>> {
    let state = context.snapshot();
    let view = record::<Proof>(&&*state, Family::Proof, &p.proof.0)
        .map(|proof| ProofView { public: proof.public(), record: visibility::proof(caller, proof) });
    Ok(view)
}
