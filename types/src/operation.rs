//! Operations: what a transaction asks for. Numbers and names are frozen; `landsea operations --json` prints this list.
//!
//! On the wire an operation is its `u16` number (module in the high byte) followed by the body. An unknown number is refused
//! with 1004 and never guessed.

pub mod authenticity;
pub mod party;
pub mod pledge;
pub mod warehouse;
pub mod waybill;

use crate::{AccountId, Hash, crypto::hash_of};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use std::io;

/// The text by which a decoding error for an unknown operation number is recognised.
pub const UNKNOWN_OPERATION: &str = "unknown operation";

/// One line of the operation table: see `operations.csv` of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OperationInfo {
    pub module: &'static str,
    pub operation: &'static str,
    pub number: u16,
    pub part: u8,
    pub caller: &'static str,
    pub consents: &'static str,
    pub summary: &'static str,
}

macro_rules! operations {
    ($($variant:ident($body:ty) = $number:literal $module:literal $name:literal $full:literal, $caller:literal, $consents:literal, $summary:literal;)+) => {
        /// Every operation of the ledger's first part.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "operation", content = "args")]
        pub enum Operation { $(#[doc = $summary] #[serde(rename = $full)] $variant($body)),+ }

        /// The table of implemented operations, in number order.
        pub const OPERATIONS: &[OperationInfo] = &[$(OperationInfo {
            module: $module, operation: $name, number: $number, part: 1, caller: $caller, consents: $consents, summary: $summary,
        }),+];

        impl Operation {
            /// The stable number.
            pub fn number(&self) -> u16 { match self { $(Operation::$variant(_) => $number),+ } }
            /// The full name, such as `pledge.create`.
            pub fn name(&self) -> &'static str { match self { $(Operation::$variant(_) => $full),+ } }
        }

        impl BorshSerialize for Operation {
            fn serialize<W: io::Write>(&self, writer: &mut W) -> io::Result<()> {
                BorshSerialize::serialize(&self.number(), writer)?;
                match self { $(Operation::$variant(body) => BorshSerialize::serialize(body, writer)),+ }
            }
        }

        impl BorshDeserialize for Operation {
            fn deserialize_reader<R: io::Read>(reader: &mut R) -> io::Result<Self> {
                match u16::deserialize_reader(reader)? {
                    $($number => Ok(Operation::$variant(<$body>::deserialize_reader(reader)?)),)+
                    other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("{UNKNOWN_OPERATION} {other:#06x}"))),
                }
            }
        }
    };
}

operations! {
    PartyOnboard(party::Onboard) = 0x0201 "party" "onboard" "party.onboard", "BRANCH", "", "register a firm with roles and keys in this branch's territory; a firm known anywhere and not EXITED is refused (2001)";
    PartyAddRole(party::AddRole) = 0x0202 "party" "add_role" "party.add_role", "BRANCH (home)", "", "add a role to a party; never BRANCH";
    PartySuspend(party::Suspend) = 0x0203 "party" "suspend" "party.suspend", "BRANCH (home)", "", "suspended parties may only receive releases and deliveries";
    PartyResume(party::Resume) = 0x0204 "party" "resume" "party.resume", "BRANCH (home)", "", "lift a suspension";
    PartyRotateKey(party::RotateKey) = 0x0205 "party" "rotate_key" "party.rotate_key", "the party", "", "new key from a height; the old one ends";
    PartyGrantLicence(party::GrantLicence) = 0x0206 "party" "grant_licence" "party.grant_licence", "BRANCH (home)", "", "warehouse site or issuing system or supervision licence";
    WaybillAnchor(waybill::Anchor) = 0x0401 "waybill" "anchor" "waybill.anchor", "RAIL OCEAN FORWARDER MTO", "", "non-title note with ticket";
    WaybillIssue(waybill::Issue) = 0x0402 "waybill" "issue" "waybill.issue", "RAIL MTO OCEAN (FORWARDER if granted)", "first holder", "title document over new lots";
    WaybillAdopt(waybill::Adopt) = 0x0403 "waybill" "adopt" "waybill.adopt", "issuer of the title document", "", "a leg note joins the through bill";
    WaybillEndorse(waybill::Endorse) = 0x0404 "waybill" "endorse" "waybill.endorse", "holder", "pledgee if pledged", "named / to order / blank";
    WaybillTransfer(waybill::Transfer) = 0x0405 "waybill" "transfer" "waybill.transfer", "holder", "pledgee if pledged", "change holder (and beneficiary where allowed)";
    WaybillSurrenderForDelivery(waybill::Surrender) = 0x0406 "waybill" "surrender_for_delivery" "waybill.surrender_for_delivery", "sole holder", "pledgee if pledged", "PEND_DELIVERY";
    WaybillSurrenderForAmendment(waybill::Surrender) = 0x0407 "waybill" "surrender_for_amendment" "waybill.surrender_for_amendment", "sole holder", "pledgee if pledged", "PEND_AMEND";
    WaybillAnswerSurrender(waybill::AnswerSurrender) = 0x0408 "waybill" "answer_surrender" "waybill.answer_surrender", "issuer", "", "accept or reject once";
    WaybillAmend(waybill::Amend) = 0x0409 "waybill" "amend" "waybill.amend", "issuer", "holder; pledgee if pledged", "declared new version; fp1 chain kept";
    WaybillConvert(waybill::Convert) = 0x040a "waybill" "convert" "waybill.convert", "WAREHOUSE (new issuer)", "carrier; holder; pledgee if pledged; SUPERVISOR if appointed", "waybill becomes warehouse receipt with the pledge carried";
    WarehouseIssue(warehouse::Issue) = 0x0501 "warehouse" "issue" "warehouse.issue", "WAREHOUSE", "depositor; SUPERVISOR if the site has one", "receipt over counted goods";
    WarehouseEndorseTransfer(warehouse::EndorseTransfer) = 0x0502 "warehouse" "endorse_transfer" "warehouse.endorse_transfer", "holder", "WAREHOUSE; pledgee if pledged", "transfer needs the keeper's signature";
    WarehouseDeliverFull(warehouse::DeliverFull) = 0x0503 "warehouse" "deliver_full" "warehouse.deliver_full", "WAREHOUSE", "holder; pledgee if pledged", "goods leave; receipt ends";
    PledgeReserve(pledge::Reserve) = 0x0601 "pledge" "reserve" "pledge.reserve", "BANK", "pledgor", "exclusive and short";
    PledgeCancelReservation(pledge::CancelReservation) = 0x0602 "pledge" "cancel_reservation" "pledge.cancel_reservation", "the reserving BANK", "", "give it up";
    PledgeCreate(pledge::Create) = 0x0603 "pledge" "create" "pledge.create", "BANK", "pledgor; custodian; SUPERVISOR if the op or a lot names one", "one live pledge per lot; the op may appoint the SUPERVISOR";
    PledgeExtend(pledge::Extend) = 0x0604 "pledge" "extend" "pledge.extend", "pledgee", "pledgor unless agreed", "new registration end";
    PledgeRelease(pledge::Release) = 0x0605 "pledge" "release" "pledge.release", "pledgee", "", "whole release with a reason";
    AuthenticityOpen(authenticity::Open) = 0x0801 "authenticity" "open" "authenticity.open", "ENTERPRISE (holder or beneficiary) or BANK", "holder if a BANK opens", "a case on a document under a template; pledge.create accepts it only if its subject is that document (5006)";
    AuthenticityAttest(authenticity::Attest) = 0x0802 "authenticity" "attest" "authenticity.attest", "any attester role", "", "tags of its own copy";
    AuthenticityRefuse(authenticity::Refuse) = 0x0803 "authenticity" "refuse" "authenticity.refuse", "any attester role", "", "recorded refusal";
    AuthenticityWithdrawAttestation(authenticity::WithdrawAttestation) = 0x0804 "authenticity" "withdraw_attestation" "authenticity.withdraw_attestation", "the attester", "", "degrades the proof; alerts the pledgee";
}

impl Operation {
    /// What consents sign: blake3(sender ‖ operation with its object versions). It binds a consent to one caller.
    pub fn hash(&self, sender: &AccountId) -> Hash {
        Hash(hash_of("operation", &(sender, self)))
    }
}
