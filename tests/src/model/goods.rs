//! Lots and the keys they occupy (section 4), and the fingerprints of papers (section 5).

use super::word::Act;
use super::{Book, Goods, Sheet, Verdict, need};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::waybill::NewLot;
use landsea_types::role::{DocState, LotStatus};
use landsea_types::ticket::{ClassedKey, DeriveTicketBody};
use landsea_types::{AccountId, Code, DocId, Fp, GoodsKey, LotId, Member};
use std::collections::BTreeSet;

/// Who keeps new lots, and who watches them.
pub(super) struct Custody {
    pub(super) custodian: AccountId,
    pub(super) supervisor: Option<AccountId>,
}

/// The lots carry exactly the ticket's goods keys, and every lot at least one (3003).
pub(super) fn lots_match(lots: &[NewLot], ticket: &DeriveTicketBody) -> Verdict {
    let carried: BTreeSet<ClassedKey> = lots.iter().flat_map(|lot| lot.keys.iter().copied()).collect();
    let named: BTreeSet<ClassedKey> = ticket.goods_keys.iter().copied().collect();
    let each = !lots.is_empty() && lots.iter().all(|lot| !lot.keys.is_empty());
    need(each && carried == named, Code::TicketInvalid)
}

/// Each key once, but for containers and cells, which lots of one document share; no lot in two cells (4007).
pub(super) fn keys_distinct(lots: &[NewLot]) -> Verdict {
    let alone: Vec<GoodsKey> =
        lots.iter().flat_map(|lot| &lot.keys).filter(|k| !b"CS".contains(&k.class)).map(|k| k.key).collect();
    let distinct: BTreeSet<GoodsKey> = alone.iter().copied().collect();
    let once_each = |lot: &NewLot| {
        let own: BTreeSet<GoodsKey> = lot.keys.iter().map(|k| k.key).collect();
        own.len() == lot.keys.len() && lot.keys.iter().filter(|k| k.class == b'S').count() <= 1
    };
    need(alone.len() == distinct.len() && lots.iter().all(once_each), Code::KeyDuplicated)
}

/// Something of a known unit (4003, 4004).
pub(super) fn quantities(lots: &[NewLot]) -> Verdict {
    need(lots.iter().all(|lot| lot.qty.get() > 0), Code::NotConserved)?;
    need(lots.iter().all(|lot| lot.uom.is_known()), Code::UnitMismatch)
}

impl Book {
    /// No lot but the document's own occupies any of the keys (4001).
    pub(super) fn keys_free<'k>(&self, keys: impl IntoIterator<Item = &'k ClassedKey>, own: &[LotId]) -> Verdict {
        let origins: BTreeSet<DocId> =
            own.iter().filter_map(|lot| self.lots.get(lot)).map(|goods| goods.origin).collect();
        let allied = |lot: &LotId| self.lots.get(lot).is_some_and(|goods| origins.contains(&goods.origin));
        let free = |key: &ClassedKey| {
            let mut others = self.occupied.get(&key.key).into_iter().flatten().filter(|lot| !own.contains(lot));
            key.class == b'S' || others.all(|lot| key.class == b'C' && allied(lot))
        };
        need(keys.into_iter().all(free), Code::GoodsKeyOccupied)
    }
    /// The identity was never seen (3001).
    pub(super) fn identity_unseen(&self, ticket: &DeriveTicketBody) -> Verdict {
        need(!self.newest.contains_key(&ticket.fp1), Code::DuplicateDocument)
    }
    /// No other identity has the content, live or lately ended (3002).
    pub(super) fn content_unseen(&self, ticket: &DeriveTicketBody) -> Verdict {
        let memory_ms = self.param(ParamKey::Fp2MemoryMs);
        let recent = |doc: &Sheet| doc.ended.is_none_or(|ended| self.now.since(ended) < memory_ms);
        let others = self.contents.get(&ticket.fp2).into_iter().flatten().filter_map(|id| self.docs.get(id));
        let mut clashing = others.filter(|doc| doc.fp1 != ticket.fp1 && recent(doc));
        need(clashing.next().is_none(), Code::DuplicateContent)
    }
    /// Live documents that share at least `near_match_k` combinations with a document.
    pub fn has_likeness(&self, id: &DocId) -> bool {
        let Some(doc) = self.docs.get(id) else { return false };
        let shared = |other: &Sheet| {
            other.near.iter().zip(&doc.near).filter(|(a, b)| a == b && **a != Fp::default()).count() as u64
        };
        let k = self.param(ParamKey::NearMatchK);
        self.docs.iter().any(|(other, sheet)| other != id && !sheet.state.is_terminal() && shared(sheet) >= k)
    }
    /// Every lot of a document is ACTIVE (4008).
    pub(super) fn lots_active(&self, doc: &Sheet) -> Verdict {
        let active = |lot| self.lots.get(lot).is_some_and(|goods| goods.status == LotStatus::Active);
        need(doc.lots.iter().all(active), Code::LotNotActive)
    }

    /// Enters a document.
    pub(super) fn enter(&mut self, id: DocId, doc: Sheet) {
        self.newest.insert(doc.fp1, id);
        self.contents.entry(doc.fp2).or_default().push(id);
        self.docs.insert(id, doc);
    }
    /// Creates the lots of a document, which occupy their keys.
    pub(super) fn create_lots(
        &mut self,
        act: &mut Act<'_>,
        title: DocId,
        lots: &[NewLot],
        custody: &Custody,
    ) -> Vec<LotId> {
        let mut ids = Vec::with_capacity(lots.len());
        for stated in lots {
            let id = LotId(act.named(EventName::LotCreated).0);
            for key in stated.keys.iter().filter(|key| key.class != b'S') {
                self.occupied.entry(key.key).or_default().insert(id);
            }
            let home = self.home(&act.sender).unwrap_or(Member::new(0));
            let goods = Goods {
                origin: title,
                home,
                stated: stated.clone(),
                custodian: custody.custodian,
                supervisor: custody.supervisor,
                title: Some(title),
                status: LotStatus::Active,
            };
            self.lots.insert(id, goods);
            ids.push(id);
        }
        ids
    }
    /// Ends the lots of a document: their keys are vacated.
    pub(super) fn end_lots(&mut self, lots: &[LotId], status: LotStatus) {
        for lot in lots {
            let Some(goods) = self.lots.get_mut(lot) else { continue };
            goods.status = status;
            goods.title = None;
            for key in &goods.stated.keys {
                if let Some(lots) = self.occupied.get_mut(&key.key) {
                    lots.remove(lot);
                }
            }
            self.occupied.retain(|_, lots| !lots.is_empty());
        }
    }
    /// Ends a document.
    pub(super) fn end_doc(&mut self, id: &DocId, state: DocState, replaced_by: Option<DocId>) {
        let now = self.now;
        if let Some(doc) = self.docs.get_mut(id) {
            doc.state = state;
            doc.replaced_by = replaced_by;
            doc.ended = Some(now);
            doc.ver += 1;
        }
    }
}
