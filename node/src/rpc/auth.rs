//! Who asks: the caller behind a token.

use super::Context;
use super::bounds::TOKENS_MAX;
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
use quick_cache::sync::Cache;
use std::sync::Arc;

/// The text of the `Authorization` header, as the HTTP edge found it.
#[derive(Clone, Debug)]
pub(super) struct Bearer(pub(super) Arc<str>);

/// Tokens whose signature holds and whose key was valid when they were last used. A token changes in no byte, so its signature need not be
/// checked again; whether its key is still valid is asked of the state every time.
pub(super) struct Tokens(Cache<Arc<str>, AccountId>);

impl Default for Tokens {
    fn default() -> Self {
        Self(Cache::new(TOKENS_MAX))
    }
}

impl Tokens {
    /// The account behind a known token.
    pub(super) fn account(&self, bearer: &Bearer) -> Option<AccountId> {
        self.0.get(&bearer.0)
    }
}

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
            Some(bearer) => authenticate(context, bearer).map(|party| Self::Party(Box::new(party))),
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

fn authenticate(context: &Context, bearer: &Bearer) -> Result<Party, ErrorObjectOwned> {
    let is_known = context.tokens.account(bearer).is_some();
    let party = check(context, bearer, is_known);
    match &party {
        Ok(party) if !is_known => context.tokens.0.insert(Arc::clone(&bearer.0), party.id),
        // From here on it counts on the address that sends it.
        Err(_) if is_known => drop(context.tokens.0.remove(&bearer.0)),
        _ => {}
    }
    party
}

fn check(context: &Context, bearer: &Bearer, is_known: bool) -> Result<Party, ErrorObjectOwned> {
    let token = Token::decode(&bearer.0).ok_or_else(|| unauthenticated("the token does not decode"))?;
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
    if !is_known && !token.signature_holds(&context.chain) {
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
