//! Fingerprints: the branch keys what an applicant computed and signs it.

use super::auth::Caller;
use super::quota::Kind;
use super::{Context, errors};
use crate::shell::now;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_client::api::{DeriveRequest, Derived};
use landsea_types::bounds::GOODS_KEYS_MAX;
use landsea_types::genesis::ParamKey;
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody, QueryTicket, QueryTicketBody};
use landsea_types::{AccountId, Code, Fp, GoodsKey, Hash, Timestamp};

/// A ticket outlives the block that carries it by a safe margin below the governed limit, milliseconds.
const TICKET_MARGIN_MS: u64 = 5_000;

pub(super) fn derive(context: &Context, caller: &Caller, request: DeriveRequest) -> Result<Derived, ErrorObjectOwned> {
    let applicant = caller.party()?;
    if applicant.home != context.member.index {
        return Err(errors::forbidden("tickets are signed by the applicant's own branch: ask its node"));
    }
    context.quotas.of_account(applicant.id).take(Kind::Derives, 1)?;
    if request.rules != landsea_chaincode::ticket::RULES || request.kind.name().is_none() {
        return Err(errors::ledger(Code::UnknownKindOrRules, "unknown kind or rule version"));
    }
    if request.goods_keys.len() > GOODS_KEYS_MAX || request.arrival_keys.len() > GOODS_KEYS_MAX {
        return Err(errors::ledger(Code::TooLarge, format!("at most {GOODS_KEYS_MAX} goods keys")));
    }
    // The log never holds a raw.
    tracing::info!(applicant = %applicant.id.short(), kind = request.kind.0, "fingerprint derived");
    Ok(sign(context, applicant.id, &request))
}

fn sign(context: &Context, applicant: AccountId, request: &DeriveRequest) -> Derived {
    let now = now();
    let fp1 = Fp(key(context, &request.fp1));
    let params = context.genesis.params();
    let ttl = params.get(ParamKey::TicketTtlMs);
    let body = DeriveTicketBody {
        chain_id: context.chain,
        member: context.member.index,
        applicant,
        kind: request.kind,
        rules: request.rules,
        fp1,
        fp2: Fp(key(context, &request.fp2)),
        near: request.near.map(|raw| if raw.is_zero() { Fp::default() } else { Fp(key(context, &raw)) }),
        goods_keys: classed(context, &request.goods_keys),
        arrival_keys: classed(context, &request.arrival_keys),
        epoch: u16::try_from(params.get(ParamKey::FingerprintEpoch)).unwrap_or(u16::MAX),
        not_after: ticket_end(context, now, ttl),
    };
    let query = QueryTicketBody {
        chain_id: context.chain,
        kind: request.kind,
        raw1: request.fp1,
        fp1,
        member: context.member.index,
        at: now,
    };
    Derived {
        ticket: DeriveTicket::new(body, &context.validator_key),
        query_ticket: QueryTicket::new(query, &context.validator_key),
    }
}

/// Contracts measure a ticket against the block time, which may lag behind the clock on an idle chain.
fn ticket_end(context: &Context, now: Timestamp, ttl: u64) -> Timestamp {
    let block_time = context.snapshot().tip().time;
    let limit = block_time.saturating_add(ttl);
    Timestamp::new(now.saturating_add(ttl.saturating_sub(TICKET_MARGIN_MS)).get().min(limit.get()))
}

fn classed(context: &Context, keys: &[(char, Hash)]) -> Vec<ClassedKey> {
    let one = |(class, raw): &(char, Hash)| ClassedKey {
        class: u8::try_from(*class).unwrap_or(0),
        key: GoodsKey(key(context, raw)),
    };
    keys.iter().map(one).collect()
}

fn key(context: &Context, raw: &Hash) -> [u8; 32] {
    landsea_types::fingerprint::keyed(&context.fingerprint_key, &raw.0)
}
