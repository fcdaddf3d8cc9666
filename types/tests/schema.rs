//! The schema of the borsh encodings, for clients in other languages: `clients/schema.json` and `clients/vectors.json`.
//!
//! Both files are written from this code and committed; these tests compare them with the code. `clients/README.md` describes the format.

mod frozen {
    pub(crate) mod operations;
    #[expect(dead_code, reason = "the list of frozen types is for the frozen formats; here only the samples serve")]
    pub(crate) mod records;
    pub(crate) mod sample;
    #[expect(dead_code, reason = "the list of frozen types is for the frozen formats; here only the samples serve")]
    pub(crate) mod wire;
}

use borsh::schema::{BorshSchemaContainer, Declaration, Definition, Fields};
use borsh::{BorshDeserialize, BorshSerialize};
use frozen::sample::{Kind, Sample, Sampler};
use landsea_types::certificate::{self, HistoryCertificate, StatusCertificate};
use landsea_types::consensus::ValidatorSet;
use landsea_types::fingerprint::{DocumentInput, RawGoodsKey, content_fields, content_root, content_salts, derive_raw};
use landsea_types::genesis::{Genesis, ParamKey, SUITE};
use landsea_types::operation::{OPERATIONS, Operation};
use landsea_types::record::{
    PublicDoc, PublicEncumbrance, PublicFp, PublicGoodsKey, PublicHold, PublicLot, PublicParty, PublicProof,
    PublicReservation, PublicUse,
};
use landsea_types::role::{DocKind, DocState, HoldKind, Role};
use landsea_types::state::Family;
use landsea_types::ticket::{DeriveTicket, QueryTicket};
use landsea_types::tree::StateProof;
use landsea_types::*;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const COMMAND: &str = "LANDSEA_REWRITE_SCHEMA=1 cargo test -p landsea-types --test schema --locked";

fn path(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "clients", name].iter().collect()
}

/// Compares a committed file with the text that the code gives, or writes it.
fn compare(name: &str, text: &str) {
    if std::env::var("LANDSEA_REWRITE_SCHEMA").is_ok_and(|v| v == "1") {
        std::fs::write(path(name), text).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(path(name)).expect("the file is committed");
    assert!(committed == text, "clients/{name} is not what the code says; write it anew with\n{COMMAND}");
}

/// One entry to a line, so that a change shows as one.
fn lines(entries: impl IntoIterator<Item = (String, Value)>) -> String {
    let entries: Vec<String> = entries.into_iter().map(|(k, v)| format!("{}:{v}", Value::String(k))).collect();
    format!("{{\n{}\n}}", entries.join(",\n"))
}

// The schema.

/// Enumerations whose names in JSON are not upper case.
const SNAKE: [&str; 4] = ["Family", "HoldTarget", "ParamKey", "Question"];
/// Those whose names stand as they are.
const AS_IS: [&str; 2] = ["Operation", "VoteType"];
/// Fields of bytes that JSON writes as hex digits instead of a list.
const HEX_FIELDS: [(&str, &str); 1] = [("Opening", "public")];

fn snake(name: &str) -> String {
    let parts = name.char_indices().map(|(i, c)| match c.is_uppercase() && i > 0 {
        true => format!("_{}", c.to_ascii_lowercase()),
        false => c.to_ascii_lowercase().to_string(),
    });
    parts.collect()
}

fn json_name(of: &str, variant: &str) -> String {
    match of {
        of if SNAKE.contains(&of) => snake(variant),
        of if AS_IS.contains(&of) => variant.to_owned(),
        _ => snake(variant).to_ascii_uppercase(),
    }
}

type Definitions = BTreeMap<Declaration, Definition>;

/// How a type is named where it is used: primitives and nameless types in place, the others by name.
fn reference(name: &str, all: &Definitions) -> Value {
    match &all[name] {
        Definition::Primitive(_) => json!(name),
        Definition::Sequence { .. } if name == "String" => json!("string"),
        Definition::Sequence { length_width: 0, length_range, elements } => {
            match (elements.as_str(), length_range.end()) {
                ("u8", 32 | 64) => json!({ "hex": length_range.end() }),
                ("u8", _) => json!({ "ascii": length_range.end() }),
                (_, n) => json!({ "array": [reference(elements, all), n] }),
            }
        }
        Definition::Sequence { elements, .. } if name.starts_with("BTreeMap<") => match &all[elements] {
            Definition::Tuple { elements } => {
                json!({ "map": [reference(&elements[0], all), reference(&elements[1], all)] })
            }
            other => panic!("{name} has entries {other:?}"),
        },
        Definition::Sequence { elements, .. } => json!({ "seq": reference(elements, all) }),
        Definition::Tuple { elements } => {
            json!({ "tuple": elements.iter().map(|e| reference(e, all)).collect::<Vec<_>>() })
        }
        Definition::Enum { variants, .. } if name.starts_with("Option<") => {
            json!({ "option": reference(&variants[1].2, all) })
        }
        Definition::Enum { .. } | Definition::Struct { .. } => json!(name),
    }
}

/// What a variant carries: nothing, the type it wraps, or a struct of its own.
fn carried(name: &str, all: &Definitions) -> Value {
    match &all[name] {
        Definition::Struct { fields: Fields::Empty } => Value::Null,
        Definition::Struct { fields: Fields::UnnamedFields(inner) } if inner.len() == 1 => reference(&inner[0], all),
        _ => reference(name, all),
    }
}

fn described(name: &str, definition: &Definition, all: &Definitions) -> Option<Value> {
    let field = |(field, kind): &(String, String)| match HEX_FIELDS.contains(&(name, field.as_str())) {
        true => json!([field, "bytes"]),
        false => json!([field, reference(kind, all)]),
    };
    match definition {
        Definition::Struct { fields: Fields::NamedFields(fields) } => {
            Some(json!({ "struct": fields.iter().map(field).collect::<Vec<_>>() }))
        }
        Definition::Struct { fields: Fields::UnnamedFields(inner) } => Some(json!({ "is": reference(&inner[0], all) })),
        Definition::Enum { tag_width, variants } if !name.starts_with("Option<") => {
            let variants: Vec<Value> =
                variants.iter().map(|(tag, v, kind)| json!([tag, json_name(name, v), carried(kind, all)])).collect();
            let json = match name {
                "Question" => json!({ "tag": "question" }),
                "Operation" => json!({ "tag": "operation", "content": "args" }),
                _ => json!({}),
            };
            Some(json!({ "enum": variants, "tag_bytes": tag_width, "json": json }))
        }
        _ => None,
    }
}

macro_rules! definitions_of {
    ($($name:ty),+ $(,)?) => {{
        let mut all = Definitions::new();
        $(for (name, definition) in BorshSchemaContainer::for_type::<$name>().definitions() {
            let before = all.insert(name.clone(), definition.clone());
            assert!(before.is_none_or(|b| b == *definition), "{name} names two types");
        })+
        all
    }};
}

fn types() -> BTreeMap<String, Value> {
    let all = definitions_of!(
        Transaction,
        Operation,
        Consent,
        DeriveTicket,
        QueryTicket,
        Genesis,
        Header,
        ValidatorSet,
        CommitCertificate,
        Vote,
        StateProof,
        StatusCertificate,
        HistoryCertificate,
        PublicDoc,
        PublicEncumbrance,
        PublicFp,
        PublicGoodsKey,
        PublicHold,
        PublicLot,
        PublicParty,
        PublicProof,
        PublicReservation,
        PublicUse,
    );
    // Variants without fields, and those that wrap a type, stand in place.
    let variants: Vec<&str> = all.iter().flat_map(|(name, d)| variant_types(name, d)).collect();
    let is_inline = |name: &str, d: &Definition| {
        let bare = matches!(d, Definition::Struct { fields: Fields::Empty | Fields::UnnamedFields(_) });
        bare && variants.contains(&name)
    };
    let kept = all.iter().filter(|(name, definition)| !is_inline(name, definition));
    kept.filter_map(|(name, d)| Some((name.clone(), described(name, d, &all)?))).collect()
}

fn variant_types<'a>(name: &str, definition: &'a Definition) -> Vec<&'a str> {
    match definition {
        Definition::Enum { variants, .. } if !name.starts_with("Option<") => {
            variants.iter().map(|(_, _, kind)| kind.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

fn constants() -> BTreeMap<String, Value> {
    let named = |all: Vec<(&str, Value)>| all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>();
    let numbered = |all: Vec<(u16, &str)>| all.into_iter().map(|(n, name)| json!([n, name])).collect::<Vec<_>>();
    let kinds = DocKind::ALL.iter().map(|k| (k.0, k.name().expect("a defined kind has a name")));
    let families = Family::ALL.iter().map(|f| json!([f, *f as u8, f.module_tag()]));
    named(vec![
        ("suite", json!(SUITE)),
        (
            "versions",
            json!({ "transaction": Transaction::VERSION, "header": Header::VERSION,
            "certificate": certificate::VERSION, "history": certificate::history::VERSION }),
        ),
        (
            "sign",
            json!({ "prefix": "landsea/sign/v1/", "kinds": {
            "transaction": { "type": "Transaction", "without": ["signature"] },
            "consent": { "type": "Consent", "without": ["public_key", "signature"] },
            "vote": { "type": "Vote", "without": [] },
            "derive-ticket": { "type": "DeriveTicketBody", "without": [] },
            "query-ticket": { "type": "QueryTicketBody", "without": [] } } }),
        ),
        (
            "hash",
            json!({ "prefix": "landsea/hash/v1/", "domains": {
            "transaction": { "type": "Transaction", "without": ["signature"] },
            "header": { "type": "Header", "without": [] },
            "genesis": { "type": "Genesis", "without": [] },
            "validator-set": { "type": "ValidatorSet", "without": [] },
            "operation": { "type": { "tuple": ["AccountId", "Operation"] }, "without": [] },
            "branch-account": { "type": { "tuple": ["string", "PublicKey"] }, "without": [] } } }),
        ),
        ("derived_id_prefix", json!("landsea/id/v1/")),
        (
            "tree",
            json!({ "empty": String::from_utf8_lossy(&tree::EMPTY), "leaf": "JMT::LeafNode", "inner": "JMT::IntrnalNode",
            "siblings_max": bounds::PROOF_SIBLINGS_MAX }),
        ),
        ("families", families.collect()),
        (
            "bounds",
            json!({ "transaction_bytes": bounds::TRANSACTION_BYTES_MAX, "operations": bounds::OPERATIONS_MAX,
            "consents": bounds::CONSENTS_MAX, "certificate_bytes": bounds::CERTIFICATE_BYTES_MAX,
            "goods_keys": bounds::GOODS_KEYS_MAX, "members": bounds::MEMBERS_MAX }),
        ),
        ("parameters", ParamKey::all().map(|k| (k.name().to_owned(), json!(k.default_value()))).collect()),
        ("roles", numbered(Role::ALL.iter().map(|r| (r.bit(), r.name())).collect()).into()),
        ("kinds", numbered(kinds.collect()).into()),
        ("codes", Code::ALL.iter().map(|c| json!([c.number(), c.name(), c.meaning()])).collect()),
        ("terminal_doc_states", json!(DocState::ALL.iter().filter(|s| s.is_terminal()).collect::<Vec<_>>())),
        ("hold_gravity", HoldKind::ALL.iter().map(|k| (k.to_string(), json!(k.gravity()))).collect()),
    ])
}

#[test]
fn the_committed_schema_is_that_of_the_code() {
    let text = format!("{{\n\"types\":{},\n\"constants\":{}\n}}\n", lines(types()), lines(constants()));
    let _: Value = serde_json::from_str(&text).expect("the schema is JSON");
    compare("schema.json", &text);
}

/// Signed and hashed bytes are a prefix, a word and an encoding; a client that follows the schema gets them from these parts.
#[test]
fn the_prefixes_in_the_schema_are_those_that_the_code_uses() {
    let sampler = &mut Sampler::new(Kind::Full);
    let (header, tx): (Header, Transaction) = (Sample::sample(sampler), Sample::sample(sampler));
    let text = constants();
    let word = |group: &str| text[group]["prefix"].as_str().expect("a prefix is text").to_owned();
    let header_bytes = borsh::to_vec(&header).expect("writing to a vector cannot fail");
    let hashed = [format!("{}header\0", word("hash")).into_bytes(), header_bytes].concat();
    assert_eq!(header.id().0, *blake3::hash(&hashed).as_bytes());
    assert!(tx.sign_bytes().starts_with(format!("{}transaction\0", word("sign")).as_bytes()));
    let encoded = tx.encode();
    let signed = &encoded[..encoded.len() - 64];
    assert!(tx.sign_bytes().ends_with(signed), "the signed content is the transaction without its signature");
}

// Vectors.

/// Samples count through all bytes; codes that JSON writes as text are set to ones that can be read back.
fn readable(value: &mut Value) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(readable),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match (key.as_str(), &value) {
            ("uom", Value::String(_)) => *value = json!("NMP"),
            ("node" | "from" | "to", Value::String(text)) if text.len() < 64 => *value = json!("CNCKG"),
            ("goods_class", Value::String(_)) => *value = json!("020230"),
            _ => readable(value),
        }),
        _ => {}
    }
}

/// The JSON and the borsh encoding of one value that both can express.
fn vector<T: Serialize + DeserializeOwned + BorshSerialize + BorshDeserialize>(name: &str, value: &T) -> (T, Value) {
    let mut json = serde_json::to_value(value).expect("a wire type is JSON");
    readable(&mut json);
    let value: T = serde_json::from_value(json.clone()).expect("a readable sample");
    let bytes = borsh::to_vec(&value).expect("writing to a vector cannot fail");
    let line = json!({ "type": name, "json": json, "borsh": hex::encode(bytes) });
    (value, line)
}

fn sampled<T>(kind: Kind, name: &str) -> (String, Value)
where
    T: Sample + Serialize + DeserializeOwned + BorshSerialize + BorshDeserialize,
{
    (format!("{name} {kind:?}"), vector::<T>(name, &Sample::sample(&mut Sampler::new(kind))).1)
}

fn vectors() -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for kind in [Kind::Full, Kind::Empty] {
        for operation in frozen::operations::all(&mut Sampler::new(kind)) {
            let (operation, mut line) = vector("Operation", &operation);
            let sender = AccountId([7; 32]);
            line["hash_for"] = json!([sender, operation.hash(&sender)]);
            all.push((format!("{} {kind:?}", operation.name()), line));
        }
        all.extend([
            sampled::<Consent>(kind, "Consent"),
            sampled::<DeriveTicket>(kind, "DeriveTicket"),
            sampled::<QueryTicket>(kind, "QueryTicket"),
            sampled::<Genesis>(kind, "Genesis"),
            sampled::<Header>(kind, "Header"),
            sampled::<StatusCertificate>(kind, "StatusCertificate"),
            sampled::<HistoryCertificate>(kind, "HistoryCertificate"),
            sampled::<PublicDoc>(kind, "PublicDoc"),
            sampled::<PublicLot>(kind, "PublicLot"),
            sampled::<PublicProof>(kind, "PublicProof"),
        ]);
    }
    all.push(("signed Transaction".into(), transaction()));
    all.extend(papers());
    all
}

/// What a client computes from each paper of the fingerprint corpus.
fn papers() -> Vec<(String, Value)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "data", "documents"].iter().collect();
    let entries = std::fs::read_dir(folder).expect("the documents are part of the repository");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.sort();
    files.iter().map(|file| paper(file)).collect()
}

fn paper(file: &Path) -> (String, Value) {
    let text = std::fs::read_to_string(file).expect("a readable file");
    let document = DocumentInput::from_json(&text).expect("a document");
    let raws = derive_raw(&document).expect("a whole document");
    let keys = |all: &[RawGoodsKey]| all.iter().map(|k| json!([char::from(k.class), Hash(k.raw)])).collect::<Vec<_>>();
    let fields = content_fields(&document).expect("a whole document");
    let secret = [9; 32];
    let line = json!({
        "paper": serde_json::from_str::<Value>(&text).expect("a document is JSON"),
        "fp1": Hash(raws.fp1), "fp2": Hash(raws.fp2), "near": raws.near.map(Hash),
        "goods_keys": keys(&raws.goods_keys), "arrival_keys": keys(&raws.arrival_keys),
        "fields": fields.iter().map(|(id, bytes)| json!([id, hex::encode(bytes)])).collect::<Vec<_>>(),
        "secret": hex::encode(secret),
        "content_root": Hash(content_root(&fields, &content_salts(&secret, &fields)).expect("it has fields")),
    });
    (format!("paper {}", file.file_stem().expect("a file has a name").to_string_lossy()), line)
}

/// A transaction with a consent, both signed, with every intermediate value that a client computes.
fn transaction() -> Value {
    let s = &mut Sampler::new(Kind::Full);
    let (sender, branch) = (SecretKey::from_seed([1; 32]), SecretKey::from_seed([2; 32]));
    let (sample, terms): (Transaction, Consent) = (Sample::sample(s), Sample::sample(s));
    let (operation, _) = vector("Operation", &sample.ops[0]);
    let op_hash = operation.hash(&sample.sender);
    let Consent { party, key, role, not_after, nonce, .. } = terms;
    let terms = transaction::ConsentTerms { party, key, role, op_hash, not_after, nonce };
    let consent = Consent::new(terms, &sample.chain_id, &branch);
    let unsigned = Transaction { public_key: sender.public(), ops: vec![operation], consents: vec![consent], ..sample };
    let tx = unsigned.sign(&sender);
    let (_, mut line) = vector("Transaction", &tx);
    line["seeds"] = json!({ "sender": hex::encode([1; 32]), "consent": hex::encode([2; 32]) });
    line["op_hash"] = json!(op_hash);
    line["sign_bytes"] = json!(hex::encode(tx.sign_bytes()));
    line["consent_sign_bytes"] = json!(hex::encode(tx.consents[0].sign_bytes(&tx.chain_id)));
    line["id"] = json!(tx.id());
    line
}

#[test]
fn the_committed_vectors_are_those_of_the_code() {
    compare("vectors.json", &format!("{}\n", lines(vectors())));
}

#[test]
fn every_operation_has_a_vector_and_stands_in_the_schema() {
    let vectors = vectors();
    let schema = types();
    let listed = schema["Operation"]["enum"].as_array().expect("an enumeration");
    assert_eq!(listed.len(), OPERATIONS.len());
    for operation in OPERATIONS {
        let name = format!("{}.{}", operation.module, operation.operation);
        assert!(listed.iter().any(|v| v[0] == operation.number && v[1] == name.as_str()), "{name}");
        assert!(vectors.iter().any(|(key, _)| key.split_once(' ').is_some_and(|(op, _)| op == name)), "{name}");
    }
}
