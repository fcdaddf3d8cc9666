//! Who asks: the caller behind a token.

use super::Context;
use super::errors::unauthenticated;
use crate::shell::now;
use jsonrpsee::Extensions;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_chaincode::BlockContext;
use landsea_chaincode::party::with_due_keys;
use landsea_client::token::{TOKEN_TTL_MAX_MS, Token, TokenBody};
use landsea_storage::Snapshot;
use landsea_types::AccountId;
use landsea_types::record::Party;
use landsea_types::role::{KeyPurpose, PartyStatus, Role};
use landsea_types::state::{Family, StateRead};

/// The text of the `Authorization` header, as the HTTP edge found it.
#[derive(Clone, Debug)]
pub(super) struct Bearer(pub(super) String);

/// Who asks.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    Anonymous,
    Party(Box<Party>),
}

impl Caller {
    /// Reads the caller from a request. Without a token it is anonymous; a bad token is an error, never anonymous.
    pub(super) fn of(context: &Context, extensions: &Extensions) -> Result<Self, ErrorObjectOwned> {
        match extensions.get::<Bearer>() {
            None => Ok(Self::Anonymous),
            Some(Bearer(text)) => authenticate(context, text).map(|party| Self::Party(Box::new(party))),
        }
    }
    /// Whoever holds an account, where a signature has shown it.
    pub(super) fn behind(snapshot: &dyn Snapshot, id: &AccountId) -> Self {
        party(&snapshot, id).map_or(Self::Anonymous, |party| Self::Party(Box::new(party)))
    }
    /// The party, or an error for methods that need one.
    pub(super) fn party(&self) -> Result<&Party, ErrorObjectOwned> {
        match self {
            Self::Anonymous => Err(unauthenticated("this method needs a token")),
            Self::Party(party) => Ok(party),
        }
    }
    pub(super) fn is(&self, account: &AccountId) -> bool {
        matches!(self, Self::Party(party) if party.id == *account)
    }
    /// Branches and auditors see parties.
    pub(super) fn sees_parties(&self) -> bool {
        matches!(self, Self::Party(party) if party.has(Role::Branch) || party.has(Role::Auditor))
    }
    pub(super) fn is_branch(&self) -> bool {
        matches!(self, Self::Party(party) if party.has(Role::Branch))
    }
}

/// The caller of a subscription, looked up again as it goes on: whoever has left or has another key by now hears no more.
/// The token only opens the subscription, so its end does not matter here.
pub(super) fn renew(snapshot: &dyn Snapshot, extensions: &Extensions) -> Result<Caller, ErrorObjectOwned> {
    let Some(Bearer(text)) = extensions.get::<Bearer>() else { return Ok(Caller::Anonymous) };
    let token = Token::decode(text).ok_or_else(|| unauthenticated("the token does not decode"))?;
    party_behind(snapshot, &token.body).map(|party| Caller::Party(Box::new(party)))
}

fn authenticate(context: &Context, text: &str) -> Result<Party, ErrorObjectOwned> {
    let token = Token::decode(text).ok_or_else(|| unauthenticated("the token does not decode"))?;
    let body = &token.body;
    if body.audience != context.member.index {
        return Err(unauthenticated("the token is meant for another member's node"));
    }
    let now = now();
    if body.not_after < now {
        return Err(unauthenticated("the token has expired"));
    }
    if body.not_after > now.saturating_add(TOKEN_TTL_MAX_MS) {
        return Err(unauthenticated("the token is valid for too long"));
    }
    if !token.signature_holds(&context.chain) {
        return Err(unauthenticated("the token's signature does not hold on this chain"));
    }
    party_behind(&*context.snapshot(), body)
}

/// The party whose key signed a token, if that key is valid now.
fn party_behind(snapshot: &dyn Snapshot, body: &TokenBody) -> Result<Party, ErrorObjectOwned> {
    let party = signer(snapshot, &body.account).ok_or_else(|| unauthenticated("the account is not known"))?;
    let height = snapshot.tip().height.next();
    if party.status == PartyStatus::Exited || !party.key_is_valid(body.key, &body.public_key, KeyPurpose::Sign, height)
    {
        return Err(unauthenticated("the key does not sign for the account now"));
    }
    Ok(party)
}

/// The block that would come next, if it were made now.
pub(super) fn next_block(snapshot: &dyn Snapshot) -> BlockContext {
    let tip = snapshot.tip();
    let time = now().max(tip.time.saturating_add(1));
    BlockContext { chain: tip.chain, height: tip.height.next(), time }
}

/// A party as the next block judges its keys.
pub(super) fn signer(snapshot: &dyn Snapshot, id: &AccountId) -> Option<Party> {
    party(&snapshot, id).map(|party| with_due_keys(party, next_block(snapshot)))
}

/// A party's record.
pub(super) fn party(state: &dyn StateRead, id: &AccountId) -> Option<Party> {
    let leaf = state.leaf(Family::Party, &id.0)?;
    borsh::from_slice(&leaf.record).ok()
}
