//! What stands for the fields of operations, by the name of the struct and of the field.

use super::need::Kind;
use serde_json::Value;

/// What becomes of a field that is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// It must be written, unless the ledger can do without it.
    Missing,
    /// It is worked out.
    Derived,
    /// This text is taken.
    Text(&'static str),
    /// This number is taken.
    Number(u64),
    /// It is true.
    Yes,
    /// The list is empty.
    Empty,
}

/// How a field is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) kind: Kind,
    absent: Absent,
}

impl Rule {
    /// As it is written.
    pub(super) const PLAIN: Rule = Rule { kind: Kind::Plain, absent: Absent::Missing };

    /// The value when none is written.
    pub(super) fn default(self) -> Option<Value> {
        match self.absent {
            Absent::Missing | Absent::Derived => None,
            Absent::Text(text) => Some(text.into()),
            Absent::Number(number) => Some(number.into()),
            Absent::Yes => Some(true.into()),
            Absent::Empty => Some(Value::Array(Vec::new())),
        }
    }

    /// Whether a value is worked out if none is written, also where the ledger can do without.
    pub(super) fn is_derived(self) -> bool {
        self.absent == Absent::Derived
    }

    /// Whether a value is found if none is written: a commitment to nothing is zero.
    pub(super) fn is_found(self) -> bool {
        self.is_derived() || self.kind == Kind::Commit
    }
}

type Row = (&'static str, &'static str, Kind, Absent);

use Absent::{Derived, Empty, Missing, Number, Text, Yes};

/// Fields of certain structs.
const OF_STRUCT: &[Row] = &[
    ("Delegate", "party", Kind::Party, Derived),
    ("RevokeDelegation", "party", Kind::Party, Derived),
    ("Delegate", "until", Kind::Time, Text("+1y")),
    ("Delegate", "operations", Kind::OperationNumber, Missing),
    ("SetTag", "from", Kind::Time, Text("+0s")),
    ("SetTag", "to", Kind::Time, Text("+1y")),
    ("RecoverKey", "keys", Kind::NewKeys, Derived),
    ("ForceVacate", "key", Kind::Key, Missing),
    ("Unstuff", "keys", Kind::Keys, Derived),
    ("Part", "keys", Kind::Keys, Derived),
    ("Part", "lot", Kind::Lot, Number(0)),
    ("Part", "qty", Kind::Quantity, Derived),
    ("Part", "packages", Kind::Plain, Number(0)),
    ("Move", "lot", Kind::Lot, Number(0)),
    ("Move", "from", Kind::Cell, Derived),
    ("Move", "to", Kind::Cell, Missing),
    ("CellBlock", "reason", Kind::Commit, Missing),
    ("CellUnblock", "reason", Kind::Commit, Missing),
    ("ForceVacate", "reason", Kind::Commit, Missing),
    ("VoidDoc", "order", Kind::Commit, Missing),
    ("Lift", "order", Kind::Commit, Missing),
    ("VoidByOrder", "order", Kind::Commit, Missing),
    ("Realise", "order", Kind::Party, Missing),
    ("CourtFreeze", "until", Kind::Time, Text("+1y")),
    ("MakeOffer", "until", Kind::Time, Text("+1h")),
    ("RegisterMirror", "expires", Kind::Time, Text("+1y")),
    ("HandOver", "from", Kind::Party, Missing),
    ("NewLeg", "from", Kind::Plain, Missing),
    ("NewLeg", "to", Kind::Plain, Missing),
    ("FlowReport", "lots", Kind::Lots, Missing),
    ("FlowReport", "at", Kind::Time, Text("+0s")),
    ("FlowReport", "node", Kind::Plain, Text("CNCKG")),
    ("SplitChild", "lots", Kind::ChildLots, Derived),
    ("Split", "released", Kind::Position, Empty),
    ("NewBill", "lots", Kind::NewLots, Derived),
    ("NewBill", "legs", Kind::Plain, Empty),
    ("NewBill", "kind", Kind::DocKind, Derived),
    ("NewBill", "legal_basis", Kind::LegalBasis, Derived),
    ("NewBill", "order_type", Kind::Plain, Text("TO_ORDER")),
    ("NewBill", "control_agreement", Kind::Commit, Text(CONTROL_AGREEMENT)),
    ("ConvertOut", "shortages", Kind::Shortages, Derived),
    ("ReleaseMark", "evidence", Kind::Paper, Missing),
    ("RevokeLicence", "site", Kind::Site, Missing),
    ("RevokeLicence", "kind", Kind::Plain, Text("WAREHOUSE_SITE")),
    ("HoldTarget", "doc", Kind::Doc, Missing),
    ("HoldTarget", "lot", Kind::Lot, Missing),
    ("HoldTarget", "pledge", Kind::Made("pledge"), Missing),
    ("HoldTarget", "party", Kind::Party, Missing),
    ("HoldTarget", "cell", Kind::Cell, Missing),
    ("Create", "reg_until", Kind::Time, Text("+180d")),
    ("Create", "secured_kind", Kind::Plain, Text("LOAN")),
    ("Create", "cover_min_bps", Kind::Plain, Number(7_000)),
    ("Create", "proof_min_level", Kind::Plain, Number(0)),
    ("SetLien", "lien", Kind::Plain, Yes),
];

/// What an issuer agrees to unless a step says otherwise.
const CONTROL_AGREEMENT: &str = "delivery only against ledger control";

/// Fields that mean the same in every struct.
const OF_FIELD: &[Row] = &[
    ("", "expect_ver", Kind::Version, Derived),
    ("", "ticket", Kind::Ticket, Derived),
    ("", "content_root", Kind::ContentRoot, Derived),
    ("", "issue_date", Kind::IssueDate, Derived),
    ("", "doc", Kind::Doc, Missing),
    ("", "party", Kind::Party, Missing),
    ("", "to", Kind::Party, Missing),
    ("", "pledgor", Kind::Party, Missing),
    ("", "supervisor", Kind::Party, Missing),
    ("", "nominee", Kind::Party, Missing),
    ("", "carrier", Kind::Party, Missing),
    ("", "pledge", Kind::Made("pledge"), Missing),
    ("", "proof", Kind::Made("proof"), Missing),
    ("", "hold", Kind::Made("hold"), Missing),
    ("", "offer", Kind::Made("offer"), Missing),
    ("", "event", Kind::Made("event"), Missing),
    ("", "lot", Kind::Lot, Missing),
    ("", "cell", Kind::Cell, Missing),
    ("", "uom", Kind::Unit, Text("KGM")),
    ("", "qty", Kind::Quantity, Missing),
    ("", "counted", Kind::Quantity, Missing),
    ("", "until", Kind::Time, Missing),
    ("", "reg_until", Kind::Time, Missing),
    ("", "expires", Kind::Time, Missing),
    ("", "basis", Kind::Commit, Missing),
    ("", "charges", Kind::Commit, Missing),
    ("", "claim", Kind::Commit, Missing),
    ("", "condition", Kind::Commit, Missing),
    ("", "conditions", Kind::Commit, Missing),
    ("", "details", Kind::Commit, Missing),
    ("", "evidence", Kind::Commit, Missing),
    ("", "finance_ref", Kind::Commit, Missing),
    ("", "interest", Kind::Commit, Missing),
    ("", "new_seal", Kind::Commit, Missing),
    ("", "notice", Kind::Commit, Missing),
    ("", "old_seal", Kind::Commit, Missing),
    ("", "on_behalf", Kind::Commit, Missing),
    ("", "payload", Kind::Commit, Missing),
    ("", "proceeds", Kind::Commit, Missing),
    ("", "reference", Kind::Commit, Missing),
    ("", "registration", Kind::Commit, Missing),
    ("", "seal", Kind::Commit, Missing),
];

/// The rule of a field.
pub(super) fn rule(owner: &str, field: &str) -> Rule {
    let of_struct = OF_STRUCT.iter().find(|row| row.0 == owner && row.1 == field);
    let found = of_struct.or_else(|| OF_FIELD.iter().find(|row| row.1 == field));
    found.map_or(Rule::PLAIN, |row| Rule { kind: row.2, absent: row.3 })
}

/// Arguments of a struct that are no fields of it: they say what its fields are worked out from.
pub(super) fn extras(owner: &str, fields: &[&str]) -> Vec<&'static str> {
    let mut all = Vec::new();
    if fields.contains(&"ticket") {
        all.extend(["document", "paper"]);
    }
    all.extend_from_slice(match owner {
        "CellOpen" => &["site", "cell"],
        "SplitChild" => &["parents"],
        "ConvertOut" => &["shortage", "shortage_packages"],
        _ => &[],
    });
    all
}

/// Whether a field may be left out so that the table around it stands for it.
pub(super) fn is_inline(owner: &str, field: &str) -> bool {
    (owner, field) == ("Report", "report")
}

/// The field that a text stands for where a struct is expected.
pub(super) fn short_form(owner: &str) -> Option<&'static str> {
    match owner {
        "DocVersion" | "Collateral" => Some("doc"),
        "SplitChild" => Some("document"),
        _ => None,
    }
}
