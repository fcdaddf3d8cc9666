//! Identifiers, heights and quantities: newtypes with checked arithmetic and no implicit conversion.

use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use std::fmt;

/// Declares a 32-byte identifier that prints and parses as 64 hex digits.
macro_rules! hash_id {
    ($($(#[doc = $doc:literal])* $name:ident),+ $(,)?) => {$(
        $(#[doc = $doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize, borsh::BorshSchema)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// Wraps 32 bytes.
            pub const fn new(bytes: [u8; 32]) -> Self { Self(bytes) }
            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] { &self.0 }
            /// Whether every byte is zero, which stands for "none" in commitments.
            pub fn is_zero(&self) -> bool { self.0 == [0; 32] }
            /// First eight hex digits, for logs and tables.
            pub fn short(&self) -> String { self.to_string().chars().take(8).collect() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&hex::encode(self.0)) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}({})", stringify!($name), self.short()) }
        }
        impl std::str::FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> { parse_hex32(text).map(Self) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.collect_str(self) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": concat!($($doc),*).trim(), "type": "string", "pattern": "^[0-9a-fA-F]{64}$"
                })
            }
        }
    )+};
}
pub(crate) use hash_id;

hash_id! {
    /// Hash of the genesis; every signature and every certificate names it.
    ChainId,
    /// A party's account: derived from the onboarding transaction.
    AccountId,
    /// Hash of a transaction's signed content without the sender's signature.
    TxId,
    /// A quantity of physical goods.
    LotId,
    /// A document over lots (waybill or warehouse receipt).
    DocId,
    /// A pledge.
    PledgeId,
    /// A hold (dispute, freeze).
    HoldId,
    /// A trade-authenticity case.
    ProofId,
    /// A pledge offered and not yet accepted by everybody.
    OfferId,
    /// A cargo event: the hash of its canonical bytes.
    EventId,
    /// Network-keyed fingerprint of a document, party or site.
    Fp,
    /// Network-keyed real-world identifier of goods.
    GoodsKey,
    /// blake3(salt32 ‖ canonical bytes): a commitment to something off-ledger.
    Commit,
    /// A plain BLAKE3 hash.
    Hash,
}

/// A 64-digit hex string was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected 64 hex digits, got {got:?}")]
pub struct ParseIdError {
    /// What stood there, cut to 80 characters.
    pub got: String,
}

/// Parses exactly 64 hex digits, upper or lower case.
///
/// # Errors
/// [`ParseIdError`] with the offending text.
pub fn parse_hex32(text: &str) -> Result<[u8; 32], ParseIdError> {
    let mut out = [0u8; 32];
    hex::decode_to_slice(text, &mut out).map_err(|_| ParseIdError { got: text.chars().take(80).collect() })?;
    Ok(out)
}

/// Index of a member (branch) in the member table, from 1.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    serde::Serialize,
    serde::Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Member(u8);

impl Member {
    /// Wraps a table index.
    pub const fn new(index: u8) -> Self {
        Self(index)
    }
    /// The table index.
    pub const fn get(self) -> u8 {
        self.0
    }
}
impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m{}", self.0)
    }
}

/// Declares a `u64` newtype with checked arithmetic.
macro_rules! number {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, BorshSerialize, BorshDeserialize, BorshSchema, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(transparent)]
        pub struct $name(u64);
        impl $name {
            /// The smallest value.
            pub const ZERO: Self = Self(0);
            /// The largest value: a time or height that never comes.
            pub const MAX: Self = Self(u64::MAX);
            /// Wraps a number.
            pub const fn new(value: u64) -> Self { Self(value) }
            /// The number.
            pub const fn get(self) -> u64 { self.0 }
            /// The sum, or `None` on overflow.
            pub const fn checked_add(self, more: u64) -> Option<Self> {
                match self.0.checked_add(more) { Some(v) => Some(Self(v)), None => None }
            }
            /// The sum, held at the largest value.
            pub const fn saturating_add(self, more: u64) -> Self { Self(self.0.saturating_add(more)) }
            /// The difference, or `None` when `less` is greater.
            pub const fn checked_sub(self, less: u64) -> Option<Self> {
                match self.0.checked_sub(less) { Some(v) => Some(Self(v)), None => None }
            }
            /// Distance from `earlier`, zero when it is later.
            pub const fn since(self, earlier: Self) -> u64 { self.0.saturating_sub(earlier.0) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{}", self.0) }
        }
    )+};
}

number! {
    /// Block height; the genesis is height 0, the first block height 1.
    Height,
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp,
    /// Quantity in thousandths of the unit of measure.
    Qty,
}

impl Height {
    /// The height above this one.
    pub const fn next(self) -> Self {
        self.saturating_add(1)
    }
    /// The height below this one, or zero.
    pub const fn previous(self) -> Self {
        Self(self.0.saturating_sub(1))
    }
}

impl Qty {
    /// The sum of many quantities, or `None` on overflow.
    pub fn sum(all: impl IntoIterator<Item = Qty>) -> Option<Qty> {
        all.into_iter().try_fold(Qty::ZERO, |acc, q| acc.checked_add(q.get()))
    }
}

/// Unit of measure, UN/ECE Recommendation 20 (`KGM`, `NMP`, `PCE`, `LTR`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, BorshSerialize, BorshDeserialize, BorshSchema)]
pub struct Uom(pub [u8; 3]);

impl Uom {
    /// Kilograms.
    pub const KGM: Self = Self(*b"KGM");
    /// Whether the unit belongs to the accepted list.
    pub fn is_known(self) -> bool {
        matches!(&self.0, b"KGM" | b"NMP" | b"PCE" | b"LTR")
    }
}
impl fmt::Display for Uom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}
impl std::str::FromStr for Uom {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let bytes: [u8; 3] =
            text.as_bytes().try_into().map_err(|_| format!("unit {text:?}: expected three letters"))?;
        let uom = Self(bytes);
        if uom.is_known() { Ok(uom) } else { Err(format!("unit {text:?}: expected KGM, NMP, PCE or LTR")) }
    }
}

/// Basis points, 0 to 10000.
pub type Bps = u16;

/// Derives the id of the `index`-th object of a kind created by a transaction: blake3(domain ‖ tx ‖ index).
pub fn derive_id(domain: &str, tx: &TxId, index: u32) -> [u8; 32] {
    let mut h = blake3::Hasher::new();
    h.update(b"landsea/id/v1/").update(domain.as_bytes()).update(&[0]).update(&tx.0).update(&index.to_le_bytes());
    *h.finalize().as_bytes()
}

impl serde::Serialize for Uom {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Uom {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for Uom {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Uom".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[A-Z0-9]{1,3}$" })
    }
}

/// Serde form of short ASCII codes held as fixed bytes: text in JSON, padded with spaces in state.
pub mod ascii {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the code without its padding.
    pub fn serialize<S: Serializer, const N: usize>(bytes: &[u8; N], s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(String::from_utf8_lossy(bytes).trim_end())
    }

    /// Reads a code of at most `N` upper-case letters and digits.
    pub fn deserialize<'de, D: Deserializer<'de>, const N: usize>(d: D) -> Result<[u8; N], D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        parse(&text).map_err(D::Error::custom)
    }

    /// Pads a code of at most `N` upper-case letters and digits with spaces.
    ///
    /// # Errors
    /// A message with the offending text.
    pub fn parse<const N: usize>(text: &str) -> Result<[u8; N], String> {
        let fits = (1..=N).contains(&text.len());
        if !fits || !is_code(text.as_bytes()) {
            return Err(format!("code {text:?}: expected 1 to {N} upper-case letters or digits"));
        }
        let mut out = [b' '; N];
        out.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        Ok(out)
    }

    /// Whether the bytes are upper-case letters and digits followed only by padding.
    pub fn is_code(bytes: &[u8]) -> bool {
        let end = bytes.iter().rposition(|b| *b != b' ').map_or(0, |i| i + 1);
        bytes.iter().take(end).all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) && end > 0
    }
}
