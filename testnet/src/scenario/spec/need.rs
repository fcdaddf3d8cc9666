//! What must be known before an argument can be sent.

use super::Named;
use crate::scenario::args::Names;
use crate::scenario::values::{Version, When};
use landsea_client::LotInput;
use landsea_types::fingerprint::normalise::normalise_quantity;
use landsea_types::operation::OPERATIONS;
use landsea_types::role::DocKind;
use landsea_types::ticket::{DeriveTicket, DeriveTicketBody};
use landsea_types::{AccountId, ChainId, Fp, Member, SecretKey, Timestamp, Uom};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::rc::Rc;

/// What stands for a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The value as it is written.
    Plain,
    /// A document by name.
    Doc,
    /// Somebody by tag; the actor when absent.
    Party,
    /// What an earlier step made: a pledge, a case, a hold.
    Made(&'static str),
    /// The version of the object that the struct is about.
    Version,
    /// A lot: `"bill"`, `"bill.1"`, or its position in the document around it.
    Lot,
    /// Lots of documents.
    Lots,
    /// A warehouse cell: `"A-07"` at the actor's site, `"BOND/A-07"` at another's.
    Cell,
    /// Where goods are: a key.
    Key,
    /// Keys of a lot.
    Keys,
    /// The fingerprint of a warehouse site.
    Site,
    /// The fingerprint of a paper.
    Paper,
    /// A time.
    Time,
    /// A commitment to a text.
    Commit,
    /// A quantity with its unit, as text.
    Quantity,
    /// A unit of measure.
    Unit,
    /// The number of an operation by its name.
    OperationNumber,
    /// The number of a document kind by its name.
    DocKind,
    /// What the title usually rests on.
    LegalBasis,
    /// The position of a child by its document.
    Position,
    /// The branch's ticket over a paper.
    Ticket,
    /// The commitment to a paper's fields.
    ContentRoot,
    /// A paper's date.
    IssueDate,
    /// A paper's goods as lots.
    NewLots,
    /// A paper's goods as parts of other lots.
    ChildLots,
    /// What went missing.
    Shortages,
    /// New keys of a party.
    NewKeys,
}

impl Kind {
    /// Whether the whole list is found at once, not element by element.
    pub(super) fn is_list(self) -> bool {
        use Kind::*;
        matches!(self, Lots | Keys | NewLots | ChildLots | Shortages | NewKeys)
    }
}

/// Where an argument stands.
#[derive(Clone, Debug)]
pub struct Place {
    /// The struct that the field belongs to.
    pub owner: &'static str,
    /// The field.
    pub field: &'static str,
    /// Keys and positions from the arguments' table down.
    pub path: Vec<String>,
    /// The tables around it, inner ones first.
    pub scope: Rc<Map<String, Value>>,
    /// What the struct is about: its first field.
    pub object: Option<(Kind, Option<Value>)>,
}

impl Place {
    /// An argument beside or around this one.
    pub fn around(&self, key: &str) -> Option<&Value> {
        self.scope.get(key)
    }

    /// A text beside or around this one.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.around(key).and_then(Value::as_str)
    }

    /// The paper that tickets and lots come from.
    pub fn document(&self) -> Option<&str> {
        let own = self.text("document").or_else(|| self.text("paper"));
        own.or_else(|| self.text("doc").filter(|_| self.owner == "Collateral"))
    }
}

/// What must be known to fill a field.
#[derive(Clone, Debug)]
pub struct Need {
    /// What is needed.
    pub kind: Kind,
    /// What is written, if anything.
    pub value: Option<Value>,
    /// Where.
    pub place: Place,
}

/// Whose ticket an operation carries, when not the caller's own over the operation's document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TicketWish {
    /// Made for another applicant.
    #[serde(default)]
    pub applicant: Option<String>,
    /// Made over another document.
    #[serde(default)]
    pub document: Option<String>,
    /// Altered after the branch has signed it.
    #[serde(default)]
    pub forged: bool,
    /// Signed by the branch with another fingerprint epoch.
    #[serde(default)]
    pub epoch: Option<u16>,
    /// Signed by the branch under another version of the rules.
    #[serde(default)]
    pub rules: Option<u16>,
    /// Signed by the branch for a kind of another number.
    #[serde(default)]
    pub kind: Option<u16>,
    /// Signed by the branch so long ago that it has expired.
    #[serde(default)]
    pub expired: bool,
}

impl TicketWish {
    /// Whether the branch must sign otherwise than its node does.
    pub fn is_signed_anew(&self) -> bool {
        self.epoch.is_some() || self.rules.is_some() || self.kind.is_some() || self.expired
    }
}

/// A text, or the texts of a list.
pub(crate) fn text_or_list(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

const ZERO_ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Need {
    fn text(&self) -> Result<&str, String> {
        let found = self.value.as_ref().and_then(Value::as_str);
        found.ok_or_else(|| format!("`{}`: expected a text", self.place.field))
    }

    /// The value, where it follows from the text alone.
    pub(super) fn at_once(&self) -> Result<Option<Value>, String> {
        Ok(match (self.kind, &self.value) {
            (Kind::Quantity, Some(Value::String(text))) => {
                let quantity = normalise_quantity("quantity", text).map_err(|e| e.to_string())?;
                Some(json!(quantity.thousandths))
            }
            (Kind::Quantity, Some(number)) => Some(number.clone()),
            (Kind::Unit, Some(_)) => {
                let text = self.text()?;
                let spelled = normalise_quantity("uom", &format!("1 {text}")).map(|q| q.unit.to_owned());
                let unit: Uom = spelled.unwrap_or_else(|_| text.to_owned()).parse()?;
                Some(json!(unit))
            }
            (Kind::OperationNumber, Some(Value::String(name))) => Some(json!(operation_number(name)?)),
            (Kind::OperationNumber | Kind::LegalBasis, Some(written)) => Some(written.clone()),
            (Kind::DocKind, Some(Value::String(name))) => Some(json!(doc_kind(name)?)),
            (Kind::DocKind, Some(number)) => Some(number.clone()),
            (Kind::Position, Some(Value::String(name))) => Some(json!(self.child(name)?)),
            (Kind::Position, Some(number)) => Some(number.clone()),
            (Kind::Lots | Kind::Keys, Some(Value::Array(items))) if items.is_empty() => Some(json!([])),
            _ => None,
        })
    }

    /// The position of the child whose document has a name.
    fn child(&self, name: &str) -> Result<usize, String> {
        let children = self.place.around("children").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let named = |child: &Value| child.as_str().or_else(|| child.get("document")?.as_str()) == Some(name);
        children.iter().position(named).ok_or_else(|| format!("no child is made from the document `{name}`"))
    }

    /// A value of the right form, after a look at what is written.
    ///
    /// # Errors
    /// What is wrong with what is written.
    pub(super) fn sample(&self) -> Result<Value, String> {
        let written = self.value.is_some();
        Ok(match self.kind {
            Kind::Version => {
                if let Some(value) = &self.value {
                    Version::deserialize(value).map_err(|e| e.to_string())?;
                }
                json!(1)
            }
            Kind::Time => {
                When::try_from(self.text()?.to_owned())?;
                json!(0)
            }
            Kind::Ticket => {
                self.wish()?;
                self.check_source()?;
                json!(sample_ticket())
            }
            Kind::Lot => {
                if self.value.as_ref().is_some_and(|v| !v.is_u64() && !v.is_string()) {
                    return Err("a lot is `\"bill\"`, `\"bill.1\"`, or a position in the document".into());
                }
                json!(ZERO_ID)
            }
            Kind::NewLots => {
                if let Some(lots) = &self.value {
                    Vec::<LotInput>::deserialize(lots).map_err(|e| e.to_string())?;
                }
                json!([])
            }
            Kind::IssueDate | Kind::DocKind => json!(1),
            Kind::Quantity => json!(0),
            Kind::LegalBasis => json!("AGREEMENT"),
            kind if kind.is_list() => json!([]),
            Kind::Plain => self.value.clone().unwrap_or_default(),
            _ if written => self.text().map(|_| json!(ZERO_ID))?,
            _ => json!(ZERO_ID),
        })
    }

    /// What is said of the ticket.
    ///
    /// # Errors
    /// For unknown words.
    pub fn wish(&self) -> Result<TicketWish, String> {
        match &self.value {
            Some(value) => TicketWish::deserialize(value).map_err(|e| e.to_string()),
            None => Ok(TicketWish::default()),
        }
    }

    /// A ticket is made over a paper, or over a site and its cell.
    fn check_source(&self) -> Result<(), String> {
        let of_cell = self.place.owner == "CellOpen" && self.place.text("cell").is_some();
        match self.place.document().is_some() || of_cell {
            true => Ok(()),
            false => Err("missing argument `document`: the paper that the ticket is made over".into()),
        }
    }

    /// The names that it uses.
    pub(super) fn names(&self) -> Vec<Named> {
        let named = |names, name: &str| Named { names, name: name.to_owned(), path: self.place.path.clone() };
        let first = |text: &str, mark: char| text.split(mark).next().unwrap_or_default().to_owned();
        let texts = text_or_list(self.value.as_ref()).into_iter().filter(|t| !t.starts_with('@'));
        match self.kind {
            Kind::Doc | Kind::Paper => texts.map(|t| named(Names::Document, t)).collect(),
            Kind::Lot | Kind::Lots => texts.map(|t| named(Names::Document, &first(t, '.'))).collect(),
            Kind::Party => texts.map(|t| named(Names::Party, t)).collect(),
            Kind::Cell | Kind::Key => {
                texts.filter(|t| t.contains('/')).map(|t| named(Names::Party, &first(t, '/'))).collect()
            }
            Kind::Made(_) => texts.map(|t| named(Names::Step, t)).collect(),
            Kind::Ticket => {
                let wish = self.wish().unwrap_or_default();
                let party = wish.applicant.map(|t| named(Names::Party, &t));
                party.into_iter().chain(wish.document.map(|t| named(Names::Document, &t))).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Named {
    /// The document that an argument names.
    pub(super) fn document(value: Option<&Value>, path: &[String], key: &str) -> Option<Self> {
        let name = value?.as_str().filter(|name| !name.starts_with('@'))?;
        let mut path = path.to_vec();
        path.push(key.to_owned());
        Some(Self { names: Names::Document, name: name.to_owned(), path })
    }
}

fn operation_number(name: &str) -> Result<u16, String> {
    let found = OPERATIONS.iter().find(|info| format!("{}.{}", info.module, info.operation) == name);
    found.map(|info| info.number).ok_or_else(|| format!("unknown operation `{name}`; `landsea operations` lists them"))
}

fn doc_kind(name: &str) -> Result<DocKind, String> {
    let names = || DocKind::ALL.iter().filter_map(|k| k.name()).collect::<Vec<_>>().join(", ");
    DocKind::from_name(name).ok_or_else(|| format!("unknown kind {name:?}; there are {}", names()))
}

/// A ticket of the right form.
fn sample_ticket() -> DeriveTicket {
    let body = DeriveTicketBody {
        chain_id: ChainId::default(),
        member: Member::new(1),
        applicant: AccountId::default(),
        kind: DocKind::WHR,
        rules: 0,
        fp1: Fp::default(),
        fp2: Fp::default(),
        near: [Fp::default(); 8],
        goods_keys: Vec::new(),
        arrival_keys: Vec::new(),
        epoch: 0,
        not_after: Timestamp::ZERO,
    };
    DeriveTicket::new(body, &SecretKey::from_seed([0; 32]))
}
