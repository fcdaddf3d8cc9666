//! Questions about goods, what lies on them, and what stands beside documents.

use super::{RpcClient, RpcError, page};
use crate::api::{self, method};
use landsea_types::record::{Delegation, HoldTarget, PublicEncumbrance, PublicReservation};
use landsea_types::{AccountId, DocId, EventId, Fp, GoodsKey, Hash, Height, HoldId, LotId, Member, OfferId};
use serde_json::json;

impl RpcClient {
    /// What a split made of a document; its own actors and branches may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn children(&self, doc: &DocId) -> Result<Vec<api::DocumentView>, RpcError> {
        self.call(method::CHILDREN, json!({ "doc": doc })).await
    }

    /// A lot.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn lot(&self, lot: &LotId) -> Result<Option<api::LotView>, RpcError> {
        self.call(method::LOT, json!({ "lot": lot })).await
    }

    /// The lots of a document, in its order.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn lots_by_doc(
        &self,
        doc: &DocId,
        after: Option<LotId>,
        limit: Option<usize>,
    ) -> Result<Vec<api::LotView>, RpcError> {
        self.call(method::LOTS_BY_DOC, page(json!({ "doc": doc }), after, limit)).await
    }

    /// The lot that occupies a goods key.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn goods_key(&self, key: &GoodsKey) -> Result<Option<LotId>, RpcError> {
        self.call(method::GOODS_KEY, json!({ "key": key })).await
    }

    /// A warehouse cell.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn cell(&self, cell: &GoodsKey) -> Result<Option<api::CellView>, RpcError> {
        self.call(method::CELL, json!({ "cell": cell })).await
    }

    /// The live encumbrance of a document or lot.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn encumbrance(&self, target: &Hash) -> Result<Option<PublicEncumbrance>, RpcError> {
        self.call(method::ENCUMBRANCE, json!({ "target": target })).await
    }

    /// The reservation of a document or lot.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn reservation(&self, target: &Hash) -> Result<Option<PublicReservation>, RpcError> {
        self.call(method::RESERVATION, json!({ "target": target })).await
    }

    /// A hold, ended ones included.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn hold(&self, hold: &HoldId) -> Result<Option<api::HoldView>, RpcError> {
        self.call(method::HOLD, json!({ "hold": hold })).await
    }

    /// The effective holds on an object, the gravest first.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn holds(&self, target: &HoldTarget) -> Result<Vec<api::HoldView>, RpcError> {
        self.call(method::HOLDS, json!({ "target": target })).await
    }

    /// The holds placed on an object that are effective or wait, in the order of placing.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn queue(&self, target: &HoldTarget) -> Result<Vec<api::HoldView>, RpcError> {
        self.call(method::QUEUE, json!({ "target": target })).await
    }

    /// An offered pledge, ended ones included.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn offer(&self, offer: &OfferId) -> Result<Option<api::OfferView>, RpcError> {
        self.call(method::OFFER, json!({ "offer": offer })).await
    }

    /// The use of a piece of evidence, by its fingerprint.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn use_mark(&self, evidence: &Fp) -> Result<Option<api::UseMarkView>, RpcError> {
        self.call(method::USE_MARK, json!({ "evidence": evidence })).await
    }

    /// Cargo events of a lot and of those from which it was made, after an event.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`] for callers other than custodian, supervisor, holder, pledgee and branches.
    pub async fn timeline(
        &self,
        lot: &LotId,
        after: Option<EventId>,
        limit: Option<usize>,
    ) -> Result<Vec<api::TimelineEntry>, RpcError> {
        self.call(method::TIMELINE, page(json!({ "lot": lot }), after, limit)).await
    }

    /// Where a lot is, or was at a height.
    ///
    /// # Errors
    /// [`RpcError::Height`] for a height that is not reached.
    pub async fn whereabouts(&self, lot: &LotId, height: Option<Height>) -> Result<Option<api::WhereView>, RpcError> {
        let params = match height {
            Some(height) => json!({ "lot": lot, "height": height }),
            None => json!({ "lot": lot }),
        };
        self.call(method::WHERE, params).await
    }

    /// Lots on their way in a member's territory; branches and auditors may ask.
    ///
    /// # Errors
    /// [`RpcError::Forbidden`].
    pub async fn in_transit(
        &self,
        member: Member,
        after: Option<LotId>,
        limit: Option<usize>,
    ) -> Result<api::InTransit, RpcError> {
        self.call(method::IN_TRANSIT, page(json!({ "member": member }), after, limit)).await
    }

    /// Who may act for a party, as far as the caller may know.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn delegations(&self, party: &AccountId) -> Result<Vec<Delegation>, RpcError> {
        self.call(method::DELEGATIONS, json!({ "party": party })).await
    }

    /// Where a transaction queued now would stand at the earliest.
    ///
    /// # Errors
    /// See [`RpcError`].
    pub async fn estimate_priority(&self) -> Result<api::EstimatedPriority, RpcError> {
        self.call(method::ESTIMATE_PRIORITY, json!({})).await
    }
}
