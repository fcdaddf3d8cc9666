//! The document as a firm's own system knows it: one flat JSON object for every kind.
//!
//! It never leaves the firm. Numbers, quantities and amounts are text, as they stand on the paper, because
//! reading them is the task of the classes in [`super::normalise`]. A field that is not listed here is refused.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::error::FingerprintError;
use super::kind::{self, Kind};
use super::normalise::DateOrder;

/// One document of any kind. Which fields a kind needs is said by [`super::required_fields`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentInput {
    /// Kind by name (`"NCD"`) or number.
    #[serde(with = "kind")]
    #[schemars(with = "String")]
    pub kind: Kind,
    /// Document number as printed; for a declaration its 18 digits, for an e-invoice its invoice number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Sub-reference version of a through bill; disclosed but not part of the identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// How numeric dates without a leading year are to be read: `DMY`, `MDY` or `YMD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// Date of issue, acceptance or contract, local to the issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<String>,
    /// USCC or LEI of the issuer (operator, warehouse, insurer); for leg notes and ocean bills also the
    /// carrier's code; for certificates of origin also the authority's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Country of the forwarding station (CIM).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Station where the leg begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_station: Option<String>,
    /// Day on which the train departs; needed wherever wagons are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_date: Option<String>,
    /// Train number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<String>,
    /// Seller or consignor: USCC, LEI, or `NAME:` and the firm's name.
    #[serde(default, alias = "seller", skip_serializing_if = "Option::is_none")]
    pub consignor: Option<String>,
    /// Consignee: as the consignor, or an order clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consignee: Option<String>,
    /// Buyer, where it is not the consignee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<String>,
    /// Container numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// Wagon numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wagons: Vec<String>,
    /// Seal numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<String>,
    /// Vehicle identification numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vins: Vec<String>,
    /// Brand or mill of the batches that do not name their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Heat, batch or bundle numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub batches: Vec<BatchInput>,
    /// Serial shipping container codes of pallets and packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssccs: Vec<String>,
    /// Lots of an approved establishment under a health certificate.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub meat_lots: Vec<MeatLotInput>,
    /// Certificates over the goods (health, quality) that are not part of a meat lot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<String>,
    /// Root over the small trades that a declaration or settlement sums up, at most 40 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<String>,
    /// Number of packages, as text or a whole number.
    #[serde(default, deserialize_with = "text_or_number", skip_serializing_if = "Option::is_none")]
    pub packages: Option<String>,
    /// Gross weight with its unit (`61,280 kg`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_weight: Option<String>,
    /// Commodity codes of at least six digits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hs: Vec<String>,
    /// Place of destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Country where the goods go; except on leg notes taken from a destination that is a UN/LOCODE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_country: Option<String>,
    /// Licence number of the warehouse site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// Depositor of a warehouse receipt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depositor: Option<String>,
    /// Quantity in store with its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// Day on which the goods entered the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_date: Option<String>,
    /// Cells, tanks or stacks in which the goods lie; each gives a goods key of class S.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
    /// Number of the quality certificate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality_certificate: Option<String>,
    /// National receipt code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub national_code: Option<String>,
    /// How stored goods arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived_in: Option<ArrivedIn>,
    /// Number of the sales contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_number: Option<String>,
    /// Number of the commercial invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// Total with its currency (`USD 418,500.00`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Number of the title bill that a declaration names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transport_document: Option<String>,
}

impl DocumentInput {
    /// Reads a document from JSON.
    ///
    /// # Errors
    /// Names the field that is unknown, given twice or of the wrong type.
    pub fn from_json(text: &str) -> Result<Self, FingerprintError> {
        serde_json::from_str(text).map_err(|error| FingerprintError::Json { message: error.to_string() })
    }
}

/// A batch or bundle: in JSON its number, or `{"brand": .., "number": ..}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BatchInput {
    /// Brand or mill; the brand of the document when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Heat, batch or bundle number.
    pub number: String,
}

/// A lot of an approved establishment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeatLotInput {
    /// Establishment number.
    pub establishment: String,
    /// Day of production.
    pub production_date: String,
    /// Number of the health certificate.
    pub health_certificate: String,
}

/// The units in which stored goods came in, or `"local": true` when they came in none that the ledger knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrivedIn {
    /// Container numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// Wagon numbers; they need `departure_date`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wagons: Vec<String>,
    /// Day on which the train departed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure_date: Option<String>,
    /// Vehicle identification numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vins: Vec<String>,
    /// Whether the goods are of local origin.
    #[serde(default)]
    pub local: bool,
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

impl<'de> Deserialize<'de> for BatchInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BatchVisitor)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BatchParts {
    #[serde(default)]
    brand: Option<String>,
    number: String,
}

struct BatchVisitor;

impl<'de> Visitor<'de> for BatchVisitor {
    type Value = BatchInput;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a batch number or an object with `brand` and `number`")
    }

    fn visit_str<E: de::Error>(self, number: &str) -> Result<BatchInput, E> {
        Ok(BatchInput { brand: None, number: number.to_owned() })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BatchInput, A::Error> {
        let BatchParts { brand, number } = BatchParts::deserialize(MapAccessDeserializer::new(map))?;
        Ok(BatchInput { brand, number })
    }
}
