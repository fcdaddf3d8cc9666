//! A paper in hand: from the firm's own JSON to what the ledger wants to know of it.
//!
//! Field values never leave the firm. What leaves is raw fingerprints (to the own branch) and a content root (to the ledger);
//! what stays is the [`SaltsFile`], without which the fields can never be disclosed under the root.

use std::path::Path;

use landsea_types::fingerprint::field::{self, FieldId, identity_fields};
use landsea_types::fingerprint::normalise::{Class, normalise_quantity};
use landsea_types::fingerprint::{
    BatchInput, ContentOpening, DisclosureError, DocumentInput, FingerprintError, MeatLotInput, NormaliseError,
    PARTY_KIND, RULES, RawFingerprints, RawGoodsKey, SITE_KIND, content_fields, content_root, content_salts,
    derive_raw, open_content, party_raw, site_raw,
};
use landsea_types::operation::waybill::NewLot;
use landsea_types::role::{DocKind, LotKind};
use landsea_types::ticket::{ClassedKey, DeriveTicket};
use landsea_types::{Commit, Hash, Qty};
use serde::{Deserialize, Serialize};

use crate::api::DeriveRequest;
use crate::keys::{KeyError, write_private};

/// Why a paper cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The document cannot be read, or no fingerprint can be derived from it.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// A field of a lot does not fit its class.
    #[error("lot {index}: {source}")]
    LotField {
        /// Position of the lot, from 0.
        index: usize,
        /// What does not fit.
        source: FingerprintError,
    },
    /// A lot names goods that the document does not.
    #[error("lot {index} names goods that the document does not name")]
    LotGoods {
        /// Position of the lot, from 0.
        index: usize,
    },
    /// The document states no quantity.
    #[error("the document states neither `quantity` nor `gross_weight`; describe its lots instead")]
    NoQuantity,
    /// The document states no issue date, which the operation needs.
    #[error("the document states no `issue_date`")]
    NoIssueDate,
    /// The ticket is for another document.
    #[error("the ticket was made for another document: its goods keys do not pair with this one's")]
    ForeignTicket,
    /// The content root cannot be built or opened.
    #[error(transparent)]
    Disclosure(#[from] DisclosureError),
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file is not what it should be.
    #[error("{path}: {problem}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong, with line and column.
        problem: String,
    },
    /// The salts belong to another document.
    #[error("the salts file is for content root {expected}, this document gives {found}")]
    OtherSalts {
        /// The root that the salts file names.
        expected: Commit,
        /// The root of the document in hand.
        found: Commit,
    },
}

impl From<NormaliseError> for PaperError {
    fn from(error: NormaliseError) -> Self {
        Self::Fingerprint(error.into())
    }
}

/// A document with everything computed from it.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The document as the firm knows it.
    pub document: DocumentInput,
    /// Raw fingerprints.
    pub raws: RawFingerprints,
    /// Normalised fields, ascending by number.
    pub fields: Vec<(FieldId, Vec<u8>)>,
}

impl Paper {
    /// Computes everything from a document.
    ///
    /// # Errors
    /// Names the field that is missing, malformed or not of the kind.
    pub fn new(document: DocumentInput) -> Result<Self, PaperError> {
        let raws = derive_raw(&document)?;
        let fields = content_fields(&document)?;
        Ok(Self { document, raws, fields })
    }

    /// Reads a document from JSON.
    ///
    /// # Errors
    /// As [`Paper::new`]; a JSON error names line and column.
    pub fn from_json(text: &str) -> Result<Self, PaperError> {
        Self::new(DocumentInput::from_json(text)?)
    }

    /// Reads a document from a JSON file.
    ///
    /// # Errors
    /// As [`Paper::from_json`], and when the file cannot be read.
    pub fn load(path: &Path) -> Result<Self, PaperError> {
        let read = std::fs::read_to_string(path);
        Self::from_json(&read.map_err(|source| PaperError::Io { path: path.display().to_string(), source })?)
    }

    /// The document's kind.
    pub fn kind(&self) -> DocKind {
        self.document.kind
    }

    /// What is sent to the branch for a ticket.
    pub fn derive_request(&self) -> DeriveRequest {
        let hashes = |keys: &[RawGoodsKey]| keys.iter().map(|k| (char::from(k.class), Hash(k.raw))).collect();
        DeriveRequest {
            kind: self.kind(),
            rules: RULES,
            fp1: Hash(self.raws.fp1),
            fp2: Hash(self.raws.fp2),
            near: self.raws.near.map(Hash),
            goods_keys: hashes(&self.raws.goods_keys),
            arrival_keys: hashes(&self.raws.arrival_keys),
        }
    }

    /// The commitment to all fields under the salts derived from a secret.
    ///
    /// # Errors
    /// [`DisclosureError::Count`] for a document without fields.
    pub fn content_root(&self, secret: &[u8; 32]) -> Result<Commit, PaperError> {
        Ok(Commit(content_root(&self.fields, &content_salts(secret, &self.fields))?))
    }

    /// Discloses the chosen fields under the content root.
    ///
    /// # Errors
    /// Names a chosen field that the document does not state; [`PaperError::OtherSalts`].
    pub fn open(&self, salts: &SaltsFile, chosen: &[FieldId]) -> Result<ContentOpening, PaperError> {
        let found = self.content_root(&salts.secret.0)?;
        if found != salts.content_root {
            return Err(PaperError::OtherSalts { expected: salts.content_root, found });
        }
        Ok(open_content(&self.fields, &content_salts(&salts.secret.0, &self.fields), chosen)?)
    }

    /// Discloses just the fields that make the document's identity.
    ///
    /// # Errors
    /// As [`Paper::open`].
    pub fn open_identity(&self, salts: &SaltsFile) -> Result<ContentOpening, PaperError> {
        self.open(salts, identity_fields(self.kind()))
    }

    /// The issue date as yyyymmdd.
    ///
    /// # Errors
    /// [`PaperError::NoIssueDate`].
    pub fn issue_date(&self) -> Result<u32, PaperError> {
        let text = self.fields.iter().find(|(id, _)| *id == field::ISSUE_DATE).map(|(_, bytes)| bytes.as_slice());
        let digits = text.and_then(|bytes| std::str::from_utf8(bytes).ok());
        digits.and_then(|digits| digits.parse().ok()).ok_or(PaperError::NoIssueDate)
    }

    /// The document's goods as lots with the ticket's keys. Without a description the document is one lot.
    ///
    /// # Errors
    /// Names the lot whose fields or goods do not fit; [`PaperError::ForeignTicket`].
    pub fn lots(&self, inputs: &[LotInput], ticket: &DeriveTicket) -> Result<Vec<NewLot>, PaperError> {
        if ticket.body.goods_keys.len() != self.raws.goods_keys.len() {
            return Err(PaperError::ForeignTicket);
        }
        if inputs.is_empty() {
            return Ok(vec![self.whole_lot(ticket)?]);
        }
        inputs.iter().enumerate().map(|(index, input)| self.lot(index, input, ticket)).collect()
    }

    fn whole_lot(&self, ticket: &DeriveTicket) -> Result<NewLot, PaperError> {
        let stated = self.document.quantity.as_ref().or(self.document.gross_weight.as_ref());
        let quantity = normalise_quantity("quantity", stated.ok_or(PaperError::NoQuantity)?)?;
        let packages = self.document.packages.as_deref().map_or(Ok(0), |text| count("packages", text))?;
        Ok(NewLot {
            kind: LotKind::Unit,
            uom: quantity.unit.parse().expect("a normalised unit is a known unit"),
            qty: Qty::new(quantity.thousandths),
            packages,
            goods_class: goods_class(&self.document.hs)?,
            keys: self.paired(&self.raws.goods_keys, ticket).ok_or(PaperError::ForeignTicket)?,
        })
    }

    fn lot(&self, index: usize, input: &LotInput, ticket: &DeriveTicket) -> Result<NewLot, PaperError> {
        let field_error = |source| PaperError::LotField { index, source };
        let own = derive_raw(&input.as_document(&self.document)).map_err(field_error)?;
        let keys = self.paired(&own.goods_keys, ticket).ok_or(PaperError::LotGoods { index })?;
        let quantity = normalise_quantity("quantity", &input.quantity).map_err(|e| field_error(e.into()))?;
        let hs = if input.hs.is_empty() { &self.document.hs } else { &input.hs };
        Ok(NewLot {
            kind: input.kind,
            uom: quantity.unit.parse().expect("a normalised unit is a known unit"),
            qty: Qty::new(quantity.thousandths),
            packages: input.packages,
            goods_class: goods_class(hs).map_err(|e| field_error(e.into()))?,
            keys,
        })
    }

    /// The ticket's keys for some of the document's raw keys: a ticket keeps the order of its request.
    fn paired(&self, raws: &[RawGoodsKey], ticket: &DeriveTicket) -> Option<Vec<ClassedKey>> {
        let find = |raw: &RawGoodsKey| {
            let place = self.raws.goods_keys.iter().position(|known| known == raw)?;
            ticket.body.goods_keys.get(place).filter(|key| key.class == raw.class).copied()
        };
        raws.iter().map(find).collect()
    }
}

fn goods_class(hs: &[String]) -> Result<[u8; 6], NormaliseError> {
    let Some(first) = hs.first() else { return Ok(*b"000000") };
    let digits = Class::Hs.normalise("hs", first)?;
    Ok(digits.as_bytes().try_into().expect("a normalised HS code has six digits"))
}

fn count(name: &'static str, text: &str) -> Result<u32, PaperError> {
    let digits = Class::Count.normalise(name, text)?;
    digits.parse().map_err(|_| PaperError::Malformed {
        path: format!("field `{name}`"),
        problem: format!("at most {} are recorded", u32::MAX),
    })
}

/// The request for the fingerprint of a firm, by USCC or LEI.
///
/// # Errors
/// Refuses a code with a wrong length or check digit.
pub fn party_request(code: &str) -> Result<DeriveRequest, PaperError> {
    Ok(single_request(PARTY_KIND, party_raw(code)?))
}

/// The request for the fingerprint of a warehouse site, by licence number or national code.
///
/// # Errors
/// Refuses a code that is not a document number.
pub fn site_request(code: &str) -> Result<DeriveRequest, PaperError> {
    Ok(single_request(SITE_KIND, site_raw(code)?))
}

/// The request for the ticket over a warehouse cell: its site, and the cell as the one goods key.
///
/// # Errors
/// Refuses codes that are none.
pub fn cell_request(site: &str, cell: &str) -> Result<DeriveRequest, PaperError> {
    let key = cell_key(site, cell)?;
    Ok(DeriveRequest { goods_keys: vec![(char::from(key.class), Hash(key.raw))], ..site_request(site)? })
}

/// The goods key of a warehouse cell, as a receipt over goods in it names it.
///
/// # Errors
/// Refuses codes that are none.
pub fn cell_key(site: &str, cell: &str) -> Result<RawGoodsKey, PaperError> {
    let (site, cell) = (Class::Docno.normalise("site", site)?, Class::Cell.normalise("cells", cell)?);
    Ok(RawGoodsKey::new(b'S', &format!("{site}|{cell}")))
}

/// The goods key of a container, vehicle or pallet by its class letter and number, such as `C:XLHU2601019`.
///
/// # Errors
/// Refuses other classes, and numbers that are none.
pub fn plain_key(text: &str) -> Result<RawGoodsKey, PaperError> {
    let (class, number, name) = match text.split_once(':') {
        Some(("C", number)) => (Class::Container, number, "containers"),
        Some(("V", number)) => (Class::Vin, number, "vins"),
        Some(("P", number)) => (Class::Sscc, number, "ssccs"),
        _ => {
            let problem = "expected a class and a number: C:container, V:vehicle or P:pallet".into();
            return Err(PaperError::Malformed { path: format!("goods key {text:?}"), problem });
        }
    };
    Ok(RawGoodsKey::new(text.as_bytes()[0], &class.normalise(name, number)?))
}

fn single_request(kind: DocKind, raw: [u8; 32]) -> DeriveRequest {
    let zero = Hash([0; 32]);
    let (near, goods_keys, arrival_keys) = ([zero; 8], Vec::new(), Vec::new());
    DeriveRequest { kind, rules: RULES, fp1: Hash(raw), fp2: zero, near, goods_keys, arrival_keys }
}

/// One lot of a document as people describe it: which of the document's goods it holds, and how much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LotInput {
    /// Physical form.
    #[serde(default = "unit")]
    pub kind: LotKind,
    /// Quantity with its unit, as text (`20,430 kg`).
    pub quantity: String,
    /// Number of packages.
    #[serde(default)]
    pub packages: u32,
    /// Commodity codes; those of the document when absent.
    #[serde(default)]
    pub hs: Vec<String>,
    /// Container numbers.
    #[serde(default)]
    pub containers: Vec<String>,
    /// Wagon numbers.
    #[serde(default)]
    pub wagons: Vec<String>,
    /// Vehicle identification numbers.
    #[serde(default)]
    pub vins: Vec<String>,
    /// Heat, batch or bundle numbers.
    #[serde(default)]
    pub batches: Vec<BatchInput>,
    /// Pallet codes.
    #[serde(default)]
    pub ssccs: Vec<String>,
    /// Lots of an approved establishment.
    #[serde(default)]
    pub meat_lots: Vec<MeatLotInput>,
    /// Cells of the warehouse.
    #[serde(default)]
    pub cells: Vec<String>,
}

fn unit() -> LotKind {
    LotKind::Unit
}

impl LotInput {
    /// The document narrowed to this lot's goods, from which the lot's goods keys are derived.
    fn as_document(&self, whole: &DocumentInput) -> DocumentInput {
        DocumentInput {
            containers: self.containers.clone(),
            wagons: self.wagons.clone(),
            vins: self.vins.clone(),
            batches: self.batches.clone(),
            ssccs: self.ssccs.clone(),
            meat_lots: self.meat_lots.clone(),
            cells: self.cells.clone(),
            ..whole.clone()
        }
    }
}

/// What the issuer of a document keeps so that its fields can be disclosed later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaltsFile {
    /// The content root that the ledger holds.
    pub content_root: Commit,
    /// The secret from which all salts are derived.
    pub secret: Hash,
}

impl SaltsFile {
    /// Draws a secret and computes the content root of a paper.
    ///
    /// # Errors
    /// As [`Paper::content_root`].
    pub fn for_paper(paper: &Paper) -> Result<Self, PaperError> {
        let secret = crate::random::bytes32();
        Ok(Self { content_root: paper.content_root(&secret)?, secret: Hash(secret) })
    }

    /// Commits to something said beside the document, such as an agreement; the salt follows from secret and name.
    pub fn commit(&self, name: &str, canonical: &[u8]) -> Commit {
        let mut hasher = blake3::Hasher::new_keyed(&self.secret.0);
        hasher.update(b"landsea/commit-salt/v1/").update(name.as_bytes());
        commitment(hasher.finalize().as_bytes(), canonical)
    }

    /// Writes a new file that only the owner may read.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(&self, path: &Path) -> Result<(), KeyError> {
        write_private(path, &(serde_json::to_string_pretty(self).expect("only string keys") + "\n"))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// With line and column when it is not a salts file.
    pub fn load(path: &Path) -> Result<Self, PaperError> {
        load_salts(path, "a salts file")
    }

    /// Reads the salts of a paper from its own file, or from the one file that serves many papers.
    ///
    /// # Errors
    /// As [`SaltsFile::load`].
    pub fn load_for(path: &Path, paper: &Paper) -> Result<Self, PaperError> {
        match (Self::load(path), BulkSalts::load(path)) {
            (Err(PaperError::Malformed { .. }), Ok(bulk)) => bulk.for_paper(paper),
            (own, _) => own,
        }
    }
}

/// What the issuer of many documents keeps instead of a [`SaltsFile`] for each: one secret, from which that of every paper follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkSalts {
    /// The secret.
    pub bulk_secret: Hash,
}

impl BulkSalts {
    /// Draws a secret and writes it to a new file that only the owner may read.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let made = Self { bulk_secret: Hash(crate::random::bytes32()) };
        write_private(path, &(serde_json::to_string_pretty(&made).expect("only string keys") + "\n"))?;
        Ok(made)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// With line and column when it is not a bulk salts file.
    pub fn load(path: &Path) -> Result<Self, PaperError> {
        load_salts(path, "a bulk salts file")
    }

    /// The salts of one paper; the same every time.
    ///
    /// # Errors
    /// As [`Paper::content_root`].
    pub fn for_paper(&self, paper: &Paper) -> Result<SaltsFile, PaperError> {
        let mut hasher = blake3::Hasher::new_keyed(&self.bulk_secret.0);
        let secret = *hasher.update(b"landsea/bulk-salt/v1/").update(&paper.raws.fp1).finalize().as_bytes();
        Ok(SaltsFile { content_root: paper.content_root(&secret)?, secret: Hash(secret) })
    }
}

fn load_salts<T: serde::de::DeserializeOwned>(path: &Path, what: &str) -> Result<T, PaperError> {
    let name = path.display().to_string();
    let read = std::fs::read_to_string(path).map_err(|source| PaperError::Io { path: name.clone(), source })?;
    serde_json::from_str(&read).map_err(|e| PaperError::Malformed {
        path: name,
        problem: format!("not {what} (line {} column {})", e.line(), e.column()),
    })
}

/// The public id of a case key: names the key without giving it away.
pub fn case_id(case_key: &[u8; 32]) -> Hash {
    Hash(blake3::derive_key("landsea/case-id/v1", case_key))
}

/// blake3(salt ‖ canonical bytes).
pub fn commitment(salt: &[u8; 32], canonical: &[u8]) -> Commit {
    let mut hasher = blake3::Hasher::new();
    hasher.update(salt).update(canonical);
    Commit(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::fingerprint::raw_fp1_from_fields;
    use landsea_types::ticket::DeriveTicketBody;
    use landsea_types::{AccountId, ChainId, Fp, GoodsKey, Member, SecretKey, Timestamp};

    const BILL: &str = r#"{"kind":"NCD","number":"TEST-2026-000001","issue_date":"2026-03-04","issuer":"91500106XXDEM0023Q",
        "consignor":"91500107XXDEM00FX5","consignee":"TO ORDER","containers":["XLHU2601019","XLHU2601024","XLHU2601030"],
        "packages":9,"gross_weight":"61,280 kg","hs":["8429.52"],"destination":"SGSIN"}"#;

    fn ticket(request: &DeriveRequest) -> DeriveTicket {
        let keys = request.goods_keys.iter();
        let body = DeriveTicketBody {
            chain_id: ChainId([1; 32]),
            member: Member::new(1),
            applicant: AccountId([2; 32]),
            kind: request.kind,
            rules: request.rules,
            fp1: Fp(request.fp1.0),
            fp2: Fp(request.fp2.0),
            near: request.near.map(|h| Fp(h.0)),
            goods_keys: keys.map(|(c, h)| ClassedKey { class: *c as u8, key: GoodsKey(h.0) }).collect(),
            arrival_keys: vec![],
            epoch: 0,
            not_after: Timestamp::new(1),
        };
        DeriveTicket::new(body, &SecretKey::from_seed([3; 32]))
    }

    fn lot(containers: &[&str], quantity: &str) -> LotInput {
        let json = serde_json::json!({"containers": containers, "quantity": quantity, "packages": 3});
        serde_json::from_value(json).expect("a lot description")
    }

    #[test]
    fn lots_share_out_the_tickets_keys() {
        let paper = Paper::from_json(BILL).expect("a whole bill");
        let ticket = ticket(&paper.derive_request());
        let inputs = [lot(&["XLHU 260101-9"], "20,430 kg"), lot(&["XLHU2601024", "XLHU2601030"], "40.85 t")];
        let lots = paper.lots(&inputs, &ticket).expect("goods of the bill");
        assert_eq!(lots.iter().map(|l| l.keys.len()).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(Qty::sum(lots.iter().map(|l| l.qty)), Some(Qty::new(61_280_000)));
        let mut keys: Vec<_> = lots.iter().flat_map(|l| l.keys.clone()).collect();
        keys.sort();
        let mut expected = ticket.body.goods_keys.clone();
        expected.sort();
        assert_eq!(keys, expected);
        assert_eq!(&lots[0].goods_class, b"842952");
    }

    #[test]
    fn an_undescribed_document_is_one_lot_with_every_key() {
        let paper = Paper::from_json(BILL).expect("a whole bill");
        let lots = paper.lots(&[], &ticket(&paper.derive_request())).expect("stated weight");
        assert_eq!((lots.len(), lots[0].keys.len(), lots[0].packages), (1, 3, 9));
        assert_eq!(lots[0].qty, Qty::new(61_280_000));
        assert_eq!(paper.issue_date().expect("stated"), 20_260_304);
    }

    #[test]
    fn goods_that_the_document_does_not_name_are_refused() {
        let paper = Paper::from_json(BILL).expect("a whole bill");
        let foreign = [lot(&["XLHU2601045"], "20,430 kg")];
        let refused = paper.lots(&foreign, &ticket(&paper.derive_request()));
        assert!(matches!(refused, Err(PaperError::LotGoods { index: 0 })));
    }

    #[test]
    fn disclosed_identity_fields_open_under_the_root_and_give_the_raw_fingerprint() {
        let paper = Paper::from_json(BILL).expect("a whole bill");
        let salts = SaltsFile::for_paper(&paper).expect("has fields");
        let opening = paper.open_identity(&salts).expect("states its identity");
        let fields = opening.verify(&salts.content_root.0).expect("opens");
        assert_eq!(raw_fp1_from_fields(paper.kind(), &fields).expect("complete"), paper.raws.fp1);
        let other = Paper::from_json(&BILL.replace("000001", "000002")).expect("a whole bill");
        assert!(matches!(other.open_identity(&salts), Err(PaperError::OtherSalts { .. })));
    }

    #[test]
    fn one_bulk_secret_gives_every_paper_salts_of_its_own_and_always_the_same() {
        let bulk = BulkSalts { bulk_secret: Hash([9; 32]) };
        let paper = Paper::from_json(BILL).expect("a whole bill");
        let other = Paper::from_json(&BILL.replace("000001", "000002")).expect("a whole bill");
        let salts = bulk.for_paper(&paper).expect("has fields");
        assert_eq!(salts, bulk.for_paper(&paper).expect("has fields"));
        assert_ne!(salts.secret, bulk.for_paper(&other).expect("has fields").secret);
        assert!(paper.open_identity(&salts).is_ok());
    }
}
