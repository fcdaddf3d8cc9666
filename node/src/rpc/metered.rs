//! The layer in front of the methods that counts calls and bounds their time.

use super::bounds::ANSWER_TIME;
use super::{Context, errors};
use jsonrpsee::core::middleware::{Batch, Notification};
use jsonrpsee::core::server::MethodResponse;
use jsonrpsee::server::middleware::rpc::RpcServiceT;
use jsonrpsee::types::Request;
use std::future::Future;
use std::sync::Arc;

/// Wraps the methods for one connection.
#[derive(Clone)]
pub(super) struct Metered<S> {
    inner: S,
    context: Arc<Context>,
}

impl<S> Metered<S> {
    pub(super) fn new(inner: S, context: Arc<Context>) -> Self {
        Self { inner, context }
    }
}

impl<S> RpcServiceT for Metered<S>
where
    S: RpcServiceT<MethodResponse = MethodResponse> + Clone + Send + Sync + 'static,
{
    type MethodResponse = MethodResponse;
    type NotificationResponse = S::NotificationResponse;
    type BatchResponse = S::BatchResponse;

    fn call<'a>(&self, request: Request<'a>) -> impl Future<Output = MethodResponse> + Send + 'a {
        let Self { inner, context } = self.clone();
        async move {
            let id = request.id.clone().into_owned();
            if let Err(error) = context.quotas.pay_call(&context, request.extensions()) {
                return MethodResponse::error(id, error);
            }
            let answered = tokio::time::timeout(ANSWER_TIME, inner.call(request)).await;
            answered.unwrap_or_else(|_| MethodResponse::error(id, errors::time_over()))
        }
    }

    fn notification<'a>(&self, n: Notification<'a>) -> impl Future<Output = Self::NotificationResponse> + Send + 'a {
        // Nothing is done for it, and nobody hears of a spent quota; but it counts.
        let _ = self.context.quotas.pay_call(&self.context, &n.extensions);
        self.inner.notification(n)
    }

    fn batch<'a>(&self, batch: Batch<'a>) -> impl Future<Output = Self::BatchResponse> + Send + 'a {
        self.inner.batch(batch)
    }
}
