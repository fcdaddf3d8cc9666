//! Drawing operations: mostly sensible for the state as it is, sometimes not.

mod cargo;
mod goods;
mod hold;
mod party;
mod pledge;
mod trade;
mod warehouse;
mod waybill;

use super::dice::Dice;
use crate::kit::*;
use landsea_chaincode::invariants::Decoded;
use landsea_types::operation::OperationInfo;
use landsea_types::record::{Doc, Lot, Pledge};
use landsea_types::role::LotStatus;
use landsea_types::ticket::DeriveTicket;
use landsea_types::{AccountId, Operation, Transaction};
use std::collections::BTreeSet;

/// Firms that own goods.
pub const FIRMS: [&str; 3] = ["E1", "E5", "E6"];
pub const BANKS: [&str; 3] = ["B1", "B2", "B3"];
/// Anybody may try anything.
const EVERYBODY: [&str; 14] =
    ["B1", "B2", "B3", "E1", "E5", "E6", "MTO", "COLD", "BOND", "R-CD", "SUP", "SW", "cq", "gx"];

/// An operation, who sends it and whose consents go with it.
pub struct Drawn {
    pub sender: String,
    pub op: Operation,
    pub consents: Vec<String>,
}

/// A state to draw from and the dice.
pub struct Draw<'w> {
    pub world: &'w mut World,
    pub dice: Dice,
}

type Drawer = fn(&mut Draw<'_>) -> Option<Drawn>;

/// How each operation is drawn.
pub const DRAWERS: [&[(&str, Drawer)]; 8] = [
    party::DRAWERS,
    goods::DRAWERS,
    waybill::DRAWERS,
    warehouse::DRAWERS,
    pledge::DRAWERS,
    hold::DRAWERS,
    trade::DRAWERS,
    cargo::DRAWERS,
];

/// The operation's drawer.
pub fn drawer(info: &OperationInfo) -> Option<Drawer> {
    let full = format!("{}.{}", info.module, info.operation);
    DRAWERS.iter().copied().flatten().find(|(name, _)| *name == full).map(|(_, drawer)| *drawer)
}

impl Draw<'_> {
    /// A transaction of one operation, now and then without a consent, by a stranger, forged, or on a version that has passed.
    pub fn transaction(&mut self, drawer: Drawer) -> Option<Transaction> {
        let Drawn { mut sender, op, mut consents } = drawer(self)?;
        let spoilt = self.dice.below(100);
        if spoilt < 10 && !consents.is_empty() {
            consents.remove(self.dice.below(consents.len() as u64) as usize);
        } else if spoilt < 14 {
            sender = self.dice.pick(&EVERYBODY).to_string();
        }
        let op = if spoilt == 15 { crate::table::stale(&op) } else { op };
        let names: BTreeSet<&str> = consents.iter().map(String::as_str).filter(|name| *name != sender).collect();
        let mut signed = Vec::new();
        for name in names {
            signed.push(self.world.consent(name, &sender, &op));
        }
        if let Some(consent) = signed.first_mut().filter(|_| spoilt == 16) {
            consent.signature = FORGED;
        }
        let represents = self.represented(&sender, &op).filter(|_| self.dice.chance(50));
        let signer = if represents.is_some() { "FF" } else { &sender };
        let tx = self.world.tx_with(signer, &[op], signed);
        Some(Transaction { represents, ..tx })
    }
    /// The party whose delegate FF may act in its stead in an operation.
    fn represented(&self, sender: &str, op: &Operation) -> Option<AccountId> {
        let party = self.world.party(sender);
        let delegate = self.world.account("FF");
        party.delegates(&delegate, op.number(), self.world.time).then_some(party.id)
    }

    pub fn state(&self) -> &Decoded {
        self.world.known()
    }
    pub fn name(&self, account: &AccountId) -> String {
        self.world.name_of(account).to_string()
    }
    /// Mostly a document of the wanted sort, sometimes any.
    pub fn doc(&mut self, wanted: impl Fn(&Doc) -> bool) -> Option<Doc> {
        let any = self.dice.chance(8);
        let docs: Vec<Doc> = self.state().docs.values().filter(|doc| any || wanted(doc)).cloned().collect();
        self.dice.one(docs)
    }
    pub fn lot(&mut self, wanted: impl Fn(&Lot) -> bool) -> Option<Lot> {
        let any = self.dice.chance(8);
        let fits = |lot: &Lot| any || (lot.status == LotStatus::Active && wanted(lot));
        let lots: Vec<Lot> = self.state().lots.values().filter(|lot| fits(lot)).cloned().collect();
        self.dice.one(lots)
    }
    pub fn pledge(&mut self, wanted: impl Fn(&Pledge) -> bool) -> Option<Pledge> {
        let any = self.dice.chance(8);
        let pledges = self.state().pledges.values().filter(|pledge| any || wanted(pledge)).cloned().collect();
        self.dice.one(pledges)
    }
    pub fn lots_of(&self, doc: &Doc) -> Vec<Lot> {
        doc.lots.iter().filter_map(|id| self.state().lots.get(id)).cloned().collect()
    }
    /// Who acts for a document.
    pub fn actor(&self, doc: &Doc) -> String {
        let account = if doc.enc.is_some() { doc.beneficiary.unwrap_or(doc.holder) } else { doc.holder };
        self.name(&account)
    }
    /// Everybody who may have to agree to an act on a document.
    pub fn concerned(&self, doc: &Doc) -> Vec<String> {
        let view = self.world.state.view();
        let lots = self.lots_of(doc);
        let mut accounts = vec![doc.issuer, doc.holder, doc.first_holder];
        accounts.extend(doc.beneficiary);
        accounts.extend(doc.surrendered.iter().map(|s| s.by));
        accounts.extend(view.encumbrance(&doc.id.0).map(|enc| enc.pledgee));
        accounts.extend(view.reservation(&doc.id.0).map(|reservation| reservation.bank));
        accounts.extend(lots.iter().map(|lot| lot.custodian));
        accounts.extend(lots.iter().filter_map(|lot| lot.supervisor));
        accounts.extend(doc.receipt.iter().filter_map(|receipt| receipt.supervisor));
        let mut names: Vec<String> = accounts.iter().map(|account| self.name(account)).collect();
        names.sort();
        names.dedup();
        names
    }
    /// A bank's or other applicant's ticket over the paper of a document.
    pub fn ticket_over(&self, applicant: &str, doc: &Doc) -> DeriveTicket {
        let mut body = self.world.ticket_body(applicant, doc.kind, &Paper::new("", &[]));
        let keys: BTreeSet<_> = self.lots_of(doc).into_iter().flat_map(|lot| lot.paper_keys).collect();
        (body.fp1, body.fp2, body.near) = (doc.fp1, doc.fp2, doc.near);
        body.goods_keys = keys.into_iter().collect();
        self.world.sign_ticket(body)
    }
    /// A number that is mostly new.
    pub fn number(&mut self) -> String {
        if self.dice.chance(10) { "SCENE 1".into() } else { format!("NO {}", self.dice.next()) }
    }
    /// A goods key of a class out of a few.
    pub fn key(&mut self, class: char) -> String {
        format!("{class}:{}", self.dice.below(12))
    }
    pub fn branch_of(&self, tag: &str) -> String {
        self.world.branch_of(tag)
    }
    pub fn branch(&mut self) -> String {
        self.dice.pick(&["cq", "gx", "sc", "zj"]).to_string()
    }
}

/// A drawn operation without consents.
pub fn alone(sender: impl Into<String>, op: Operation) -> Option<Drawn> {
    Some(Drawn { sender: sender.into(), op, consents: Vec::new() })
}

/// A drawn operation with the consents of some.
pub fn with(sender: impl Into<String>, op: Operation, consents: &[&str]) -> Option<Drawn> {
    Some(Drawn { sender: sender.into(), op, consents: consents.iter().map(ToString::to_string).collect() })
}

/// A drawn operation on a document with the consents of everybody concerned.
pub fn on(draw: &Draw<'_>, sender: impl Into<String>, op: Operation, doc: &Doc) -> Option<Drawn> {
    Some(Drawn { sender: sender.into(), op, consents: draw.concerned(doc) })
}
