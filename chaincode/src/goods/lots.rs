//! Creation and end of lots.

use crate::context::Cx;
use crate::goods::lots_of;
use crate::refusal::{Refused, ensure, internal};
use landsea_types::event::EventName;
use landsea_types::operation::waybill::NewLot;
use landsea_types::record::{Doc, Lot};
use landsea_types::role::LotStatus;
use landsea_types::{AccountId, Code, DocId, Hash, LotId, Member, bounds};

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
    lots.iter().map(|lot| create_lot(cx, lot, origin)).collect()
}

fn create_lot(cx: &mut Cx<'_, '_>, new: &NewLot, origin: &LotOrigin) -> Refused<LotId> {
    let id = LotId(cx.new_id("lot"));
    for key in &new.keys {
        ensure(cx.view.goods_key(&key.key).is_none(), Code::Internal)?;
        cx.view.take_goods_key(&key.key, id);
    }
    let lot = Lot {
        id,
        ver: 1,
        home: origin.home,
        kind: new.kind,
        uom: new.uom,
        qty: new.qty,
        packages: new.packages,
        goods_class: new.goods_class,
        keys: new.keys.clone(),
        custodian: origin.custodian,
        supervisor: origin.supervisor,
        place: origin.place,
        title: Some(origin.doc),
        enc: None,
        parents: origin.parents.clone(),
        origin_doc: origin.doc,
        status: LotStatus::Active,
        deficit: false,
    };
    cx.view.put_lot(&lot);
    cx.emit_related(EventName::LotCreated, &id.0, &[Hash(origin.doc.0)], &[origin.home], &[origin.custodian], &[]);
    Ok(id)
}

/// Ends the lots of a document because the goods have left: keys are vacated.
///
/// # Errors
/// 1014 when a version overflows.
pub fn deliver_lots(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    end_lots(cx, doc, LotStatus::Delivered)
}

/// Ends the lots of a document because other lots take their place: keys are vacated, to be taken again by those.
///
/// # Errors
/// 1014 when a version overflows.
pub fn consume_lots(cx: &mut Cx<'_, '_>, doc: &Doc) -> Refused {
    end_lots(cx, doc, LotStatus::Consumed)
}

fn end_lots(cx: &mut Cx<'_, '_>, doc: &Doc, status: LotStatus) -> Refused {
    for mut lot in lots_of(cx.view, doc) {
        for key in &lot.keys {
            cx.view.vacate_goods_key(&key.key);
        }
        lot.status = status;
        lot.title = None;
        lot.enc = None;
        put_changed(cx, lot)?;
    }
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

fn put_changed(cx: &mut Cx<'_, '_>, mut lot: Lot) -> Refused {
    lot.ver = internal(lot.ver.checked_add(1))?;
    cx.view.put_lot(&lot);
    cx.touch(&lot.id.0);
    Ok(())
}
