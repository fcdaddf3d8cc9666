//! The scenarios of the demo and of the fraud pack, in this program.

use super::source::{Files, Source};

const DOCUMENTS: &[(&str, &str)] = &[
    ("documents/s1_contract.json", include_str!("../../scenarios/documents/s1_contract.json")),
    ("documents/s1_invoice.json", include_str!("../../scenarios/documents/s1_invoice.json")),
    ("documents/s1_declaration.json", include_str!("../../scenarios/documents/s1_declaration.json")),
    ("documents/s1_packing_list.json", include_str!("../../scenarios/documents/s1_packing_list.json")),
    ("documents/s1_policy.json", include_str!("../../scenarios/documents/s1_policy.json")),
    ("documents/s1_leg_note.json", include_str!("../../scenarios/documents/s1_leg_note.json")),
    ("documents/s1_ncd.json", include_str!("../../scenarios/documents/s1_ncd.json")),
    ("documents/s1_house_bill.json", include_str!("../../scenarios/documents/s1_house_bill.json")),
];

/// The first scenario: one document and the double pledge in two provinces.
pub(crate) fn demo() -> Source {
    Source {
        path: "s1.toml".into(),
        text: include_str!("../../scenarios/s1.toml").into(),
        files: Files::BuiltIn { table: DOCUMENTS },
    }
}

/// The fraud pack: files that need no document beside them.
pub(crate) fn fraud_pack() -> [Source; 2] {
    let file =
        |path: &str, text: &str| Source { path: path.into(), text: text.into(), files: Files::BuiltIn { table: &[] } };
    [
        file("fraud_pack.toml", include_str!("../../scenarios/fraud_pack.toml")),
        file("fraud_terms.toml", include_str!("../../scenarios/fraud_terms.toml")),
    ]
}
