//! The arguments of every operation as a scenario writes them: documents, firms and steps by name, times relative.
//!
//! A field of one name means the same in every operation, see [`FIELDS`]; the checker relies on it.

use super::spec::{Spec, TicketWish as Ticket};
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
    ("since", Names::Step),
    ("hold", Names::Step),
    ("offer", Names::Step),
    ("node", Names::Node),
    ("nodes", Names::Node),
];

macro_rules! operations {
    ($($name:literal => $variant:ident($body:ty)),+ $(,)?) => {
        /// An operation with its arguments.
        #[derive(Clone, Debug)]
        pub enum OpSpec {
            $(#[doc = concat!("`", $name, "`")] $variant($body),)+
            /// Read through the ledger's own type.
            Written(Spec),
        }

        impl OpSpec {
            /// The operation's name.
            pub fn name(&self) -> &str {
                match self {
                    $(OpSpec::$variant(_) => $name,)+
                    OpSpec::Written(spec) => spec.name(),
                }
            }
            /// Reads the arguments of an operation.
            ///
            /// # Errors
            /// With the place of an unknown, missing or ill-typed argument; `None` for an operation that has no description here.
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

/// Of `party.onboard`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onboard {
    /// Who.
    pub party: String,
    /// Other roles than those of the cast.
    #[serde(default)]
    pub roles: Option<Vec<Role>>,
    /// Another code than that of the cast.
    #[serde(default)]
    pub code: Option<String>,
    /// Another independence group than that of the cast.
    #[serde(default)]
    pub group: Option<String>,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `party.add_role`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddRole {
    /// Who.
    pub party: String,
    /// The role.
    pub role: Role,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `party.suspend` and `party.resume`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartyVersion {
    /// Who.
    pub party: String,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `party.rotate_key`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateKey {
    /// The actor when absent.
    #[serde(default)]
    pub party: Option<String>,
    /// Heights from now until the new key signs.
    #[serde(default = "three")]
    pub after_heights: u64,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `party.grant_licence`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantLicence {
    /// Who.
    pub party: String,
    /// Kind.
    pub kind: LicenceKind,
    /// The site's code.
    pub site: String,
    /// From when.
    #[serde(default = "now")]
    pub from: When,
    /// Until when.
    #[serde(default = "ten_years")]
    pub until: When,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `waybill.anchor`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The paper.
    pub document: String,
    /// Another kind than the document's.
    #[serde(default)]
    pub kind: Option<KindName>,
    /// What the title rests on.
    #[serde(default = "no_basis")]
    pub legal_basis: LegalBasis,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// A leg of a through bill.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leg {
    /// How it travels.
    pub mode: LegMode,
    /// Under which rules.
    pub regime: LegRegime,
    /// Codes of places, the only fields `from` and `to` that name no party.
    pub from: String,
    /// To whom, or where a leg ends.
    pub to: String,
    /// Who carries.
    pub carrier: String,
}

/// Of `waybill.issue`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The paper.
    pub document: String,
    /// Who holds it first.
    pub first_holder: String,
    /// Kind.
    #[serde(default)]
    pub kind: Option<KindName>,
    /// What the kind usually rests on, when absent.
    #[serde(default)]
    pub legal_basis: Option<LegalBasis>,
    /// How the title passes.
    #[serde(default = "to_order")]
    pub order_type: OrderType,
    /// The lots of the document when absent.
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    /// Legs known already.
    #[serde(default)]
    pub legs: Vec<Leg>,
    /// Anchored notes it is based on.
    #[serde(default)]
    pub base_docs: Vec<String>,
    /// Text that is committed to; an empty one gives the zero commitment.
    #[serde(default = "control_agreement")]
    pub control_agreement: String,
    /// When it ends.
    #[serde(default)]
    pub expires: Option<When>,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `waybill.adopt`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// The title document.
    pub title: String,
    /// The anchored note.
    pub note: String,
    /// The leg that joins.
    pub leg: Leg,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `waybill.endorse`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endorse {
    /// The document.
    pub doc: String,
    /// Exactly one of `named`, `to_order` and `blank`.
    #[serde(default)]
    pub named: Option<String>,
    /// To whose order.
    #[serde(default)]
    pub to_order: Option<String>,
    /// In blank.
    #[serde(default)]
    pub blank: bool,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `waybill.transfer` and `warehouse.endorse_transfer`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The document.
    pub doc: String,
    /// To whom, or where a leg ends.
    pub to: String,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of operations that name a document and nothing else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocVersion {
    /// The document.
    pub doc: String,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// A new version of a title document.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewVersion {
    /// The paper.
    pub document: String,
    /// Bit per changed field; worked out from both papers when absent.
    #[serde(default)]
    pub changed_fields: Option<u64>,
    /// The lots of the document when absent.
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    /// Text that is committed to.
    #[serde(default = "control_agreement")]
    pub control_agreement: String,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `waybill.answer_surrender`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerSurrender {
    /// The document.
    pub doc: String,
    /// Accepted or rejected.
    pub accept: bool,
    /// The new version.
    #[serde(default)]
    pub version: Option<NewVersion>,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `waybill.amend`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amend {
    /// The document.
    pub doc: String,
    /// The new version.
    pub version: NewVersion,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// The terms of a warehouse receipt.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The paper.
    pub document: String,
    /// Code of the site; the document's when absent.
    #[serde(default)]
    pub site: Option<String>,
    /// What the title rests on.
    #[serde(default = "receipt_basis")]
    pub legal_basis: LegalBasis,
    /// Whether it is negotiable.
    #[serde(default = "yes")]
    pub negotiable: bool,
    /// Bitmap of the fields committed to.
    #[serde(default = "all_fields")]
    pub mandatory_fields: u32,
    /// The lots of the document when absent.
    #[serde(default)]
    pub lots: Option<Vec<LotInput>>,
    /// Begin of storage.
    #[serde(default = "now")]
    pub storage_from: When,
    /// End of storage.
    #[serde(default = "one_year")]
    pub storage_until: When,
    /// Usual loss, basis points.
    #[serde(default = "twenty")]
    pub loss_standard_bps: u16,
    /// Text that is committed to.
    #[serde(default)]
    pub charges: String,
    /// Text that is committed to.
    #[serde(default)]
    pub quality: String,
    /// Whether it is a standard warrant.
    #[serde(default)]
    pub standard_warrant: bool,
    /// Whether the goods are bonded.
    #[serde(default)]
    pub bonded: bool,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `waybill.convert`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// The document.
    pub doc: String,
    /// The receipt.
    pub receipt: Receipt,
    /// Declared shortage with its unit, such as `120 kg`.
    #[serde(default)]
    pub shortage: Option<String>,
    /// Packages short.
    #[serde(default)]
    pub shortage_packages: u32,
    /// Whether a shortage above the tolerance is accepted.
    #[serde(default)]
    pub accept_shortage: bool,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `warehouse.issue`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarehouseIssue {
    /// Who deposits.
    pub depositor: String,
    /// The receipt.
    pub receipt: Receipt,
}

/// Of `pledge.reserve`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reserve {
    /// The document.
    pub doc: String,
    /// Until when.
    #[serde(default = "one_day")]
    pub until: When,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `pledge.create`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The documents.
    pub docs: Vec<String>,
    /// Who pledges.
    pub pledgor: String,
    /// End of the registration.
    #[serde(default = "half_a_year")]
    pub reg_until: When,
    /// Text that is committed to.
    #[serde(default)]
    pub claim: String,
    /// What is secured.
    #[serde(default = "loan")]
    pub secured_kind: SecuredKind,
    /// Whether extensions are agreed to in advance.
    #[serde(default)]
    pub extend_agreed: bool,
    /// Least cover, basis points.
    #[serde(default = "seventy_percent")]
    pub cover_min_bps: u16,
    /// Text that is committed to.
    #[serde(default)]
    pub finance_ref: String,
    /// Least level of the case.
    #[serde(default)]
    pub proof_min_level: u8,
    /// The case.
    #[serde(default)]
    pub proof: Option<String>,
    /// Who is appointed to watch.
    #[serde(default)]
    pub supervisor: Option<String>,
    /// Whether resembling documents have been seen.
    #[serde(default)]
    pub ack_near: bool,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `pledge.extend`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extend {
    /// The pledge.
    pub pledge: String,
    /// End of the registration.
    pub reg_until: When,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `pledge.release`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The pledge.
    pub pledge: String,
    /// Why.
    #[serde(default = "obligation_satisfied")]
    pub reason: ReleaseReason,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
}

/// Of `authenticity.open`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The document.
    pub doc: String,
    /// By name, such as `EXPORT_RAIL_SEA`, or number.
    pub template: TemplateName,
    /// Who will finance.
    #[serde(default)]
    pub financing_bank: Option<String>,
    /// Version that is expected.
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

/// Of `authenticity.attest`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attest {
    /// The case.
    pub proof: String,
    /// The paper.
    pub document: String,
    /// Kind.
    #[serde(default)]
    pub kind: Option<KindName>,
    /// Whether the tags of a field are stated twice, which no paper gives.
    #[serde(default)]
    pub doubled_tags: bool,
    /// What is said.
    #[serde(default = "confirmed")]
    pub result: AttestResult,
    /// Until when.
    #[serde(default = "ninety_days")]
    pub until: When,
    /// Text that is committed to.
    #[serde(default)]
    pub evidence: String,
    /// Version that is expected.
    #[serde(default)]
    pub expect_ver: Version,
    /// Whose ticket it carries.
    #[serde(default)]
    pub ticket: Ticket,
}

/// Of `authenticity.refuse` and `authenticity.withdraw_attestation`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// The case.
    pub proof: String,
    /// Kind.
    pub kind: KindName,
    /// Text that is committed to.
    #[serde(default)]
    pub evidence: String,
    /// Version that is expected.
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
