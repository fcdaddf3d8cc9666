//! Papers: what tickets are made from.

use super::Workload;
use landsea_types::crypto::hash_of;
use landsea_types::operation::waybill::NewLot;
use landsea_types::role::LotKind;
use landsea_types::ticket::ClassedKey;
use landsea_types::{DocId, Fp, GoodsKey, Operation, Qty, Transaction, Uom};

/// A paper as its fingerprints see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Paper {
    pub(super) fp1: Fp,
    pub(super) fp2: Fp,
    pub(super) near: [Fp; 8],
    pub(super) keys: Vec<ClassedKey>,
    pub(super) arrival: Vec<ClassedKey>,
}

/// The key of goods of local origin.
pub(super) fn local() -> ClassedKey {
    ClassedKey { class: b'L', key: GoodsKey(hash_of("corridor-local", &())) }
}

/// One lot of 20 t per key.
pub(super) fn lots_over(keys: &[ClassedKey]) -> Vec<NewLot> {
    let lot = |key: &ClassedKey| NewLot {
        kind: LotKind::Unit,
        uom: Uom::KGM,
        qty: Qty::new(20_000_000),
        packages: 4,
        goods_class: *b"842952",
        keys: vec![*key],
    };
    keys.iter().map(lot).collect()
}

/// The documents that a transaction is about.
pub(super) fn documents(tx: &Transaction) -> Vec<DocId> {
    let of = |op: &Operation| match op {
        Operation::WaybillAdopt(op) => vec![op.title, op.note],
        Operation::WaybillEndorse(op) => vec![op.doc],
        Operation::WaybillTransfer(op) => vec![op.doc],
        Operation::WaybillSurrenderForDelivery(op) | Operation::WaybillSurrenderForAmendment(op) => vec![op.doc],
        Operation::WaybillAnswerSurrender(op) => vec![op.doc],
        Operation::WaybillAmend(op) => vec![op.doc],
        Operation::WaybillConvert(op) => vec![op.doc],
        Operation::WarehouseEndorseTransfer(op) => vec![op.doc],
        Operation::WarehouseDeliverFull(op) => vec![op.doc],
        Operation::PledgeReserve(op) => vec![op.doc],
        Operation::PledgeCancelReservation(op) => vec![op.doc],
        Operation::PledgeCreate(op) => op.docs.iter().map(|terms| terms.doc).collect(),
        _ => Vec::new(),
    };
    tx.ops.iter().flat_map(of).collect()
}

impl Workload {
    /// A number never used before in this run.
    pub(super) fn number(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }
    /// A paper that shares nothing with others.
    pub(super) fn fresh_paper(&mut self, keys: Vec<ClassedKey>) -> Paper {
        let n = (self.seed, self.number());
        let near = std::array::from_fn(|combo| Fp(hash_of("corridor-near", &(n, combo as u8))));
        Paper {
            fp1: Fp(hash_of("corridor-fp1", &n)),
            fp2: Fp(hash_of("corridor-fp2", &n)),
            near,
            keys,
            arrival: vec![local()],
        }
    }
    /// A goods key of a class that no other goods have.
    pub(super) fn fresh_key(&mut self, class: u8) -> ClassedKey {
        let n = (self.seed, self.number());
        ClassedKey { class, key: GoodsKey(hash_of("corridor-goods", &n)) }
    }
    /// The paper of a document as its holder has it.
    pub(super) fn paper_of(&self, doc: &DocId) -> Option<Paper> {
        let sheet = self.book().docs.get(doc)?;
        let keys = self.book().keys_of(sheet).into_iter().collect();
        Some(Paper { fp1: sheet.fp1, fp2: sheet.fp2, near: sheet.near, keys, arrival: vec![local()] })
    }
}
