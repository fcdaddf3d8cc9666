//! Subscriptions to events and outcomes, from any height.
//!
//! A subscriber reads committed outcomes height by height, so a slow one falls behind and loses nothing.

use super::auth::{self, Caller};
use super::methods::parse;
use super::{Context, visibility};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::Params;
use jsonrpsee::{Extensions, SubscriptionSink};
use landsea_client::api::{EventFilter, EventNotice, OutcomesFilter, OutcomesNotice};
use landsea_storage::Snapshot;
use landsea_types::Height;
use landsea_types::bounds::SUBSCRIBER_QUEUE_MAX;
use landsea_types::event::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Heights read in one go.
const HEIGHTS_PER_READ: u64 = 64;

/// What a subscription asked for, and who asked.
struct Source<F> {
    context: Arc<Context>,
    extensions: Extensions,
    filter: F,
}

/// Reads on from a height, at most to the tip: the height to go on at and what is to be told. `None` ends the subscription.
type Read<F, N> = fn(&Source<F>, Height, Height) -> Option<(Height, Vec<N>)>;

/// Events that the caller may hear.
pub(super) async fn run(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let from = |filter: &EventFilter| filter.from_height;
    follow(params, pending, context, extensions, from, some_heights).await;
}

/// Tells the codes of every height, block by block. They are public, so nobody needs to be looked up again.
pub(super) async fn run_outcomes(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let from = |filter: &OutcomesFilter| filter.from_height;
    follow(params, pending, context, extensions, from, |source, height, _| {
        Some((height.next(), outcomes(&*source.context.snapshot(), height).into_iter().collect()))
    })
    .await;
}

/// Reads beside the workers: the way from an early height to the tip is long, whether or not anything matches.
async fn follow<F, N>(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
    from: fn(&F) -> Option<Height>,
    read: Read<F, N>,
) where
    F: DeserializeOwned + Send + Sync + 'static,
    N: Serialize + Send + 'static,
{
    let prepared = Caller::of(&context, &extensions).and_then(|_| parse::<F>(&params));
    let filter = match prepared {
        Ok(filter) => filter,
        Err(error) => return pending.reject(error).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    let mut heights = context.hub.heights();
    let mut next = from(&filter).unwrap_or_else(|| heights.borrow().next()).max(Height::new(1));
    let source = Arc::new(Source { context, extensions, filter });
    loop {
        let tip = *heights.borrow_and_update();
        while next <= tip {
            let source = Arc::clone(&source);
            let answer = tokio::task::spawn_blocking(move || read(&source, next, tip)).await;
            let Some((after, notices)) = answer.expect("reading committed state does not panic") else { return };
            next = after;
            if sink.is_closed() || !send_all(&sink, notices).await {
                return;
            }
        }
        tokio::select! {
            () = sink.closed() => return,
            changed = heights.changed() => if changed.is_err() { return },
        }
    }
}

fn outcomes(snapshot: &dyn Snapshot, height: Height) -> Option<OutcomesNotice> {
    let header = snapshot.header_at(height)?;
    let outcomes = snapshot.outcomes(height)?.into_iter().map(|o| (o.tx, o.code)).collect();
    Some(OutcomesNotice { height, block_time: header.time, outcomes })
}

/// Reads some heights; `None` when the caller may not listen any more.
fn some_heights(source: &Source<EventFilter>, mut next: Height, tip: Height) -> Option<(Height, Vec<EventNotice>)> {
    let snapshot = source.context.snapshot();
    let caller = auth::renew(&*snapshot, &source.extensions).ok()?;
    let end = tip.min(next.saturating_add(HEIGHTS_PER_READ - 1));
    let mut found = Vec::new();
    while next <= end && found.len() < SUBSCRIBER_QUEUE_MAX {
        found.extend(notices(&*snapshot, &caller, &source.filter, next));
        next = next.next();
    }
    Some((next, found))
}

async fn send_all<T: Serialize>(sink: &SubscriptionSink, notices: Vec<T>) -> bool {
    for notice in notices {
        let Ok(message) = serde_json::value::to_raw_value(&notice) else { return false };
        if sink.send(message).await.is_err() {
            return false;
        }
    }
    true
}

fn notices(snapshot: &dyn Snapshot, caller: &Caller, filter: &EventFilter, height: Height) -> Vec<EventNotice> {
    let Some(header) = snapshot.header_at(height) else { return Vec::new() };
    let outcomes = snapshot.outcomes(height).unwrap_or_default();
    let events = outcomes.into_iter().flat_map(|o| o.events.into_iter().map(move |e| (o.tx, e)));
    let numbered = events
        .zip(0u32..)
        .filter(|((_, event), _)| matches(filter, event) && visibility::hears(&snapshot, caller, event));
    numbered
        .map(|((tx, event), index)| EventNotice {
            height,
            block_time: header.time,
            tx,
            index,
            event: visibility::event(&snapshot, caller, event),
        })
        .collect()
}

fn matches(filter: &EventFilter, event: &Event) -> bool {
    let name = filter.names.is_empty() || filter.names.contains(&event.name);
    let subject =
        filter.subjects.is_empty() || filter.subjects.iter().any(|s| event.subject == *s || event.related.contains(s));
    let member = filter.members.is_empty() || filter.members.iter().any(|m| event.members.contains(m));
    name && subject && member
}
