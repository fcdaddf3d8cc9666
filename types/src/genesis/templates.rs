//! Built-in authenticity templates: which papers state which fields, how they compare, and who must have looked.
//!
//! A template is data: a matrix of fields, papers and comparisons, and the seats of a quorum. A genesis may carry these or others of
//! its own; their numbers follow the order of [`TemplateCode`].

use crate::fingerprint::{FieldId, field};
use crate::record::{FieldMatch, FieldRule, QuorumRule, Template};
use crate::role::{DocKind, Role, TemplateCode};

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Number of the template EXPORT_RAIL_SEA.
pub const EXPORT_RAIL_SEA_ID: u16 = number(TemplateCode::ExportRailSea);
/// Number of the template IMPORT_RAIL_SEA.
pub const IMPORT_RAIL_SEA_ID: u16 = number(TemplateCode::ImportRailSea);
/// Number of the template CHINA_EUROPE.
pub const CHINA_EUROPE_ID: u16 = number(TemplateCode::ChinaEurope);
/// Number of the template CHINA_LAOS.
pub const CHINA_LAOS_ID: u16 = number(TemplateCode::ChinaLaos);
/// Number of the template DOMESTIC_RAIL.
pub const DOMESTIC_RAIL_ID: u16 = number(TemplateCode::DomesticRail);
/// Number of the template BORDER_TRADE.
pub const BORDER_TRADE_ID: u16 = number(TemplateCode::BorderTrade);
/// Number of the template OFFSHORE.
pub const OFFSHORE_ID: u16 = number(TemplateCode::Offshore);

/// The number of a built-in template: its code's position, from 1.
const fn number(code: TemplateCode) -> u16 {
    code as u16 + 1
}

const CONTRACT: &[DocKind] = &[DocKind::CONTRACT];
const INVOICE: &[DocKind] = &[DocKind::INVOICE];
/// Domestic invoices are those of the tax platform; abroad, the trade's own number is compared.
const INVOICES: &[DocKind] = &[DocKind::INVOICE, DocKind::E_INVOICE];
const DECLARATION: &[DocKind] = &[DocKind::DECLARATION];
const PACKING_LIST: &[DocKind] = &[DocKind::PACKING_LIST];
const POLICY: &[DocKind] = &[DocKind::POLICY];
const ORIGIN: &[DocKind] = &[DocKind::ORIGIN];
const RECEIPT: &[DocKind] = &[DocKind::WHR];
const HOUSE_BILL: &[DocKind] = &[DocKind::HOUSE_BILL];
const LEG_NOTES: &[DocKind] = &[DocKind::LEG_NOTE_CN, DocKind::LEG_NOTE_SMGS, DocKind::LEG_NOTE_CIM];
const TITLE_BILLS: &[DocKind] = &[DocKind::MTD, DocKind::NCD, DocKind::RAIL_BL, DocKind::OBL];

/// Weighings differ a little: neighbouring steps of 100 kg agree.
const WEIGHED: FieldMatch = FieldMatch::Bucket { step: 100_000, tolerance: 1 };

/// Papers in the order of their dates; the first group of sources is the earlier one.
const fn in_order(earlier: &[DocKind], grace: u8) -> FieldMatch {
    FieldMatch::Order { days: 128, earlier: earlier.len() as u8, grace }
}

/// One row of a field matrix: field, comparison, whether it is required, and the groups of papers that state it.
type Row = (FieldId, FieldMatch, bool, &'static [&'static [DocKind]]);

const REQUIRED: bool = true;
const OPTIONAL: bool = false;

use FieldMatch::{Eq, SetEq, Subset};

/// Goods leave by rail and sea. A declaration is made at the latest a week after the train has left.
const EXPORT_RAIL_SEA: &[Row] = &[
    (field::CONSIGNOR, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::BUYER, Eq, OPTIONAL, &[CONTRACT, INVOICE, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::CONTAINERS, SetEq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::PACKAGES, Eq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::HS, SetEq, REQUIRED, &[INVOICE, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::DESTINATION_COUNTRY, Eq, REQUIRED, &[CONTRACT, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::CONTRACT_NUMBER, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION]),
    (field::INVOICE_NUMBER, Eq, REQUIRED, &[INVOICE, DECLARATION, PACKING_LIST]),
    (field::AMOUNT, Eq, REQUIRED, &[INVOICE, DECLARATION]),
    (field::TRANSPORT_DOCUMENT, Eq, REQUIRED, &[DECLARATION, TITLE_BILLS]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICE]),
    (field::DATES_INVOICE_DECLARATION, in_order(INVOICE, 0), REQUIRED, &[INVOICE, DECLARATION]),
    (field::DATES_DECLARATION_DEPARTURE, in_order(DECLARATION, 7), REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS]),
];

/// Goods arrive by sea and rail. The consignor on the inland leg note is the port's agent, not the seller, and the note is younger
/// than the declaration: of leg notes only the goods are compared.
const IMPORT_RAIL_SEA: &[Row] = &[
    (field::CONSIGNOR, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS]),
    (field::BUYER, Eq, OPTIONAL, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS]),
    (field::CONTAINERS, SetEq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::PACKAGES, Eq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::HS, SetEq, REQUIRED, &[INVOICE, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::DESTINATION_COUNTRY, Eq, REQUIRED, &[CONTRACT, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::CONTRACT_NUMBER, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION]),
    (field::INVOICE_NUMBER, Eq, REQUIRED, &[INVOICE, DECLARATION, PACKING_LIST]),
    (field::AMOUNT, Eq, REQUIRED, &[INVOICE, DECLARATION]),
    (field::TRANSPORT_DOCUMENT, Eq, REQUIRED, &[DECLARATION, TITLE_BILLS]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICE]),
    (field::DATES_INVOICE_DECLARATION, in_order(INVOICE, 0), REQUIRED, &[INVOICE, DECLARATION]),
    (field::DATES_DECLARATION_DEPARTURE, in_order(TITLE_BILLS, 7), REQUIRED, &[TITLE_BILLS, DECLARATION]),
];

/// Goods go by rail under notes of two unions. The platform that runs the train is often the consignor on the note, and the declared
/// transport number may be the note's, so neither is compared with the note.
const CHINA_EUROPE: &[Row] = &[
    (field::CONSIGNOR, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS]),
    (field::BUYER, Eq, OPTIONAL, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS]),
    (field::CONTAINERS, SetEq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::PACKAGES, Eq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::HS, SetEq, REQUIRED, &[INVOICE, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::DESTINATION_COUNTRY, Eq, OPTIONAL, &[CONTRACT, DECLARATION, LEG_NOTES, TITLE_BILLS]),
    (field::CONTRACT_NUMBER, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION]),
    (field::INVOICE_NUMBER, Eq, REQUIRED, &[INVOICE, DECLARATION, PACKING_LIST]),
    (field::AMOUNT, Eq, REQUIRED, &[INVOICE, DECLARATION]),
    (field::TRANSPORT_DOCUMENT, Eq, OPTIONAL, &[DECLARATION, TITLE_BILLS]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICE]),
    (field::DATES_INVOICE_DECLARATION, in_order(INVOICE, 0), REQUIRED, &[INVOICE, DECLARATION]),
    (field::DATES_DECLARATION_DEPARTURE, in_order(DECLARATION, 7), REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS]),
];

/// Goods go either way over one border by rail; the certificate of origin speaks of some of them.
const CHINA_LAOS: &[Row] = &[
    (field::CONSIGNOR, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS, ORIGIN]),
    (field::BUYER, Eq, OPTIONAL, &[CONTRACT, INVOICE, DECLARATION, TITLE_BILLS]),
    (field::CONTAINERS, SetEq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::PACKAGES, Eq, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, REQUIRED, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::HS, Subset, REQUIRED, &[INVOICE, DECLARATION, TITLE_BILLS, ORIGIN]),
    (field::CONTRACT_NUMBER, Eq, REQUIRED, &[CONTRACT, INVOICE, DECLARATION]),
    (field::INVOICE_NUMBER, Eq, REQUIRED, &[INVOICE, DECLARATION, PACKING_LIST]),
    (field::AMOUNT, Eq, REQUIRED, &[INVOICE, DECLARATION]),
    (field::TRANSPORT_DOCUMENT, Eq, OPTIONAL, &[DECLARATION, TITLE_BILLS]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICE]),
    (field::DATES_INVOICE_DECLARATION, in_order(INVOICE, 0), REQUIRED, &[INVOICE, DECLARATION]),
];

/// Goods that cross no border.
const DOMESTIC_RAIL: &[Row] = &[
    (field::CONSIGNOR, Eq, REQUIRED, &[CONTRACT, INVOICES, TITLE_BILLS]),
    (field::BUYER, Eq, OPTIONAL, &[CONTRACT, INVOICES, TITLE_BILLS]),
    (field::CONTAINERS, SetEq, OPTIONAL, &[PACKING_LIST, LEG_NOTES, TITLE_BILLS]),
    (field::PACKAGES, Eq, REQUIRED, &[PACKING_LIST, LEG_NOTES, TITLE_BILLS]),
    (field::GROSS_WEIGHT, WEIGHED, OPTIONAL, &[PACKING_LIST, LEG_NOTES, TITLE_BILLS]),
    (field::CONTRACT_NUMBER, Eq, OPTIONAL, &[CONTRACT, INVOICES]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICES]),
    (field::DATES_CONTRACT_DEPARTURE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, LEG_NOTES, TITLE_BILLS]),
];

/// Many small trades of a border market are declared and settled as one: market, customs and the settling bank name the same root
/// over them and the same total.
const BORDER_TRADE: &[Row] = &[
    (field::AGGREGATE, Eq, REQUIRED, &[INVOICE, DECLARATION, CONTRACT]),
    (field::AMOUNT, Eq, REQUIRED, &[INVOICE, DECLARATION, CONTRACT]),
    (field::HS, Subset, REQUIRED, &[INVOICE, DECLARATION, PACKING_LIST]),
    (field::CONTAINERS, SetEq, OPTIONAL, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::PACKAGES, Eq, OPTIONAL, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, OPTIONAL, &[DECLARATION, LEG_NOTES, TITLE_BILLS, PACKING_LIST]),
    (field::DATES_INVOICE_DECLARATION, in_order(INVOICE, 0), REQUIRED, &[INVOICE, DECLARATION]),
];

/// Goods that never enter the country: the carrier, the terminal abroad and a bank agree on what moved under which bill.
const OFFSHORE: &[Row] = &[
    (field::TRANSPORT_DOCUMENT, Eq, REQUIRED, &[TITLE_BILLS, RECEIPT]),
    (field::CONTAINERS, SetEq, OPTIONAL, &[LEG_NOTES, TITLE_BILLS, RECEIPT, PACKING_LIST]),
    (field::PACKAGES, Eq, REQUIRED, &[LEG_NOTES, TITLE_BILLS, RECEIPT, PACKING_LIST]),
    (field::GROSS_WEIGHT, WEIGHED, REQUIRED, &[LEG_NOTES, TITLE_BILLS, RECEIPT, PACKING_LIST]),
    (field::HS, Subset, OPTIONAL, &[INVOICE, TITLE_BILLS, RECEIPT]),
    (field::CONTRACT_NUMBER, Eq, OPTIONAL, &[CONTRACT, INVOICE]),
    (field::AMOUNT, Eq, OPTIONAL, &[CONTRACT, INVOICE]),
    (field::DATES_CONTRACT_INVOICE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, INVOICE]),
    (field::DATES_CONTRACT_DEPARTURE, in_order(CONTRACT, 0), REQUIRED, &[CONTRACT, LEG_NOTES, TITLE_BILLS]),
];

/// One seat of a quorum: who may take it.
type Seat = &'static [Role];

/// CUSTOMS, a carrier, and one of TAX, INSURER, BANK; the financing bank never counts.
const CROSS_BORDER: &[Seat] = &[&[Role::Customs], &[Role::Rail, Role::Mto], &[Role::Tax, Role::Insurer, Role::Bank]];
/// TAX, a carrier, and somebody who sees or insures the goods.
const DOMESTIC: &[Seat] =
    &[&[Role::Tax], &[Role::Rail, Role::Mto], &[Role::Warehouse, Role::Supervisor, Role::Insurer, Role::Bank]];
/// CUSTOMS, the operator of the market, and the bank that settles.
const MARKET: &[Seat] = &[&[Role::Customs], &[Role::Warehouse, Role::Forwarder], &[Role::Bank]];
/// The carrier, the terminal, and a bank. No customs of this country has seen the goods.
const ABROAD: &[Seat] = &[&[Role::Ocean, Role::Rail, Role::Mto], &[Role::Warehouse, Role::Forwarder], &[Role::Bank]];

/// A built-in template before it is put together: code, matrix, papers that may be attested or be the subject without a field of their
/// own, and the seats of the quorum.
type Draft = (TemplateCode, &'static [Row], &'static [&'static [DocKind]], &'static [Seat]);

#[rustfmt::skip]
const DRAFTS: [Draft; 7] = [
    (TemplateCode::ExportRailSea, EXPORT_RAIL_SEA, &[POLICY, HOUSE_BILL, INVOICES], CROSS_BORDER),
    (TemplateCode::ImportRailSea, IMPORT_RAIL_SEA, &[POLICY, HOUSE_BILL, INVOICES, RECEIPT, ORIGIN], CROSS_BORDER),
    (TemplateCode::ChinaEurope,   CHINA_EUROPE,    &[POLICY, HOUSE_BILL, INVOICES, RECEIPT], CROSS_BORDER),
    (TemplateCode::ChinaLaos,     CHINA_LAOS,      &[POLICY, HOUSE_BILL, INVOICES, RECEIPT], CROSS_BORDER),
    (TemplateCode::DomesticRail,  DOMESTIC_RAIL,   &[POLICY, RECEIPT], DOMESTIC),
    (TemplateCode::BorderTrade,   BORDER_TRADE,    &[POLICY, RECEIPT, ORIGIN], MARKET),
    (TemplateCode::Offshore,      OFFSHORE,        &[POLICY, HOUSE_BILL], ABROAD),
];

/// Every built-in template, by number.
pub fn built_in() -> Vec<Template> {
    DRAFTS.iter().map(template).collect()
}

fn template((code, matrix, others, seats): &Draft) -> Template {
    let sources = matrix.iter().flat_map(|(_, _, _, sources)| sources.iter());
    let mut docs: Vec<DocKind> = sources.chain(others.iter()).flat_map(|group| group.iter().copied()).collect();
    docs.sort();
    docs.dedup();
    Template {
        id: number(*code),
        ver: 1,
        code: *code,
        docs,
        fields: matrix.iter().map(rule).collect(),
        quorum: seats.iter().map(|any_of| QuorumRule { any_of: any_of.to_vec(), min: 1 }).collect(),
        ttl_ms: 90 * DAY_MS,
    }
}

fn rule((field, matching, required, sources): &Row) -> FieldRule {
    FieldRule { field: *field, sources: sources.concat(), matching: *matching, required: *required }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Hash;
    use crate::fingerprint::{DocumentInput, ORDER_DAYS_MAX, document_tags};

    macro_rules! paper {
        ($name:literal) => {
            DocumentInput::from_json(include_str!(concat!("../../tests/data/documents/", $name, ".json")))
                .expect("the corpus holds sound documents")
        };
    }

    fn built(code: TemplateCode) -> Template {
        built_in().into_iter().find(|t| t.code == code).expect("every code has a template")
    }

    /// What each of the papers states under a rule, with its kind.
    fn stated(template: &Template, papers: &[DocumentInput], rule: &FieldRule) -> Vec<(DocKind, Vec<Hash>)> {
        let tags = |paper: &DocumentInput| {
            let all = document_tags(&[7; 32], template, paper).expect("the corpus holds sound documents");
            all.into_iter().find(|t| t.field == rule.field).map(|t| (paper.kind, t.tags))
        };
        papers.iter().filter_map(tags).collect()
    }

    /// Whether two papers agree, said once more and without the contract's code.
    fn agree(rule: &FieldRule, a: &(DocKind, Vec<Hash>), b: &(DocKind, Vec<Hash>)) -> bool {
        let common = a.1.iter().filter(|tag| b.1.contains(tag)).count();
        match rule.matching {
            FieldMatch::Eq | FieldMatch::SetEq => a.1 == b.1,
            FieldMatch::Subset => common == a.1.len().min(b.1.len()),
            FieldMatch::Bucket { .. } => common > 0,
            FieldMatch::Order { .. } => rule.is_earlier(a.0) == rule.is_earlier(b.0) || common > 0,
        }
    }

    #[test]
    fn the_papers_of_the_scenarios_state_every_required_field_twice_and_alike() {
        let s1 = [paper!("s1_declaration"), paper!("s1_leg_note"), paper!("s1_ncd"), paper!("s1_invoice")];
        let s2 = [paper!("s2_declaration"), paper!("s2_leg_note"), paper!("s2_mtd"), paper!("s2_invoice")];
        for (code, papers) in [(TemplateCode::ExportRailSea, s1), (TemplateCode::ImportRailSea, s2)] {
            let template = built(code);
            for rule in template.fields.iter().filter(|r| r.required) {
                let all = stated(&template, &papers, rule);
                let of_dates = matches!(rule.matching, FieldMatch::Order { .. });
                assert!(of_dates || all.len() >= 2, "{code} field {}: {} papers", rule.field, all.len());
                for (i, a) in all.iter().enumerate() {
                    assert!(all[i + 1..].iter().all(|b| agree(rule, a, b)), "{code} field {}", rule.field);
                }
            }
        }
    }

    #[test]
    fn the_dates_of_the_first_scenario_are_in_order_and_a_late_declaration_is_not() {
        let template = built(TemplateCode::ExportRailSea);
        let rule = template.fields.iter().find(|r| r.field == field::DATES_DECLARATION_DEPARTURE).expect("a row");
        let note = paper!("s1_leg_note");
        for (declared, in_order) in [("2026-03-03", true), ("2026-03-11", true), ("2026-03-12", false)] {
            let declaration = DocumentInput { issue_date: Some(declared.into()), ..paper!("s1_declaration") };
            let both = stated(&template, &[declaration, note.clone()], rule);
            assert_eq!((both[0].1.len(), both[1].1.len()), (129, 1));
            assert_eq!(agree(rule, &both[0], &both[1]), in_order, "declared on {declared}");
        }
    }

    #[test]
    fn numbers_follow_the_order_of_the_codes() {
        let all: Vec<(u16, TemplateCode)> = built_in().iter().map(|t| (t.id, t.code)).collect();
        let expected: Vec<(u16, TemplateCode)> = (1..).zip(TemplateCode::ALL.iter().copied()).collect();
        assert_eq!(all, expected);
        assert_eq!((EXPORT_RAIL_SEA_ID, OFFSHORE_ID), (1, 7));
    }

    #[test]
    fn every_required_field_has_two_kinds_of_papers_that_the_template_knows() {
        for template in built_in() {
            for rule in &template.fields {
                let known = rule.sources.iter().filter(|kind| template.docs.contains(kind)).count();
                assert!(known >= 2, "{} field {}: {known} sources", template.code, rule.field);
            }
            let mut fields: Vec<_> = template.fields.iter().map(|r| r.field).collect();
            fields.sort_unstable();
            fields.dedup();
            assert_eq!(fields.len(), template.fields.len(), "{} names a field twice", template.code);
        }
    }

    #[test]
    fn an_order_has_papers_on_both_sides_and_no_more_days_than_tags_allow() {
        for template in built_in() {
            for rule in &template.fields {
                let FieldMatch::Order { days, earlier, grace } = rule.matching else { continue };
                assert!(days <= ORDER_DAYS_MAX && grace <= ORDER_DAYS_MAX);
                assert!((1..rule.sources.len()).contains(&usize::from(earlier)), "{} {}", template.code, rule.field);
                assert!(field::is_date_order(rule.field));
            }
        }
    }

    #[test]
    fn customs_has_a_seat_exactly_where_goods_cross_the_border() {
        for template in built_in() {
            let has_customs = template.quorum.iter().any(|seat| seat.any_of == [Role::Customs]);
            let inland = matches!(template.code, TemplateCode::DomesticRail | TemplateCode::Offshore);
            assert_eq!(has_customs, !inland, "{}", template.code);
            assert_eq!(template.docs.contains(&DocKind::DECLARATION), !inland, "{}", template.code);
        }
    }

    #[test]
    fn a_border_trade_names_one_root_in_the_market_and_at_customs() {
        let template = built(TemplateCode::BorderTrade);
        let rule = template.fields.iter().find(|r| r.field == field::AGGREGATE).expect("a row");
        let root = |text: &str| Some(text.to_owned());
        let list = DocumentInput { aggregate: root("9f2c 77aa 01"), ..paper!("s1_invoice") };
        let declared = DocumentInput { aggregate: root("9F2C77AA01"), ..paper!("s1_declaration") };
        let both = stated(&template, &[list, declared], rule);
        assert!(both.len() == 2 && agree(rule, &both[0], &both[1]));
    }
}
