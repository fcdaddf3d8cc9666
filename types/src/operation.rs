//! Operations: what a transaction asks for. Numbers and names are frozen; `landsea operations --json` prints this list.
//!
//! On the wire an operation is its `u16` number (module in the high byte) followed by the body. An unknown number is refused
//! with 1004 and never guessed.

pub mod authenticity;
pub mod cargo;
pub mod goods;
pub mod hold;
pub mod party;
pub mod pledge;
pub mod warehouse;
pub mod waybill;

use crate::{AccountId, DocId, Hash, crypto::hash_of};
use borsh::schema::{Declaration, Definition};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;

/// The text by which a decoding error for an unknown operation number is recognised.
pub const UNKNOWN_OPERATION: &str = "unknown operation";

/// One line of the operation table: see `operations.csv` of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OperationInfo {
    pub module: &'static str,
    pub operation: &'static str,
    pub number: u16,
    pub part: u8,
    pub caller: &'static str,
    pub consents: &'static str,
    pub summary: &'static str,
}

/// A document in the version that the signers saw.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct DocVersion {
    pub doc: DocId,
    pub expect_ver: u32,
}

macro_rules! operations {
    ($($variant:ident($body:ty) = $number:literal $part:literal $module:literal $name:literal $full:literal, $caller:literal, $consents:literal, $summary:literal;)+) => {
        /// Every operation of the ledger's first two parts.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(tag = "operation", content = "args")]
        pub enum Operation { $(#[doc = $summary] #[serde(rename = $full)] $variant($body)),+ }

        /// The table of implemented operations, in number order.
        pub const OPERATIONS: &[OperationInfo] = &[$(OperationInfo {
            module: $module, operation: $name, number: $number, part: $part, caller: $caller, consents: $consents, summary: $summary,
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

        /// Bodies of two modules may share a name, so each is defined under the path that the table writes.
        impl BorshSchema for Operation {
            fn declaration() -> Declaration { "Operation".into() }
            fn add_definitions_recursively(all: &mut BTreeMap<Declaration, Definition>) {
                let variants = vec![$((i64::from($number), $full.into(), define_body::<$body>(stringify!($body), all))),+];
                all.insert(Self::declaration(), Definition::Enum { tag_width: 2, variants });
            }
        }
    };
}

/// Adds the definitions of a body, its own under `path`.
fn define_body<T: BorshSchema>(path: &str, all: &mut BTreeMap<Declaration, Definition>) -> Declaration {
    let mut definitions = BTreeMap::new();
    T::add_definitions_recursively(&mut definitions);
    if let Some(own) = definitions.remove(&T::declaration()) {
        borsh::schema::add_definition(path.into(), own, all);
    }
    definitions.into_iter().for_each(|(name, definition)| borsh::schema::add_definition(name, definition, all));
    path.into()
}

operations! {
    PartyOnboard(party::Onboard) = 0x0201 1 "party" "onboard" "party.onboard", "BRANCH", "", "register a firm with roles and keys in this branch's territory; a firm known anywhere and not EXITED is refused (2001)";
    PartyAddRole(party::AddRole) = 0x0202 1 "party" "add_role" "party.add_role", "BRANCH (home)", "", "add a role to a party; never BRANCH";
    PartySuspend(party::Suspend) = 0x0203 1 "party" "suspend" "party.suspend", "BRANCH (home)", "", "suspended parties may only receive releases and deliveries";
    PartyResume(party::Resume) = 0x0204 1 "party" "resume" "party.resume", "BRANCH (home)", "", "lift a suspension";
    PartyRotateKey(party::RotateKey) = 0x0205 1 "party" "rotate_key" "party.rotate_key", "the party", "", "new key from a height; the old one ends";
    PartyGrantLicence(party::GrantLicence) = 0x0206 1 "party" "grant_licence" "party.grant_licence", "BRANCH (home)", "", "warehouse site or issuing system or supervision licence";
    PartyRevokeLicence(party::RevokeLicence) = 0x0207 2 "party" "revoke_licence" "party.revoke_licence", "BRANCH (home)", "", "end a licence";
    PartyRecoverKey(party::RecoverKey) = 0x0208 2 "party" "recover_key" "party.recover_key", "BRANCH (home)", "", "replace lost keys after a delay and a notice";
    PartyTag(party::SetTag) = 0x0209 2 "party" "tag" "party.tag", "BRANCH", "", "list membership or quality mark with from and to";
    PartyUntag(party::Untag) = 0x020a 2 "party" "untag" "party.untag", "BRANCH", "", "end a tag";
    PartyDelegate(party::Delegate) = 0x020b 2 "party" "delegate" "party.delegate", "the party", "", "another party may act for it in named operations until a time";
    PartyRevokeDelegation(party::RevokeDelegation) = 0x020c 2 "party" "revoke_delegation" "party.revoke_delegation", "the party", "", "end a delegation";
    PartyExit(party::Exit) = 0x020d 2 "party" "exit" "party.exit", "BRANCH (home)", "", "a party leaves; it must hold nothing live";
    GoodsCellOpen(goods::CellOpen) = 0x0301 2 "goods" "cell_open" "goods.cell_open", "WAREHOUSE", "BRANCH licence exists", "open a warehouse cell for counting";
    GoodsCellCount(goods::CellCount) = 0x0302 2 "goods" "cell_count" "goods.cell_count", "WAREHOUSE", "SUPERVISOR", "two-key count; always accepted; may raise a deficit";
    GoodsCellBlock(goods::CellBlock) = 0x0303 2 "goods" "cell_block" "goods.cell_block", "BRANCH", "", "no new receipts from this cell";
    GoodsCellUnblock(goods::CellUnblock) = 0x0304 2 "goods" "cell_unblock" "goods.cell_unblock", "BRANCH", "", "lift a block";
    GoodsUnstuff(goods::Unstuff) = 0x0305 2 "goods" "unstuff" "goods.unstuff", "custodian", "", "container emptied; its key is free again";
    GoodsReseal(goods::Reseal) = 0x0306 2 "goods" "reseal" "goods.reseal", "custodian or CUSTOMS", "", "old and new seal commitments";
    GoodsDeclareLoss(goods::DeclareLoss) = 0x0307 2 "goods" "declare_loss" "goods.declare_loss", "custodian or INSURER", "", "lot LOST";
    GoodsForceVacate(goods::ForceVacate) = 0x0308 2 "goods" "force_vacate" "goods.force_vacate", "BRANCH", "", "end a forgotten occupancy with notice";
    WaybillAnchor(waybill::Anchor) = 0x0401 1 "waybill" "anchor" "waybill.anchor", "RAIL OCEAN FORWARDER MTO", "", "non-title note with ticket";
    WaybillIssue(waybill::Issue) = 0x0402 1 "waybill" "issue" "waybill.issue", "RAIL MTO OCEAN (FORWARDER if granted)", "first holder", "title document over new lots";
    WaybillAdopt(waybill::Adopt) = 0x0403 1 "waybill" "adopt" "waybill.adopt", "issuer of the title document", "", "a leg note joins the through bill";
    WaybillEndorse(waybill::Endorse) = 0x0404 1 "waybill" "endorse" "waybill.endorse", "holder", "pledgee if pledged", "named / to order / blank";
    WaybillTransfer(waybill::Transfer) = 0x0405 1 "waybill" "transfer" "waybill.transfer", "holder", "pledgee if pledged", "change holder (and beneficiary where allowed)";
    WaybillSurrenderForDelivery(waybill::Surrender) = 0x0406 1 "waybill" "surrender_for_delivery" "waybill.surrender_for_delivery", "sole holder", "pledgee if pledged", "PEND_DELIVERY";
    WaybillSurrenderForAmendment(waybill::Surrender) = 0x0407 1 "waybill" "surrender_for_amendment" "waybill.surrender_for_amendment", "sole holder", "pledgee if pledged", "PEND_AMEND";
    WaybillAnswerSurrender(waybill::AnswerSurrender) = 0x0408 1 "waybill" "answer_surrender" "waybill.answer_surrender", "issuer", "", "accept or reject once";
    WaybillAmend(waybill::Amend) = 0x0409 1 "waybill" "amend" "waybill.amend", "issuer", "holder; pledgee if pledged", "declared new version; fp1 chain kept";
    WaybillConvert(waybill::Convert) = 0x040a 1 "waybill" "convert" "waybill.convert", "WAREHOUSE (new issuer)", "carrier; holder; pledgee if pledged; SUPERVISOR if appointed", "waybill becomes warehouse receipt with the pledge carried";
    WaybillCloseAnchor(waybill::CloseAnchor) = 0x040b 2 "waybill" "close_anchor" "waybill.close_anchor", "issuer", "", "end a non-title note";
    WaybillNominate(waybill::Nominate) = 0x040c 2 "waybill" "nominate" "waybill.nominate", "beneficiary", "pledgee if pledged", "name the next beneficiary";
    WaybillRejectBack(waybill::RejectBack) = 0x040d 2 "waybill" "reject_back" "waybill.reject_back", "new holder", "", "first act within 24 h";
    WaybillInstruct(waybill::Instruct) = 0x040e 2 "waybill" "instruct" "waybill.instruct", "holder", "pledgee if pledged", "divert or stop or change consignee";
    WaybillSplit(waybill::Split) = 0x040f 2 "waybill" "split" "waybill.split", "issuer", "holder; pledgee if pledged", "2 to 64 children; conserved";
    WaybillMerge(waybill::Merge) = 0x0410 2 "waybill" "merge" "waybill.merge", "issuer", "holder; pledgee if pledged", "same encumbrance only";
    WaybillVoid(waybill::VoidDoc) = 0x0411 2 "waybill" "void" "waybill.void", "issuer (first holder consents) or BRANCH by order", "", "only under section 5's conditions";
    WarehouseIssue(warehouse::Issue) = 0x0501 1 "warehouse" "issue" "warehouse.issue", "WAREHOUSE", "depositor; SUPERVISOR if the site has one", "receipt over counted goods";
    WarehouseEndorseTransfer(warehouse::EndorseTransfer) = 0x0502 1 "warehouse" "endorse_transfer" "warehouse.endorse_transfer", "holder", "WAREHOUSE; pledgee if pledged", "transfer needs the keeper's signature";
    WarehouseDeliverFull(warehouse::DeliverFull) = 0x0503 1 "warehouse" "deliver_full" "warehouse.deliver_full", "WAREHOUSE", "holder; pledgee if pledged", "goods leave; receipt ends";
    WarehouseDeliverPartial(warehouse::DeliverPartial) = 0x0504 2 "warehouse" "deliver_partial" "warehouse.deliver_partial", "WAREHOUSE", "holder; pledgee and SUPERVISOR if pledged", "quantity reduced";
    WarehouseSplit(waybill::Split) = 0x0505 2 "warehouse" "split" "warehouse.split", "WAREHOUSE", "holder; pledgee if pledged", "conserved";
    WarehouseMerge(waybill::Merge) = 0x0506 2 "warehouse" "merge" "warehouse.merge", "WAREHOUSE", "holder; pledgee if pledged", "same encumbrance only";
    WarehouseConvertOut(warehouse::ConvertOut) = 0x0507 2 "warehouse" "convert_out" "warehouse.convert_out", "carrier (new issuer)", "WAREHOUSE; holder; pledgee if pledged", "receipt becomes transport document";
    WarehouseRelocate(warehouse::Relocate) = 0x0508 2 "warehouse" "relocate" "warehouse.relocate", "WAREHOUSE", "SUPERVISOR; pledgee if pledged", "between cells; conserved";
    WarehouseExtendStorage(warehouse::ExtendStorage) = 0x0509 2 "warehouse" "extend_storage" "warehouse.extend_storage", "WAREHOUSE", "holder", "new end of storage";
    WarehouseSetLien(warehouse::SetLien) = 0x050a 2 "warehouse" "set_lien" "warehouse.set_lien", "WAREHOUSE", "", "keeper's charges unpaid or cleared";
    WarehouseTerminate(warehouse::Terminate) = 0x050b 2 "warehouse" "terminate" "warehouse.terminate", "WAREHOUSE", "", "end of storage or perishables with notice; proceeds follow the pledge";
    WarehouseVoid(waybill::VoidDoc) = 0x050c 2 "warehouse" "void" "warehouse.void", "WAREHOUSE (first holder consents) or BRANCH by order", "", "as waybill";
    PledgeReserve(pledge::Reserve) = 0x0601 1 "pledge" "reserve" "pledge.reserve", "BANK", "pledgor", "exclusive and short";
    PledgeCancelReservation(pledge::CancelReservation) = 0x0602 1 "pledge" "cancel_reservation" "pledge.cancel_reservation", "the reserving BANK", "", "give it up";
    PledgeCreate(pledge::Create) = 0x0603 1 "pledge" "create" "pledge.create", "BANK", "pledgor; custodian; SUPERVISOR if the op or a lot names one", "one live pledge per lot; the op may appoint the SUPERVISOR";
    PledgeExtend(pledge::Extend) = 0x0604 1 "pledge" "extend" "pledge.extend", "pledgee", "pledgor unless agreed", "new registration end";
    PledgeRelease(pledge::Release) = 0x0605 1 "pledge" "release" "pledge.release", "pledgee", "", "whole release with a reason";
    PledgeOffer(pledge::MakeOffer) = 0x0606 2 "pledge" "offer" "pledge.offer", "BANK", "", "two-step path";
    PledgeAccept(pledge::Accept) = 0x0607 2 "pledge" "accept" "pledge.accept", "pledgor or custodian", "", "adds a consent to an offer";
    PledgeWithdrawOffer(pledge::WithdrawOffer) = 0x0608 2 "pledge" "withdraw_offer" "pledge.withdraw_offer", "BANK", "", "ends an offer";
    PledgeAddCollateral(pledge::AddCollateral) = 0x0609 2 "pledge" "add_collateral" "pledge.add_collateral", "pledgee", "pledgor; custodian", "own priority for the added documents";
    PledgeSubstitute(pledge::Substitute) = 0x060a 2 "pledge" "substitute" "pledge.substitute", "pledgee", "pledgor; custodians", "new encumbrance first then release; atomic";
    PledgeReleasePartial(pledge::ReleasePartial) = 0x060b 2 "pledge" "release_partial" "pledge.release_partial", "pledgee", "holder; issuer or custodian", "through split or partial delivery";
    PledgeAssign(pledge::Assign) = 0x060c 2 "pledge" "assign" "pledge.assign", "pledgee", "new BANK", "priority unchanged";
    PledgeDeclareDefault(pledge::DeclareDefault) = 0x060d 2 "pledge" "declare_default" "pledge.declare_default", "pledgee", "", "ENFORCING";
    PledgeCure(pledge::Cure) = 0x060e 2 "pledge" "cure" "pledge.cure", "pledgee", "", "back to ACTIVE or MATURED";
    PledgeRealise(pledge::Realise) = 0x060f 2 "pledge" "realise" "pledge.realise", "pledgee", "custodian; pledgor's consent or BRANCH order", "after the waiting period";
    PledgeMirror(pledge::RegisterMirror) = 0x0610 2 "pledge" "mirror" "pledge.mirror", "pledgee", "", "commitment to the registry's registration";
    PledgeVoidByOrder(pledge::VoidByOrder) = 0x0611 2 "pledge" "void_by_order" "pledge.void_by_order", "BRANCH", "", "court or arbitration order";
    HoldDispute(hold::Dispute) = 0x0701 2 "hold" "dispute" "hold.dispute", "a party with interest", "", "lapses unless a case is filed in time";
    HoldFileCase(hold::FileCase) = 0x0702 2 "hold" "file_case" "hold.file_case", "the disputing party", "", "prolongs a dispute";
    HoldWithdrawDispute(hold::WithdrawDispute) = 0x0703 2 "hold" "withdraw_dispute" "hold.withdraw_dispute", "the disputing party", "", "ends it";
    HoldCourtFreeze(hold::CourtFreeze) = 0x0704 2 "hold" "court_freeze" "hold.court_freeze", "BRANCH", "", "effective or queued";
    HoldRenewFreeze(hold::RenewFreeze) = 0x0705 2 "hold" "renew_freeze" "hold.renew_freeze", "BRANCH (same)", "", "before it ends";
    HoldLift(hold::Lift) = 0x0706 2 "hold" "lift" "hold.lift", "BRANCH (same)", "", "next in the queue becomes effective";
    HoldRegulatorFreeze(hold::RegulatorFreeze) = 0x0707 2 "hold" "regulator_freeze" "hold.regulator_freeze", "BRANCH", "", "emergency term alone";
    HoldCountersignFreeze(hold::CountersignFreeze) = 0x0708 2 "hold" "countersign_freeze" "hold.countersign_freeze", "second BRANCH", "", "long term";
    HoldCustomsHold(hold::CustomsHold) = 0x0709 2 "hold" "customs_hold" "hold.customs_hold", "CUSTOMS", "", "bars exit only";
    HoldCustomsRelease(hold::CustomsRelease) = 0x070a 2 "hold" "customs_release" "hold.customs_release", "CUSTOMS", "", "ends it";
    AuthenticityOpen(authenticity::Open) = 0x0801 1 "authenticity" "open" "authenticity.open", "ENTERPRISE (holder or beneficiary) or BANK", "holder if a BANK opens", "a case on a document under a template; pledge.create accepts it only if its subject is that document (5006)";
    AuthenticityAttest(authenticity::Attest) = 0x0802 1 "authenticity" "attest" "authenticity.attest", "any attester role", "", "tags of its own copy";
    AuthenticityRefuse(authenticity::Refuse) = 0x0803 1 "authenticity" "refuse" "authenticity.refuse", "any attester role", "", "recorded refusal";
    AuthenticityWithdrawAttestation(authenticity::WithdrawAttestation) = 0x0804 1 "authenticity" "withdraw_attestation" "authenticity.withdraw_attestation", "the attester", "", "degrades the proof; alerts the pledgee";
    AuthenticityLink(authenticity::Link) = 0x0805 2 "authenticity" "link" "authenticity.link", "pledgee", "", "tie a proof to a pledge";
    AuthenticityClose(authenticity::Close) = 0x0806 2 "authenticity" "close" "authenticity.close", "applicant", "", "end a case";
    AuthenticityMarkUse(authenticity::MarkUse) = 0x0807 2 "authenticity" "mark_use" "authenticity.mark_use", "BANK CUSTOMS TAX or INSURER", "", "basis points per purpose; at most 10000";
    AuthenticityReleaseMark(authenticity::ReleaseMark) = 0x0808 2 "authenticity" "release_mark" "authenticity.release_mark", "the marker", "", "gives them back";
    CargoReport(cargo::Report) = 0x0901 2 "cargo" "report" "cargo.report", "entitled reporter", "", "event; physical facts are never refused";
    CargoConfirmCustody(cargo::ConfirmCustody) = 0x0902 2 "cargo" "confirm_custody" "cargo.confirm_custody", "the other custodian", "", "closes a hand-over";
    CargoCorrect(cargo::Correct) = 0x0903 2 "cargo" "correct" "cargo.correct", "the reporter", "", "correction by reference";
}

impl Operation {
    /// What consents sign: blake3(sender ‖ operation with its object versions). It binds a consent to one caller.
    pub fn hash(&self, sender: &AccountId) -> Hash {
        Hash(hash_of("operation", &(sender, self)))
    }
}
