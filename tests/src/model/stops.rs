//! Holds on documents and lots (section 8): disputes, court freezes with their queue, customs holds.
//!
//! A hold bars acts and changes nothing else. It goes along with the goods: to the new version, the receipt and its lots.

use super::due::Told;
use super::word::Act;
use super::{Book, Stop, Verdict, known, need};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::operation::hold::{
    CourtFreeze, CustomsHold, CustomsRelease, Dispute, FileCase, Lift, WithdrawDispute,
};
use landsea_types::record::{HoldTarget, Priority};
use landsea_types::role::HoldKind::{
    self, CourtFreeze as Court, CustomsHold as Customs, Deficit, LossStop, RegulatorFreeze,
};
use landsea_types::role::{HoldState, LotStatus, PartyStatus, Role};
use landsea_types::{Code, DocId, Hash, HoldId, LotId, Member, Timestamp};

/// Firms that dispute; authorities have holds of their own.
const DISPUTANTS: &[Role] = &[
    Role::Bank,
    Role::Rail,
    Role::Mto,
    Role::Ocean,
    Role::Forwarder,
    Role::Warehouse,
    Role::Supervisor,
    Role::Insurer,
    Role::Enterprise,
];

/// A row of the blocking matrix, as far as holds on documents and lots bear on it and no order sets them aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Pledge,
    Transfer,
    Reshape,
    Convert,
    Exit,
    Release,
    Assign,
    Realise,
    Lapse,
}

impl Row {
    fn bars(self, kind: HoldKind) -> bool {
        use HoldKind::Dispute;
        match self {
            Row::Pledge | Row::Transfer | Row::Reshape | Row::Lapse => kind != Customs,
            Row::Convert => matches!(kind, Court | RegulatorFreeze | LossStop),
            Row::Exit => kind != Deficit,
            Row::Release => kind == RegulatorFreeze,
            Row::Assign => matches!(kind, Court | RegulatorFreeze),
            Row::Realise => matches!(kind, Dispute | Court | RegulatorFreeze),
        }
    }
}

impl Stop {
    fn is_live(&self) -> bool {
        matches!(self.state, HoldState::Effective | HoldState::Queued)
    }
    fn is_over(&self, now: Timestamp) -> bool {
        self.is_live() && self.until <= now
    }
}

impl Book {
    pub(super) fn dispute(&mut self, act: &mut Act<'_>, op: &Dispute) -> Verdict {
        need(!op.interest.is_zero(), Code::TooLarge)?;
        self.in_role(act, DISPUTANTS)?;
        let target = self.stoppable(act, &op.target)?;
        let own = |stop: &Stop| stop.kind == HoldKind::Dispute && stop.by == act.sender;
        need(!self.live_on(&target).any(|(_, stop)| own(stop)), Code::TooLarge)?;
        let until = self.now.saturating_add(self.param(ParamKey::DisputeFileMs));
        self.place(act, HoldKind::Dispute, target, until, HoldState::Effective);
        Ok(())
    }
    pub(super) fn court_freeze(&mut self, act: &mut Act<'_>, op: &CourtFreeze) -> Verdict {
        need(!op.basis.is_zero(), Code::TooLarge)?;
        self.in_role(act, &[Role::Branch])?;
        let target = self.stoppable(act, &op.target)?;
        let latest = self.now.saturating_add(self.param(ParamKey::CourtFreezeMaxMs));
        need(self.now < op.until && op.until <= latest, Code::HoldTerm)?;
        let waits = self.live_on(&target).any(|(_, stop)| stop.kind == Court);
        let state = if waits { HoldState::Queued } else { HoldState::Effective };
        self.place(act, Court, target, op.until, state);
        act.named(if waits { EventName::HoldQueued } else { EventName::HoldEffective });
        Ok(())
    }
    pub(super) fn customs_hold(&mut self, act: &mut Act<'_>, op: &CustomsHold) -> Verdict {
        self.in_role(act, &[Role::Customs])?;
        let target = self.stoppable(act, &op.target)?;
        self.place(act, Customs, target, Timestamp::MAX, HoldState::Effective);
        Ok(())
    }
    pub(super) fn file_case(&mut self, act: &mut Act<'_>, op: &FileCase) -> Verdict {
        need(!op.notice.is_zero(), Code::TooLarge)?;
        self.in_role(act, &Role::ALL)?;
        let stop = self.stop_at(act, &op.hold, op.expect_ver)?;
        let own = stop.kind == HoldKind::Dispute && stop.by == act.sender;
        let open = matches!(stop.state, HoldState::Effective | HoldState::Lapsed);
        need(own && open, Code::NotEntitledToLift)?;
        need(stop.state == HoldState::Effective, Code::FilingDeadline)?;
        act.named(EventName::HoldChanged);
        self.change_stop(&op.hold, |stop| stop.until = Timestamp::MAX);
        Ok(())
    }
    pub(super) fn withdraw_dispute(&mut self, act: &mut Act<'_>, op: &WithdrawDispute) -> Verdict {
        self.in_role(act, &Role::ALL)?;
        let stop = self.stop_at(act, &op.hold, op.expect_ver)?;
        let own = stop.kind == HoldKind::Dispute && stop.by == act.sender;
        need(own && stop.state == HoldState::Effective, Code::NotEntitledToLift)?;
        act.named(EventName::HoldLifted);
        self.end_stop(&op.hold, HoldState::Withdrawn, &mut act.told);
        Ok(())
    }
    pub(super) fn customs_release(&mut self, act: &mut Act<'_>, op: &CustomsRelease) -> Verdict {
        self.in_role(act, &[Role::Customs])?;
        let stop = self.stop_at(act, &op.hold, op.expect_ver)?;
        let own = stop.kind == Customs && stop.by == act.sender;
        need(own && stop.state == HoldState::Effective, Code::NotEntitledToLift)?;
        act.named(EventName::HoldLifted);
        self.end_stop(&op.hold, HoldState::Lifted, &mut act.told);
        Ok(())
    }
    /// A freeze by its own branch; a dispute by the home of the firm or of what it stands on.
    pub(super) fn lift(&mut self, act: &mut Act<'_>, op: &Lift) -> Verdict {
        need(!op.order.is_zero(), Code::TooLarge)?;
        self.in_role(act, &[Role::Branch])?;
        let stop = self.stop_at(act, &op.hold, op.expect_ver)?;
        let me = self.home(&act.sender);
        let there = |target: &Hash| {
            let of_doc = self.docs.get(&DocId(target.0)).map(|doc| doc.home);
            of_doc.or(self.lots.get(&LotId(target.0)).map(|goods| goods.home))
        };
        let may = match stop.kind {
            Court => Some(stop.by_member) == me,
            HoldKind::Dispute => Some(stop.by_member) == me || stop.targets.iter().any(|target| there(target) == me),
            _ => false,
        };
        need(stop.is_live() && may, Code::NotEntitledToLift)?;
        act.named(EventName::HoldLifted);
        self.end_stop(&op.hold, HoldState::Lifted, &mut act.told);
        Ok(())
    }

    /// Check steps 4 and 6 for what a hold is placed on (1012, 3004, 4008); what is due on it comes first.
    fn stoppable(&mut self, act: &mut Act<'_>, target: &HoldTarget) -> Verdict<Hash> {
        match target {
            HoldTarget::Doc(id) => {
                known(self.docs.get(id))?;
                self.settle(act, id);
                let ended = known(self.docs.get(id))?.state.is_terminal();
                need(!ended, Code::DocumentState)?;
            }
            HoldTarget::Lot(id) => {
                let goods = known(self.lots.get(id))?;
                let (title, active) = (goods.title, goods.status == LotStatus::Active);
                title.iter().for_each(|title| self.settle(act, title));
                need(active, Code::LotNotActive)?;
            }
            // The workload places holds on nothing else.
            _ => return Err(Code::UnknownOperation),
        }
        let target = Hash(target.id());
        self.settle_stops(&[target], &mut act.told);
        // What ran out while it waited takes no place either.
        let over = self.live_on(&target).filter(|(_, stop)| stop.is_over(self.now));
        let mut over: Vec<(Priority, HoldId)> = over.map(|(id, stop)| (stop.placed, *id)).collect();
        over.sort();
        over.iter().for_each(|(_, id)| self.lapse_stop(id, &mut act.told));
        Ok(target)
    }
    fn place(&mut self, act: &mut Act<'_>, kind: HoldKind, target: Hash, until: Timestamp, state: HoldState) {
        let id = HoldId(act.named(EventName::HoldPlaced).0);
        let placed = Priority { height: self.height, index: act.index };
        let by_member = self.home(&act.sender).unwrap_or(Member::new(0));
        let stop = Stop { ver: 1, kind, targets: vec![target], by: act.sender, by_member, placed, until, state };
        self.stops.insert(id, stop);
    }
    /// Check step 4 for a hold (1012, 1007); if its term is over it lapses first.
    fn stop_at(&mut self, act: &mut Act<'_>, id: &HoldId, expect_ver: u32) -> Verdict<Stop> {
        let seen = known(self.stops.get(id))?.ver;
        self.at_version(act, expect_ver, seen)?;
        self.lapse_stop(id, &mut act.told);
        known(self.stops.get(id).cloned())
    }
    fn change_stop(&mut self, id: &HoldId, change: impl FnOnce(&mut Stop)) {
        if let Some(stop) = self.stops.get_mut(id) {
            change(stop);
            stop.ver += 1;
        }
    }

    /// Everything on which holds may stand that concern a document.
    pub(super) fn touched(&self, id: &DocId) -> Vec<Hash> {
        let Some(doc) = self.docs.get(id) else { return Vec::new() };
        std::iter::once(Hash(id.0)).chain(doc.lots.iter().map(|lot| Hash(lot.0))).collect()
    }
    /// Check step 7: no effective hold bars the act (6001).
    pub(super) fn unheld(&self, row: Row, id: &DocId) -> Verdict {
        let touched = self.touched(id);
        let mut standing = touched.iter().flat_map(|target| self.live_on(target));
        let barred = standing.any(|(_, stop)| stop.state == HoldState::Effective && row.bars(stop.kind));
        need(!barred, Code::Held)
    }
    /// Check step 6 of what a default stops (5008).
    pub(super) fn unenforced(&self, id: &DocId) -> Verdict {
        let enforced =
            self.lien_of(id).is_some_and(|(_, lien)| lien.state == landsea_types::role::PledgeState::Enforcing);
        need(!enforced, Code::PledgeState)
    }
    /// What stands on a target or waits for it.
    fn live_on<'b>(&'b self, target: &'b Hash) -> impl Iterator<Item = (&'b HoldId, &'b Stop)> {
        self.stops.iter().filter(move |(_, stop)| stop.is_live() && stop.targets.contains(target))
    }
    pub(super) fn stops_are_due(&self) -> bool {
        self.stops.values().any(|stop| stop.is_over(self.now))
    }

    /// Holds on some targets whose term is over lapse.
    pub(super) fn settle_stops(&mut self, targets: &[Hash], told: &mut Vec<Told>) {
        for target in targets {
            let effective = self.live_on(target).filter(|(_, stop)| stop.state == HoldState::Effective);
            let over: Vec<HoldId> = effective.filter(|(_, stop)| stop.is_over(self.now)).map(|(id, _)| *id).collect();
            over.iter().for_each(|id| self.lapse_stop(id, told));
        }
    }
    /// All holds whose term is over lapse, those that wait too.
    pub(super) fn lapse_stops(&mut self, told: &mut Vec<Told>) {
        let over = self.stops.iter().filter(|(_, stop)| stop.is_over(self.now));
        let mut over: Vec<(Timestamp, HoldId)> = over.map(|(id, stop)| (stop.until, *id)).collect();
        over.sort();
        over.iter().for_each(|(_, id)| self.lapse_stop(id, told));
    }
    fn lapse_stop(&mut self, id: &HoldId, told: &mut Vec<Told>) {
        if self.stops.get(id).is_some_and(|stop| stop.is_over(self.now)) {
            told.push((EventName::HoldLapsed, Hash(id.0)));
            self.end_stop(id, HoldState::Lapsed, told);
        }
    }
    fn end_stop(&mut self, id: &HoldId, state: HoldState, told: &mut Vec<Told>) {
        self.change_stop(id, |stop| stop.state = state);
        let Some(ended) = self.stops.get(id).filter(|stop| stop.kind == Court) else { return };
        self.advance(ended.targets.clone(), told);
    }
    /// The earliest freeze that waits takes effect if nothing stands before it; one whose own term is over lapses.
    fn advance(&mut self, mut targets: Vec<Hash>, told: &mut Vec<Told>) {
        loop {
            let waiting = self.stops.iter().filter(|(_, s)| s.kind == Court && s.state == HoldState::Queued);
            let here = waiting.filter(|(_, stop)| stop.targets.iter().any(|target| targets.contains(target)));
            let mut queue: Vec<(Priority, HoldId)> = here.map(|(id, stop)| (stop.placed, *id)).collect();
            queue.sort();
            let over = |id: &HoldId| self.stops.get(id).is_some_and(|stop| stop.is_over(self.now));
            let Some((_, id)) = queue.into_iter().find(|(_, id)| over(id) || self.is_next(id)) else { return };
            let (state, name) = match over(&id) {
                true => (HoldState::Lapsed, EventName::HoldLapsed),
                false => (HoldState::Effective, EventName::HoldEffective),
            };
            told.push((name, Hash(id.0)));
            targets.extend(self.stops.get(&id).map(|stop| stop.targets.clone()).unwrap_or_default());
            self.change_stop(&id, |stop| stop.state = state);
        }
    }
    fn is_next(&self, id: &HoldId) -> bool {
        let Some(stop) = self.stops.get(id) else { return false };
        let before =
            |(other, o): &(&HoldId, &Stop)| o.state == HoldState::Effective || (o.placed, **other) < (stop.placed, *id);
        let others = stop.targets.iter().flat_map(|target| self.live_on(target));
        !others.filter(|(other, o)| *other != id && o.kind == Court).any(|other| before(&other))
    }

    /// What stands on something that ends goes on to what takes its place.
    pub(super) fn follow(&mut self, from: Hash, to: &[Hash]) {
        for stop in self.stops.values_mut().filter(|stop| stop.is_live() && stop.targets.contains(&from)) {
            let before = stop.targets.clone();
            stop.targets.retain(|target| *target != from);
            stop.targets.extend(to.iter().filter(|target| !before.contains(target)));
            stop.ver += 1;
        }
    }
    /// Whether a firm may act.
    pub(super) fn is_active(&self, id: &landsea_types::AccountId) -> bool {
        self.firms.get(id).is_some_and(|firm| firm.status == PartyStatus::Active)
    }
}
