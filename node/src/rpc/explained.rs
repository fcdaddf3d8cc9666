//! The outermost layer: it gives each call or batch its place, and explains the errors which the server makes itself, such as that of an
//! unknown method.

use super::bounds::{ANSWER_TIME, RESPONSE_BYTES_MAX};
use super::errors;
use super::listen::Peer;
use super::owed::Place;
use jsonrpsee::core::middleware::{Batch, BatchEntry, Notification};
use jsonrpsee::core::server::{BatchResponseBuilder, MethodResponse};
use jsonrpsee::server::middleware::rpc::RpcServiceT;
use jsonrpsee::types::error::INTERNAL_ERROR_CODE;
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned, Id, Request};
use landsea_client::api::method;
use std::future::Future;

const SUBSCRIPTIONS: &[&str] =
    &[method::SUBSCRIBE_EVENTS, method::UNSUBSCRIBE_EVENTS, method::SUBSCRIBE_OUTCOMES, method::UNSUBSCRIBE_OUTCOMES];

/// Wraps the methods.
#[derive(Clone)]
pub(super) struct Explained<S> {
    inner: S,
}

impl<S> Explained<S> {
    pub(super) fn new(inner: S) -> Self {
        Self { inner }
    }
}

impl<S> Explained<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    async fn answer(&self, request: Request<'_>) -> MethodResponse {
        let id = request.id.clone().into_owned();
        let subscribes = SUBSCRIPTIONS.contains(&&*request.method);
        let answer = self.inner.call(request).await;
        // The server has no better word for a subscription over plain HTTP.
        if subscribes && answer.as_error_code() == Some(INTERNAL_ERROR_CODE) {
            let error = errors::invalid_request("subscriptions need a WebSocket; `events` is answered over HTTP");
            return MethodResponse::error(id, error).with_extensions(answer.extensions().clone());
        }
        explain(id, answer)
    }
}

impl<S> RpcServiceT for Explained<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = S::NotificationResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move {
            let id = request.id.clone().into_owned();
            let Some(place) = place(std::iter::once(&request)) else {
                return MethodResponse::error(id, errors::busy("too many calls of this connection are under way"));
            };
            let answer = service.answer(request).await;
            owe(place, id, answer)
        }
    }

    fn notification<'a>(&self, n: Notification<'a>) -> impl Future<Output = Self::NotificationResponse> + Send + 'a {
        self.inner.notification(n)
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let service = self.clone();
        async move { answer_each(&service, batch).await }
    }
}

async fn answer_each<S>(service: &Explained<S>, batch: Batch<'_>) -> MethodResponse
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    let calls = batch.iter().filter_map(|entry| match entry {
        Ok(BatchEntry::Call(request)) => Some(request),
        _ => None,
    });
    let Some(mut place) = place(calls) else {
        return MethodResponse::error(Id::Null, errors::busy("too many calls of this connection are under way"));
    };
    let mut answers = BatchResponseBuilder::new_with_limit(RESPONSE_BYTES_MAX as usize);
    let mut told = false;
    let over = tokio::time::sleep(ANSWER_TIME);
    tokio::pin!(over);
    for entry in batch {
        let answer = match entry {
            Ok(BatchEntry::Call(request)) if over.is_elapsed() => {
                MethodResponse::error(request.id.into_owned(), errors::time_over())
            }
            Ok(BatchEntry::Call(request)) => {
                let id = request.id.clone().into_owned();
                tokio::select! {
                    answer = service.answer(request) => match grow(&mut place, &answer) {
                        true => answer,
                        false => MethodResponse::error(id, untaken()),
                    },
                    () = &mut over => MethodResponse::error(id, errors::time_over()),
                }
            }
            Ok(BatchEntry::Notification(notification)) => {
                told = true;
                service.notification(notification).await;
                continue;
            }
            Err(defect) => {
                let (error, id) = defect.into_parts();
                MethodResponse::error(id, errors::with_explanation(error))
            }
        };
        if let Err(too_large) = answers.append(answer) {
            return too_large;
        }
    }
    if answers.is_empty() && told {
        return MethodResponse::notification();
    }
    owe(place, Id::Null, MethodResponse::from_batch(answers.finish()))
}

/// A place for calls that came together, if their connection has room; within is nothing where no connection is known.
fn place<'a, 'r: 'a>(calls: impl Iterator<Item = &'a Request<'r>>) -> Option<Option<Place>> {
    let (mut peer, mut bytes) = (None, 0);
    for call in calls {
        peer = peer.or_else(|| call.extensions().get::<Peer>());
        bytes += call.params.as_ref().map_or(0, |params| params.get().len());
    }
    match peer {
        Some(peer) => Place::take(peer, bytes).map(Some),
        None => Some(None),
    }
}

fn grow(place: &mut Option<Place>, answer: &MethodResponse) -> bool {
    place.as_mut().is_none_or(|place| place.grow(answer.as_json().get().len()))
}

/// Owes the answer to its connection, or says in its stead that too much waits there already. The answer to a subscription is out by now.
fn owe(place: Option<Place>, id: Id<'static>, answer: MethodResponse) -> MethodResponse {
    let Some(place) = place.filter(|_| answer.is_method_call() || answer.is_batch()) else { return answer };
    match place.answered(answer.as_json().get().len()) {
        true => answer,
        false => MethodResponse::error(id, untaken()),
    }
}

fn untaken() -> ErrorObjectOwned {
    errors::busy("too many answers wait to be taken")
}

/// The same answer, an error of it with an explanation.
fn explain(id: Id<'static>, answer: MethodResponse) -> MethodResponse {
    let Some(error) = error_of(&answer) else { return answer };
    let explained = errors::with_explanation(error.clone());
    if explained == error {
        return answer;
    }
    let extensions = answer.extensions().clone();
    MethodResponse::error(id, explained).with_extensions(extensions)
}

fn error_of(answer: &MethodResponse) -> Option<ErrorObject<'static>> {
    #[derive(serde::Deserialize)]
    struct Failed {
        error: ErrorObject<'static>,
    }
    // The errors of a subscription are the node's own.
    answer.as_error_code().filter(|_| !answer.is_subscription())?;
    serde_json::from_str::<Failed>(answer.as_json().get()).ok().map(|failed| failed.error)
}
