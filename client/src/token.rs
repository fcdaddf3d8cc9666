//! Short-lived signed tokens: how a caller shows who it is.
//!
//! A token is hex of a borsh-encoded [`Token`], sent as `Authorization: Bearer <hex>`. It names chain and audience (the node's
//! member), so that it cannot be replayed against another branch.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::crypto::sign_bytes;
use landsea_types::{AccountId, ChainId, Member, PublicKey, SecretKey, Signature, Timestamp};

/// The longest time a token may be valid, milliseconds.
pub const TOKEN_TTL_MAX_MS: u64 = 15 * 60 * 1000;

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TokenBody {
    pub account: AccountId,
    /// Index of the signing key in the party's record.
    pub key: u16,
    pub public_key: PublicKey,
    /// The member whose node may accept it.
    pub audience: Member,
    pub not_after: Timestamp,
}

/// A signed [`TokenBody`].
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Token {
    pub body: TokenBody,
    pub signature: Signature,
}

impl Token {
    /// Signs a body with the caller's ledger key.
    pub fn new(body: TokenBody, chain: &ChainId, secret: &SecretKey) -> Self {
        let signature = secret.sign(&sign_bytes("token", chain, &body));
        Self { body, signature }
    }
    /// Whether the signature holds; whether the key belongs to the account is the node's question.
    pub fn signature_holds(&self, chain: &ChainId) -> bool {
        self.body.public_key.verify(&sign_bytes("token", chain, &self.body), &self.signature)
    }
    /// The header's text after `Bearer `.
    pub fn encode(&self) -> String {
        hex::encode(borsh::to_vec(self).expect("writing to a vector cannot fail"))
    }
    /// Reads the header's text.
    pub fn decode(text: &str) -> Option<Self> {
        borsh::from_slice(&hex::decode(text).ok()?).ok()
    }
}
