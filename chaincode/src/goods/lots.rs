//! Creation and end of lots.

use crate::cargo;
use crate::context::Cx;
use crate::goods::cells::{self, Goods};
use crate::goods::keys::{is_exclusive, is_of_one_consignment};
use crate::goods::lots_of;
use crate::hold;
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Doc, HoldTarget, Lot};
use landsea_types::role::LotStatus;
use landsea_types::ticket::ClassedKey;
use landsea_types::{AccountId, Code, DocId, Hash, LotId, Member, Qty, bounds};

/// Where new lots come from and who keeps them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotOrigin {
    /// The document that becomes their title.
    pub doc: DocId,
    /// Home of the document's issuer.
    pub home: Member,
    pub custodian: AccountId,
    pub supervisor: Option<AccountId>,
    /// Where custody is.
    pub place: Member,
    /// The lots they were made from.
    pub parents: Vec<LotId>,
    /// The document under which the goods first came, where they stay the same consignment.
    pub master: Option<DocId>,
}

/// Check step 1 for lots: counts and the digits of the goods class.
///
/// # Errors
/// 1010 otherwise.
pub fn check_shape(lots: &[NewLot]) -> Refused {
    let keys = lots.iter().fold(0usize, |n, lot| n.saturating_add(lot.keys.len()));
    let coded = lots.iter().all(|lot| lot.goods_class.iter().all(u8::is_ascii_digit));
    ensure(lots.len() <= bounds::LOTS_MAX && keys <= bounds::GOODS_KEYS_MAX && coded, Code::TooLarge)
}

/// Check step 13 for new lots: nothing is empty, units are known.
///
/// # Errors
/// 4003 for a lot of nothing, 4004 for an unknown unit.
pub fn check_quantities(lots: &[NewLot]) -> Refused {
    ensure(lots.iter().all(|lot| lot.qty.get() > 0), Code::NotConserved)?;
    ensure(lots.iter().all(|lot| lot.uom.is_known()), Code::UnitMismatch)
}

/// Creates ACTIVE lots that occupy their keys. The keys have been checked.
///
/// # Errors
/// None in practice: creation cannot fail once the checks have passed.
pub fn create_lots(cx: &mut Cx<'_, '_>, lots: &[NewLot], origin: &LotOrigin) -> Refused<Vec<LotId>> {
    lots.iter().map(|lot| create_lot(cx, lot, origin, Goods::Stay)).collect()
}

/// Creates one ACTIVE lot that occupies its keys and enters the books of its cell.
///
/// # Errors
/// 1014 for a key that is occupied after all.
pub(crate) fn create_lot(cx: &mut Cx<'_, '_>, new: &NewLot, origin: &LotOrigin, goods: Goods) -> Refused<LotId> {
    let id = LotId(cx.new_id("lot"));
    let mut lot = Lot {
        id,
        ver: 1,
        home: origin.home,
        kind: new.kind,
        uom: new.uom,
        qty: new.qty,
        packages: new.packages,
        goods_class: new.goods_class,
        keys: new.keys.clone(),
        paper_keys: new.keys.clone(),
        custodian: origin.custodian,
        supervisor: origin.supervisor,
        place: origin.place,
        title: Some(origin.doc),
        enc: None,
        parents: origin.parents.clone(),
        origin_doc: origin.master.unwrap_or(origin.doc),
        status: LotStatus::Active,
        deficit: false,
        missing: Qty::ZERO,
        seal: None,
    };
    cargo::inherit(cx.view, &origin.parents, &mut lot, cx.block.time);
    for key in new.keys.iter().filter(|key| is_exclusive(key.class)) {
        take_key(cx, key, &lot)?;
    }
    cx.view.put_lot(&lot);
    cells::enter(cx, &lot, goods)?;
    cx.emit_related(EventName::LotCreated, &id.0, &[Hash(origin.doc.0)], &[origin.home], &[origin.custodian], &[]);
    Ok(id)
}

/// Only less-than-container lots of one master document share a key: that of their container.
fn take_key(cx: &mut Cx<'_, '_>, key: &ClassedKey, lot: &Lot) -> Refused {
    let mut lots = cx.view.goods_key(&key.key);
    let shared = lots.iter().all(|other| is_of_one_consignment(cx.view, key.class, other, &lot.origin_doc));
    ensure(shared, Code::Internal)?;
    lots.push(lot.id);
    cx.view.put_goods_key(&key.key, lots);
    Ok(())
}

/// Takes a lot off a key that it occupies.
pub(crate) fn vacate_key(cx: &mut Cx<'_, '_>, key: &ClassedKey, lot: &LotId) {
    let lots = cx.view.goods_key(&key.key).into_iter().filter(|other| other != lot).collect();
    cx.view.put_goods_key(&key.key, lots);
}

/// Ends the lots of a document because the goods have left: keys are vacated.
///
/// # Errors
/// 1014 when a version overflows.
pub fn deliver_lots(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    lots_of(cx.view, doc).into_iter().try_for_each(|lot| end_lot(cx, lot, LotStatus::Delivered, Goods::Move))
}

/// Ends the lots of a document because other lots take their place: keys are vacated, to be taken again by those.
///
/// # Errors
/// 1014 when a version overflows.
pub fn consume_lots(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    lots_of(cx.view, doc).into_iter().try_for_each(|lot| end_lot(cx, lot, LotStatus::Consumed, Goods::Stay))
}

/// Ends one ACTIVE lot: its keys are vacated and it leaves the books of its cell.
///
/// # Errors
/// 1014 when a number overflows.
pub(crate) fn end_lot(cx: &mut Cx<'_, '_>, mut lot: Lot, status: LotStatus, goods: Goods) -> Refused {
    for key in lot.keys.iter().filter(|key| is_exclusive(key.class)) {
        vacate_key(cx, key, &lot.id);
    }
    cells::leave(cx, &lot, goods)?;
    // The cell may have ended a deficit of this very lot.
    lot = internal(cx.view.lot(&lot.id))?;
    lot.status = status;
    lot.title = None;
    lot.enc = None;
    lot.deficit = false;
    lot.missing = Qty::ZERO;
    let id = lot.id;
    put_changed(cx, lot)?;
    hold::refresh(cx.view, &HoldTarget::Lot(id));
    Ok(())
}

/// Makes another document the title of a document's lots.
///
/// # Errors
/// 1014 when a version overflows.
pub fn move_lots(cx: &mut Cx<'_, '_>, doc: &Doc, to: DocId) -> Refused {
    for mut lot in lots_of(cx.view, doc) {
        lot.title = Some(to);
        put_changed(cx, lot)?;
    }
    Ok(())
}

/// Writes a changed lot under its next version.
///
/// # Errors
/// 1014 when it overflows.
pub(crate) fn put_changed(cx: &mut Cx<'_, '_>, mut lot: Lot) -> Refused {
    lot.ver = internal(lot.ver.checked_add(1))?;
    cx.view.put_lot(&lot);
    cx.touch(&lot.id.0);
    Ok(())
}
