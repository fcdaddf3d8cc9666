//! Submitting transactions.

use super::auth::{Caller, next_block, signer};
use super::bounds::COMMIT_WAIT;
use super::quota::{Allowance, Kind};
use super::{Context, errors, read, visibility};
use crate::replica::SubmittedTransaction;
use jsonrpsee::Extensions;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_chaincode::View;
use landsea_chaincode::context::CheckEach;
use landsea_chaincode::simulate as dry_run;
use landsea_client::api::{Simulated, SubmitAnswer, Submitted, TransactionView};
use landsea_client::explain;
use landsea_storage::Snapshot;
use landsea_types::bounds::{SUBMIT_BATCH_BYTES_MAX, SUBMIT_BATCH_TRANSACTIONS_MAX};
use landsea_types::crypto::SignatureCheck;
use landsea_types::event::Event;
use landsea_types::genesis::ParamKey;
use landsea_types::record::Party;
use landsea_types::role::KeyPurpose;
use landsea_types::state::Table;
use landsea_types::{AccountId, Code, Height, Transaction, TxId};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitParams {
    transaction: String,
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitBatchParams {
    transactions: Vec<String>,
}

/// Check steps 1 and 2, so that a client hears of them at once.
fn admit(context: &Context, params: &SubmitParams) -> Result<(TxId, Vec<u8>, Transaction), ErrorObjectOwned> {
    let (bytes, tx) = signed(context, params)?;
    let id = tx.id();
    let snapshot = context.snapshot();
    let sender = signer(&*snapshot, &tx.sender);
    check_sender(&*snapshot, &Acceptable::now(&*snapshot), sender.as_ref(), &tx, &id)?;
    Ok((id, bytes, tx))
}

fn signed(context: &Context, params: &SubmitParams) -> Result<(Vec<u8>, Transaction), ErrorObjectOwned> {
    let (bytes, tx) = decode(context, &params.transaction)?;
    if context.verified.check(&[tx.check()]) != [true] {
        return Err(bad_signature());
    }
    Ok((bytes, tx))
}

fn decode(context: &Context, text: &str) -> Result<(Vec<u8>, Transaction), ErrorObjectOwned> {
    let bytes =
        hex::decode(text).map_err(|e| errors::ledger(Code::TooLarge, format!("the transaction is not hex: {e}")))?;
    let tx = Transaction::decode(&bytes, &context.chain).map_err(|e| errors::ledger(e.code, e.detail))?;
    Ok((bytes, tx))
}

fn bad_signature() -> ErrorObjectOwned {
    errors::ledger(Code::BadSignature, "the sender's signature does not verify")
}

/// What the next block accepts.
struct Acceptable {
    next: Height,
    /// Heights after it through which a transaction may be valid.
    heights: u64,
}

impl Acceptable {
    fn now(snapshot: &dyn Snapshot) -> Self {
        let heights = View::new(&snapshot).param(ParamKey::ValidUntilMax);
        Self { next: snapshot.tip().height.next(), heights }
    }
}

fn check_sender(
    snapshot: &dyn Snapshot,
    &Acceptable { next, heights }: &Acceptable,
    known: Option<&Party>,
    tx: &Transaction,
    id: &TxId,
) -> Result<(), ErrorObjectOwned> {
    if !known.is_some_and(|p| p.key_is_valid(tx.key, &tx.public_key, KeyPurpose::Sign, next)) {
        return Err(errors::ledger(Code::KeyNotValid, "the key does not sign for the sender at the next height"));
    }
    if snapshot.row(Table::Transaction, &id.0).is_some() {
        return Err(errors::already_committed(read::transaction_view(snapshot, &Caller::Anonymous, id), id));
    }
    if tx.valid_until < next {
        let detail = format!("valid until height {}, the next one is {next}", tx.valid_until);
        return Err(errors::ledger(Code::TransactionExpired, detail));
    }
    if tx.valid_until > next.saturating_add(heights) {
        let detail =
            format!("valid until height {}, more than {heights} heights after the next one, {next}", tx.valid_until);
        return Err(errors::ledger(Code::TransactionExpired, detail));
    }
    Ok(())
}

fn queue(context: &Context, id: TxId, bytes: Vec<u8>) -> Result<(), ErrorObjectOwned> {
    let submitted = SubmittedTransaction { id, bytes };
    if context.hub.status().full {
        return Err(errors::busy("too many transactions wait for a batch"));
    }
    context.submissions.try_send(submitted).map_err(|_| errors::busy("the node's queue is full"))
}

pub(super) async fn submit(
    context: &Context,
    extensions: &Extensions,
    params: SubmitParams,
) -> Result<Submitted, ErrorObjectOwned> {
    Caller::of(context, extensions)?;
    context.quotas.of_request(context, extensions).take(Kind::Submissions, 1)?;
    let (id, bytes, _) = admit(context, &params)?;
    queue(context, id, bytes)?;
    Ok(Submitted { id, status: "ACCEPTED".into() })
}

/// Submits many at once. Their signatures are checked in bulk, their senders on one snapshot; each gets its own answer.
pub(super) fn submit_batch(
    context: &Context,
    allowance: &Allowance,
    params: SubmitBatchParams,
) -> Result<Vec<SubmitAnswer>, ErrorObjectOwned> {
    let texts = params.transactions;
    let bytes: usize = texts.iter().map(|text| text.len() / 2).sum();
    if texts.len() > SUBMIT_BATCH_TRANSACTIONS_MAX || bytes > SUBMIT_BATCH_BYTES_MAX {
        let detail = format!("at most {SUBMIT_BATCH_TRANSACTIONS_MAX} transactions of {SUBMIT_BATCH_BYTES_MAX} bytes");
        return Err(errors::ledger(Code::TooLarge, detail));
    }
    allowance.take(Kind::Submissions, texts.len())?;
    let decoded: Vec<_> = texts.iter().map(|text| decode(context, text)).collect();
    let checks: Vec<SignatureCheck> = decoded.iter().flatten().map(|(_, tx)| tx.check()).collect();
    let mut signed = context.verified.check(&checks).into_iter();
    let snapshot = context.snapshot();
    let acceptable = Acceptable::now(&*snapshot);
    let mut senders: BTreeMap<AccountId, Option<Party>> = BTreeMap::new();
    let one = |decoded: Result<(Vec<u8>, Transaction), ErrorObjectOwned>| {
        let (bytes, tx) = decoded?;
        if !signed.next().expect("every decoded transaction was checked") {
            return Err(bad_signature());
        }
        let id = tx.id();
        let sender = senders.entry(tx.sender).or_insert_with(|| signer(&*snapshot, &tx.sender));
        check_sender(&*snapshot, &acceptable, sender.as_ref(), &tx, &id)?;
        queue(context, id, bytes)?;
        Ok(id)
    };
    Ok(decoded.into_iter().map(one).map(answer).collect())
}

fn answer(queued: Result<TxId, ErrorObjectOwned>) -> SubmitAnswer {
    let error = match queued {
        Ok(id) => return SubmitAnswer::Accepted { id },
        Err(error) => error,
    };
    let detail = error.message().to_owned();
    match u16::try_from(error.code()).ok().and_then(|number| Code::try_from(number).ok()) {
        Some(code) => SubmitAnswer::Refused { code, detail },
        None => SubmitAnswer::Busy { detail },
    }
}

pub(super) async fn submit_and_wait(
    context: &Context,
    extensions: &Extensions,
    params: SubmitParams,
) -> Result<TransactionView, ErrorObjectOwned> {
    let mut caller = Caller::of(context, extensions)?;
    context.quotas.of_request(context, extensions).take(Kind::Submissions, 1)?;
    let (bytes, tx) = signed(context, &params)?;
    let (id, snapshot) = (tx.id(), context.snapshot());
    let sender = signer(&*snapshot, &tx.sender);
    let acceptable = Acceptable::now(&*snapshot);
    let next = acceptable.next;
    let is_senders = sender.as_ref().is_some_and(|p| p.key_is_valid(tx.key, &tx.public_key, KeyPurpose::Sign, next));
    if matches!(caller, Caller::Anonymous) && is_senders {
        // The signature just checked shows who asks.
        caller = Caller::behind(&*snapshot, &tx.sender);
    }
    // Sent again, it keeps its first outcome, whatever has become of its key and its validity since.
    if let Some(view) = read::transaction_view(&*snapshot, &caller, &id) {
        return Ok(view);
    }
    check_sender(&*snapshot, &acceptable, sender.as_ref(), &tx, &id)?;
    drop(snapshot);
    let waiter = context.hub.wait_for(id).ok_or_else(|| errors::busy("too many callers wait"))?;
    // Another node may have brought it in since the check; from here on the waiter hears of it.
    if let Some(view) = read::transaction_view(&*context.snapshot(), &caller, &id) {
        return Ok(view);
    }
    queue(context, id, bytes)?;
    let committed = tokio::time::timeout(COMMIT_WAIT, waiter).await;
    committed.map_err(|_| errors::wait_timeout())?.map_err(|_| errors::wait_timeout())?;
    read::transaction_view(&*context.snapshot(), &caller, &id).ok_or_else(errors::wait_timeout)
}

/// The code that a transaction would get in a block made now. Nothing is queued and nothing is kept.
pub(super) fn simulate(context: &Context, _: &Caller, params: SubmitParams) -> Result<Simulated, ErrorObjectOwned> {
    let (_, bytes, tx) = admit(context, &params)?;
    let snapshot = context.snapshot();
    let outcome = dry_run(&&*snapshot, next_block(&*snapshot), &bytes, &tx, &CheckEach);
    let sender = Caller::behind(&*snapshot, &tx.sender);
    let shown = |event| Event { parties: vec![], ..visibility::event(&&*snapshot, &sender, event) };
    Ok(Simulated {
        code: outcome.code,
        code_name: outcome.code.name().into(),
        operation: outcome.operation,
        args: outcome.args,
        events: outcome.events.into_iter().map(shown).collect(),
        explanation: explain::of(outcome.code),
    })
}
