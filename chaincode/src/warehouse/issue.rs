//! `warehouse.issue`: a receipt over goods that came in.

use super::receipt::{self, Keeping};
use crate::context::Cx;
use crate::goods::{self, LotOrigin, cells};
use crate::party;
use crate::refusal::Refused;
use crate::waybill::issue::enter;
use crate::waybill::{checks, fingerprints};
use landsea_types::operation::warehouse::Issue;
use landsea_types::role::{DocKind, Role};
use landsea_types::{AccountId, Commit};

/// Issues a receipt over new lots, whose keys it takes and whose cells it fills.
///
/// # Errors
/// 1010; 1005, 1006, 2002; 1012 for the depositor (0) or a cell (1); 5007; 6001, 4006; ticket 3003, 3008, 3009; 3001, 3002; 4007,
/// 4001, 4005, 4002; consents 1008, 1009, 1006; 4003, 4004, 5005.
pub fn issue(cx: &mut Cx<'_, '_>, op: &Issue) -> Refused {
    goods::check_shape(&op.receipt.lots)?; // 1
    receipt::require_keeper(cx, &op.receipt.site)?; // 3
    Cx::known(cx.view.party(&op.depositor), 0)?; // 4
    cells::require_cells(cx, &op.receipt.lots, &op.receipt.site, &cx.sender.id, 1)?;
    receipt::check_negotiable(&op.receipt)?; // 5
    cells::check_open(cx, &op.receipt.lots)?; // 7
    check_paper(cx, op)?; // 8, 9
    let supervisor = party::supervisor_of_site(cx.view, &op.receipt.site, cx.now());
    require_consents(cx, op, supervisor)?; // 12
    goods::check_quantities(&op.receipt.lots)?; // 13
    cells::check_units(cx, &op.receipt.lots)?;
    receipt::check_terms(&op.receipt)?;
    apply(cx, op, supervisor)
}

/// Check steps 8 and 9. The arrival keys are tested, so that no receipt stands beside an operative waybill over the same goods.
fn check_paper(cx: &Cx<'_, '_>, op: &Issue) -> Refused {
    let ticket = &op.receipt.ticket.body;
    goods::check_lots_match_ticket(&op.receipt.lots, &ticket.goods_keys)?;
    fingerprints::require_arrival(ticket)?;
    cx.require_ticket(&op.receipt.ticket, &cx.sender.id, DocKind::WHR)?;
    receipt::check_classes(&ticket.goods_keys)?;
    fingerprints::check_arrival_classes(ticket)?;
    fingerprints::check_unseen(cx, ticket, Some(&op.depositor))?;
    goods::check_keys_distinct(&op.receipt.lots)?;
    goods::check_keys_free(cx, ticket.goods_keys.iter().chain(&ticket.arrival_keys), &[], &op.depositor)?;
    cells::check_room(cx, &op.receipt.lots)
}

fn require_consents(cx: &mut Cx<'_, '_>, op: &Issue, supervisor: Option<AccountId>) -> Refused {
    checks::require_consents(cx, &[(op.depositor, &[], 0)])?;
    supervisor.map_or(Ok(()), |id| checks::require_consents(cx, &[(id, &[Role::Supervisor], 1)]))
}

fn apply(cx: &mut Cx<'_, '_>, op: &Issue, supervisor: Option<AccountId>) -> Refused {
    let keeping = Keeping { depositor: op.depositor, supervisor, control_agreement: Commit::default() };
    let mut doc = receipt::document(cx, &op.receipt, &keeping);
    let place = doc.home;
    let origin = LotOrigin {
        doc: doc.id,
        home: doc.home,
        custodian: doc.issuer,
        supervisor,
        place,
        parents: vec![],
        master: None,
    };
    doc.lots = goods::create_lots(cx, &op.receipt.lots, &origin)?;
    enter(cx, doc)
}
