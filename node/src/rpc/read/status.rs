//! The chain itself: status, blocks, transactions, parameters, attempts, evidence.

use super::super::auth::Caller;
use super::super::{Context, errors, visibility};
use super::{Answer, Nothing, page, row};
use crate::message::About;
use crate::process_stats;
use landsea_client::api::{
    Attempts, BlockView, EstimatedPriority, MemberAbout, MemberView, PeerView, Status, TransactionView,
};
use landsea_storage::Snapshot;
use landsea_types::bounds::PAGE_MAX;
use landsea_types::consensus::{Evidence, Validator};
use landsea_types::genesis::{Genesis, ParamKey};
use landsea_types::record::Attempt;
use landsea_types::state::{StateRead, Table};
use landsea_types::{Header, Height, Member, Transaction, TxId};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(crate) fn status(context: &Context, _: &Caller, _: Nothing) -> Answer<Status> {
    let tip = context.snapshot().tip();
    let replica = context.hub.status();
    let others = context.genesis.members.iter().filter(|m| m.index != context.member.index);
    let peers = others.map(|m| PeerView { member: m.index, connected: replica.connected.contains(&m.index) });
    Ok(Status {
        chain_id: context.chain,
        member: context.member.index,
        code: context.member.code.clone(),
        version: env!("CARGO_PKG_VERSION").into(),
        height: tip.height,
        block_time: tip.time,
        state_root: tip.state_root,
        block_id: tip.block_id,
        round: replica.round,
        step: replica.step,
        voting: replica.voting,
        peers: peers.collect(),
        mempool_transactions: replica.waiting_transactions,
        memory_bytes: process_stats::memory_bytes(),
        cpu_ms: process_stats::cpu_ms(),
    })
}

/// What every certificate is verified from.
pub(crate) fn genesis(context: &Context, _: &Caller, _: Nothing) -> Answer<Genesis> {
    Ok(context.genesis.clone())
}

/// What the node hears of the others; whoever wants more asks their own nodes.
pub(crate) fn members(context: &Context, _: &Caller, _: Nothing) -> Answer<Vec<MemberView>> {
    let replica = context.hub.status();
    let heights: BTreeMap<Member, Height> = replica.heights.iter().copied().collect();
    let others = context.genesis.members.iter().map(|m| m.index).filter(|m| *m != context.member.index);
    let view = |member| {
        let connected = replica.connected.contains(&member);
        let height = heights.get(&member).copied().filter(|_| connected);
        let told =
            |a: &About| MemberAbout { version: a.version.clone(), round: a.round, peers: a.peers, voting: a.voting };
        MemberView { member, connected, height, about: replica.about.get(&member).map(told) }
    };
    Ok(others.map(view).collect())
}

/// Others may get in before, through this node or another: the real position is the outcome's.
pub(crate) fn estimate_priority(context: &Context, _: &Caller, _: Nothing) -> Answer<EstimatedPriority> {
    let height = context.snapshot().tip().height.next();
    let waiting = context.hub.status().waiting_transactions;
    Ok(EstimatedPriority { height, index: u32::try_from(waiting).unwrap_or(u32::MAX) })
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HeightParams {
    height: Height,
}

pub(crate) fn block(context: &Context, _: &Caller, p: HeightParams) -> Answer<Option<BlockView>> {
    let snapshot = context.snapshot();
    let Some(block) = snapshot.block(p.height) else { return Ok(None) };
    let Some(certificate) = snapshot.certificate(p.height) else { return Ok(None) };
    let outcomes = snapshot.outcomes(p.height).unwrap_or_default();
    let transactions = outcomes.iter().map(|o| (o.tx, o.code)).collect();
    Ok(Some(BlockView { id: block.id(), block, certificate, transactions }))
}

pub(crate) fn header(context: &Context, _: &Caller, p: HeightParams) -> Answer<Option<Header>> {
    Ok(context.snapshot().header_at(p.height))
}

/// The set that decides a height; the genesis set stands throughout this release.
pub(crate) fn validators(context: &Context, _: &Caller, p: HeightParams) -> Answer<Vec<Validator>> {
    let next = context.snapshot().tip().height.next();
    if p.height > next {
        return Err(errors::height(format!("height {} is not reached; the next one is {next}", p.height)));
    }
    Ok(context.genesis.validator_set().as_slice().to_vec())
}

pub(crate) fn params(context: &Context, _: &Caller, _: Nothing) -> Answer<BTreeMap<String, u64>> {
    let state = context.snapshot();
    let value = |key: ParamKey| row(&&*state, Table::Param, &key.number().to_be_bytes()).unwrap_or(key.default_value());
    Ok(ParamKey::all().map(|key| (key.name().to_string(), value(key))).collect())
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TransactionParams {
    id: TxId,
}

pub(crate) fn transaction(context: &Context, caller: &Caller, p: TransactionParams) -> Answer<Option<TransactionView>> {
    Ok(transaction_view(&*context.snapshot(), caller, &p.id))
}

/// A committed transaction as the caller may see it: who is not concerned gets where it stands and its code.
pub(crate) fn transaction_view(snapshot: &dyn Snapshot, caller: &Caller, id: &TxId) -> Option<TransactionView> {
    let (height, index): (Height, u32) = row(&snapshot, Table::Transaction, &id.0)?;
    let outcome = snapshot.outcome(height, index)?;
    let header = snapshot.header_at(height)?;
    let view = TransactionView {
        id: *id,
        height,
        index,
        block_time: header.time,
        code: outcome.code,
        code_name: outcome.code.name().into(),
        operation: 0,
        args: vec![],
        events: vec![],
        touched: vec![],
        body: None,
    };
    let Some(body) = body(snapshot, caller, height, index) else { return Some(view) };
    Some(TransactionView {
        operation: outcome.operation,
        args: outcome.args,
        events: outcome.events.into_iter().map(|e| visibility::event(&snapshot, caller, e)).collect(),
        touched: outcome.touched,
        body: Some(body),
        ..view
    })
}

fn body(snapshot: &dyn Snapshot, caller: &Caller, height: Height, index: u32) -> Option<serde_json::Value> {
    let block = snapshot.block(height)?;
    let mut position = usize::try_from(index).ok()?;
    for id in &block.batches {
        let batch = snapshot.batch(id)?;
        match batch.body().transactions.get(position) {
            Some(bytes) => {
                let tx: Transaction = borsh::from_slice(bytes).ok()?;
                return visibility::sees_body(caller, &tx).then(|| serde_json::to_value(&tx).ok()).flatten();
            }
            None => position -= batch.body().transactions.len(),
        }
    }
    None
}

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AttemptsParams {
    after: Option<u64>,
    limit: Option<usize>,
}

pub(crate) fn attempts(context: &Context, caller: &Caller, p: AttemptsParams) -> Answer<Attempts> {
    let state = context.snapshot();
    let total = row(&&*state, Table::Counter, b"attempts").unwrap_or(0);
    let Ok(party) = caller.party() else { return Ok(Attempts { total, entries: vec![] }) };
    if !caller.is_branch() {
        return Ok(Attempts { total, entries: vec![] });
    }
    let from = p.after.map_or(0, |n| n.saturating_add(1));
    Ok(Attempts { total, entries: attempts_concerning(&&*state, party.home, from, page(p.limit)) })
}

/// A full page unless there are no more: attempts that concern others are passed over, or a page without any of its own would look
/// like the end.
fn attempts_concerning(state: &dyn StateRead, member: Member, from: u64, limit: usize) -> Vec<Attempt> {
    let (mut from, mut found) = (from, Vec::new());
    while found.len() < limit {
        let rows = state.scan(Table::Attempt, &from.to_be_bytes(), &[0xff; 9], PAGE_MAX);
        let attempts = rows.iter().map(|(_, v)| borsh::from_slice::<Attempt>(v).expect("committed state decodes"));
        let attempts: Vec<_> = attempts.collect();
        let Some(last) = attempts.last() else { break };
        from = last.n.saturating_add(1);
        found.extend(attempts.into_iter().filter(|a| [a.existing_home, a.attempt_home].contains(&member)));
    }
    found.truncate(limit);
    found
}

pub(crate) fn evidence(context: &Context, caller: &Caller, _: Nothing) -> Answer<Vec<Evidence>> {
    caller.party()?;
    if !caller.sees_parties() {
        return Err(errors::forbidden("only branches and auditors may read evidence"));
    }
    Ok(context.snapshot().evidence())
}
