//! What the fingerprint rules need to know about a document kind; the kinds themselves stand in [`crate::role`].

use std::fmt;

use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;

pub use crate::role::DocKind as Kind;

/// Kind under which the fingerprint of a party is derived; never a document.
pub const PARTY_KIND: Kind = crate::role::DocKind(100);

/// Kind under which the fingerprint of a warehouse site is derived; never a document.
pub const SITE_KIND: Kind = crate::role::DocKind(101);

impl Kind {
    /// Returns the number that enters a fingerprint: kinds of one family share their fingerprints, so one
    /// paper cannot be registered as an MTD and again as an NCD.
    pub fn family(self) -> u16 {
        match self {
            Self::MTD | Self::NCD | Self::RAIL_BL => Self::MTD.0,
            Self::LEG_NOTE_CN | Self::LEG_NOTE_SMGS | Self::LEG_NOTE_CIM => Self::LEG_NOTE_CN.0,
            other => other.0,
        }
    }

    /// Whether the kind is one of the three rail leg notes.
    pub fn is_leg_note(self) -> bool {
        matches!(self, Self::LEG_NOTE_CN | Self::LEG_NOTE_SMGS | Self::LEG_NOTE_CIM)
    }

    /// Whether the kind is a transport document issued as a title by a carrier or operator.
    pub fn is_title_bill(self) -> bool {
        matches!(self, Self::MTD | Self::NCD | Self::RAIL_BL | Self::OBL)
    }

    /// Whether the kind is a transport document that the ledger records.
    pub fn is_transport(self) -> bool {
        self.is_leg_note() || self.is_title_bill() || self == Self::HOUSE_BILL
    }

    /// Whether the ledger records documents of the kind; the others are evidence only.
    pub fn is_ledger(self) -> bool {
        self.is_transport() || self == Self::WHR
    }
}

/// Returns the family number of a kind; the same as [`Kind::family`].
pub fn family(kind: Kind) -> u16 {
    kind.family()
}

/// Name of a kind for messages.
pub(super) fn label(kind: Kind) -> &'static str {
    kind.name().unwrap_or("UNKNOWN")
}

/// Reads a kind from its name or number.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Kind, D::Error> {
    deserializer.deserialize_any(KindVisitor)
}

/// Writes a kind as its name.
pub(super) fn serialize<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(label(*kind))
}

struct KindVisitor;

impl Visitor<'_> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document kind such as \"NCD\" or its number")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Kind, E> {
        Kind::from_name(name).ok_or_else(|| E::custom(format!("unknown document kind `{name}`")))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Kind, E> {
        let known = u16::try_from(number).ok().map(crate::role::DocKind).filter(|kind| kind.name().is_some());
        known.ok_or_else(|| E::custom(format!("unknown document kind number {number}")))
    }
}
