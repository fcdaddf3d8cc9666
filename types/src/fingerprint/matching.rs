//! Authenticity tags: what an attester publishes about its own copy of a document, so that the contract can
//! compare two copies without seeing either.

use super::content::Content;
use super::derive::gross_thousandths;
use super::document::DocumentInput;
use super::error::FingerprintError;
use super::field::{self, FieldId, json_name};
use super::kind::Kind;
use super::normalise::CalendarDate;
use crate::Hash;
use crate::operation::authenticity::FieldTags;

/// How the tags of one field are made and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchRule {
    /// One tag over the whole value; the tags must be equal.
    Eq,
    /// One tag per element, sorted; the sets must be equal.
    SetEq,
    /// One tag per element, sorted; one set must contain the other.
    Subset,
    /// Tags of the bucket of the value and of its neighbours; the sets must intersect.
    Bucket {
        /// Width of a bucket, thousandths of the base unit; not zero.
        step: u64,
        /// Neighbouring buckets on either side.
        tolerance: u8,
    },
    /// Tags of a date and of each of the following days; the later date's only tag must be among them.
    Order {
        /// Days after the date, at most 128; zero for the later date.
        days: u8,
    },
}

/// Most days of [`MatchRule::Order`].
pub const ORDER_DAYS_MAX: u8 = 128;

/// One row of a field matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatrixRow {
    /// The field.
    pub field: FieldId,
    /// How copies are compared.
    pub rule: MatchRule,
    /// Whether a mismatch contradicts the case.
    pub required: bool,
    /// Kinds whose copies state the field.
    pub sources: &'static [Kind],
}

const CONTRACT_TO_WAYBILL: &[Kind] = &[
    Kind::CONTRACT,
    Kind::INVOICE,
    Kind::DECLARATION,
    Kind::LEG_NOTE_CN,
    Kind::LEG_NOTE_SMGS,
    Kind::LEG_NOTE_CIM,
    Kind::MTD,
    Kind::NCD,
    Kind::RAIL_BL,
    Kind::OBL,
];
const INVOICE_TO_WAYBILL: &[Kind] = &[
    Kind::INVOICE,
    Kind::DECLARATION,
    Kind::LEG_NOTE_CN,
    Kind::LEG_NOTE_SMGS,
    Kind::LEG_NOTE_CIM,
    Kind::MTD,
    Kind::NCD,
    Kind::RAIL_BL,
    Kind::OBL,
];
const DECLARATION_TO_PACKING: &[Kind] = &[
    Kind::DECLARATION,
    Kind::LEG_NOTE_CN,
    Kind::LEG_NOTE_SMGS,
    Kind::LEG_NOTE_CIM,
    Kind::MTD,
    Kind::NCD,
    Kind::RAIL_BL,
    Kind::OBL,
    Kind::PACKING_LIST,
];
const DESTINATION_SOURCES: &[Kind] = &[
    Kind::CONTRACT,
    Kind::DECLARATION,
    Kind::LEG_NOTE_CN,
    Kind::LEG_NOTE_SMGS,
    Kind::LEG_NOTE_CIM,
    Kind::MTD,
    Kind::NCD,
    Kind::RAIL_BL,
    Kind::OBL,
];

/// The field matrix of the template EXPORT_RAIL_SEA. Dates join with the second part.
pub const EXPORT_RAIL_SEA: &[MatrixRow] = &[
    row(field::CONSIGNOR, MatchRule::Eq, CONTRACT_TO_WAYBILL),
    MatrixRow { field: field::BUYER, rule: MatchRule::Eq, required: false, sources: CONTRACT_TO_WAYBILL },
    row(field::CONTAINERS, MatchRule::SetEq, DECLARATION_TO_PACKING),
    row(field::PACKAGES, MatchRule::Eq, DECLARATION_TO_PACKING),
    row(field::GROSS_WEIGHT, MatchRule::Bucket { step: 100_000, tolerance: 1 }, DECLARATION_TO_PACKING),
    row(field::HS, MatchRule::SetEq, INVOICE_TO_WAYBILL),
    row(field::DESTINATION_COUNTRY, MatchRule::Eq, DESTINATION_SOURCES),
    row(field::CONTRACT_NUMBER, MatchRule::Eq, &[Kind::CONTRACT, Kind::INVOICE, Kind::DECLARATION]),
    row(field::INVOICE_NUMBER, MatchRule::Eq, &[Kind::INVOICE, Kind::DECLARATION, Kind::PACKING_LIST]),
    row(field::AMOUNT, MatchRule::Eq, &[Kind::INVOICE, Kind::DECLARATION]),
    row(field::TRANSPORT_DOCUMENT, MatchRule::Eq, &[Kind::DECLARATION, Kind::MTD, Kind::NCD, Kind::RAIL_BL, Kind::OBL]),
];

const fn row(field: FieldId, rule: MatchRule, sources: &'static [Kind]) -> MatrixRow {
    MatrixRow { field, rule, required: true, sources }
}

/// Returns the fields that a document of the kind attests under EXPORT_RAIL_SEA, ascending.
pub fn fields_of(kind: Kind) -> Vec<FieldId> {
    EXPORT_RAIL_SEA.iter().filter(|row| row.sources.contains(&kind)).map(|row| row.field).collect()
}

/// Returns the rule of a field under EXPORT_RAIL_SEA; fields outside the matrix compare whole values.
pub fn rule_of(field: FieldId) -> MatchRule {
    EXPORT_RAIL_SEA.iter().find(|row| row.field == field).map_or(MatchRule::Eq, |row| row.rule)
}

/// Computes the tags of one field of a document: blake3 keyed with the case key over template, field
/// (both u16 little-endian) and normalised bytes. The tags are sorted; a field not stated gives none.
///
/// # Errors
/// Names a field that does not fit its class, or to which the rule does not apply.
pub fn field_tags(
    case_key: &[u8; 32],
    template: u16,
    field: FieldId,
    rule: MatchRule,
    document: &DocumentInput,
) -> Result<Vec<[u8; 32]>, FingerprintError> {
    let values = tag_values(&Content::of(document)?, field, rule)?;
    let mut tags: Vec<[u8; 32]> = values.iter().map(|bytes| tag(case_key, template, field, bytes)).collect();
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

/// Computes the tags of every field that the document states and its kind attests under EXPORT_RAIL_SEA,
/// ascending by field.
///
/// # Errors
/// As [`field_tags`].
pub fn document_tags(
    case_key: &[u8; 32],
    template: u16,
    document: &DocumentInput,
) -> Result<Vec<FieldTags>, FingerprintError> {
    let mut result = Vec::new();
    for field in fields_of(document.kind) {
        let tags = field_tags(case_key, template, field, rule_of(field), document)?;
        if !tags.is_empty() {
            result.push(FieldTags { field, tags: tags.into_iter().map(Hash).collect() });
        }
    }
    Ok(result)
}

fn tag(case_key: &[u8; 32], template: u16, field: FieldId, bytes: &[u8]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(case_key);
    hasher.update(&template.to_le_bytes()).update(&field.to_le_bytes()).update(bytes);
    *hasher.finalize().as_bytes()
}

/// Lists the byte strings that a rule makes of a field.
fn tag_values(content: &Content, field: FieldId, rule: MatchRule) -> Result<Vec<Vec<u8>>, FingerprintError> {
    let source = source_field(content, field);
    if !content.fields.contains_key(&source) {
        return Ok(Vec::new());
    }
    let values = match rule {
        MatchRule::Eq => content.bytes(source).map(|bytes| vec![bytes]),
        MatchRule::SetEq | MatchRule::Subset => {
            Some(content.elements(source).into_iter().map(|text| text.as_bytes().to_vec()).collect())
        }
        MatchRule::Bucket { step, tolerance } => buckets(content, source, step, tolerance),
        MatchRule::Order { days } => following_days(content, source, days),
    };
    values.ok_or(FingerprintError::RuleNotApplicable { field: json_name(field) })
}

/// Finds where a document states a matrix field: its own number may be the number that others refer to, and
/// a named consignee is the buyer where no buyer is named, save on a leg note, whose consignee is often an agent.
fn source_field(content: &Content, id: FieldId) -> FieldId {
    let is_own_number = match id {
        field::CONTRACT_NUMBER => content.kind == Kind::CONTRACT,
        field::INVOICE_NUMBER => content.kind == Kind::INVOICE,
        field::TRANSPORT_DOCUMENT => content.kind.is_title_bill(),
        _ => false,
    };
    let has_named_consignee = !content.kind.is_leg_note()
        && content.text(field::CONSIGNEE).is_some_and(|name| name != super::normalise::ORDER);
    match id {
        _ if is_own_number => field::NUMBER,
        field::BUYER if !content.fields.contains_key(&id) && has_named_consignee => field::CONSIGNEE,
        _ => id,
    }
}

fn buckets(content: &Content, source: FieldId, step: u64, tolerance: u8) -> Option<Vec<Vec<u8>>> {
    let value = if source == field::GROSS_WEIGHT { gross_thousandths(content)? } else { return None };
    let bucket = value.checked_div(step)?;
    let tolerance = u64::from(tolerance);
    let range = bucket.saturating_sub(tolerance)..=bucket.saturating_add(tolerance);
    Some(range.map(|number| number.to_string().into_bytes()).collect())
}

fn following_days(content: &Content, source: FieldId, days: u8) -> Option<Vec<Vec<u8>>> {
    let first = CalendarDate::from_text(content.text(source)?)?;
    if days > ORDER_DAYS_MAX {
        return None;
    }
    let dates = std::iter::successors(Some(first), |date| date.next());
    Some(dates.take(usize::from(days) + 1).map(|date| date.to_string().into_bytes()).collect())
}
