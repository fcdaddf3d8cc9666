//! Built-in authenticity templates: which papers state which fields, how they compare, and who must have looked.
//!
//! A genesis may carry these or others of its own. The first part compares EQ and SET_EQ, so rows that need buckets (gross weight) or
//! dates are not in them; attesters may publish such tags already, and they are kept.

use crate::fingerprint::{EXPORT_RAIL_SEA, FieldId, MatchRule, MatrixRow, field};
use crate::record::{FieldMatch, FieldRule, QuorumRule, Template};
use crate::role::{DocKind, Role, TemplateCode};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Number of the template EXPORT_RAIL_SEA.
pub const EXPORT_RAIL_SEA_ID: u16 = 1;
/// Number of the template IMPORT_RAIL_SEA.
pub const IMPORT_RAIL_SEA_ID: u16 = 2;
/// Number of the template DOMESTIC_RAIL.
pub const DOMESTIC_RAIL_ID: u16 = 5;

const LEG_NOTES: &[DocKind] = &[DocKind::LEG_NOTE_CN, DocKind::LEG_NOTE_SMGS, DocKind::LEG_NOTE_CIM];
const TITLE_BILLS: &[DocKind] = &[DocKind::MTD, DocKind::NCD, DocKind::RAIL_BL, DocKind::OBL];
const INVOICES: &[DocKind] = &[DocKind::INVOICE, DocKind::E_INVOICE];

/// Every built-in template, by number.
pub fn built_in() -> Vec<Template> {
    vec![export_rail_sea(), import_rail_sea(), domestic_rail()]
}

/// Goods leave by rail and sea: customs, a carrier and one more independent source agree.
pub fn export_rail_sea() -> Template {
    let evidence =
        [DocKind::DECLARATION, DocKind::CONTRACT, DocKind::PACKING_LIST, DocKind::POLICY, DocKind::HOUSE_BILL];
    Template {
        id: EXPORT_RAIL_SEA_ID,
        ver: 1,
        code: TemplateCode::ExportRailSea,
        docs: kinds(&[&evidence, INVOICES, LEG_NOTES, TITLE_BILLS]),
        fields: EXPORT_RAIL_SEA.iter().filter_map(field_rule).collect(),
        quorum: cross_border_quorum(),
        ttl_ms: 90 * DAY_MS,
    }
}

/// Goods arrive by sea and rail: the same fields, also with the receipt of the store and the certificate of origin. The consignor on
/// the inland leg note is the port's agent, not the seller, so leg notes are no source of it.
pub fn import_rail_sea() -> Template {
    let mut export = export_rail_sea();
    for rule in export.fields.iter_mut().filter(|r| r.field == field::CONSIGNOR) {
        rule.sources.retain(|kind| !LEG_NOTES.contains(kind));
    }
    let arrival = [DocKind::WHR, DocKind::ORIGIN];
    Template {
        id: IMPORT_RAIL_SEA_ID,
        code: TemplateCode::ImportRailSea,
        docs: kinds(&[&export.docs, &arrival]),
        ..export
    }
}

/// Goods that cross no border: tax, a carrier and somebody who sees or insures the goods agree.
pub fn domestic_rail() -> Template {
    let papers = [DocKind::CONTRACT, DocKind::PACKING_LIST, DocKind::POLICY, DocKind::WHR];
    let traded: Vec<DocKind> = kinds(&[&[DocKind::CONTRACT], INVOICES, TITLE_BILLS]);
    let moved: Vec<DocKind> = kinds(&[&[DocKind::PACKING_LIST], LEG_NOTES, TITLE_BILLS]);
    let billed: Vec<DocKind> = kinds(&[&[DocKind::CONTRACT], INVOICES]);
    Template {
        id: DOMESTIC_RAIL_ID,
        ver: 1,
        code: TemplateCode::DomesticRail,
        docs: kinds(&[&papers, INVOICES, LEG_NOTES, TITLE_BILLS]),
        fields: vec![
            rule(field::CONSIGNOR, FieldMatch::Eq, true, &traded),
            rule(field::BUYER, FieldMatch::Eq, false, &traded),
            rule(field::CONTAINERS, FieldMatch::SetEq, false, &moved),
            rule(field::PACKAGES, FieldMatch::Eq, true, &moved),
            rule(field::CONTRACT_NUMBER, FieldMatch::Eq, false, &billed),
        ],
        quorum: vec![
            quorum(&[Role::Tax], 1),
            quorum(&[Role::Rail, Role::Mto], 1),
            quorum(&[Role::Warehouse, Role::Supervisor, Role::Insurer, Role::Bank], 1),
        ],
        ttl_ms: 90 * DAY_MS,
    }
}

/// CUSTOMS, a carrier, and one of TAX, INSURER, BANK; the financing bank never counts.
fn cross_border_quorum() -> Vec<QuorumRule> {
    vec![
        quorum(&[Role::Customs], 1),
        quorum(&[Role::Rail, Role::Mto], 1),
        quorum(&[Role::Tax, Role::Insurer, Role::Bank], 1),
    ]
}

fn quorum(any_of: &[Role], min: u8) -> QuorumRule {
    QuorumRule { any_of: any_of.to_vec(), min }
}

fn rule(field: FieldId, matching: FieldMatch, required: bool, sources: &[DocKind]) -> FieldRule {
    FieldRule { field, sources: sources.to_vec(), matching, required }
}

/// The row of a field matrix as a rule; `None` for comparisons of later parts.
fn field_rule(row: &MatrixRow) -> Option<FieldRule> {
    let matching = match row.rule {
        MatchRule::Eq => FieldMatch::Eq,
        MatchRule::SetEq => FieldMatch::SetEq,
        MatchRule::Subset | MatchRule::Bucket { .. } | MatchRule::Order { .. } => return None,
    };
    Some(rule(row.field, matching, row.required, row.sources))
}

/// The union of lists of kinds, ascending.
fn kinds(lists: &[&[DocKind]]) -> Vec<DocKind> {
    let mut all: Vec<DocKind> = lists.concat();
    all.sort();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fingerprint::{DocumentInput, document_tags};

    macro_rules! paper {
        ($name:literal) => {
            DocumentInput::from_json(include_str!(concat!("../../tests/data/documents/", $name, ".json")))
                .expect("the corpus holds sound documents")
        };
    }

    /// How many papers state a field, and in how many different ways.
    fn statements(template: &Template, papers: &[DocumentInput], rule: &FieldRule) -> (usize, usize) {
        let key = [7; 32];
        let sources = papers.iter().filter(|paper| rule.sources.contains(&paper.kind));
        let stated = sources.filter_map(|paper| {
            let tags = document_tags(&key, template.id, paper).expect("sound");
            tags.into_iter().find(|t| t.field == rule.field).map(|t| t.tags)
        });
        let mut all: Vec<_> = stated.collect();
        let count = all.len();
        all.sort();
        all.dedup();
        (count, all.len())
    }

    #[test]
    fn the_papers_of_the_scenarios_state_every_required_field_twice_and_alike() {
        let s1 = [paper!("s1_declaration"), paper!("s1_leg_note"), paper!("s1_ncd"), paper!("s1_invoice")];
        let s2 = [paper!("s2_declaration"), paper!("s2_leg_note"), paper!("s2_mtd"), paper!("s2_invoice")];
        for (template, papers) in [(export_rail_sea(), s1), (import_rail_sea(), s2)] {
            for rule in template.fields.iter().filter(|r| r.required) {
                let (sources, ways) = statements(&template, &papers, rule);
                assert!(sources >= 2 && ways == 1, "{:?} field {}: {sources}, {ways}", template.code, rule.field);
            }
        }
    }

    #[test]
    fn every_required_field_has_two_kinds_of_papers_that_the_template_knows() {
        for template in built_in() {
            for rule in template.fields.iter().filter(|r| r.required) {
                let known = rule.sources.iter().filter(|kind| template.docs.contains(kind)).count();
                assert!(known >= 2, "template {} field {}: {known} sources", template.id, rule.field);
            }
        }
    }

    #[test]
    fn export_compares_the_eq_and_set_eq_rows_of_the_matrix() {
        let template = export_rail_sea();
        let has = |id| template.fields.iter().any(|r| r.field == id);
        assert!(has(field::CONTAINERS) && has(field::TRANSPORT_DOCUMENT) && !has(field::GROSS_WEIGHT));
        let optional: Vec<_> = template.fields.iter().filter(|r| !r.required).map(|r| r.field).collect();
        assert_eq!(optional, [field::BUYER]);
    }
}
