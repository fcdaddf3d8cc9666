//! Operations of the second part with sensible values, and worlds to try them in.

use crate::kit::*;
use landsea_types::event::{Event, EventName};
use landsea_types::operation::DocVersion;
use landsea_types::operation::pledge::{
    Accept, AddCollateral, Assign, Collateral, Create, Cure, DeclareDefault, MakeOffer, Partial, Realise,
    RegisterMirror, ReleasePartial, Substitute, VoidByOrder, WithdrawOffer,
};
use landsea_types::record::Offer;
use landsea_types::role::RealiseMode;
use landsea_types::{DocId, OfferId, Operation, Outcome, PledgeId};

/// Bills of E5 over one container each, `n` of them.
pub fn bills(world: &mut World, n: usize) -> Vec<(DocId, Bill)> {
    let bill = |i| Bill::new(&format!("BILL {i}"), &[&format!("C:{i}")]);
    (0..n).map(bill).map(|bill| (world.issue_bill(&bill), bill)).collect()
}

/// A world in which B1 has the first `pledged` of `n` bills of E5 in one pledge.
pub fn pledged_of(pledged: usize, n: usize) -> (World, Vec<(DocId, Bill)>, PledgeId) {
    let mut world = World::new();
    let (bills, pledge) = pledged_in(&mut world, pledged, n);
    (world, bills, pledge)
}

/// The same in a given world.
pub fn pledged_in(world: &mut World, pledged: usize, n: usize) -> (Vec<(DocId, Bill)>, PledgeId) {
    let bills = bills(world, n);
    let pledge = world.pledge_all("B1", &bills[..pledged]);
    (bills, pledge)
}

impl World {
    /// Pledges bills of E5 together.
    #[track_caller]
    pub fn pledge_all(&mut self, bank: &str, bills: &[(DocId, Bill)]) -> PledgeId {
        let docs: Vec<_> = bills.iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
        let op = self.create_body(bank, "E5", &docs);
        pledge_of(&self.ok(bank, Operation::PledgeCreate(op), &["E5", "MTO"]))
    }
    /// The document in its current version.
    pub fn doc_version(&self, doc: &DocId) -> DocVersion {
        DocVersion { doc: *doc, expect_ver: self.ver(doc) }
    }
    /// Documents with the bank's tickets over their papers.
    pub fn collateral(&self, bank: &str, bills: &[(DocId, Bill)]) -> Vec<Collateral> {
        let one = |(doc, bill): &(DocId, Bill)| Collateral {
            doc: *doc,
            expect_ver: self.ver(doc),
            ticket: self.ticket(bank, bill.kind, &bill.paper),
        };
        bills.iter().map(one).collect()
    }
    pub fn add_body(&self, bank: &str, pledge: &PledgeId, bills: &[(DocId, Bill)]) -> AddCollateral {
        let docs = self.collateral(bank, bills);
        AddCollateral { pledge: *pledge, expect_ver: self.pledge(pledge).ver, docs, ack_near: false }
    }
    pub fn add_op(&self, bank: &str, pledge: &PledgeId, bills: &[(DocId, Bill)]) -> Operation {
        Operation::PledgeAddCollateral(self.add_body(bank, pledge, bills))
    }
    pub fn substitute_op(&self, pledge: &PledgeId, add: &[(DocId, Bill)], remove: &[(DocId, Bill)]) -> Operation {
        Operation::PledgeSubstitute(Substitute {
            pledge: *pledge,
            expect_ver: self.pledge(pledge).ver,
            add: self.collateral("B1", add),
            remove: remove.iter().map(|(doc, _)| self.doc_version(doc)).collect(),
            ack_near: false,
        })
    }
    pub fn release_part_op(&self, pledge: &PledgeId, release: Partial) -> Operation {
        let expect_ver = self.pledge(pledge).ver;
        Operation::PledgeReleasePartial(ReleasePartial { pledge: *pledge, expect_ver, release })
    }
    /// `pledge.release_partial` of a whole document.
    pub fn release_doc_op(&self, pledge: &PledgeId, doc: &DocId) -> Operation {
        self.release_part_op(pledge, Partial::Document(self.doc_version(doc)))
    }
    pub fn assign_body(&self, pledge: &PledgeId, to: &str) -> Assign {
        Assign {
            pledge: *pledge,
            expect_ver: self.pledge(pledge).ver,
            to: self.account(to),
            accept_enforcing: false,
            encumbered_claim: false,
        }
    }
    pub fn assign_op(&self, pledge: &PledgeId, to: &str) -> Operation {
        Operation::PledgeAssign(self.assign_body(pledge, to))
    }
    pub fn default_op(&self, pledge: &PledgeId) -> Operation {
        let expect_ver = self.pledge(pledge).ver;
        Operation::PledgeDeclareDefault(DeclareDefault { pledge: *pledge, expect_ver, notice: commit("notice") })
    }
    pub fn cure_op(&self, pledge: &PledgeId) -> Operation {
        Operation::PledgeCure(Cure { pledge: *pledge, expect_ver: self.pledge(pledge).ver })
    }
    /// `pledge.realise` by agreement, or by the order of a branch.
    pub fn realise_op(&self, pledge: &PledgeId, to: &str, order: Option<&str>) -> Operation {
        Operation::PledgeRealise(Realise {
            pledge: *pledge,
            expect_ver: self.pledge(pledge).ver,
            mode: RealiseMode::Agreed,
            to: self.account(to),
            order: order.map(|branch| self.account(branch)),
        })
    }
    /// `pledge.mirror` that expires some days after the next block.
    pub fn mirror_op(&self, pledge: &PledgeId, days: u64) -> Operation {
        Operation::PledgeMirror(RegisterMirror {
            pledge: *pledge,
            expect_ver: self.pledge(pledge).ver,
            registration: commit("registration"),
            expires: self.next_time().saturating_add(days * DAY),
        })
    }
    pub fn void_pledge_op(&self, pledge: &PledgeId) -> Operation {
        let expect_ver = self.pledge(pledge).ver;
        Operation::PledgeVoidByOrder(VoidByOrder { pledge: *pledge, expect_ver, order: commit("order") })
    }
    /// Declares a default and lets the waiting period pass.
    #[track_caller]
    pub fn enforce(&mut self, bank: &str, pledge: &PledgeId) {
        let op = self.default_op(pledge);
        self.ok(bank, op, &[]);
        self.pass(7 * DAY);
    }
    /// `pledge.offer` that can be accepted for some hours.
    pub fn offer_op(&self, terms: Create, hours: u64) -> Operation {
        Operation::PledgeOffer(MakeOffer { terms, until: self.next_time().saturating_add(hours * HOUR) })
    }
    /// Makes an offer of B1 over documents of E5.
    #[track_caller]
    pub fn offer_all(&mut self, bills: &[(DocId, Bill)], hours: u64) -> OfferId {
        let docs: Vec<_> = bills.iter().map(|(doc, bill)| (*doc, &bill.paper)).collect();
        let op = self.offer_op(self.create_body("B1", "E5", &docs), hours);
        offer_of(&self.ok("B1", op, &[]))
    }
    pub fn offer(&self, id: &OfferId) -> Offer {
        self.state.view().offer(id).expect("the offer exists")
    }
    pub fn accept_op(&self, offer: &OfferId) -> Operation {
        Operation::PledgeAccept(Accept { offer: *offer, expect_ver: self.offer(offer).ver })
    }
    pub fn withdraw_offer_op(&self, offer: &OfferId) -> Operation {
        Operation::PledgeWithdrawOffer(WithdrawOffer { offer: *offer, expect_ver: self.offer(offer).ver })
    }
    #[track_caller]
    pub fn accept(&mut self, who: &str, offer: &OfferId) -> Outcome {
        let op = self.accept_op(offer);
        self.ok(who, op, &[])
    }
}

/// What an outcome tells of an offer to those who are asked; its bank hears the same by itself.
#[track_caller]
pub fn offer_event(outcome: &Outcome, name: EventName) -> &Event {
    let [asked, bank] = events(outcome, name)[..] else { panic!("{:?}", outcome.events) };
    assert_eq!((asked.subject, &asked.related, &asked.args), (bank.subject, &bank.related, &bank.args));
    assert_eq!(
        (bank.parties.len(), asked.parties.contains(&bank.parties[0])),
        (1, false),
        "the bank is named to itself"
    );
    asked
}

/// The offer that an outcome made.
#[track_caller]
pub fn offer_of(outcome: &Outcome) -> OfferId {
    OfferId(offer_event(outcome, EventName::OfferMade).subject.0)
}
