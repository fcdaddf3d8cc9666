//! Authenticity tags: what an attester publishes about its own copy of a document, so that the contract can
//! compare two copies without seeing either.
//!
//! Which papers state which fields, and how they compare, is data: the rules of a template.

use super::content::Content;
use super::derive::gross_thousandths;
use super::document::DocumentInput;
use super::error::FingerprintError;
use super::field::{self, FieldId, json_name};
use super::kind::Kind;
use super::normalise::CalendarDate;
use crate::Hash;
use crate::operation::authenticity::FieldTags;
use crate::record::{FieldMatch, FieldRule, Template};

/// Most days of [`FieldMatch::Order`], and the most days of grace.
pub const ORDER_DAYS_MAX: u8 = 128;

/// Computes the tags of one field of a document: blake3 keyed with the case key over template, field
/// (both u16 little-endian) and normalised bytes. The tags are sorted; a field that the document does not
/// state, or of which its kind is no source, gives none.
///
/// # Errors
/// Names a field that does not fit its class, or to which the rule does not apply.
pub fn field_tags(
    case_key: &[u8; 32],
    template: u16,
    rule: &FieldRule,
    document: &DocumentInput,
) -> Result<Vec<Hash>, FingerprintError> {
    let values = tag_values(&Content::of(document)?, rule)?;
    let mut tags: Vec<Hash> = values.iter().map(|bytes| tag(case_key, template, rule.field, bytes)).collect();
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

/// Computes the tags of every field that the document states and its kind attests under a template, ascending
/// by field.
///
/// # Errors
/// As [`field_tags`].
pub fn document_tags(
    case_key: &[u8; 32],
    template: &Template,
    document: &DocumentInput,
) -> Result<Vec<FieldTags>, FingerprintError> {
    let mut result = Vec::new();
    for rule in &template.fields {
        let tags = field_tags(case_key, template.id, rule, document)?;
        if !tags.is_empty() {
            result.push(FieldTags { field: rule.field, tags });
        }
    }
    result.sort_by_key(|stated| stated.field);
    Ok(result)
}

fn tag(case_key: &[u8; 32], template: u16, field: FieldId, bytes: &[u8]) -> Hash {
    let mut hasher = blake3::Hasher::new_keyed(case_key);
    hasher.update(&template.to_le_bytes()).update(&field.to_le_bytes()).update(bytes);
    Hash(*hasher.finalize().as_bytes())
}

/// Lists the byte strings that a rule makes of a field.
fn tag_values(content: &Content, rule: &FieldRule) -> Result<Vec<Vec<u8>>, FingerprintError> {
    let source = source_field(content, rule.field);
    if !rule.sources.contains(&content.kind) || !content.fields.contains_key(&source) {
        return Ok(Vec::new());
    }
    let values = match rule.matching {
        FieldMatch::Eq => content.bytes(source).map(|bytes| vec![bytes]),
        FieldMatch::SetEq | FieldMatch::Subset => {
            Some(content.elements(source).into_iter().map(|text| text.as_bytes().to_vec()).collect())
        }
        FieldMatch::Bucket { step, tolerance } => buckets(content, source, step, tolerance),
        FieldMatch::Order { days, .. } if rule.is_earlier(content.kind) => days_from(content, source, 0, days),
        FieldMatch::Order { grace, .. } => days_from(content, source, grace, 0),
    };
    values.ok_or(FingerprintError::RuleNotApplicable { field: json_name(rule.field) })
}

/// Finds where a document states a field of a template: its own number may be the number that others refer to,
/// a named consignee is the buyer where no buyer is named, save on a leg note, whose consignee is often an agent,
/// and the date of a transport document is that of departure where it states one.
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
        _ if field::is_date_order(id) => date_field(content),
        _ => id,
    }
}

fn date_field(content: &Content) -> FieldId {
    let departs = content.kind.is_transport() && content.fields.contains_key(&field::DEPARTURE_DATE);
    if departs { field::DEPARTURE_DATE } else { field::ISSUE_DATE }
}

fn buckets(content: &Content, source: FieldId, step: u64, tolerance: u8) -> Option<Vec<Vec<u8>>> {
    let value = if source == field::GROSS_WEIGHT { gross_thousandths(content)? } else { return None };
    let bucket = value.checked_div(step)?;
    let tolerance = u64::from(tolerance);
    let range = bucket.saturating_sub(tolerance)..=bucket.saturating_add(tolerance);
    Some(range.map(|number| number.to_string().into_bytes()).collect())
}

/// The date that lies `after` days behind the stated one, and each of the next `days`.
fn days_from(content: &Content, source: FieldId, after: u8, days: u8) -> Option<Vec<Vec<u8>>> {
    let stated = CalendarDate::from_text(content.text(source)?)?;
    if days.max(after) > ORDER_DAYS_MAX {
        return None;
    }
    let dates = std::iter::successors(Some(stated), |date| date.next()).skip(usize::from(after));
    Some(dates.take(usize::from(days) + 1).map(|date| date.to_string().into_bytes()).collect())
}
