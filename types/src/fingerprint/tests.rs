//! Claims about fingerprints, tags and disclosure; the spellings themselves are in `tests/fingerprint_corpus.rs`.

use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::normalise::{CalendarDate, Class};
use super::*;
use crate::Hash;
use crate::genesis::templates::built_in;
use crate::operation::authenticity::FieldTags;
use crate::record::{FieldMatch, FieldRule, Template};
use crate::role::TemplateCode;

const NCD: &str = include_str!("../../tests/data/documents/s1_ncd.json");
const LEG_NOTE: &str = include_str!("../../tests/data/documents/s1_leg_note.json");
const DECLARATION: &str = include_str!("../../tests/data/documents/s1_declaration.json");
const INVOICE: &str = include_str!("../../tests/data/documents/s1_invoice.json");
const CONTRACT: &str = include_str!("../../tests/data/documents/s1_contract.json");
const PACKING_LIST: &str = include_str!("../../tests/data/documents/s1_packing_list.json");
const RECEIPT: &str = include_str!("../../tests/data/documents/s2_receipt.json");
const CASE_KEY: [u8; 32] = [7; 32];
const TEMPLATE: u16 = 1;

fn document(json: &str) -> DocumentInput {
    DocumentInput::from_json(json).expect("the documents of the cast are valid")
}

/// Runs a property with a seed that is printed and can be set again in `LANDSEA_SEED` (64 hex digits).
fn property<S: Strategy>(strategy: S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let default = hex::encode([0x5a; 32]);
    let seed = std::env::var("LANDSEA_SEED").unwrap_or(default);
    println!("seed {seed}");
    let bytes = crate::ids::parse_hex32(&seed).expect("LANDSEA_SEED holds 64 hex digits");
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::with_cases(512) }, rng);
    runner.run(&strategy, test).expect("the property holds");
}

fn container_number() -> impl Strategy<Value = String> {
    ("[A-Z]{3}U", 0u32..1_000_000).prop_map(|(owner, serial)| {
        let body = format!("{owner}{serial:06}");
        let valid = (0..10).map(|check| format!("{body}{check}")).find(|n| Class::Container.normalise("c", n).is_ok());
        valid.expect("every body has a check digit")
    })
}

#[test]
fn normalising_twice_changes_nothing() {
    const TEXT_CLASSES: [Class; 12] = [
        Class::Docno,
        Class::Skeleton,
        Class::Cell,
        Class::Name,
        Class::Trader,
        Class::Consignee,
        Class::IssuerCode,
        Class::Place,
        Class::Date,
        Class::EInvoice,
        Class::Country,
        Class::Hs,
    ];
    let text = prop_oneof![
        "\\PC{0,24}",
        "[第号NO№. A-Za-z0-9/〔〕\\-_０-９]{0,16}",
        "(co|ltd|有限|公司|股份|A|b|\\.| |ß|İ|Σ){0,8}",
        "(NAME|name|TO ORDER|凭指示)[: a-z,.]{0,10}",
        "[0-9]{1,4}[-/. 年]?([0-9]{1,2}|MAR|Sept)[-/. 月]?[0-9]{1,4}日?",
    ];
    property(text, |text| {
        for class in TEXT_CLASSES {
            if let Ok(once) = class.normalise("field", &text) {
                let twice = class.normalise("field", &once);
                prop_assert_eq!(twice.as_ref(), Ok(&once), "{} {:?}", class, text);
            }
        }
        Ok(())
    });
}

#[test]
fn no_text_makes_a_class_panic() {
    property(any::<String>(), |text| {
        for number in 0..23 {
            let class = ALL_CLASSES.get(number).expect("there are 23 classes");
            let _ = class.normalise("field", &text);
        }
        Ok(())
    });
}

const ALL_CLASSES: [Class; 23] = [
    Class::Docno,
    Class::Skeleton,
    Class::Uscc,
    Class::Lei,
    Class::Party,
    Class::Trader,
    Class::Consignee,
    Class::IssuerCode,
    Class::Container,
    Class::Wagon,
    Class::Vin,
    Class::Sscc,
    Class::Date,
    Class::Qty,
    Class::Count,
    Class::Money,
    Class::Hs,
    Class::Place,
    Class::Country,
    Class::Name,
    Class::EInvoice,
    Class::Customs,
    Class::Cell,
];

#[test]
fn separators_never_change_a_document_number() {
    let parts = vec(("[A-Z0-9]{1,6}", "[-/._ ·:#\u{200b}\u{a0}]{0,3}"), 1..6);
    property(parts, |parts| {
        let separated: String = parts.iter().map(|(word, separator)| format!("{word}{separator}")).collect();
        let joined: String = parts.iter().map(|(word, _)| word.as_str()).collect();
        if !joined.starts_with("NO") {
            prop_assert_eq!(Class::Docno.normalise("n", &separated), Class::Docno.normalise("n", &joined));
        }
        Ok(())
    });
}

#[test]
fn the_order_of_containers_is_irrelevant() {
    let orders = btree_set(container_number(), 1..12).prop_flat_map(|set| {
        (Just(set.iter().cloned().collect::<Vec<_>>()), Just(set.into_iter().collect::<Vec<_>>()).prop_shuffle())
    });
    property(orders, |(sorted, shuffled)| {
        let with = |containers| derive_raw(&DocumentInput { containers, ..document(NCD) });
        prop_assert_eq!(with(sorted), with(shuffled));
        Ok(())
    });
}

#[test]
fn a_quantity_means_the_same_in_every_unit() {
    property((1u64..1_000_000_000, any::<bool>()), |(grams, grouped)| {
        let kilograms = format!(
            "{}.{:03} kg",
            if grouped { grouped_digits(grams / 1000) } else { (grams / 1000).to_string() },
            grams % 1000
        );
        let tonnes = format!("{}.{:06}t", grams / 1_000_000, grams % 1_000_000);
        let expected = Ok(format!("KGM{grams}"));
        prop_assert_eq!(Class::Qty.normalise("q", &format!("{grams} g")), expected.clone());
        prop_assert_eq!(Class::Qty.normalise("q", &kilograms), expected.clone());
        prop_assert_eq!(Class::Qty.normalise("q", &tonnes), expected);
        Ok(())
    });
}

fn grouped_digits(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped_digits(number / 1000), number % 1000) }
}

#[test]
fn one_wrong_character_in_a_firm_code_is_refused() {
    const CODE: &str = "91500106XXDEM0023Q";
    for index in 0..CODE.len() {
        for replacement in "0123456789ABCDEFGHJKLMNPQRTUWXY".chars() {
            let changed: String =
                CODE.chars().enumerate().map(|(i, c)| if i == index { replacement } else { c }).collect();
            assert_eq!(Class::Uscc.normalise("issuer", &changed).is_ok(), changed == CODE, "{changed}");
        }
    }
}

#[test]
fn the_identity_preimage_is_the_specified_encoding() {
    fn field(id: u16, text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).expect("short");
        [&id.to_le_bytes()[..], &length.to_le_bytes(), text.as_bytes()].concat()
    }
    let mut bytes =
        [&13u32.to_le_bytes()[..], b"landsea/fp/v1", &10u16.to_le_bytes(), &[1], &3u32.to_le_bytes()].concat();
    bytes.extend(field(1, "SHLTCKGSIN2026000417"));
    bytes.extend(field(2, "20260304"));
    bytes.extend(field(3, "91500106XXDEM0023Q"));
    let raw = derive_raw(&document(NCD)).expect("the bill is valid");
    assert_eq!(raw.fp1, *blake3::hash(&bytes).as_bytes());
}

#[test]
fn the_rules_of_version_1_are_frozen() {
    let frozen = |json| {
        let raw = derive_raw(&document(json)).expect("the paper is valid");
        hex::encode(&blake3::hash(&borsh::to_vec(&raw).expect("encodes")).as_bytes()[..8])
    };
    assert_eq!(RULES, 1);
    assert_eq!([NCD, LEG_NOTE, RECEIPT].map(frozen), ["ff81a07f874af332", "ae2c8248a6ea4faa", "1e803f52af0ca56b"]);
}

#[test]
fn a_goods_key_hashes_class_and_value() {
    let raw = derive_raw(&document(NCD)).expect("the bill is valid");
    let expected = RawGoodsKey { class: b'C', raw: *blake3::hash(b"gk/v1/CXLHU2601019").as_bytes() };
    assert!(raw.goods_keys.contains(&expected));
    assert_eq!(raw.goods_keys.len(), 3);
    assert!(raw.goods_keys.is_sorted());
}

#[test]
fn an_absent_near_combination_is_zero_and_stays_zero_under_the_network_key() {
    let raw = derive_raw(&document(RECEIPT)).expect("the receipt is valid");
    let is_absent: Vec<bool> = raw.near.iter().map(|near| *near == [0; 32]).collect();
    assert_eq!(is_absent, [true, false, true, false, false, true, true, true]);
    assert_eq!(keyed_or_absent(&CASE_KEY, &raw.near[0]), [0; 32]);
    assert_eq!(keyed_or_absent(&CASE_KEY, &raw.near[1]), keyed(&CASE_KEY, &raw.near[1]));
}

#[test]
fn layers_of_one_document_never_share_a_fingerprint() {
    let raw = derive_raw(&document(NCD)).expect("the bill is valid");
    let mut all = vec![raw.fp1, raw.fp2];
    all.extend(raw.near.iter().filter(|near| **near != [0; 32]));
    let unique: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(unique.len(), all.len());
}

#[test]
fn a_leg_note_without_wagons_falls_back_to_the_train_number() {
    let note = DocumentInput { wagons: Vec::new(), train: Some("X9591".to_owned()), ..document(LEG_NOTE) };
    let with_train = derive_raw(&note).expect("the note is valid").near;
    assert_ne!(with_train[5], [0; 32]);
    assert_ne!(with_train[5], derive_raw(&document(LEG_NOTE)).expect("the note is valid").near[5]);
}

#[test]
fn a_party_has_one_fingerprint_in_every_spelling() {
    assert_eq!(party_raw("91500106XXDEM0023Q"), party_raw("91500106 xxdem0023 q"));
    assert!(party_raw("91500106XXDEM0023P").is_err());
    assert!(party_raw("9999XXDEMSTRAITS0174").is_ok());
    assert_ne!(site_raw("CQ-1"), site_raw("CQ-2"));
}

#[test]
fn every_kind_names_fields_that_exist() {
    for kind in Kind::ALL {
        for id in required_fields(*kind) {
            assert_ne!(field_name(id), "unknown field", "{kind:?} needs field {id}");
            assert_ne!(field::json_name(id), "unknown", "{kind:?} needs field {id}");
        }
        assert!(field::identity_fields(*kind).is_sorted());
        assert!(field::content_identity_fields(*kind).is_sorted());
    }
}

/// The rules of EXPORT_RAIL_SEA.
fn export() -> Template {
    built_in().into_iter().find(|t| t.code == TemplateCode::ExportRailSea).expect("a built-in template")
}

fn rule_of(id: FieldId) -> FieldRule {
    export().fields.into_iter().find(|rule| rule.field == id).expect("a row of the matrix")
}

fn tags_under(rule: &FieldRule, paper: &DocumentInput) -> Vec<Hash> {
    field_tags(&CASE_KEY, TEMPLATE, rule, paper).expect("the paper is valid")
}

#[test]
fn copies_of_one_trade_publish_equal_tags() {
    let papers = [NCD, LEG_NOTE, DECLARATION, INVOICE, CONTRACT, PACKING_LIST].map(document);
    let mut seen = std::collections::BTreeMap::new();
    let mut compared = 0;
    for paper in &papers {
        let tags = document_tags(&CASE_KEY, &export(), paper).expect("the papers are valid");
        assert!(tags.is_sorted_by(|a, b| a.field < b.field), "{:?}", paper.kind);
        for FieldTags { field, tags } in tags.into_iter().filter(|t| !field::is_date_order(t.field)) {
            let first = seen.entry(field).or_insert_with(|| tags.clone());
            assert_eq!(*first, tags, "{} of {:?}", field_name(field), paper.kind);
            compared += 1;
        }
    }
    let rows = export().fields.iter().filter(|rule| !field::is_date_order(rule.field)).count();
    assert_eq!(seen.len(), rows, "every row of the matrix is attested");
    assert!(compared > 2 * seen.len());
}

#[test]
fn a_different_container_changes_only_its_own_tag() {
    let mut changed = document(DECLARATION);
    changed.containers[1] = "XLHU2601045".to_owned();
    let rule = rule_of(field::CONTAINERS);
    let (before, after) = (tags_under(&rule, &document(DECLARATION)), tags_under(&rule, &changed));
    assert_eq!(before.len(), 3);
    assert_eq!(before.iter().filter(|tag| !after.contains(tag)).count(), 1);
    assert_eq!(field_name(field::CONTAINERS), "container set");
}

#[test]
fn tags_of_two_cases_templates_or_fields_are_unlinkable() {
    let tags = |key: [u8; 32], template, id| {
        field_tags(&key, template, &rule_of(id), &document(DECLARATION)).expect("the paper is valid")
    };
    let base = tags(CASE_KEY, 1, field::PACKAGES);
    assert_ne!(base, tags([8; 32], 1, field::PACKAGES));
    assert_ne!(base, tags(CASE_KEY, 2, field::PACKAGES));
    assert_ne!(base, tags(CASE_KEY, 1, field::INVOICE_NUMBER));
}

#[test]
fn a_transport_document_number_is_attested_by_the_title_bill_and_not_by_a_leg_note() {
    let tags = |json| tags_under(&rule_of(field::TRANSPORT_DOCUMENT), &document(json));
    assert_eq!(tags(NCD), tags(DECLARATION));
    assert_eq!(tags(LEG_NOTE), Vec::new());
}

#[test]
fn neighbouring_weights_intersect_and_distant_ones_do_not() {
    let tags = |weight: &str| {
        let paper = DocumentInput { gross_weight: Some(weight.to_owned()), ..document(DECLARATION) };
        tags_under(&rule_of(field::GROSS_WEIGHT), &paper)
    };
    let intersect = |a: &str, b: &str| tags(a).iter().any(|tag| tags(b).contains(tag));
    assert!(intersect("61,280 kg", "61,350 kg"));
    assert!(intersect("61,280 kg", "61,499 kg"));
    assert!(!intersect("61,280 kg", "61,500 kg"));
}

#[test]
fn a_later_date_is_among_the_days_of_the_earlier_one() {
    let contract_first = |days, grace| FieldRule {
        field: field::DATES_CONTRACT_INVOICE,
        sources: vec![Kind::CONTRACT, Kind::DECLARATION],
        matching: FieldMatch::Order { days, earlier: 1, grace },
        required: true,
    };
    let later = tags_under(&contract_first(30, 0), &document(DECLARATION));
    assert_eq!(later.len(), 1);
    assert!(tags_under(&contract_first(30, 0), &document(CONTRACT)).contains(&later[0]));
    assert!(!tags_under(&contract_first(20, 0), &document(CONTRACT)).contains(&later[0]));
    // With grace the later paper states a day so many days on.
    let shifted = tags_under(&contract_first(30, 9), &document(DECLARATION));
    assert!(shifted != later && tags_under(&contract_first(31, 9), &document(CONTRACT)).contains(&shifted[0]));
    assert!(!tags_under(&contract_first(29, 9), &document(CONTRACT)).contains(&shifted[0]));
    for (days, grace, json) in [(129, 0, CONTRACT), (30, 129, DECLARATION)] {
        assert!(field_tags(&CASE_KEY, TEMPLATE, &contract_first(days, grace), &document(json)).is_err());
    }
}

#[test]
fn a_transport_document_states_its_departure_before_its_issue() {
    let rule = rule_of(field::DATES_DECLARATION_DEPARTURE);
    let note = document(LEG_NOTE);
    let issued_later = DocumentInput { issue_date: Some("2026-03-09".to_owned()), ..note.clone() };
    assert_eq!(tags_under(&rule, &note), tags_under(&rule, &issued_later));
    let bare = DocumentInput { departure_date: None, wagons: Vec::new(), ..issued_later };
    assert_ne!(tags_under(&rule, &note), tags_under(&rule, &bare));
}

#[test]
fn the_day_after_knows_months_and_leap_years() {
    let next = |text| CalendarDate::from_text(text).and_then(CalendarDate::next).map(CalendarDate::get);
    assert_eq!(next("20260228"), Some(20_260_301));
    assert_eq!(next("20280228"), Some(20_280_229));
    assert_eq!(next("20261231"), Some(20_270_101));
    assert_eq!(next("21991231"), None);
}

#[test]
fn the_identity_is_recomputed_from_disclosed_fields() {
    for json in [NCD, LEG_NOTE, DECLARATION, INVOICE, CONTRACT, PACKING_LIST, RECEIPT] {
        let paper = document(json);
        let fields = content_fields(&paper).expect("the paper is valid");
        let salts = content_salts(&[3; 32], &fields);
        let root = content_root(&fields, &salts).expect("the fields are in order");
        let opening = open_content(&fields, &salts, field::identity_fields(paper.kind)).expect("all are stated");
        let disclosed = opening.verify(&root).expect("the opening is honest");
        let expected = derive_raw(&paper).expect("the paper is valid").fp1;
        assert_eq!(raw_fp1_from_fields(paper.kind, &disclosed), Ok(expected));
    }
}

#[test]
fn an_identity_is_not_recomputed_from_too_few_or_repeated_fields() {
    let fields = content_fields(&document(NCD)).expect("the bill is valid");
    let without_date: Vec<_> = fields.iter().filter(|(id, _)| *id != field::ISSUE_DATE).cloned().collect();
    let missing = FingerprintError::Missing { kind: Kind::NCD, field: "issue_date" };
    assert_eq!(raw_fp1_from_fields(Kind::NCD, &without_date), Err(missing));
    let repeated = [fields.clone(), fields].concat();
    assert_eq!(raw_fp1_from_fields(Kind::NCD, &repeated), Err(FingerprintError::FieldOrder));
}

#[test]
fn every_subset_opens_and_no_changed_byte_does() {
    let fields = vec(vec(any::<u8>(), 0..6), 1..12);
    property((fields, any::<u16>(), any::<u8>()), |(values, mask, flip)| {
        let fields: Vec<(FieldId, Vec<u8>)> = (1..).zip(values).collect();
        let salts = content_salts(&[9; 32], &fields);
        let root = content_root(&fields, &salts).expect("the fields are in order");
        let chosen: Vec<FieldId> = fields.iter().map(|(id, _)| *id).filter(|id| mask >> id & 1 == 1).collect();
        let opening = open_content(&fields, &salts, &chosen).expect("all are stated");
        prop_assert_eq!(opening.verify(&root).map(|fields| fields.len()), Ok(chosen.len()));
        if let Some(position) = usize::from(flip).checked_rem(chosen.len()) {
            let mut forged = opening.clone();
            forged.fields[position].bytes.push(flip);
            prop_assert!(forged.verify(&root).is_err());
            let wider = ContentOpening { leaves: opening.leaves + 1, ..opening };
            prop_assert!(wider.verify(&root).is_err());
        }
        Ok(())
    });
}

#[test]
fn an_opening_survives_json() {
    let fields = content_fields(&document(NCD)).expect("the bill is valid");
    let salts = content_salts(&[3; 32], &fields);
    let opening = open_content(&fields, &salts, &[field::NUMBER, field::CONTAINERS]).expect("both are stated");
    let json = serde_json::to_string(&opening).expect("an opening can be written");
    assert_eq!(serde_json::from_str::<ContentOpening>(&json).expect("and read"), opening);
    let absent = open_content(&fields, &salts, &[field::SITE]);
    assert_eq!(absent, Err(DisclosureError::NotStated { field: field::SITE }));
}

#[test]
fn a_document_survives_json() {
    for json in [NCD, LEG_NOTE, DECLARATION, RECEIPT] {
        let paper = document(json);
        let written = serde_json::to_string(&paper).expect("a document can be written");
        assert_eq!(document(&written), paper);
    }
}

#[test]
fn an_unknown_or_repeated_field_is_named() {
    let unknown = DocumentInput::from_json(r#"{"kind":"NCD","colour":"red"}"#).expect_err("unknown field");
    assert!(unknown.to_string().contains("`colour`"), "{unknown}");
    let repeated = DocumentInput::from_json(r#"{"kind":"NCD","seller":"A","consignor":"B"}"#).expect_err("repeated");
    assert!(repeated.to_string().contains("`consignor`"), "{repeated}");
    let kind = DocumentInput::from_json(r#"{"kind":"BILL"}"#).expect_err("unknown kind");
    assert!(kind.to_string().contains("`BILL`"), "{kind}");
}

#[test]
fn an_error_never_repeats_the_value() {
    let paper = DocumentInput { issuer: Some("91500106XXDEM0023P".to_owned()), ..document(NCD) };
    let error = derive_raw(&paper).expect_err("the check character is wrong").to_string();
    assert_eq!(error, "field `issuer` is not a valid PARTY: the check digit does not hold");
}
