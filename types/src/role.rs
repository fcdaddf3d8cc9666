//! Roles, statuses and the small enumerations that records and operations share.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a party may be. The order fixes the bit in [`Roles`].
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    Branch,
    Bank,
    Rail,
    Mto,
    Ocean,
    Forwarder,
    Warehouse,
    Supervisor,
    Customs,
    Tax,
    Insurer,
    Enterprise,
    Auditor,
}

impl Role {
    /// Every role, in bit order.
    pub const ALL: [Role; 13] = [
        Role::Branch,
        Role::Bank,
        Role::Rail,
        Role::Mto,
        Role::Ocean,
        Role::Forwarder,
        Role::Warehouse,
        Role::Supervisor,
        Role::Customs,
        Role::Tax,
        Role::Insurer,
        Role::Enterprise,
        Role::Auditor,
    ];
    /// The role's bit.
    pub const fn bit(self) -> u16 {
        1 << self as u16
    }
    /// The name used in files and messages, such as `BANK`.
    pub fn name(self) -> &'static str {
        match self {
            Role::Branch => "BRANCH",
            Role::Bank => "BANK",
            Role::Rail => "RAIL",
            Role::Mto => "MTO",
            Role::Ocean => "OCEAN",
            Role::Forwarder => "FORWARDER",
            Role::Warehouse => "WAREHOUSE",
            Role::Supervisor => "SUPERVISOR",
            Role::Customs => "CUSTOMS",
            Role::Tax => "TAX",
            Role::Insurer => "INSURER",
            Role::Enterprise => "ENTERPRISE",
            Role::Auditor => "AUDITOR",
        }
    }
    /// The role of a name, in any case.
    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.name().eq_ignore_ascii_case(name))
    }
}

/// A set of roles as bits.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Roles(pub u16);

impl Roles {
    /// The set of the given roles.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, r| bits | r.bit()))
    }
    /// Whether the role belongs to the set.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }
    /// Whether any of the roles belongs to the set.
    pub fn has_any(self, roles: &[Role]) -> bool {
        roles.iter().any(|r| self.has(*r))
    }
    /// The set with one role more.
    pub const fn with(self, role: Role) -> Self {
        Self(self.0 | role.bit())
    }
    /// The roles in bit order.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |r| self.has(*r))
    }
    /// Whether only defined bits are set, at least one, and never BRANCH together with anything else.
    pub fn is_valid(self) -> bool {
        let defined = Roles::of(&Role::ALL).0;
        self.0 != 0 && self.0 & !defined == 0 && (!self.has(Role::Branch) || self.0 == Role::Branch.bit())
    }
}

/// Declares a borsh+serde enum of unit variants with SCREAMING names.
macro_rules! plain_enum {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($variant),+ }
        impl $name {
            /// Every value, in encoding order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match serde_json::to_value(self) {
                    Ok(serde_json::Value::String(s)) => f.write_str(&s),
                    _ => write!(f, "{self:?}"),
                }
            }
        }
    )+};
}

plain_enum! {
    /// Whether a party may act.
    PartyStatus { Active, Suspended, Exited }
    /// What a key may sign.
    KeyPurpose { Sign, Attest, Disclose }
    /// What a branch licenses.
    LicenceKind { WarehouseSite, IssuingSystem, Supervision }
    /// How a title passes.
    OrderType { Straight, ToOrder, Bearer }
    /// The law a document's title rests on; the encoding is the number in feature `0x100 + basis`.
    LegalBasis { None, Agreement, NcdConvention, MaritimeBl, DomesticWhr, StandardWarrant }
    /// Where the authoritative document lives.
    Medium { Ledger, Paper }
    /// The state of a document, sections 5 and 6 of the ledger specification.
    DocState {
        Anchored, Active, PendDelivery, PendAmend, PaperOut, Accomplished, Replaced, Split, Merged, Converted, Void, Closed,
        SalePending, Sold,
    }
    /// The state of a lot.
    LotStatus { Active, Delivered, Consumed, Lost }
    /// The physical form of a lot.
    LotKind { Unit, Wagon, Piece, Bulk }
    /// What a pledge secures.
    SecuredKind { Loan, Lc, Acceptance, Forfaiting, Guarantee }
    /// The state of a pledge.
    PledgeState { Active, Matured, Lapsed, Released, Enforcing, Realised, Voided }
    /// The state of an offered pledge.
    OfferState { Open, Accepted, Withdrawn, Expired }
    /// How collateral is realised.
    RealiseMode { Auction, Agreed, SetOff, LcClaim }
    /// What a holder instructs the carrier to do.
    InstructionKind { Divert, Stop, Consignee }
    /// Why a keeper ends a storage.
    TerminateReason { StorageEnded, Perishable }
    /// The state of a warehouse cell.
    CellStatus { Open, Sealed, Blocked }
    /// The state of a hold.
    HoldState { Effective, Queued, Lifted, Lapsed, Withdrawn, Superseded }
    /// What evidence is used for; shares are counted per purpose.
    UsePurpose { Financing, FxPayment, TaxRefund, Insurance }
    /// What happened to the goods, section 10 of the ledger specification.
    FlowStep {
        Loaded, Sealed, Departed, BorderOut, BorderIn, Transloaded, PortIn, OnBoard, Discharged, Arrived, GateIn, Unstuffed,
        Stored, Counted, Inspected, Resealed, Relocated, Picked, GateOut, Delivered, TempAlarm, DoorOpen, Deviation, Damaged,
        Lost, Heartbeat,
    }
    /// How a cargo event entered: first said, said instead of another, or taken back.
    FlowAction { Add, Observe, Delete }
    /// What looks wrong about a cargo event. Alarms never refuse it.
    FlowAlertKind { TimeBackward, TwoPlaces, Silent, SealMismatch, UnauthorisedExit, TempBreach, CustodyGap, Loss }
    /// Why a pledge is released (industry reason codes).
    ReleaseReason { Obsa, Exnd, With, Rjct, Errg }
    /// How a leg travels.
    LegMode { Rail, Sea, Road, Air, InlandWater }
    /// The rules a leg travels under.
    LegRegime { CnDomestic, Smgs, Cim, CimSmgs, Maritime, RoadCn, Cmr }
    /// What an attester says.
    AttestResult { Confirmed, ConfirmedWithRemark, Refused, Withdrawn }
    /// The state of an authenticity case.
    ProofState { Open, Matched, Expired, Degraded, Contradicted, Closed }
    /// The purpose a document evidences; see section 9.
    TemplateCode { ExportRailSea, ImportRailSea, ChinaEurope, ChinaLaos, DomesticRail, BorderTrade, Offshore }
    /// What bars an operation on an object.
    HoldKind { Dispute, CourtFreeze, RegulatorFreeze, CustomsHold, LossStop, Deficit }
    /// Actions in a document's endorsement chain (DCSA codes, then local ones).
    ChainAction {
        Issue, Endorse, EndorseToOrder, BlankEndorse, Transfer, Sign, SurrenderForDelivery, SurrenderForAmendment, Sacc, Srej,
        Surrendered, PledgeEndorse, PledgeRelease, Convert, Split, Merge, ToPaper, FromPaper, Instruct, Amend,
    }
}

impl DocState {
    /// Whether no operation can change the document again.
    pub fn is_terminal(self) -> bool {
        use DocState::*;
        matches!(self, Accomplished | Replaced | Split | Merged | Converted | Void | Closed | Sold)
    }
    /// Whether the document is the operative title over its lots.
    pub fn is_operative_title(self) -> bool {
        use DocState::*;
        matches!(self, Active | PendDelivery | PendAmend | PaperOut | SalePending)
    }
}

impl HoldKind {
    /// How grave a hold is: the smallest number is what everybody is told of several holds.
    pub fn gravity(self) -> u8 {
        match self {
            HoldKind::CourtFreeze => 0,
            HoldKind::RegulatorFreeze => 1,
            HoldKind::LossStop => 2,
            HoldKind::Dispute => 3,
            HoldKind::Deficit => 4,
            HoldKind::CustomsHold => 5,
        }
    }
}

impl FlowStep {
    /// Whether the goods leave their custodian's premises for good.
    pub fn is_exit(self) -> bool {
        matches!(self, FlowStep::GateOut | FlowStep::Delivered)
    }
    /// Whether the step moves the goods or lays them to rest; the others are looks at them on the way.
    pub fn is_movement(self) -> bool {
        use FlowStep::*;
        let rest =
            matches!(self, Arrived | GateIn | Unstuffed | Stored | Relocated | Picked | GateOut | Delivered | Lost);
        rest || self.is_in_transit()
    }
    /// Whether the goods are on their way after the step, so that silence is an alarm.
    pub fn is_in_transit(self) -> bool {
        use FlowStep::*;
        matches!(self, Loaded | Sealed | Departed | BorderOut | BorderIn | Transloaded | PortIn | OnBoard | Discharged)
    }
}

impl PledgeState {
    /// Whether the pledge still encumbers its goods.
    pub fn is_live(self) -> bool {
        matches!(self, PledgeState::Active | PledgeState::Matured | PledgeState::Enforcing)
    }
}

/// Kind of a document or of an evidence paper.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct DocKind(pub u16);

macro_rules! doc_kinds {
    ($($konst:ident = $number:literal $name:literal),+ $(,)?) => {
        impl DocKind {
            $(pub const $konst: DocKind = DocKind($number);)+
            /// Every defined kind.
            pub const ALL: &'static [DocKind] = &[$(DocKind($number)),+];
            /// The name used in files, such as `NCD`.
            pub fn name(self) -> Option<&'static str> {
                match self.0 { $($number => Some($name),)+ _ => None }
            }
            /// The kind of a name, in any case.
            pub fn from_name(name: &str) -> Option<DocKind> {
                Self::ALL.iter().copied().find(|k| k.name().is_some_and(|n| n.eq_ignore_ascii_case(name)))
            }
        }
    };
}

doc_kinds! {
    LEG_NOTE_CN = 1 "LEG_NOTE_CN", LEG_NOTE_SMGS = 2 "LEG_NOTE_SMGS", LEG_NOTE_CIM = 3 "LEG_NOTE_CIM", HOUSE_BILL = 4 "HOUSE_BILL",
    MTD = 10 "MTD", NCD = 11 "NCD", RAIL_BL = 12 "RAIL_BL", OBL = 13 "OBL", WHR = 20 "WHR",
    DECLARATION = 30 "DECLARATION", INVOICE = 31 "INVOICE", CONTRACT = 32 "CONTRACT", POLICY = 33 "POLICY", ORIGIN = 34 "ORIGIN",
    PACKING_LIST = 35 "PACKING_LIST", E_INVOICE = 36 "E_INVOICE", PARTY = 100 "PARTY", SITE = 101 "SITE",
}

impl DocKind {
    /// Whether the kind can be a title document on the waybill side.
    pub fn is_waybill_title(self) -> bool {
        matches!(self, DocKind::MTD | DocKind::NCD | DocKind::RAIL_BL | DocKind::OBL | DocKind::HOUSE_BILL)
    }
    /// Whether the kind can be anchored as a non-title note.
    pub fn is_anchor(self) -> bool {
        matches!(self, DocKind::LEG_NOTE_CN | DocKind::LEG_NOTE_SMGS | DocKind::LEG_NOTE_CIM | DocKind::HOUSE_BILL)
    }
}
