//! Holds: disputes, court freezes with their queue, customs holds.

use super::cast::{TRADERS, Tag};
use super::trade::sealed;
use super::{Draft, Workload};
use crate::model::Stop;
use landsea_types::operation::hold::{
    CourtFreeze, CustomsHold, CustomsRelease, Dispute, FileCase, Lift, WithdrawDispute,
};
use landsea_types::record::HoldTarget;
use landsea_types::role::{HoldKind, HoldState};
use landsea_types::{DocId, HoldId, Member, Operation};

/// Who disputes: they have no part in most trades.
const DISPUTANTS: [Tag; 4] = ["INS", "B3", "E1", "E6"];

impl Workload {
    /// A firm disputes a document or one of its lots.
    pub(super) fn dispute(&mut self) -> Option<Vec<Draft>> {
        let (by, target) = (self.one_of(&DISPUTANTS), self.some_target()?);
        let op = Dispute { target, interest: sealed("interest"), basis: sealed("basis") };
        Some(vec![self.draft(by, Operation::HoldDispute(op), &[], "dispute")])
    }
    /// The firm goes to court in time, or gives way.
    pub(super) fn pursue_or_withdraw(&mut self) -> Option<Vec<Draft>> {
        let (id, stop) = self.some_stop(|stop| stop.kind == HoldKind::Dispute && stop.state == HoldState::Effective)?;
        let by = self.cast.tag_of(&stop.by)?;
        if self.rng.chance(300) {
            let op = FileCase { hold: id, expect_ver: stop.ver, notice: sealed("notice") };
            return Some(vec![self.draft(by, Operation::HoldFileCase(op), &[], "file a case")]);
        }
        let op = WithdrawDispute { hold: id, expect_ver: stop.ver };
        Some(vec![self.draft(by, Operation::HoldWithdrawDispute(op), &[], "withdraw a dispute")])
    }
    /// A branch transmits a freeze, often of what is frozen already.
    pub(super) fn freeze(&mut self) -> Option<Vec<Draft>> {
        let frozen = self.some_stop(|stop| stop.kind == HoldKind::CourtFreeze && stop.state == HoldState::Effective);
        let again = frozen.and_then(|(_, stop)| self.target_of(&stop)).filter(|_| self.rng.chance(500));
        let target = again.or_else(|| self.some_target())?;
        let until = self.now.saturating_add(self.rng.between(8_000, 30_000));
        let op = CourtFreeze { target, on_behalf: sealed("court"), basis: sealed("order"), until };
        let home = self.some_home();
        Some(vec![self.by_branch(home, Operation::HoldCourtFreeze(op), "freeze")])
    }
    /// The branch of a freeze lifts it, that of a disputing firm its dispute.
    pub(super) fn lift(&mut self) -> Option<Vec<Draft>> {
        let (id, stop) = self.some_stop(|stop| stop.kind != HoldKind::CustomsHold)?;
        Some(vec![self.lift_by(stop.by_member, id, &stop, "lift")])
    }
    fn lift_by(&mut self, home: Member, hold: HoldId, stop: &Stop, label: &'static str) -> Draft {
        let op = Lift { hold, expect_ver: stop.ver, order: sealed("order") };
        self.by_branch(home, Operation::HoldLift(op), label)
    }
    /// Customs want to see the goods before they leave.
    pub(super) fn customs_hold(&mut self) -> Option<Vec<Draft>> {
        let target = self.some_target()?;
        let op = CustomsHold { target, basis: sealed("basis") };
        Some(vec![self.draft("SW", Operation::HoldCustomsHold(op), &[], "customs hold")])
    }
    /// Customs let them go.
    pub(super) fn customs_release(&mut self) -> Option<Vec<Draft>> {
        let (id, stop) = self.some_stop(|stop| stop.kind == HoldKind::CustomsHold)?;
        let op = CustomsRelease { hold: id, expect_ver: stop.ver };
        Some(vec![self.draft("SW", Operation::HoldCustomsRelease(op), &[], "customs release")])
    }

    /// A transfer of what is in dispute or frozen (6001).
    pub(super) fn transfer_of_the_held(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_held(&[HoldKind::Dispute, HoldKind::CourtFreeze])?;
        let actor = self.actor_of(&doc)?;
        let to = self.recipient(actor);
        let op = self.transfer_op(&doc, to)?;
        let consents = self.claimants(&doc);
        Some(vec![self.draft(actor, op, &consents, "wrong: transfer of the held")])
    }
    /// A surrender of what customs hold (6001).
    pub(super) fn surrender_of_the_held(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_held(&[HoldKind::CustomsHold])?;
        let actor = self.actor_of(&doc)?;
        let body = landsea_types::operation::waybill::Surrender { doc, expect_ver: self.sheet(&doc)?.ver };
        let consents = self.claimants(&doc);
        let op = Operation::WaybillSurrenderForDelivery(body);
        Some(vec![self.draft(actor, op, &consents, "wrong: surrender of the held")])
    }
    /// A pledge over what is in dispute or frozen (6001).
    pub(super) fn pledge_of_the_held(&mut self) -> Option<Vec<Draft>> {
        let doc = self.some_held(&[HoldKind::Dispute, HoldKind::CourtFreeze])?;
        self.sheet(&doc).filter(|sheet| self.is_free(&doc) && self.is_collateral(sheet))?;
        let bank = self.one_of(&super::cast::BANKS);
        let (op, consents) = self.create_op(bank, &[doc])?;
        Some(vec![self.draft(bank, op, &consents, "wrong: pledge of the held")])
    }
    /// Another branch lifts a freeze (6003).
    pub(super) fn lift_by_another(&mut self) -> Option<Vec<Draft>> {
        let (id, stop) = self.some_stop(|stop| stop.kind == HoldKind::CourtFreeze)?;
        let others: Vec<Member> = self.chain.members().into_iter().filter(|m| *m != stop.by_member).collect();
        let home = *self.rng.pick(&others)?;
        Some(vec![self.lift_by(home, id, &stop, "wrong: lift by another branch")])
    }
    /// A case filed after the deadline (6004).
    pub(super) fn filed_late(&mut self) -> Option<Vec<Draft>> {
        let lapsed = self.book().stops.iter().filter(|(_, stop)| stop.kind == HoldKind::Dispute);
        let lapsed: Vec<HoldId> = lapsed.filter(|(_, s)| s.state == HoldState::Lapsed).map(|(id, _)| *id).collect();
        let hold = *self.rng.pick(&lapsed)?;
        let stop = self.book().stops.get(&hold)?.clone();
        let by = self.cast.tag_of(&stop.by)?;
        let op = FileCase { hold, expect_ver: stop.ver, notice: sealed("notice") };
        Some(vec![self.draft(by, Operation::HoldFileCase(op), &[], "wrong: case filed late")])
    }

    /// A hold that stands or waits.
    fn some_stop(&mut self, fits: impl Fn(&Stop) -> bool) -> Option<(HoldId, Stop)> {
        let live = |stop: &Stop| matches!(stop.state, HoldState::Effective | HoldState::Queued);
        let found: Vec<HoldId> =
            self.book().stops.iter().filter(|(_, stop)| live(stop) && fits(stop)).map(|(id, _)| *id).collect();
        let id = *self.rng.pick(&found)?;
        Some((id, self.book().stops.get(&id)?.clone()))
    }
    /// A bill under an effective hold of some kinds.
    fn some_held(&mut self, kinds: &[HoldKind]) -> Option<DocId> {
        self.some_active(|w, id, doc| {
            let mut stops =
                w.book().stops.values().filter(|s| s.state == HoldState::Effective && kinds.contains(&s.kind));
            let of_doc =
                |target: &landsea_types::Hash| target.0 == id.0 || doc.lots.iter().any(|lot| lot.0 == target.0);
            doc.is_waybill() && w.actor_of(id).is_some() && stops.any(|stop| stop.targets.iter().any(of_doc))
        })
    }
    /// A document of a trader, or its first lot, with few holds on it.
    fn some_target(&mut self) -> Option<HoldTarget> {
        let doc = self.some_doc(|w, id, doc| {
            let stops = w.book().stops.values().filter(|stop| stop.targets.iter().any(|target| target.0 == id.0));
            !doc.state.is_terminal() && !doc.lots.is_empty() && stops.count() < 3
        })?;
        let lot = self.sheet(&doc)?.lots.first().copied()?;
        Some(if self.rng.chance(300) { HoldTarget::Lot(lot) } else { HoldTarget::Doc(doc) })
    }
    fn target_of(&self, stop: &Stop) -> Option<HoldTarget> {
        let id = stop.targets.first()?.0;
        let is_doc = self.book().docs.contains_key(&DocId(id));
        Some(if is_doc { HoldTarget::Doc(DocId(id)) } else { HoldTarget::Lot(landsea_types::LotId(id)) })
    }
    fn some_home(&mut self) -> Member {
        let tag = self.one_of(&TRADERS);
        self.cast.actor(tag).home
    }
}
