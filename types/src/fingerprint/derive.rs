//! Raw fingerprints: hashes of normalised fields, computed where the document is and sent without it.

use borsh::{BorshDeserialize, BorshSerialize};

use super::content::{Content, Value};
use super::document::DocumentInput;
use super::error::FingerprintError;
use super::field::{self, FieldId, content_identity_fields, identity_fields, json_name, required_fields};
use super::kind::{Kind, PARTY_KIND, SITE_KIND};
use super::normalise::Class;

/// Version of the normalisation rules; every ticket names it.
pub const RULES: u16 = 1;

/// Domain string of every fingerprint input.
pub const DOMAIN: &str = "landsea/fp/v1";

/// Layer number of the identity fingerprint.
pub const LAYER_IDENTITY: u8 = 1;
/// Layer number of the content fingerprint.
pub const LAYER_CONTENT: u8 = 2;
/// Layer number of the first near-match combination; the others follow.
pub const LAYER_NEAR: u8 = 3;

/// Width of the gross weight bucket of near matches, thousandths of a kilogram.
const GROSS_BUCKET_THOUSANDTHS: u64 = 100_000;

/// Near-match combinations of transport documents. A wagon set gives way to the train number in the sixth.
const NEAR_TRANSPORT: [&[FieldId]; 8] = [
    &[field::DEPARTURE_DATE, field::CONTAINERS],
    &[field::CONSIGNOR, field::HS, field::GROSS_BUCKET],
    &[field::ISSUER, field::NUMBER_SKELETON],
    &[field::CONSIGNOR, field::CONSIGNEE, field::PACKAGES],
    &[field::SEALS],
    &[field::DEPARTURE_DATE, field::WAGONS],
    &[field::PACKAGES, field::GROSS_WEIGHT, field::HS],
    &[field::CONTAINERS, field::DESTINATION],
];

const NEAR_TRAIN: &[FieldId] = &[field::DEPARTURE_DATE, field::TRAIN];

/// Near-match combinations of warehouse receipts.
const NEAR_RECEIPT: [&[FieldId]; 8] = [
    &[field::SITE, field::CELLS],
    &[field::HS, field::QUANTITY, field::DEPOSITOR],
    &[field::BATCHES],
    &[field::SITE, field::NUMBER_SKELETON],
    &[field::QUANTITY, field::INBOUND_DATE],
    &[field::BRAND, field::QUANTITY],
    &[field::QUALITY_CERTIFICATE],
    &[field::NATIONAL_CODE],
];

/// The preimage of a raw fingerprint.
///
/// - `fields` is strictly ascending by number: no duplicates, absent fields left out.
/// - `kind` is the family of the document kind.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct FpInput {
    /// Always [`DOMAIN`].
    pub domain: String,
    /// Family number.
    pub kind: u16,
    /// Layer: identity, content or one of the near combinations.
    pub layer: u8,
    /// Normalised fields.
    pub fields: Vec<(FieldId, Vec<u8>)>,
}

impl FpInput {
    /// Builds an input; the fields may come in any order.
    ///
    /// # Errors
    /// Refuses a field given twice.
    pub fn new(kind: u16, layer: u8, mut fields: Vec<(FieldId, Vec<u8>)>) -> Result<Self, FingerprintError> {
        fields.sort();
        if !fields.iter().zip(fields.iter().skip(1)).all(|((a, _), (b, _))| a < b) {
            return Err(FingerprintError::FieldOrder);
        }
        Ok(Self { domain: DOMAIN.to_owned(), kind, layer, fields })
    }

    /// Returns the raw fingerprint: BLAKE3 of the borsh encoding.
    pub fn raw(&self) -> [u8; 32] {
        let bytes = borsh::to_vec(self).expect("writing to memory cannot fail");
        *blake3::hash(&bytes).as_bytes()
    }
}

/// A goods key before the network key is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct RawGoodsKey {
    /// ASCII letter of the class: C, W, V, B, P, S, M, or L for goods of local origin.
    pub class: u8,
    /// blake3("gk/v1/" ‖ class ‖ normalised value).
    pub raw: [u8; 32],
}

impl RawGoodsKey {
    /// Hashes a normalised value of a class.
    pub fn new(class: u8, normalised: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"gk/v1/").update(&[class]).update(normalised.as_bytes());
        Self { class, raw: *hasher.finalize().as_bytes() }
    }
}

/// What a client sends to its branch: no field of the document can be read from it without guessing.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct RawFingerprints {
    /// Identity.
    pub fp1: [u8; 32],
    /// Content without the number; zero for evidence kinds, which have none.
    pub fp2: [u8; 32],
    /// Near-match combinations; zero where a combination's fields are missing.
    pub near: [[u8; 32]; 8],
    /// Keys of the goods, ascending and unique; empty for evidence kinds.
    pub goods_keys: Vec<RawGoodsKey>,
    /// Keys under which stored goods came in, ascending and unique; receipts only.
    pub arrival_keys: Vec<RawGoodsKey>,
}

/// Derives the raw fingerprints of a document.
///
/// # Errors
/// Names the field that is missing, does not fit its class or does not belong to the kind.
pub fn derive_raw(document: &DocumentInput) -> Result<RawFingerprints, FingerprintError> {
    let content = Content::of(document)?;
    let kind = content.kind;
    if let Some(id) = required_fields(kind).find(|id| !content.fields.contains_key(id)) {
        return Err(FingerprintError::Missing { kind, field: json_name(id) });
    }
    let goods_keys = if kind.is_ledger() { goods_keys(&content)? } else { Vec::new() };
    if kind.is_ledger() && goods_keys.is_empty() {
        return Err(FingerprintError::Missing { kind, field: goods_field(kind) });
    }
    Ok(RawFingerprints {
        fp1: layer(&content, LAYER_IDENTITY, identity_fields(kind))?,
        fp2: if kind.is_ledger() { layer(&content, LAYER_CONTENT, content_identity_fields(kind))? } else { [0; 32] },
        near: near(&content)?,
        goods_keys,
        arrival_keys: arrival_keys(&content),
    })
}

/// Names the fields of which a ledger document needs at least one.
fn goods_field(kind: Kind) -> &'static str {
    if kind == Kind::WHR {
        "batches` or `meat_lots`, `vins`, `ssccs`, `containers`, `cells"
    } else {
        "containers` or `wagons`, `vins`, `batches`, `ssccs`, `meat_lots"
    }
}

/// Hashes the stated ones of the given fields.
fn layer(content: &Content, layer: u8, ids: &[FieldId]) -> Result<[u8; 32], FingerprintError> {
    let fields = ids.iter().filter_map(|id| Some((*id, content.bytes(*id)?))).collect();
    Ok(FpInput::new(content.kind.family(), layer, fields)?.raw())
}

fn near(content: &Content) -> Result<[[u8; 32]; 8], FingerprintError> {
    let mut result = [[0; 32]; 8];
    if !content.kind.is_ledger() {
        return Ok(result);
    }
    let content = with_near_fields(content)?;
    let combinations = if content.kind == Kind::WHR { NEAR_RECEIPT } else { NEAR_TRANSPORT };
    for ((raw, ids), number) in result.iter_mut().zip(combinations).zip(LAYER_NEAR..) {
        let ids = if is_train(&content, ids) { NEAR_TRAIN } else { ids };
        if ids.iter().all(|id| content.fields.contains_key(id)) {
            *raw = layer(&content, number, ids)?;
        }
    }
    Ok(result)
}

fn is_train(content: &Content, ids: &[FieldId]) -> bool {
    ids.contains(&field::WAGONS) && !content.fields.contains_key(&field::WAGONS)
}

/// Adds the fields that only near matches use: the skeleton of the number and the bucket of the weight.
fn with_near_fields(content: &Content) -> Result<Content, FingerprintError> {
    let mut content = content.clone();
    if let Some(number) = content.text(field::NUMBER) {
        let text = Class::Skeleton.normalise(json_name(field::NUMBER), number)?;
        content.fields.insert(field::NUMBER_SKELETON, Value::One { text });
    }
    if let Some(gross) = gross_thousandths(&content) {
        let text = (gross / GROSS_BUCKET_THOUSANDTHS).to_string();
        content.fields.insert(field::GROSS_BUCKET, Value::One { text });
    }
    Ok(content)
}

/// Returns the gross weight in thousandths of a kilogram, if stated.
pub(super) fn gross_thousandths(content: &Content) -> Option<u64> {
    content.text(field::GROSS_WEIGHT)?.strip_prefix("KGM")?.parse().ok()
}

fn goods_keys(content: &Content) -> Result<Vec<RawGoodsKey>, FingerprintError> {
    const PLAIN: [(u8, FieldId); 5] = [
        (b'C', field::CONTAINERS),
        (b'V', field::VINS),
        (b'B', field::BATCHES),
        (b'P', field::SSCCS),
        (b'M', field::MEAT_LOTS),
    ];
    let mut keys: Vec<RawGoodsKey> = PLAIN
        .iter()
        .flat_map(|(class, id)| content.elements(*id).into_iter().map(|value| RawGoodsKey::new(*class, value)))
        .collect();
    keys.extend(wagon_keys(content)?);
    keys.extend(cell_keys(content));
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

/// Keys of wagons: a wagon runs again, so its number alone identifies nothing.
fn wagon_keys(content: &Content) -> Result<Vec<RawGoodsKey>, FingerprintError> {
    let wagons = content.elements(field::WAGONS);
    if wagons.is_empty() {
        return Ok(Vec::new());
    }
    let missing = FingerprintError::Missing { kind: content.kind, field: json_name(field::DEPARTURE_DATE) };
    let date = content.text(field::DEPARTURE_DATE).ok_or(missing)?;
    Ok(wagons.iter().map(|wagon| RawGoodsKey::new(b'W', &format!("{wagon}|{date}"))).collect())
}

fn cell_keys(content: &Content) -> Vec<RawGoodsKey> {
    let site = content.text(field::SITE).unwrap_or_default();
    content.elements(field::CELLS).iter().map(|cell| RawGoodsKey::new(b'S', &format!("{site}|{cell}"))).collect()
}

fn arrival_keys(content: &Content) -> Vec<RawGoodsKey> {
    let spelled = content.elements(field::ARRIVED_IN).into_iter().filter_map(|text| text.split_once('|'));
    let mut keys: Vec<RawGoodsKey> =
        spelled.filter_map(|(class, value)| Some(RawGoodsKey::new(*class.as_bytes().first()?, value))).collect();
    keys.sort_unstable();
    keys
}

/// Recomputes the raw identity fingerprint from disclosed normalised fields; other fields are ignored.
///
/// # Errors
/// Names an identity field that was not disclosed; refuses a field disclosed twice.
pub fn raw_fp1_from_fields(kind: Kind, fields: &[(FieldId, Vec<u8>)]) -> Result<[u8; 32], FingerprintError> {
    let identity = identity_fields(kind);
    if let Some(id) = identity.iter().find(|id| !fields.iter().any(|(known, _)| known == *id)) {
        return Err(FingerprintError::Missing { kind, field: json_name(*id) });
    }
    let chosen = fields.iter().filter(|(id, _)| identity.contains(id)).cloned().collect();
    Ok(FpInput::new(kind.family(), LAYER_IDENTITY, chosen)?.raw())
}

/// Derives the raw fingerprint of a firm from its USCC or LEI.
///
/// # Errors
/// Refuses a code of the wrong length or with a wrong check digit.
pub fn party_raw(uscc_or_lei: &str) -> Result<[u8; 32], FingerprintError> {
    single(PARTY_KIND, field::PARTY, Class::Party, uscc_or_lei)
}

/// Derives the raw fingerprint of a warehouse site from its licence number or national code.
///
/// # Errors
/// Refuses a code that is not a document number.
pub fn site_raw(code: &str) -> Result<[u8; 32], FingerprintError> {
    single(SITE_KIND, field::SITE, Class::Docno, code)
}

fn single(kind: Kind, id: FieldId, class: Class, text: &str) -> Result<[u8; 32], FingerprintError> {
    let bytes = class.normalise(json_name(id), text)?.into_bytes();
    Ok(FpInput::new(kind.0, LAYER_IDENTITY, vec![(id, bytes)])?.raw())
}

/// Applies the network key of an epoch to a raw fingerprint or goods key.
pub fn keyed(k_epoch: &[u8; 32], raw: &[u8; 32]) -> [u8; 32] {
    *blake3::keyed_hash(k_epoch, raw).as_bytes()
}

/// Applies the network key to a near-match raw, keeping zero as zero: two documents that both lack a
/// combination's fields do not match.
pub fn keyed_or_absent(k_epoch: &[u8; 32], raw: &[u8; 32]) -> [u8; 32] {
    if *raw == [0; 32] { [0; 32] } else { keyed(k_epoch, raw) }
}

/// Hash of the rule set: its name, its version, the Unicode version of NFKC and that of the name table.
pub fn rules_hash() -> [u8; 32] {
    let (major, minor, update) = unicode_normalization::UNICODE_VERSION;
    let rules = (DOMAIN, RULES, [major, minor, update], super::normalise::NAME_TABLE_VERSION);
    let bytes = borsh::to_vec(&rules).expect("writing to memory cannot fail");
    *blake3::hash(&bytes).as_bytes()
}
