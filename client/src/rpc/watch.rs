//! What a console shows of the network: members, counts, and the cases of a document.

use landsea_types::DocId;
use landsea_types::genesis::Genesis;
use serde_json::json;

use super::{RpcClient, RpcError};
use crate::api::{self, method};

impl RpcClient {
    /// The cases opened on a document.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn proofs_by_doc(&self, doc: &DocId) -> Result<Vec<api::ProofView>, RpcError> {
        self.call(method::PROOFS_BY_DOC, json!({ "doc": doc })).await
    }

    /// The other members, as the node hears of them.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn members(&self) -> Result<Vec<api::MemberView>, RpcError> {
        self.call(method::MEMBERS, json!({})).await
    }

    /// The genesis of the node's chain. Whoever verifies certificates with it compares the chain id with one from elsewhere.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn genesis(&self) -> Result<Genesis, RpcError> {
        self.call(method::GENESIS, json!({})).await
    }

    /// Events from a place on, a page at a time.
    ///
    /// # Errors
    /// [`RpcError::Height`] when the node does not keep that height.
    pub async fn events(&self, request: &api::EventsRequest) -> Result<api::Events, RpcError> {
        self.call(method::EVENTS, json!(request)).await
    }

    /// Counts by member over some heights.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn statistics(&self, request: &api::StatisticsRequest) -> Result<api::Statistics, RpcError> {
        self.call(method::STATISTICS, json!(request)).await
    }
}
