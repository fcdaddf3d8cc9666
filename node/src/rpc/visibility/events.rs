//! Who hears of an event, and what of it.
//!
//! [`ROWS`] has one row for every name. Branches and auditors hear everything and see all of it; who is named in an event does so too.
//! Everybody else hears what the row says, never with the parties, and with the numbers only where the row has them public: where the
//! same number stands in a public part of the ledger already.

use super::{Caller, sees_goods};
use crate::rpc::read::{pledge_of_doc, record, row, sees_cell};
use landsea_types::event::{Event, EventName};
use landsea_types::record::{Cell as CellRecord, Doc, Encumbrance, Lot};
use landsea_types::state::{Family, StateRead, Table};

/// Who hears of an event beside branches, auditors and those it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rpc) enum Audience {
    /// Everybody: what it says is in the public part of its object.
    Anybody,
    /// Nobody else.
    Named,
    /// Who may follow the goods of one of its lots, as in `timeline`; the numbers are theirs too.
    Goods,
    /// Whoever has the object in pledge.
    Pledgee,
}

/// Whether an event's numbers are for everybody who hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rpc) enum Numbers {
    Public,
    /// For those whom the event names, branches and auditors; of [`Audience::Goods`] for all who hear it.
    Concerned,
    /// As [`Numbers::Concerned`], and for whoever may read the cell.
    Cell,
}

use Audience::{Anybody, Goods, Named, Pledgee};
use Numbers::{Cell, Concerned, Public};

/// What is told of each event, in the order of their names.
pub(in crate::rpc) const ROWS: &[(EventName, Audience, Numbers)] = &[
    // A document's kind and state are public; who nominated, what was ordered and which fields changed are not.
    (EventName::DocIssued, Anybody, Public),
    (EventName::DocAnchored, Anybody, Public),
    (EventName::Transferred, Anybody, Concerned),
    (EventName::Endorsed, Anybody, Concerned),
    (EventName::Nominated, Named, Concerned),
    (EventName::TransferRejected, Anybody, Concerned),
    (EventName::SurrenderRequested, Anybody, Public),
    (EventName::SurrenderAnswered, Anybody, Public),
    (EventName::Accomplished, Anybody, Concerned),
    (EventName::Amended, Anybody, Concerned),
    (EventName::Split, Anybody, Public),
    (EventName::Merged, Anybody, Public),
    // Quantities are never public.
    (EventName::Converted, Anybody, Concerned),
    (EventName::PaperOut, Anybody, Concerned),
    (EventName::PaperIn, Anybody, Concerned),
    (EventName::LotCreated, Anybody, Concerned),
    (EventName::CustodyChanged, Anybody, Concerned),
    (EventName::CellCounted, Anybody, Cell),
    (EventName::CellDeficit, Anybody, Cell),
    // That there is a reservation or a pledge, since when and until when it bars others is public; its term is not.
    (EventName::Reserved, Anybody, Public),
    (EventName::ReservationExpired, Anybody, Public),
    (EventName::PledgeActive, Anybody, Concerned),
    (EventName::PledgeExtended, Anybody, Concerned),
    (EventName::PledgeMatured, Anybody, Concerned),
    (EventName::PledgeLapsed, Anybody, Concerned),
    (EventName::PledgeReleased, Anybody, Concerned),
    (EventName::PartialRelease, Anybody, Concerned),
    (EventName::CoverLow, Named, Concerned),
    (EventName::PledgeAssigned, Anybody, Public),
    (EventName::ReleaseArmed, Named, Concerned),
    (EventName::ReleaseFulfilled, Named, Concerned),
    // A debtor's default is between the two sides.
    (EventName::DefaultDeclared, Named, Concerned),
    (EventName::Cured, Named, Concerned),
    (EventName::Realised, Named, Concerned),
    (EventName::Mirrored, Named, Concerned),
    (EventName::MirrorOverdue, Named, Concerned),
    // Kind, end and rank of a hold are public.
    (EventName::HoldPlaced, Anybody, Public),
    (EventName::HoldQueued, Anybody, Public),
    (EventName::HoldEffective, Anybody, Public),
    (EventName::HoldLifted, Anybody, Public),
    (EventName::HoldLapsed, Anybody, Public),
    // Template, level and state of a case are public; who stated what is not.
    (EventName::ProofOpened, Anybody, Public),
    (EventName::Attested, Anybody, Concerned),
    (EventName::AttWithdrawn, Anybody, Concerned),
    (EventName::ProofMatched, Anybody, Public),
    (EventName::ProofDegraded, Anybody, Public),
    (EventName::ProofContradicted, Anybody, Concerned),
    (EventName::UseMarked, Anybody, Concerned),
    (EventName::FlowEvent, Goods, Concerned),
    (EventName::FlowAlert, Goods, Concerned),
    // The alarm of a second pledge names the pledgee of its time.
    (EventName::DoublePledgeAttempt, Named, Concerned),
    (EventName::DuplicateGoods, Pledgee, Concerned),
    (EventName::DuplicateDocument, Pledgee, Concerned),
    (EventName::NearMatch, Pledgee, Concerned),
    (EventName::ClueOpened, Named, Concerned),
    (EventName::ClueOverdue, Named, Concerned),
    // Roles and standing of a party are public; its keys, licences and tags are its own.
    (EventName::PartySuspended, Anybody, Public),
    (EventName::KeyRotated, Anybody, Concerned),
    (EventName::GrantActivated, Anybody, Public),
    (EventName::ParamChanged, Anybody, Public),
    (EventName::MemberChanged, Anybody, Public),
    (EventName::PartyOnboarded, Anybody, Public),
    (EventName::PartyResumed, Anybody, Public),
    (EventName::RoleAdded, Anybody, Public),
    (EventName::LicenceGranted, Anybody, Concerned),
    (EventName::LegAdopted, Anybody, Concerned),
    (EventName::Delivered, Anybody, Concerned),
    (EventName::ReservationCancelled, Anybody, Public),
    (EventName::LicenceRevoked, Anybody, Concerned),
    (EventName::RecoveryNoticed, Anybody, Concerned),
    (EventName::KeyRecovered, Anybody, Concerned),
    (EventName::Tagged, Named, Concerned),
    (EventName::Untagged, Named, Concerned),
    (EventName::Delegated, Named, Concerned),
    (EventName::DelegationRevoked, Named, Concerned),
    (EventName::PartyExited, Anybody, Public),
    (EventName::CellOpened, Anybody, Concerned),
    (EventName::CellBlocked, Anybody, Concerned),
    (EventName::CellUnblocked, Anybody, Concerned),
    (EventName::Unstuffed, Anybody, Concerned),
    (EventName::Resealed, Goods, Concerned),
    (EventName::LossDeclared, Anybody, Concerned),
    (EventName::KeyVacated, Anybody, Concerned),
    (EventName::AnchorClosed, Anybody, Public),
    (EventName::InstructionGiven, Named, Concerned),
    (EventName::Voided, Anybody, Public),
    (EventName::PartialDelivery, Anybody, Concerned),
    (EventName::Relocated, Anybody, Concerned),
    (EventName::StorageExtended, Named, Concerned),
    (EventName::LienSet, Named, Concerned),
    (EventName::SaleNoticed, Anybody, Concerned),
    (EventName::SaleWithdrawn, Anybody, Concerned),
    (EventName::Sold, Anybody, Concerned),
    (EventName::ProceedsToPledgee, Named, Concerned),
    (EventName::OfferMade, Named, Concerned),
    (EventName::OfferAccepted, Named, Concerned),
    (EventName::OfferEnded, Named, Concerned),
    (EventName::CollateralAdded, Anybody, Concerned),
    (EventName::Substituted, Anybody, Concerned),
    (EventName::PledgeVoided, Anybody, Concerned),
    (EventName::HoldChanged, Anybody, Public),
    (EventName::ProofLinked, Named, Concerned),
    (EventName::ProofClosed, Anybody, Public),
    (EventName::MarkReleased, Anybody, Concerned),
    (EventName::CustodyConfirmed, Goods, Concerned),
    (EventName::FlowCorrected, Goods, Concerned),
];

/// The row of a name; for one without a row what tells least.
pub(in crate::rpc) fn row_of(name: EventName) -> (Audience, Numbers) {
    let row = ROWS.iter().find(|(known, ..)| *known == name);
    row.map_or((Named, Concerned), |(_, audience, numbers)| (*audience, *numbers))
}

/// Whether a caller hears of an event.
pub(in crate::rpc) fn hears(state: &dyn StateRead, caller: &Caller, event: &Event) -> bool {
    let (audience, _) = row_of(event.name);
    audience == Anybody || is_concerned(caller, event) || is_of(audience, state, caller, event)
}

/// An event as a caller who hears of it, or whose transaction caused it, may see it.
pub(in crate::rpc) fn event(state: &dyn StateRead, caller: &Caller, mut event: Event) -> Event {
    if is_concerned(caller, &event) {
        return event;
    }
    let (audience, numbers) = row_of(event.name);
    let numbers_shown = match numbers {
        Public => true,
        Cell => reads_cell(state, caller, &event),
        Concerned => audience == Goods && is_of(Goods, state, caller, &event),
    };
    event.parties.clear();
    if !numbers_shown {
        event.args.clear();
    }
    event
}

fn is_concerned(caller: &Caller, event: &Event) -> bool {
    caller.sees_parties() || event.parties.iter().any(|party| caller.is(party))
}

fn reads_cell(state: &dyn StateRead, caller: &Caller, event: &Event) -> bool {
    let cell: Option<CellRecord> = row(state, Table::Cell, &event.subject.0);
    cell.is_some_and(|cell| sees_cell(state, caller, &cell))
}

fn is_of(audience: Audience, state: &dyn StateRead, caller: &Caller, event: &Event) -> bool {
    match audience {
        Anybody => true,
        Named => false,
        _ if caller.party().is_err() => false,
        Pledgee => {
            let leaf: Option<Encumbrance> = record(state, Family::Encumbrance, &event.subject.0);
            leaf.is_some_and(|enc| caller.is(&enc.pledgee))
        }
        Goods => {
            let objects = std::iter::once(&event.subject).chain(&event.related);
            let mut lots = objects.filter_map(|id| record::<Lot>(state, Family::Lot, &id.0));
            lots.any(|lot| follows(state, caller, &lot))
        }
    }
}

/// Whether the caller may follow the goods of a lot now.
pub(in crate::rpc) fn follows(state: &dyn StateRead, caller: &Caller, lot: &Lot) -> bool {
    let title = lot.title.and_then(|id| record::<Doc>(state, Family::Doc, &id.0));
    let pledge = title.as_ref().and_then(|doc| pledge_of_doc(state, doc));
    sees_goods(caller, lot, title.as_ref(), pledge.as_ref())
}
