//! Events and outcomes from any place of the chain on: told by subscription, or asked for by page.
//!
//! A subscriber reads committed outcomes height by height, so a slow one falls behind and loses nothing.

use super::auth::{self, Caller};
use super::bounds::{HEIGHTS_PER_REQUEST, SPENT_PAUSE};
use super::methods::parse;
use super::quota::Kind;
use super::read::page;
use super::work::{self, Work};
use super::{Context, errors, visibility};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::{ErrorObjectOwned, Params};
use jsonrpsee::{Extensions, SubscriptionSink};
use landsea_client::api::{
    EventCursor, EventFilter, EventNotice, Events, EventsRequest, OutcomesFilter, OutcomesNotice,
};
use landsea_storage::Snapshot;
use landsea_types::Height;
use landsea_types::event::Event;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Heights read in one go.
const HEIGHTS_PER_READ: u64 = 64;
/// Heights looked at for one page.
const HEIGHTS_PER_PAGE: u64 = 1_000;
/// Bytes of one page, about: well below the largest answer.
const PAGE_BYTES_MAX: usize = 2 * 1024 * 1024;
/// Bytes that a subscription holds until they are taken, about, and one event at least.
const READ_BYTES_MAX: usize = 128 * 1024;
/// A subscription with more heights than this before it is far behind: its reading is a long read.
const HEIGHTS_BEHIND_MAX: u64 = 8;

/// What a subscription asked for, and who asked.
struct Source<F> {
    context: Arc<Context>,
    extensions: Extensions,
    filter: F,
}

/// Reads on from a place, at most to the tip: the place to go on at and what is to be told. `None` ends the subscription.
type Read<F, N> = fn(&Source<F>, EventCursor, Height) -> Option<(EventCursor, Vec<N>)>;

/// Where a filter wants to begin; `None` at the next height.
type Start<F> = fn(&F) -> Result<Option<EventCursor>, ErrorObjectOwned>;

/// Events that the caller may hear.
pub(super) async fn run(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    follow(params, pending, context, extensions, start, some_heights).await;
}

fn start(filter: &EventFilter) -> Result<Option<EventCursor>, ErrorObjectOwned> {
    match (filter.from, filter.from_height) {
        (Some(_), Some(_)) => Err(errors::invalid_params("name either `from` or `from_height`")),
        (cursor, height) => Ok(cursor.or(height.map(EventCursor::at))),
    }
}

/// Tells the codes of every height, block by block. They are public, so nobody needs to be looked up again.
pub(super) async fn run_outcomes(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let from: Start<OutcomesFilter> = |filter| Ok(filter.from_height.map(EventCursor::at));
    follow(params, pending, context, extensions, from, |source, from, _| {
        let next = EventCursor::at(from.height.next());
        Some((next, outcomes(&*source.context.snapshot(), from.height).into_iter().collect()))
    })
    .await;
}

/// Reads beside the workers: the way from an early height to the tip is long, whether or not anything matches.
async fn follow<F, N>(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
    start: Start<F>,
    read: Read<F, N>,
) where
    F: DeserializeOwned + Send + Sync + 'static,
    N: Serialize + Send + 'static,
{
    let mut heights = context.hub.heights();
    let end = EventCursor::at(heights.borrow().next());
    let prepare = || -> Result<(F, EventCursor), ErrorObjectOwned> {
        Caller::of(&context, &extensions)?;
        let filter = parse::<F>(&params)?;
        let from = begin(start(&filter)?, end);
        require_kept(&*context.snapshot(), from.height)?;
        Ok((filter, from))
    };
    let (filter, mut next) = match prepare() {
        Ok(prepared) => prepared,
        Err(error) => return pending.reject(error).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    let source = Arc::new(Source { context, extensions, filter });
    let mut unpaid = 0;
    loop {
        let tip = *heights.borrow_and_update();
        while next.height <= tip {
            let source = Arc::clone(&source);
            let places = match tip.since(next.height) > HEIGHTS_BEHIND_MAX {
                true => Some(catching_up(&source, &sink, &mut unpaid).await),
                false => None,
            };
            if sink.is_closed() {
                return;
            }
            let reading = tokio::task::spawn_blocking(move || {
                let read = read(&source, next, tip);
                drop(places);
                read
            });
            let answer = reading.await;
            let Some((after, notices)) = answer.expect("reading committed state does not panic") else { return };
            unpaid += after.height.since(next.height).max(1);
            next = after;
            if !send_all(&sink, notices).await {
                return;
            }
        }
        tokio::select! {
            () = sink.closed() => return,
            changed = heights.changed() => if changed.is_err() { return },
        }
    }
}

/// Pays for the part of the way to the tip that is behind, and waits for the places to read it.
async fn catching_up<F>(source: &Source<F>, sink: &SubscriptionSink, unpaid: &mut u64) -> work::Places {
    let allowance = source.context.quotas.of_request(&source.context, &source.extensions);
    if *unpaid >= HEIGHTS_PER_REQUEST {
        while allowance.take(Kind::Requests, 1).is_err() && !sink.is_closed() {
            tokio::time::sleep(SPENT_PAUSE).await;
        }
        *unpaid = 0;
    }
    work::places(&source.context.long_reads, &allowance).await
}

/// Nothing happened before the first height.
fn begin(from: Option<EventCursor>, end: EventCursor) -> EventCursor {
    from.unwrap_or(end).max(EventCursor::at(Height::new(1)))
}

/// A height whose events are not kept would be passed over without a word.
fn require_kept(snapshot: &dyn Snapshot, height: Height) -> Result<(), ErrorObjectOwned> {
    match height <= snapshot.tip().height && snapshot.outcomes(height).is_none() {
        true => Err(errors::height(format!("the events of height {height} are not kept here"))),
        false => Ok(()),
    }
}

fn outcomes(snapshot: &dyn Snapshot, height: Height) -> Option<OutcomesNotice> {
    let header = snapshot.header_at(height)?;
    let outcomes = snapshot.outcomes(height)?.into_iter().map(|o| (o.tx, o.code)).collect();
    Some(OutcomesNotice { height, block_time: header.time, outcomes })
}

/// Reads some heights; `None` when the caller may not listen any more.
fn some_heights(
    source: &Source<EventFilter>,
    from: EventCursor,
    tip: Height,
) -> Option<(EventCursor, Vec<EventNotice>)> {
    let snapshot = source.context.snapshot();
    let caller = auth::renew(&*snapshot, &source.extensions).ok()?;
    let end = tip.min(from.height.saturating_add(HEIGHTS_PER_READ - 1));
    let (mut next, mut found, mut bytes) = (from, Vec::new(), 0);
    while next.height <= end {
        for notice in notices(&*snapshot, &caller, &source.filter, next) {
            bytes += weight(&notice.event);
            if bytes > READ_BYTES_MAX && !found.is_empty() {
                return Some((next, found));
            }
            next = notice.next;
            found.push(notice);
        }
        next = EventCursor::at(next.height.next());
    }
    Some((next, found))
}

/// A page of what a subscription would tell.
pub(super) fn events(
    context: &Context,
    caller: &Caller,
    request: EventsRequest,
    work: &Work,
) -> Result<Events, ErrorObjectOwned> {
    let EventsRequest { names, subjects, members, from, limit } = request;
    let filter = EventFilter { names, subjects, members, from_height: None, from };
    events_page(&*context.snapshot(), caller, &filter, page(limit), work)
}

fn events_page(
    snapshot: &dyn Snapshot,
    caller: &Caller,
    filter: &EventFilter,
    limit: usize,
    work: &Work,
) -> Result<Events, ErrorObjectOwned> {
    let tip = snapshot.tip().height;
    let mut next = begin(filter.from, EventCursor::at(tip.next()));
    require_kept(snapshot, next.height)?;
    let end = tip.min(next.height.saturating_add(HEIGHTS_PER_PAGE - 1));
    let (mut events, mut bytes, mut heights) = (Vec::new(), 0, 0);
    while next.height <= end {
        work.go_on()?;
        // A page ends early where the quota does; the first part is paid with the call.
        if heights > 0 && heights % HEIGHTS_PER_REQUEST == 0 && work.pay(HEIGHTS_PER_REQUEST).is_err() {
            break;
        }
        heights += 1;
        for notice in notices(snapshot, caller, filter, next) {
            let size = weight(&notice.event);
            if events.len() == limit || (bytes + size > PAGE_BYTES_MAX && !events.is_empty()) {
                return Ok(Events { events, next, tip });
            }
            bytes += size;
            next = notice.next;
            events.push(notice);
        }
        next = EventCursor::at(next.height.next());
    }
    Ok(Events { events, next, tip })
}

/// About as many bytes as a notice takes in an answer.
fn weight(event: &Event) -> usize {
    512 + 70 * (event.related.len() + event.parties.len()) + 4 * event.members.len() + 21 * event.args.len()
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

/// The events of a height from a place on.
fn notices(snapshot: &dyn Snapshot, caller: &Caller, filter: &EventFilter, from: EventCursor) -> Vec<EventNotice> {
    let height = from.height;
    let Some(header) = snapshot.header_at(height) else { return Vec::new() };
    let outcomes = snapshot.outcomes(height).unwrap_or_default();
    let events = outcomes.into_iter().flat_map(|o| o.events.into_iter().map(move |e| (o.tx, e)));
    let numbered = events
        .zip(0u32..)
        .filter(|(_, index)| *index >= from.index)
        .filter(|((_, event), _)| matches(filter, event) && visibility::hears(&snapshot, caller, event));
    numbered
        .map(|((tx, event), index)| EventNotice {
            height,
            block_time: header.time,
            tx,
            index,
            event: visibility::event(&snapshot, caller, event),
            next: EventCursor { height, index: index.saturating_add(1) },
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

#[cfg(test)]
mod tests;
