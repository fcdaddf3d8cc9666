//! Subscriptions to events, from any height.
//!
//! A subscriber reads committed outcomes height by height, so a slow one falls behind and loses nothing.

use super::auth::Caller;
use super::methods::parse;
use super::{Context, visibility};
use jsonrpsee::core::server::PendingSubscriptionSink;
use jsonrpsee::types::Params;
use jsonrpsee::{Extensions, SubscriptionSink};
use landsea_client::api::{EventFilter, EventNotice};
use landsea_storage::Snapshot;
use landsea_types::Height;
use landsea_types::event::Event;
use std::sync::Arc;

pub(super) async fn run(
    params: Params<'static>,
    pending: PendingSubscriptionSink,
    context: Arc<Context>,
    extensions: Extensions,
) {
    let prepared = Caller::of(&context, &extensions).and_then(|caller| Ok((caller, parse::<EventFilter>(&params)?)));
    let (caller, filter) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return pending.reject(error).await,
    };
    let Ok(sink) = pending.accept().await else { return };
    let mut heights = context.hub.heights();
    let mut next = filter.from_height.unwrap_or_else(|| heights.borrow().next()).max(Height::new(1));
    loop {
        let tip = *heights.borrow_and_update();
        while next <= tip {
            let notices = notices(&*context.snapshot(), &caller, &filter, next);
            if !send_all(&sink, notices).await {
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

async fn send_all(sink: &SubscriptionSink, notices: Vec<EventNotice>) -> bool {
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
    let numbered = events.zip(0u32..).filter(|((_, event), _)| matches(filter, event));
    numbered
        .map(|((tx, event), index)| EventNotice {
            height,
            block_time: header.time,
            tx,
            index,
            event: visibility::event(caller, event),
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
