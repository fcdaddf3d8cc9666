//! The layer that explains the errors which the server makes itself, such as that of an unknown method.

use super::bounds::{ANSWER_TIME, RESPONSE_BYTES_MAX};
use super::errors;
use jsonrpsee::core::middleware::{Batch, BatchEntry, Notification};
use jsonrpsee::core::server::{BatchResponseBuilder, MethodResponse};
use jsonrpsee::server::middleware::rpc::RpcServiceT;
use jsonrpsee::types::error::INTERNAL_ERROR_CODE;
use jsonrpsee::types::{ErrorObject, Id, Request};
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

impl<S> RpcServiceT for Explained<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = S::NotificationResponse;
    type BatchResponse = MethodResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let inner = self.inner.clone();
        async move {
            let id = request.id.clone().into_owned();
            let subscribes = SUBSCRIPTIONS.contains(&&*request.method);
            let answer = inner.call(request).await;
            // The server has no better word for a subscription over plain HTTP.
            if subscribes && answer.as_error_code() == Some(INTERNAL_ERROR_CODE) {
                let error = errors::invalid_request("subscriptions need a WebSocket; `events` is answered over HTTP");
                return MethodResponse::error(id, error).with_extensions(answer.extensions().clone());
            }
            explain(id, answer)
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
                    answer = service.call(request) => answer,
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
    MethodResponse::from_batch(answers.finish())
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
