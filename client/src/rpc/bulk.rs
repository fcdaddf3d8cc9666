//! Many at once: tickets and transactions in one call, outcomes block by block.

use super::{Params, RpcClient, RpcError, explain_call};
use crate::api::{self, method};
use jsonrpsee::core::client::{ClientT as _, Subscription, SubscriptionClientT as _};
use jsonrpsee::core::params::BatchRequestBuilder;
use jsonrpsee::ws_client::WsClient;
use serde_json::json;

impl RpcClient {
    /// Has the caller's own branch sign tickets for many documents in one JSON-RPC batch; one answer each, in their order. Every document
    /// counts towards the caller's rate as if it were asked about alone. Nodes take 64 calls in a batch.
    ///
    /// # Errors
    /// When nothing came back; what is wrong with one of them is in its own answer: [`RpcError::QuotaExceeded`] above the rate,
    /// [`RpcError::Forbidden`] at another branch than the caller's.
    pub async fn fingerprint_derive_many(
        &self,
        requests: &[api::DeriveRequest],
    ) -> Result<Vec<Result<api::Derived, RpcError>>, RpcError> {
        let mut batch = BatchRequestBuilder::new();
        for request in requests {
            let inserted = batch.insert(method::FINGERPRINT_DERIVE, Params(json!(request)));
            inserted.expect("a request is valid JSON");
        }
        let answered = self.client().await?.batch_request::<api::Derived>(batch).await;
        let answers = answered.map_err(|error| self.explain(method::FINGERPRINT_DERIVE, error))?;
        let one = |error| explain_call(method::FINGERPRINT_DERIVE, &error);
        Ok(answers.into_iter().map(|answer| answer.map_err(|error| one(error.into_owned()))).collect())
    }

    /// Queues encoded transactions; one answer each, in their order. At most
    /// [`SUBMIT_BATCH_TRANSACTIONS_MAX`](landsea_types::bounds::SUBMIT_BATCH_TRANSACTIONS_MAX) with together
    /// [`SUBMIT_BATCH_BYTES_MAX`](landsea_types::bounds::SUBMIT_BATCH_BYTES_MAX) bytes.
    ///
    /// # Errors
    /// [`RpcError::Refused`] with 1010 when there are too many; what is wrong with one of them is in its own answer.
    pub async fn submit_batch(&self, transactions: &[Vec<u8>]) -> Result<Vec<api::SubmitAnswer>, RpcError> {
        let transactions: Vec<String> = transactions.iter().map(hex::encode).collect();
        self.call(method::SUBMIT_BATCH, json!({ "transactions": transactions })).await
    }

    /// Follows the codes of all committed transactions over a WebSocket, a notice a height.
    ///
    /// # Errors
    /// [`RpcError::Transport`].
    pub async fn subscribe_outcomes(&self, filter: &api::OutcomesFilter) -> Result<OutcomeStream, RpcError> {
        let (url, client) = self.websocket(method::SUBSCRIBE_OUTCOMES).await?;
        let params = Params(json!(filter));
        let opened = client.subscribe(method::SUBSCRIBE_OUTCOMES, params, method::UNSUBSCRIBE_OUTCOMES).await;
        let subscription = opened.map_err(|error| self.explain(method::SUBSCRIBE_OUTCOMES, error))?;
        Ok(OutcomeStream { url, subscription, _client: client })
    }
}

/// Outcomes as they are committed. Dropping it ends the subscription.
pub struct OutcomeStream {
    url: String,
    subscription: Subscription<api::OutcomesNotice>,
    _client: WsClient,
}

impl OutcomeStream {
    /// The outcomes of the next height; `None` when the node ended the subscription.
    ///
    /// # Errors
    /// [`RpcError::Protocol`] for a notification that cannot be read.
    pub async fn next(&mut self) -> Result<Option<api::OutcomesNotice>, RpcError> {
        self.subscription
            .next()
            .await
            .transpose()
            .map_err(|error| RpcError::Protocol { method: method::OUTCOMES, problem: format!("{}: {error}", self.url) })
    }
}
