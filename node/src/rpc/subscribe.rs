//! Subscriptions to events, from any height.
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
use std::sync::Arc;

/// Heights read in one go.
const HEIGHTS_PER_READ: u64 = 64;

pub(super) async fn run(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let prepared = Caller::of(&context, &extensions).and_then(|_| parse::<EventFilter>(&params));
    let filter = match prepared {
        Ok(filter) => filter,
        Err(error) => return pending.reject(error).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    let mut heights = context.hub.heights();
    let next = filter.from_height.unwrap_or_else(|| heights.borrow().next()).max(Height::new(1));
    let mut reading = Reading { context, extensions, filter, next };
    loop {
        let tip = *heights.borrow_and_update();
        while reading.next <= tip {
            let Some((read, notices)) = read_on(reading, tip).await else { return };
            reading = read;
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

/// Tells the codes of every height, block by block. They are public, so nobody needs to be looked up again.
pub(super) async fn run_outcomes(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let prepared = Caller::of(&context, &extensions).and_then(|_| parse::<OutcomesFilter>(&params));
    let filter = match prepared {
        Ok(filter) => filter,
        Err(error) => return pending.reject(error).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    let mut heights = context.hub.heights();
    let mut next = filter.from_height.unwrap_or_else(|| heights.borrow().next()).max(Height::new(1));
    loop {
        let tip = *heights.borrow_and_update();
        while next <= tip {
            let (from, shared) = (next, Arc::clone(&context));
            let read = tokio::task::spawn_blocking(move || outcomes(&*shared.snapshot(), from));
            let notice = read.await.expect("reading committed state does not panic");
            if sink.is_closed() || !send_all(&sink, notice.into_iter().collect::<Vec<_>>()).await {
                return;
            }
            next = next.next();
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

/// How far a subscription has come.
struct Reading {
    context: Arc<Context>,
    extensions: Extensions,
    filter: EventFilter,
    next: Height,
}

/// Reads some heights beside the workers: the way from an early height to the tip is long, whether or not anything matches.
/// `None` when the caller may not listen any more.
async fn read_on(reading: Reading, tip: Height) -> Option<(Reading, Vec<EventNotice>)> {
    let read = tokio::task::spawn_blocking(move || reading.some_heights(tip)).await;
    read.expect("reading committed state does not panic")
}

impl Reading {
    fn some_heights(mut self, tip: Height) -> Option<(Self, Vec<EventNotice>)> {
        let snapshot = self.context.snapshot();
        let caller = auth::renew(&*snapshot, &self.extensions).ok()?;
        let end = tip.min(self.next.saturating_add(HEIGHTS_PER_READ - 1));
        let mut found = Vec::new();
        while self.next <= end && found.len() < SUBSCRIBER_QUEUE_MAX {
            found.extend(notices(&*snapshot, &caller, &self.filter, self.next));
            self.next = self.next.next();
        }
        Some((self, found))
    }
}

async fn send_all<T: serde::Serialize>(sink: &SubscriptionSink, notices: Vec<T>) -> bool {
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
