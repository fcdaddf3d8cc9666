//! The arguments of every operation as a scenario writes them: documents, firms and steps by name, times relative.
//!
//! A field of one name means the same in every operation, see [`FIELDS`]; the checker relies on it.

use super::values::{KindName, Version, When};
use landsea_client::LotInput;
use landsea_types::operation::warehouse::MANDATORY_FIELDS;
use landsea_types::role::{
    AttestResult, LegMode, LegRegime, LegalBasis, LicenceKind, OrderType, ReleaseReason, Role, SecuredKind,
};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeValue, Error, ValueDeserializer};

const DAY_MS: u64 = 86_400_000;

/// What a field names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// A document of the file.
    Document,
    /// A member of the cast or a branch.
    Party,
    /// An earlier step, by its id or what it saved.
    Step,
    /// A node, by its member's code.
    Node,
}

/// What the fields of operations, queries and controls name.
pub const FIELDS: &[(&str, Names)] = &[
    ("doc", Names::Document),
    ("docs", Names::Document),
    ("document", Names::Document),
    ("paper", Names::Document),
    ("title", Names::Document),
    ("note", Names::Document),
    ("base_docs", Names::Document),
    ("party", Names::Party),
    ("to", Names::Party),
    ("first_holder", Names::Party),
    ("pledgor", Names::Party),
    ("depositor", Names::Party),
    ("supervisor", Names::Party),
    ("financing_bank", Names::Party),
    ("named", Names::Party),
    ("to_order", Names::Party),
    ("carrier", Names::Party),
    ("holder", Names::Party),
    ("bank", Names::Party),
    ("applicant", Names::Party),
    ("shown_by", Names::Party),
    ("pledge", Names::Step),
    ("proof", Names::Step),
    ("step", Names::Step),
    ("certificate", Names::Step),
    ("node", Names::Node),
    ("nodes", Names::Node),
];

macro_rules! operations {
    ($($name:literal => $variant:ident($body:ty)),+ $(,)?) => {
        /// An operation with its arguments.
        #[derive(Clone, Debug)]
        pub enum OpSpec { $(#[doc = concat!("`", $name, "`")] $variant($body)),+ }

        impl OpSpec {
            /// Every operation's name.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
            /// The operation's name.
            pub fn name(&self) -> &'static str { match self { $(OpSpec::$variant(_) => $name),+ } }
            /// Reads the arguments of an operation.
            ///
            /// # Errors
            /// With the place of an unknown, missing or ill-typed argument; `None` for an unknown operation.
            pub fn read(name: &str, args: Spanned<DeValue<'_>>) -> Option<Result<Self, Error>> {
                match name {
                    $($name => Some(<$body>::deserialize(ValueDeserializer::from(args)).map(OpSpec::$variant)),)+
                    _ => None,
                }
            }
        }
    };
}

operations! {
    "party.onboard" => Onboard(Onboard),
    "party.add_role" => AddRole(AddRole),
    "party.suspend" => Suspend(PartyVersion),
    "party.resume" => Resume(PartyVersion),
    "party.rotate_key" => RotateKey(RotateKey),
    "party.grant_licence" => GrantLicence(GrantLicence),
    "waybill.anchor" => Anchor(Anchor),
    "waybill.issue" => Issue(Issue),
    "waybill.adopt" => Adopt(Adopt),
    "waybill.endorse" => Endorse(Endorse),
    "waybill.transfer" => Transfer(Transfer),
    "waybill.surrender_for_delivery" => SurrenderForDelivery(DocVersion),
    "waybill.surrender_for_amendment" => SurrenderForAmendment(DocVersion),
    "waybill.answer_surrender" => AnswerSurrender(AnswerSurrender),
    "waybill.amend" => Amend(Amend),
    "waybill.convert" => Convert(Convert),
    "warehouse.issue" => WarehouseIssue(WarehouseIssue),
    "warehouse.endorse_transfer" => EndorseTransfer(Transfer),
    "warehouse.deliver_full" => DeliverFull(DocVersion),
    "pledge.reserve" => Reserve(Reserve),
    "pledge.cancel_reservation" => CancelReservation(DocVersion),
    "pledge.create" => Create(Create),
    "pledge.extend" => Extend(Extend),
    "pledge.release" => Release(Release),
    "authenticity.open" => Open(Open),
    "authenticity.attest" => Attest(Attest),
    "authenticity.refuse" => Refuse(Refuse),
    "authenticity.withdraw_attestation" => WithdrawAttestation(Refuse),
}

/// Whose ticket an operation carries, when not the caller's own over the operation's document.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// Made for another applicant.
    #[serde(default)]
    pub applicant: Option<String>,
    /// Made over another document.
    #[serde(default)]
    pub document: Option<String>,
    /// Altered after the branch has signed it.
    #[serde(default)]
    pub forged: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboard {
    pub party: String,
    /// Other roles than those of the cast.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
    /// Another code than that of the cast.
    #[serde(default)]
    pub code: Option<String>,
    #[serde(default)]
    pub group: Option<String>,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRole {
    pub party: String,
    pub role: Role,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyVersion {
    pub party: String,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// The actor when absent.
    #[serde(default)]
    pub party: Option<String>,
    /// Heights from now until the new key signs.
    #[serde(default = "three")]
    pub after_heights: u64,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantLicence {
    pub party: String,
    pub kind: LicenceKind,
    /// The site's code.
    pub site: String,
    #[serde(default = "now")]
    pub from: When,
    #[serde(default = "ten_years")]
    pub until: When,
    #[serde(default)]
    pub expect_ver: Version,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    pub document: String,
    /// Another kind than the document's.
    #[serde(default)]
    pub kind: Option<KindName>,
    #[serde(default = "no_basis")]
    pub legal_basis: LegalBasis,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    pub mode: LegMode,
    pub regime: LegRegime,
    /// Codes of places, the only fields `from` and `to` that name no party.
    pub from: String,
    pub to: String,
    pub carrier: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    pub document: String,
    pub first_holder: String,
    #[serde(default)]
    pub kind: Option<KindName>,
    /// What the kind usually rests on, when absent.
    #[serde(default)]
    pub legal_basis: Option<LegalBasis>,
    #[serde(default = "to_order")]
    pub order_type: OrderType,
    /// The lots of the document when absent.
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    #[serde(default)]
    pub legs: Vec<Leg>,
    #[serde(default)]
    pub base_docs: Vec<String>,
    /// Text that is committed to; an empty one gives the zero commitment.
    #[serde(default = "control_agreement")]
    pub control_agreement: String,
    #[serde(default)]
    pub expires: Option<When>,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    pub title: String,
    pub note: String,
    pub leg: Leg,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorse {
    pub doc: String,
    /// Exactly one of `named`, `to_order` and `blank`.
    #[serde(default)]
    pub named: Option<String>,
    #[serde(default)]
    pub to_order: Option<String>,
    #[serde(default)]
    pub blank: bool,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    pub doc: String,
    pub to: String,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocVersion {
    pub doc: String,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    pub document: String,
    /// Bit per changed field; worked out from both papers when absent.
    #[serde(default)]
    pub changed_fields: Option<u64>,
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    #[serde(default = "control_agreement")]
    pub control_agreement: String,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSurrender {
    pub doc: String,
    pub accept: bool,
    #[serde(default)]
    pub version: Option<NewVersion>,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    pub doc: String,
    pub version: NewVersion,
    #[serde(default)]
    pub expect_ver: Version,
}

/// The terms of a warehouse receipt.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub document: String,
    /// Code of the site; the document's when absent.
    #[serde(default)]
    pub site: Option<String>,
    #[serde(default = "receipt_basis")]
    pub legal_basis: LegalBasis,
    #[serde(default = "yes")]
    pub negotiable: bool,
    #[serde(default = "all_fields")]
    pub mandatory_fields: u32,
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    #[serde(default = "now")]
    pub storage_from: When,
    #[serde(default = "one_year")]
    pub storage_until: When,
    #[serde(default = "twenty")]
    pub loss_standard_bps: u16,
    #[serde(default)]
    pub charges: String,
    #[serde(default)]
    pub quality: String,
    #[serde(default)]
    pub standard_warrant: bool,
    #[serde(default)]
    pub bonded: bool,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    pub doc: String,
    pub receipt: Receipt,
    /// Declared shortage with its unit, such as `120 kg`.
    #[serde(default)]
    pub shortage: Option<String>,
    #[serde(default)]
    pub shortage_packages: u32,
    #[serde(default)]
    pub accept_shortage: bool,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarehouseIssue {
    pub depositor: String,
    pub receipt: Receipt,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    pub doc: String,
    #[serde(default = "one_day")]
    pub until: When,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    pub docs: Vec<String>,
    pub pledgor: String,
    #[serde(default = "half_a_year")]
    pub reg_until: When,
    #[serde(default)]
    pub claim: String,
    #[serde(default = "loan")]
    pub secured_kind: SecuredKind,
    #[serde(default)]
    pub extend_agreed: bool,
    #[serde(default = "seventy_percent")]
    pub cover_min_bps: u16,
    #[serde(default)]
    pub finance_ref: String,
    #[serde(default)]
    pub proof_min_level: u8,
    #[serde(default)]
    pub proof: Option<String>,
    #[serde(default)]
    pub supervisor: Option<String>,
    #[serde(default)]
    pub ack_near: bool,
    #[serde(default)]
    pub expect_ver: Version,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    pub pledge: String,
    pub reg_until: When,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub pledge: String,
    #[serde(default = "obligation_satisfied")]
    pub reason: ReleaseReason,
    #[serde(default)]
    pub expect_ver: Version,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    pub doc: String,
    /// By name, such as `EXPORT_RAIL_SEA`, or number.
    pub template: TemplateName,
    #[serde(default)]
    pub financing_bank: Option<String>,
    #[serde(default)]
    pub expect_ver: Version,
}

/// A template by name or number.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, expecting = "expected a template's name or number")]
pub enum TemplateName {
    /// Its number.
    Number(u16),
    /// Its code.
    Code(String),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    pub proof: String,
    pub document: String,
    #[serde(default)]
    pub kind: Option<KindName>,
    #[serde(default = "confirmed")]
    pub result: AttestResult,
    #[serde(default = "ninety_days")]
    pub until: When,
    #[serde(default)]
    pub evidence: String,
    #[serde(default)]
    pub expect_ver: Version,
    #[serde(default)]
    pub ticket: Ticket,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    pub proof: String,
    pub kind: KindName,
    #[serde(default)]
    pub evidence: String,
    #[serde(default)]
    pub expect_ver: Version,
}

fn now() -> When {
    When::after(0)
}
fn one_day() -> When {
    When::after(DAY_MS)
}
fn ninety_days() -> When {
    When::after(90 * DAY_MS)
}
fn half_a_year() -> When {
    When::after(180 * DAY_MS)
}
fn one_year() -> When {
    When::after(365 * DAY_MS)
}
fn ten_years() -> When {
    When::after(3650 * DAY_MS)
}
fn three() -> u64 {
    3
}
fn twenty() -> u16 {
    20
}
fn seventy_percent() -> u16 {
    7_000
}
fn yes() -> bool {
    true
}
fn all_fields() -> u32 {
    MANDATORY_FIELDS
}
fn no_basis() -> LegalBasis {
    LegalBasis::None
}
fn receipt_basis() -> LegalBasis {
    LegalBasis::DomesticWhr
}
fn to_order() -> OrderType {
    OrderType::ToOrder
}
fn control_agreement() -> String {
    "delivery only against ledger control".into()
}
fn loan() -> SecuredKind {
    SecuredKind::Loan
}
fn obligation_satisfied() -> ReleaseReason {
    ReleaseReason::Obsa
}
fn confirmed() -> AttestResult {
    AttestResult::Confirmed
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::operation::OPERATIONS;

    #[test]
    fn every_operation_of_the_ledger_can_be_written_in_a_scenario() {
        let mut known: Vec<String> = OPERATIONS.iter().map(|o| format!("{}.{}", o.module, o.operation)).collect();
        let mut here: Vec<String> = OpSpec::NAMES.iter().map(|n| (*n).to_owned()).collect();
        known.sort();
        here.sort();
        assert_eq!(here, known);
    }
}
