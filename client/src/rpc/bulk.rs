//! Many transactions at once: submitting them in one call, hearing of their outcomes block by block.

use super::{Params, RESPONSE_BYTES_MAX, RpcClient, RpcError, websocket_url};
use crate::api::{self, method};
use jsonrpsee::core::client::{Subscription, SubscriptionClientT as _};
use jsonrpsee::ws_client::{WsClient, WsClientBuilder};
use serde_json::json;

impl RpcClient {
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
        let (headers, _) = self.token_headers().await?;
        let builder = WsClientBuilder::default().set_headers(headers).max_response_size(RESPONSE_BYTES_MAX);
        let url = websocket_url(&self.url);
        let client = builder.build(&url).await.map_err(|error| self.explain(method::SUBSCRIBE_OUTCOMES, error))?;
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
