//! The built-in templates, with the papers of the scenarios and with made-up ones.

use super::*;
use landsea_types::fingerprint::{DocumentInput, document_tags};
use landsea_types::genesis::templates::*;
use landsea_types::record::{FieldMatch, FieldRule, Template};
use landsea_types::role::TemplateCode;

macro_rules! document {
    ($name:literal) => {
        DocumentInput::from_json(include_str!(concat!("../../../../types/tests/data/documents/", $name, ".json")))
            .expect("the documents of the cast are sound")
    };
}

const CASE_KEY: [u8; 32] = [7; 32];

fn built(id: u16) -> Template {
    built_in().into_iter().find(|t| t.id == id).expect("a built-in template")
}

/// Attests the tags of a real paper.
fn attest_document(w: &mut World, by: &str, proof: &ProofId, template: u16, document: &DocumentInput) -> Outcome {
    let Operation::AuthenticityAttest(body) = attest_op(w, by, proof, document.kind, &Vec::new()) else {
        panic!("an attestation")
    };
    let fields = document_tags(&CASE_KEY, &built(template), document).expect("a sound document");
    w.ok(by, Operation::AuthenticityAttest(Attest { fields, ..body }), &[])
}

fn case_over(template: u16, kind: DocKind, copies: &[(&str, DocumentInput)]) -> Proof {
    let mut w = world();
    let doc = w.issue_bill(&Bill { kind, ..Bill::s1() });
    let proof = w.open_proof("E5", &doc, template);
    for (by, document) in copies {
        let document = document.clone();
        if document.kind == kind {
            let Operation::AuthenticityAttest(body) = w.attest_op(by, &proof, kind, &Bill::s1().paper, &[]) else {
                panic!("an attestation")
            };
            let fields = document_tags(&CASE_KEY, &built(template), &document).expect("a sound document");
            w.ok(by, Operation::AuthenticityAttest(Attest { fields, ..body }), &[]);
        } else {
            attest_document(&mut w, by, &proof, template, &document);
        }
    }
    w.proof(&proof)
}

fn s1() -> [(&'static str, DocumentInput); 4] {
    [
        ("SW", document!("s1_declaration")),
        ("R-CD", document!("s1_leg_note")),
        ("MTO", document!("s1_ncd")),
        ("TAXG", document!("s1_invoice")),
    ]
}

fn s2() -> [(&'static str, DocumentInput); 4] {
    [
        ("SW", document!("s2_declaration")),
        ("R-NN", document!("s2_leg_note")),
        ("MTO", document!("s2_mtd")),
        ("TAXG", document!("s2_invoice")),
    ]
}

#[test]
fn the_papers_of_the_scenarios_match_at_level_three() {
    let export = case_over(EXPORT_RAIL_SEA_ID, DocKind::NCD, &s1());
    assert_eq!((export.state, export.level), (ProofState::Matched, 3));
    let import = case_over(IMPORT_RAIL_SEA_ID, DocKind::MTD, &s2());
    assert_eq!((import.state, import.level), (ProofState::Matched, 3));
}

#[test]
fn a_contract_joins_with_its_earlier_date() {
    let mut copies = s1().to_vec();
    copies.push(("INS", document!("s1_contract")));
    copies.push(("INS", document!("s1_packing_list")));
    assert_eq!(case_over(EXPORT_RAIL_SEA_ID, DocKind::NCD, &copies).level, 3);
    copies[4].1.issue_date = Some("2026-03-03".into());
    let case = case_over(EXPORT_RAIL_SEA_ID, DocKind::NCD, &copies);
    assert_eq!(case.contradiction, Some(field::DATES_CONTRACT_INVOICE), "a contract younger than its invoice");
}

#[test]
fn dates_out_of_order_and_weights_out_of_step_contradict() {
    let spoilt = |spoil: &dyn Fn(&mut DocumentInput)| {
        let mut copies = s1();
        spoil(&mut copies[0].1);
        case_over(EXPORT_RAIL_SEA_ID, DocKind::NCD, &copies).contradiction
    };
    let declared = |date: &'static str| move |d: &mut DocumentInput| d.issue_date = Some(date.into());
    let weighed = |weight: &'static str| move |d: &mut DocumentInput| d.gross_weight = Some(weight.into());
    assert_eq!(spoilt(&declared("2026-03-11")), None, "a week after the train has left");
    assert_eq!(spoilt(&declared("2026-03-12")), Some(field::DATES_DECLARATION_DEPARTURE));
    assert_eq!(spoilt(&declared("2026-03-01")), Some(field::DATES_INVOICE_DECLARATION));
    assert_eq!(spoilt(&weighed("61,450 kg")), None);
    assert_eq!(spoilt(&weighed("61,600 kg")), Some(field::GROSS_WEIGHT));
}

#[test]
fn another_container_on_the_waybill_contradicts() {
    let mut copies = s1();
    copies[1].1.containers[1] = "XLHU2601045".into();
    let case = case_over(EXPORT_RAIL_SEA_ID, DocKind::NCD, &copies);
    assert_eq!((case.level, case.contradiction), (0, Some(field::CONTAINERS)));
}

/// Who fills the seats of a template's quorum, in their order.
fn seats(code: TemplateCode) -> [&'static str; 3] {
    match code {
        TemplateCode::DomesticRail => ["TAXG", "R-CD", "COLD"],
        TemplateCode::BorderTrade => ["SW", "PORT", "B3"],
        TemplateCode::Offshore => ["OCEAN", "PORT", "B3"],
        _ => ["SW", "R-CD", "TAXG"],
    }
}

/// The values that a truthful copy of a kind states under a rule.
fn values(rule: &FieldRule, kind: DocKind) -> &'static [&'static str] {
    match rule.matching {
        FieldMatch::Order { .. } if rule.is_earlier(kind) => &["d1", "d2"],
        FieldMatch::Order { .. } => &["d2"],
        _ => &["v"],
    }
}

fn level_of(template: &Template, attesters: &[&'static str]) -> u8 {
    let mut w = world();
    let doc = w.issue_bill(&Bill::s1());
    let proof = w.open_proof("E5", &doc, template.id);
    for by in attesters {
        for kind in template.docs.iter().filter(|kind| **kind != DocKind::NCD) {
            let rules = template.fields.iter().filter(|rule| rule.sources.contains(kind));
            let mut fields: Fields = rules.map(|rule| (rule.field, values(rule, *kind))).collect();
            fields.sort_by_key(|(id, _)| *id);
            assert_eq!(attest_code(&mut w, by, &proof, *kind, &fields), Code::Ok, "{by} {kind:?}");
        }
    }
    w.proof(&proof).level
}

#[test]
fn every_template_matches_when_all_its_seats_are_filled_and_not_with_one_empty() {
    for template in built_in() {
        let all = seats(template.code);
        assert_eq!(level_of(&template, &all), 3, "{}", template.code);
        for empty in 0..all.len() {
            let mut some = all.to_vec();
            some.remove(empty);
            assert!(level_of(&template, &some) < 3, "{} without {}", template.code, all[empty]);
        }
    }
}
