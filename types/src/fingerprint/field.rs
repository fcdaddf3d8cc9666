//! Field numbers: one numbering for fingerprints, content roots and authenticity tags.

use super::kind::Kind;
use super::normalise::Class;

/// Number of a field; fixed for the life of the chain.
pub type FieldId = u16;

macro_rules! fields {
    ($($konst:ident = $number:literal $json:literal $name:literal;)+) => {
        $(#[doc = concat!("The ", $name, "; `", $json, "` in JSON.")] pub const $konst: FieldId = $number;)+

        /// Every field: number, name in JSON, name in words.
        const FIELDS: &[(FieldId, &str, &str)] = &[$(($konst, $json, $name)),+];
    };
}

fields! {
    NUMBER = 1 "number" "document number";
    ISSUE_DATE = 2 "issue_date" "issue date";
    ISSUER = 3 "issuer" "issuer";
    COUNTRY = 4 "country" "country of issue";
    DEPARTURE_STATION = 5 "departure_station" "departure station";
    DEPARTURE_DATE = 6 "departure_date" "departure date";
    TRAIN = 7 "train" "train number";
    VERSION = 8 "version" "sub-reference version";
    CONSIGNOR = 10 "consignor" "seller or consignor";
    CONSIGNEE = 11 "consignee" "consignee";
    BUYER = 12 "buyer" "buyer";
    PARTIES = 13 "buyer" "contract parties";
    CONTAINERS = 20 "containers" "container set";
    WAGONS = 21 "wagons" "wagon set";
    SEALS = 22 "seals" "seal set";
    VINS = 23 "vins" "vehicle set";
    BATCHES = 24 "batches" "batch set";
    SSCCS = 25 "ssccs" "pallet set";
    MEAT_LOTS = 26 "meat_lots" "meat lot set";
    CERTIFICATES = 27 "certificates" "certificate set";
    BRAND = 28 "brand" "brand";
    PACKAGES = 30 "packages" "packages";
    GROSS_WEIGHT = 31 "gross_weight" "gross weight";
    HS = 32 "hs" "HS6 set";
    QUANTITY = 33 "quantity" "quantity";
    DESTINATION = 40 "destination" "destination";
    DESTINATION_COUNTRY = 41 "destination_country" "destination country";
    SITE = 50 "site" "warehouse site";
    DEPOSITOR = 51 "depositor" "depositor";
    INBOUND_DATE = 52 "inbound_date" "inbound date";
    CELLS = 53 "cells" "cell set";
    QUALITY_CERTIFICATE = 54 "quality_certificate" "quality certificate";
    NATIONAL_CODE = 55 "national_code" "national receipt code";
    ARRIVED_IN = 56 "arrived_in" "arrival units";
    CONTRACT_NUMBER = 60 "contract_number" "contract number";
    INVOICE_NUMBER = 61 "invoice_number" "invoice number";
    AMOUNT = 62 "amount" "currency and total";
    TRANSPORT_DOCUMENT = 63 "transport_document" "transport document number";
    AGGREGATE = 64 "aggregate" "root of the aggregated trades";
    PARTY = 70 "party" "party code";
    DATES_CONTRACT_INVOICE = 80 "issue_date" "dates of contract and invoice";
    DATES_INVOICE_DECLARATION = 81 "issue_date" "dates of invoice and declaration";
    DATES_DECLARATION_DEPARTURE = 82 "issue_date" "dates of declaration and departure";
    DATES_CONTRACT_DEPARTURE = 83 "issue_date" "dates of contract and departure";
    NUMBER_SKELETON = 0x8001 "number" "skeleton of the document number";
    GROSS_BUCKET = 0x8002 "gross_weight" "gross weight bucket";
}

/// Tells whether a field is the order of two papers' dates: each states its own date under it.
pub fn is_date_order(id: FieldId) -> bool {
    (DATES_CONTRACT_INVOICE..=DATES_CONTRACT_DEPARTURE).contains(&id)
}

/// Returns the name of a field in words, such as `container set`; `unknown field` for other numbers.
pub fn field_name(id: FieldId) -> &'static str {
    FIELDS.iter().find(|(known, _, _)| *known == id).map_or("unknown field", |(_, _, name)| name)
}

/// Returns the name under which a field stands in the JSON input; `unknown` for other numbers.
pub fn json_name(id: FieldId) -> &'static str {
    FIELDS.iter().find(|(known, _, _)| *known == id).map_or("unknown", |(_, json, _)| json)
}

/// Returns the fields whose combination is the identity (fp1) of a kind, ascending.
pub fn identity_fields(kind: Kind) -> &'static [FieldId] {
    match kind {
        Kind::LEG_NOTE_CN | Kind::LEG_NOTE_SMGS => &[NUMBER, ISSUE_DATE, ISSUER, DEPARTURE_STATION],
        Kind::LEG_NOTE_CIM => &[NUMBER, ISSUE_DATE, ISSUER, COUNTRY, DEPARTURE_STATION],
        Kind::WHR => &[NUMBER, ISSUE_DATE, ISSUER, SITE],
        Kind::OBL | Kind::POLICY | Kind::ORIGIN => &[NUMBER, ISSUER],
        Kind::DECLARATION | Kind::E_INVOICE => &[NUMBER],
        Kind::INVOICE | Kind::PACKING_LIST => &[NUMBER, ISSUE_DATE, CONSIGNOR],
        Kind::CONTRACT => &[NUMBER, ISSUE_DATE, PARTIES],
        _ => &[NUMBER, ISSUE_DATE, ISSUER],
    }
}

/// Returns the fields of the content fingerprint (fp2) of a kind, ascending; empty for evidence. For a
/// receipt the vehicle and pallet sets stand beside the batch set: they identify goods in the same way.
pub fn content_identity_fields(kind: Kind) -> &'static [FieldId] {
    match kind {
        Kind::WHR => &[VINS, BATCHES, SSCCS, MEAT_LOTS, CERTIFICATES, HS, QUANTITY, SITE, DEPOSITOR, INBOUND_DATE],
        kind if kind.is_transport() => {
            &[CONSIGNOR, CONSIGNEE, CONTAINERS, WAGONS, VINS, BATCHES, PACKAGES, GROSS_WEIGHT, HS, DESTINATION]
        }
        _ => &[],
    }
}

/// Returns the fields without which no fingerprint of the kind is derived. A ledger document needs one set
/// of goods besides, of whatever class.
pub fn required_fields(kind: Kind) -> impl Iterator<Item = FieldId> {
    let content: &[FieldId] = match kind {
        Kind::WHR => &[HS, QUANTITY, DEPOSITOR, INBOUND_DATE],
        kind if kind.is_leg_note() => &[CONSIGNOR, CONSIGNEE, PACKAGES, GROSS_WEIGHT, DESTINATION],
        kind if kind.is_transport() => &[CONSIGNOR, CONSIGNEE, PACKAGES, GROSS_WEIGHT, HS, DESTINATION],
        _ => &[],
    };
    identity_fields(kind).iter().chain(content).copied()
}

/// Tells whether a field may stand on a document of the kind. Only fields that would otherwise be left out
/// of a fingerprint in silence are refused.
pub(super) fn is_applicable(kind: Kind, id: FieldId) -> bool {
    match id {
        SITE | DEPOSITOR | INBOUND_DATE | CELLS | QUALITY_CERTIFICATE | NATIONAL_CODE | ARRIVED_IN => kind == Kind::WHR,
        WAGONS | TRAIN | DEPARTURE_DATE => kind != Kind::WHR,
        _ => true,
    }
}

/// Returns the class of a field that holds one text, on a document of the kind.
pub(super) fn class_of(kind: Kind, id: FieldId) -> Class {
    match id {
        NUMBER if kind == Kind::DECLARATION => Class::Customs,
        NUMBER if kind == Kind::E_INVOICE => Class::EInvoice,
        ISSUER if kind.is_leg_note() || matches!(kind, Kind::OBL | Kind::ORIGIN) => Class::IssuerCode,
        ISSUER => Class::Party,
        COUNTRY | DESTINATION_COUNTRY => Class::Country,
        DEPARTURE_STATION | DESTINATION => Class::Place,
        ISSUE_DATE | DEPARTURE_DATE | INBOUND_DATE => Class::Date,
        CONSIGNOR | BUYER | DEPOSITOR => Class::Trader,
        CONSIGNEE => Class::Consignee,
        CONTAINERS => Class::Container,
        WAGONS => Class::Wagon,
        VINS => Class::Vin,
        SSCCS => Class::Sscc,
        PACKAGES => Class::Count,
        GROSS_WEIGHT | QUANTITY => Class::Qty,
        HS => Class::Hs,
        CELLS => Class::Cell,
        AMOUNT => Class::Money,
        _ => Class::Docno,
    }
}
