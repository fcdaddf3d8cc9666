//! Outcome codes, with the stable numbers and names of the specification.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($variant:ident = $number:literal $name:literal $meaning:literal),+ $(,)?) => {
        /// Why an operation was refused; `Ok` when it was not.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "u16", try_from = "u16")]
        #[repr(u16)]
        pub enum Code { #[doc = "applied"] Ok = 0, $(#[doc = $meaning] $variant = $number),+ }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[Code::Ok, $(Code::$variant),+];
            /// The stable number.
            pub const fn number(self) -> u16 { self as u16 }
            /// The stable name, such as `ALREADY_PLEDGED`.
            pub const fn name(self) -> &'static str { match self { Code::Ok => "OK", $(Code::$variant => $name),+ } }
            /// A sentence fragment for people.
            pub const fn meaning(self) -> &'static str { match self { Code::Ok => "applied", $(Code::$variant => $meaning),+ } }
        }

        impl TryFrom<u16> for Code {
            type Error = String;
            fn try_from(number: u16) -> Result<Self, String> {
                match number { 0 => Ok(Code::Ok), $($number => Ok(Code::$variant),)+ _ => Err(format!("code {number} is not defined")) }
            }
        }
    };
}

codes! {
    BadSignature = 1001 "BAD_SIGNATURE" "bad signature",
    AlreadyCommitted = 1002 "ALREADY_COMMITTED" "transaction already committed",
    TransactionExpired = 1003 "TRANSACTION_EXPIRED" "tx expired",
    UnknownOperation = 1004 "UNKNOWN_OPERATION" "unknown op/version",
    RoleNotPermitted = 1005 "ROLE_NOT_PERMITTED" "role not permitted",
    PartySuspended = 1006 "PARTY_SUSPENDED" "party suspended",
    StaleVersion = 1007 "STALE_VERSION" "stale object version",
    ConsentMissing = 1008 "CONSENT_MISSING" "consent missing (arg=who)",
    ConsentInvalid = 1009 "CONSENT_INVALID" "consent invalid/expired/reused",
    TooLarge = 1010 "TOO_LARGE" "size limit",
    FeatureNotGranted = 1011 "FEATURE_NOT_GRANTED" "feature not granted in member",
    UnknownObject = 1012 "UNKNOWN_OBJECT" "unknown object (arg which)",
    WrongChain = 1013 "WRONG_CHAIN" "wrong chain",
    Internal = 1014 "INTERNAL" "invariant broken; transaction rolled back",
    DuplicateParty = 2001 "DUPLICATE_PARTY" "duplicate party",
    LicenceMissing = 2002 "LICENCE_MISSING" "licence missing/expired",
    KeyNotValid = 2003 "KEY_NOT_VALID" "key not valid at height",
    DuplicateDocument = 3001 "DUPLICATE_DOCUMENT" "duplicate document (fp1)",
    DuplicateContent = 3002 "DUPLICATE_CONTENT" "duplicate content (fp2)",
    TicketInvalid = 3003 "TICKET_INVALID" "ticket missing/expired/not for applicant",
    DocumentState = 3004 "DOCUMENT_STATE" "document not in required state",
    NotHolder = 3005 "NOT_HOLDER" "not the holder",
    Encumbered = 3006 "ENCUMBERED" "encumbered: pledgee consent needed",
    SurrenderAnswered = 3007 "SURRENDER_ANSWERED" "surrender already answered",
    UnknownKindOrRules = 3008 "UNKNOWN_KIND_OR_RULES" "unknown kind or rule version",
    FingerprintEpochStale = 3009 "FINGERPRINT_EPOCH_STALE" "fingerprint epoch stale",
    AnchorAdopted = 3010 "ANCHOR_ADOPTED" "anchor already adopted",
    NearMatch = 3102 "NEAR_MATCH" "near-match not acknowledged",
    ShortageAboveTolerance = 3107 "SHORTAGE_ABOVE_TOLERANCE" "shortage above tolerance",
    PaperIsOut = 3108 "PAPER_IS_OUT" "paper is out",
    GoodsKeyOccupied = 4001 "GOODS_KEY_OCCUPIED" "goods key occupied (exclusive)",
    CellCapacity = 4002 "CELL_CAPACITY" "cell capacity exceeded",
    NotConserved = 4003 "NOT_CONSERVED" "quantity not conserved",
    UnitMismatch = 4004 "UNIT_MISMATCH" "uom mismatch",
    CountTooOld = 4005 "COUNT_TOO_OLD" "count too old",
    CellBlocked = 4006 "CELL_BLOCKED" "cell blocked / deficit",
    KeyDuplicated = 4007 "KEY_DUPLICATED" "key duplicated across children",
    LotNotActive = 4008 "LOT_NOT_ACTIVE" "lot not ACTIVE",
    AlreadyPledged = 5001 "ALREADY_PLEDGED" "already pledged (args: since_ht, member)",
    ReservedByOther = 5002 "RESERVED_BY_OTHER" "reserved by another bank",
    PledgorNotSoleHolder = 5003 "PLEDGOR_NOT_SOLE_HOLDER" "pledgor is not sole holder",
    CustodianAckMissing = 5004 "CUSTODIAN_ACK_MISSING" "custodian acknowledgement missing",
    TermOutOfLimits = 5005 "TERM_OUT_OF_LIMITS" "term outside limits",
    ProofLevelTooLow = 5006 "PROOF_LEVEL_TOO_LOW" "proof level too low",
    NotPledgeableHere = 5007 "NOT_PLEDGEABLE_HERE" "legal basis not pledgeable here",
    PledgeState = 5008 "PLEDGE_STATE" "pledge not in required state",
    NotPledgee = 5009 "NOT_PLEDGEE" "not the pledgee",
    ReservationLimit = 5010 "RESERVATION_LIMIT" "reservation limit / cooldown",
    CollateralSetInvalid = 5011 "COLLATERAL_SET_INVALID" "document set is empty, mixed or too large",
    OfferNotOpen = 5012 "OFFER_NOT_OPEN" "offer not open",
    Hashlock = 5101 "HASHLOCK" "hashlock mismatch / expired",
    WaitingPeriod = 5102 "WAITING_PERIOD" "enforcement waiting period",
    PriorityConflict = 5103 "PRIORITY_CONFLICT" "priority conflict in merge",
    MixedEncumbrance = 5105 "MIXED_ENCUMBRANCE" "merge of differently encumbered docs",
    CustodianNotIndependent = 5109 "CUSTODIAN_NOT_INDEPENDENT" "custodian not independent of pledgor",
    Held = 6001 "HELD" "blocked by hold (arg kind)",
    HoldTerm = 6002 "HOLD_TERM" "hold term exceeded",
    NotEntitledToLift = 6003 "NOT_ENTITLED_TO_LIFT" "not entitled to lift",
    FilingDeadline = 6004 "FILING_DEADLINE" "filing deadline passed",
    AttesterNotIndependent = 7001 "ATTESTER_NOT_INDEPENDENT" "attester not independent",
    FieldMismatch = 7002 "FIELD_MISMATCH" "field tag mismatch",
    UnknownTemplate = 7003 "UNKNOWN_TEMPLATE" "template unknown",
    AttestationExpired = 7004 "ATTESTATION_EXPIRED" "attestation expired",
    UseMarkExceeded = 7005 "USE_MARK_EXCEEDED" "use-mark above 10000 bps",
    ReporterNotEntitled = 8001 "REPORTER_NOT_ENTITLED" "reporter not entitled",
    DuplicateEvent = 8002 "DUPLICATE_EVENT" "duplicate event",
    NotMemberOrThreshold = 9001 "NOT_MEMBER_OR_THRESHOLD" "not a member / threshold",
    ActivationHeight = 9002 "ACTIVATION_HEIGHT" "activation height invalid",
    TooManyValidatorChanges = 9003 "TOO_MANY_VALIDATOR_CHANGES" "too many validator changes",
}

impl From<Code> for u16 {
    fn from(code: Code) -> u16 {
        code.number()
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Code::Ok => f.write_str("OK"),
            code => write!(f, "{} {}", code.number(), code.name()),
        }
    }
}

impl schemars::JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Code".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let numbers: Vec<u16> = Code::ALL.iter().map(|code| code.number()).collect();
        schemars::json_schema!({ "description": "Outcome code; 0 when nothing was refused.", "type": "integer", "enum": numbers })
    }
}

impl BorshSerialize for Code {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        BorshSerialize::serialize(&self.number(), writer)
    }
}

impl BorshDeserialize for Code {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        Code::try_from(u16::deserialize_reader(reader)?).map_err(std::io::Error::other)
    }
}
