//! From a document to its normalised fields: the one step from which fingerprints, goods keys, tags and
//! content roots are all computed.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{ArrivedIn, BatchInput, DocumentInput, MeatLotInput};
use super::error::{FingerprintError, NormaliseError, Reason};
use super::field::{self, FieldId, class_of, is_applicable, json_name};
use super::kind::Kind;
use super::normalise::{Class, normalise_date, normalise_quantity};

/// The normalised value of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// One text.
    One { text: String },
    /// A set of texts, sorted and unique by construction, never empty.
    Many { texts: BTreeSet<String> },
}

impl Value {
    /// Encodes the value: a text as its UTF-8 bytes, a set as borsh `Vec<Vec<u8>>` (count first).
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::One { text } => text.clone().into_bytes(),
            Self::Many { texts } => {
                let elements: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
                borsh::to_vec(&elements).expect("writing to memory cannot fail")
            }
        }
    }

    /// Lists the elements of a set in order, or the one text.
    pub(super) fn elements(&self) -> Vec<&str> {
        match self {
            Self::One { text } => vec![text],
            Self::Many { texts } => texts.iter().map(String::as_str).collect(),
        }
    }
}

/// The normalised fields of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) kind: Kind,
    pub(super) fields: BTreeMap<FieldId, Value>,
}

impl Content {
    /// Normalises every field that the document states, without asking which it needs.
    pub(super) fn of(document: &DocumentInput) -> Result<Self, FingerprintError> {
        let mut content = Self { kind: document.kind, fields: BTreeMap::new() };
        for (id, text) in texts(document) {
            content.add_text(document, id, text)?;
        }
        for (id, texts) in sets(document) {
            content.add_set(document, id, texts)?;
        }
        content.add_set_of(field::BATCHES, document.batches.iter().map(|batch| batch_text(document, batch)))?;
        content.add_set_of(field::MEAT_LOTS, document.meat_lots.iter().map(|lot| meat_lot_text(document, lot)))?;
        if let Some(arrived_in) = &document.arrived_in {
            content.add_set_of(field::ARRIVED_IN, arrival_texts(document, arrived_in)?.into_iter().map(Ok))?;
        }
        content.add_parties();
        content.add_country()?;
        Ok(content)
    }

    /// Returns the encoded value of a field, if the document states it.
    pub(super) fn bytes(&self, id: FieldId) -> Option<Vec<u8>> {
        self.fields.get(&id).map(Value::bytes)
    }

    /// Returns the one text of a field, if the document states it.
    pub(super) fn text(&self, id: FieldId) -> Option<&str> {
        match self.fields.get(&id) {
            Some(Value::One { text }) => Some(text),
            _ => None,
        }
    }

    /// Returns the elements of a set field; none when the document does not state it.
    pub(super) fn elements(&self, id: FieldId) -> Vec<&str> {
        self.fields.get(&id).map(Value::elements).unwrap_or_default()
    }

    fn add_text(&mut self, document: &DocumentInput, id: FieldId, text: Option<&str>) -> Result<(), FingerprintError> {
        let Some(text) = text else { return Ok(()) };
        let text = self.normalise(document, id, text)?;
        self.fields.insert(id, Value::One { text });
        Ok(())
    }

    fn add_set(&mut self, document: &DocumentInput, id: FieldId, texts: &[String]) -> Result<(), FingerprintError> {
        let normalised: Vec<_> = texts.iter().map(|text| self.normalise(document, id, text)).collect();
        self.add_set_of(id, normalised.into_iter())
    }

    fn add_set_of(
        &mut self,
        id: FieldId,
        texts: impl Iterator<Item = Result<String, FingerprintError>>,
    ) -> Result<(), FingerprintError> {
        let texts = texts.collect::<Result<BTreeSet<_>, _>>()?;
        if texts.is_empty() {
            return Ok(());
        }
        self.check_applicable(id)?;
        self.fields.insert(id, Value::Many { texts });
        Ok(())
    }

    fn normalise(&self, document: &DocumentInput, id: FieldId, text: &str) -> Result<String, FingerprintError> {
        self.check_applicable(id)?;
        normalise(document, id, class_of(self.kind, id), text)
    }

    fn check_applicable(&self, id: FieldId) -> Result<(), FingerprintError> {
        if is_applicable(self.kind, id) {
            return Ok(());
        }
        Err(FingerprintError::NotApplicable { kind: self.kind, field: json_name(id) })
    }

    /// Adds the sorted parties of a contract: both sides sign it, so neither is its issuer.
    fn add_parties(&mut self) {
        let other = self.text(field::BUYER).or(self.text(field::CONSIGNEE));
        if let (Kind::CONTRACT, Some(seller), Some(buyer)) = (self.kind, self.text(field::CONSIGNOR), other) {
            let texts = BTreeSet::from([seller.to_owned(), buyer.to_owned()]);
            self.fields.insert(field::PARTIES, Value::Many { texts });
        }
    }

    /// Adds the country of destination from a UN/LOCODE; a different country stated beside it is refused. On
    /// a leg note the destination is where the leg ends, not where the goods go, so nothing follows from it.
    fn add_country(&mut self) -> Result<(), FingerprintError> {
        let id = field::DESTINATION_COUNTRY;
        if self.kind.is_leg_note() {
            return Ok(());
        }
        let destination = self.text(field::DESTINATION).filter(|place| Class::is_locode(place));
        let Some(country) = destination.and_then(|place| place.get(..2)).map(str::to_owned) else { return Ok(()) };
        if self.text(id).is_some_and(|stated| stated != country) {
            let reason = Reason::Malformed { expected: "the country of `destination`" };
            return Err(NormaliseError { field: json_name(id), class: Class::Country, reason }.into());
        }
        self.fields.insert(id, Value::One { text: country });
        Ok(())
    }
}

fn normalise(document: &DocumentInput, id: FieldId, class: Class, text: &str) -> Result<String, FingerprintError> {
    let name = json_name(id);
    Ok(match class {
        Class::Date => normalise_date(name, text, document.date_order)?,
        Class::Qty if id == field::GROSS_WEIGHT => weight(name, text)?,
        class => class.normalise(name, text)?,
    })
}

/// Reads a weight: a quantity whose base unit is the kilogram.
fn weight(name: &'static str, text: &str) -> Result<String, NormaliseError> {
    let quantity = normalise_quantity(name, text)?;
    if quantity.unit == "KGM" {
        return Ok(quantity.to_string());
    }
    Err(NormaliseError { field: name, class: Class::Qty, reason: Reason::UnknownUnit })
}

/// Lists the fields that hold one text.
fn texts(d: &DocumentInput) -> [(FieldId, Option<&str>); 27] {
    [
        (field::NUMBER, d.number.as_deref()),
        (field::ISSUE_DATE, d.issue_date.as_deref()),
        (field::ISSUER, d.issuer.as_deref()),
        (field::COUNTRY, d.country.as_deref()),
        (field::DEPARTURE_STATION, d.departure_station.as_deref()),
        (field::DEPARTURE_DATE, d.departure_date.as_deref()),
        (field::TRAIN, d.train.as_deref()),
        (field::VERSION, d.version.as_deref()),
        (field::CONSIGNOR, d.consignor.as_deref()),
        (field::CONSIGNEE, d.consignee.as_deref()),
        (field::BUYER, d.buyer.as_deref()),
        (field::BRAND, d.brand.as_deref()),
        (field::PACKAGES, d.packages.as_deref()),
        (field::GROSS_WEIGHT, d.gross_weight.as_deref()),
        (field::QUANTITY, d.quantity.as_deref()),
        (field::DESTINATION, d.destination.as_deref()),
        (field::DESTINATION_COUNTRY, d.destination_country.as_deref()),
        (field::SITE, d.site.as_deref()),
        (field::DEPOSITOR, d.depositor.as_deref()),
        (field::INBOUND_DATE, d.inbound_date.as_deref()),
        (field::QUALITY_CERTIFICATE, d.quality_certificate.as_deref()),
        (field::NATIONAL_CODE, d.national_code.as_deref()),
        (field::CONTRACT_NUMBER, d.contract_number.as_deref()),
        (field::INVOICE_NUMBER, d.invoice_number.as_deref()),
        (field::AMOUNT, d.amount.as_deref()),
        (field::TRANSPORT_DOCUMENT, d.transport_document.as_deref()),
        (field::AGGREGATE, d.aggregate.as_deref()),
    ]
}

/// Lists the fields that hold a set of texts of one class.
fn sets(d: &DocumentInput) -> [(FieldId, &[String]); 8] {
    [
        (field::CONTAINERS, &d.containers),
        (field::WAGONS, &d.wagons),
        (field::SEALS, &d.seals),
        (field::VINS, &d.vins),
        (field::SSCCS, &d.ssccs),
        (field::CERTIFICATES, &d.certificates),
        (field::HS, &d.hs),
        (field::CELLS, &d.cells),
    ]
}

/// Joins brand and number: two mills may use one number.
fn batch_text(document: &DocumentInput, batch: &BatchInput) -> Result<String, FingerprintError> {
    let missing = FingerprintError::Missing { kind: document.kind, field: json_name(field::BRAND) };
    let brand = batch.brand.as_ref().or(document.brand.as_ref()).ok_or(missing)?;
    let brand = normalise(document, field::BRAND, Class::Docno, brand)?;
    let number = normalise(document, field::BATCHES, Class::Docno, &batch.number)?;
    Ok(format!("{brand}|{number}"))
}

fn meat_lot_text(document: &DocumentInput, lot: &MeatLotInput) -> Result<String, FingerprintError> {
    let part = |class, text: &str| normalise(document, field::MEAT_LOTS, class, text);
    let establishment = part(Class::Docno, &lot.establishment)?;
    let date = part(Class::Date, &lot.production_date)?;
    let certificate = part(Class::Docno, &lot.health_certificate)?;
    Ok(format!("{establishment}|{date}|{certificate}"))
}

/// Spells the goods keys of the arrival units as class letter and value, `C|XLRU2602015`.
fn arrival_texts(document: &DocumentInput, arrived: &ArrivedIn) -> Result<Vec<String>, FingerprintError> {
    let part = |class, text: &str| normalise(document, field::ARRIVED_IN, class, text);
    let mut texts = Vec::new();
    for container in &arrived.containers {
        texts.push(format!("C|{}", part(Class::Container, container)?));
    }
    for vin in &arrived.vins {
        texts.push(format!("V|{}", part(Class::Vin, vin)?));
    }
    for wagon in &arrived.wagons {
        let missing = FingerprintError::Missing { kind: document.kind, field: json_name(field::DEPARTURE_DATE) };
        let date = part(Class::Date, arrived.departure_date.as_deref().ok_or(missing)?)?;
        texts.push(format!("W|{}|{date}", part(Class::Wagon, wagon)?));
    }
    if arrived.local {
        texts.push("L|LOCAL".to_owned());
    }
    Ok(texts)
}

/// Returns the normalised fields of a document, ascending by number, as they stand under a content root.
///
/// # Errors
/// Names the field that does not fit its class or does not belong to the kind.
pub fn content_fields(document: &DocumentInput) -> Result<Vec<(FieldId, Vec<u8>)>, FingerprintError> {
    let content = Content::of(document)?;
    Ok(content.fields.iter().map(|(id, value)| (*id, value.bytes())).collect())
}
