//! Events: what subscribers hear about.

use crate::{AccountId, Hash, Member};
use borsh::{BorshDeserialize, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! event_names {
    ($($name:ident),+ $(,)?) => {
        /// The names of section 3 of the certificates specification, in its order, then those it lacks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize, schemars::JsonSchema)]
        pub enum EventName { $($name),+ }
        impl EventName {
            /// Every name.
            pub const ALL: &'static [EventName] = &[$(EventName::$name),+];
            /// The name as text.
            pub fn as_str(self) -> &'static str { match self { $(EventName::$name => stringify!($name)),+ } }
            /// The event of a name.
            pub fn from_name(name: &str) -> Option<EventName> { Self::ALL.iter().copied().find(|e| e.as_str() == name) }
        }
    };
}

event_names! {
    DocIssued, DocAnchored, Transferred, Endorsed, Nominated, TransferRejected, SurrenderRequested, SurrenderAnswered,
    Accomplished, Amended, Split, Merged, Converted, PaperOut, PaperIn, LotCreated, CustodyChanged, CellCounted, CellDeficit,
    Reserved, ReservationExpired, PledgeActive, PledgeExtended, PledgeMatured, PledgeLapsed, PledgeReleased, PartialRelease,
    CoverLow, PledgeAssigned, ReleaseArmed, ReleaseFulfilled, DefaultDeclared, Cured, Realised, Mirrored, MirrorOverdue,
    HoldPlaced, HoldQueued, HoldEffective, HoldLifted, HoldLapsed, ProofOpened, Attested, AttWithdrawn, ProofMatched,
    ProofDegraded, ProofContradicted, UseMarked, FlowEvent, FlowAlert, DoublePledgeAttempt, DuplicateGoods,
    DuplicateDocument, NearMatch, ClueOpened, ClueOverdue, PartySuspended, KeyRotated, GrantActivated, ParamChanged,
    MemberChanged, PartyOnboarded, PartyResumed, RoleAdded, LicenceGranted, LegAdopted, Delivered, ReservationCancelled,
    LicenceRevoked, RecoveryNoticed, KeyRecovered, Tagged, Untagged, Delegated, DelegationRevoked, PartyExited, CellOpened,
    CellBlocked, CellUnblocked, Unstuffed, Resealed, LossDeclared, KeyVacated, AnchorClosed, InstructionGiven, Voided,
    PartialDelivery, Relocated, StorageExtended, LienSet, SaleNoticed, SaleWithdrawn, Sold, ProceedsToPledgee, OfferMade,
    OfferAccepted, OfferEnded, CollateralAdded, Substituted, PledgeVoided, HoldChanged, ProofLinked, ProofClosed, MarkReleased,
    CustodyConfirmed, FlowCorrected,
}

/// Something that happened to an object.
///
/// `parties` are visible to branches and to the parties themselves; everybody else sees the event without them.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    pub name: EventName,
    /// The object it happened to.
    pub subject: Hash,
    /// Other objects concerned.
    pub related: Vec<Hash>,
    /// Members concerned: the homes that are notified.
    pub members: Vec<Member>,
    pub parties: Vec<AccountId>,
    /// Numbers whose meaning the name fixes, such as a level, a field id or a height.
    pub args: Vec<u64>,
}
