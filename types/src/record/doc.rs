//! Documents: waybills and warehouse receipts share one record.

use crate::role::{ChainAction, DocKind, DocState, LegMode, LegRegime, LegalBasis, Medium, OrderType, TerminateReason};
use crate::ticket::ClassedKey;
use crate::{AccountId, Bps, Commit, DocId, Fp, Hash, Height, LotId, Member, PledgeId, Timestamp};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A leg of a through bill.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Leg {
    pub mode: LegMode,
    pub regime: LegRegime,
    /// Fingerprint of the leg note, zero until one is adopted.
    pub note_fp: Fp,
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub from: [u8; 8],
    #[serde(with = "crate::ids::ascii")]
    #[schemars(with = "String")]
    pub to: [u8; 8],
    pub carrier: AccountId,
}

/// What a warehouse receipt has beyond a document.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptPart {
    pub negotiable: bool,
    pub mandatory_fields: u32,
    pub site: Fp,
    pub depositor: AccountId,
    pub storage_from: Timestamp,
    pub storage_until: Timestamp,
    pub loss_standard_bps: Bps,
    pub lien: bool,
    pub charges: Commit,
    pub quality: Commit,
    pub standard_warrant: bool,
    pub bonded: bool,
    pub supervisor: Option<AccountId>,
}

/// What stood before a surrender, so that a rejection restores it.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Surrendered {
    pub by: AccountId,
    pub holder: AccountId,
    pub beneficiary: Option<AccountId>,
}

/// A keeper's notice that it will sell the goods.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct SaleNotice {
    pub reason: TerminateReason,
    /// From when on the goods may be sold.
    pub sold_from: Timestamp,
}

/// A document over lots, or an anchored note.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct Doc {
    pub id: DocId,
    pub ver: u32,
    pub kind: DocKind,
    pub legal_basis: LegalBasis,
    pub fp1: Fp,
    pub fp2: Fp,
    pub near: [Fp; 8],
    pub fp_epoch: u16,
    pub content_root: Commit,
    pub issuer: AccountId,
    /// yyyymmdd in the issuer's local calendar.
    pub issue_date: u32,
    pub home: Member,
    pub order_type: OrderType,
    /// `None` when endorsed in blank.
    pub beneficiary: Option<AccountId>,
    pub holder: AccountId,
    pub first_holder: AccountId,
    pub nominee: Option<AccountId>,
    pub previous: (Option<AccountId>, Option<AccountId>),
    pub lots: Vec<LotId>,
    /// Keys of an anchored note, which holds no lots.
    pub note_keys: Vec<ClassedKey>,
    pub legs: Vec<Leg>,
    pub base_docs: Vec<DocId>,
    /// The title document that adopted this note.
    pub adopted_by: Option<DocId>,
    pub control_agreement: Commit,
    pub state: DocState,
    pub replaced_by: Option<DocId>,
    /// The document whose chain it continues: the earlier version, the converted or split one, the first of those merged.
    pub replaces: Option<DocId>,
    /// The documents that a split made of it.
    pub children: Vec<DocId>,
    pub medium: Medium,
    pub enc: Option<PledgeId>,
    pub expires: Option<Timestamp>,
    pub surrendered: Option<Surrendered>,
    pub receipt: Option<ReceiptPart>,
    pub sale: Option<SaleNotice>,
    pub chain_len: u32,
    /// Fold of BLAKE3 over the chain's entries.
    pub chain_root: Hash,
}

/// One act in a document's endorsement chain.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize, JsonSchema)]
pub struct ChainEntry {
    pub n: u32,
    pub action: ChainAction,
    pub actor: AccountId,
    pub recipient: Option<AccountId>,
    pub represented: Option<AccountId>,
    pub time: Timestamp,
    pub height: Height,
}

/// What everybody may see of a document. It names neither holder nor bank.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicDoc {
    pub id: DocId,
    pub ver: u32,
    pub kind: DocKind,
    pub fp1: Fp,
    pub state: DocState,
    pub lots: Vec<LotId>,
    pub replaced_by: Option<DocId>,
    pub content_root: Commit,
    pub issuer: AccountId,
    pub home: Member,
}

/// The leaf of a fingerprint: the newest document of its chain.
#[derive(
    Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, BorshSchema, Serialize, Deserialize, JsonSchema,
)]
pub struct PublicFp {
    pub doc: DocId,
}

impl Doc {
    /// The public part.
    pub fn public(&self) -> PublicDoc {
        PublicDoc {
            id: self.id,
            ver: self.ver,
            kind: self.kind,
            fp1: self.fp1,
            state: self.state,
            lots: self.lots.clone(),
            replaced_by: self.replaced_by,
            content_root: self.content_root,
            issuer: self.issuer,
            home: self.home,
        }
    }
    /// Whether the document is a warehouse receipt.
    pub fn is_receipt(&self) -> bool {
        self.receipt.is_some()
    }
}
