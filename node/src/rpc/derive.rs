//! Fingerprints: the branch keys what an applicant computed and signs it.

use super::auth::Caller;
use super::{Context, errors};
use crate::shell::now;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_client::api::{DeriveRequest, Derived};
use landsea_types::bounds::GOODS_KEYS_MAX;
use landsea_types::genesis::ParamKey;
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody, QueryTicket, QueryTicketBody};
use landsea_types::{AccountId, Code, Fp, GoodsKey, Hash, Timestamp};
use std::collections::BTreeMap;

/// Accounts whose rate is remembered, at most.
const ACCOUNTS_MAX: usize = 10_000;
/// A ticket outlives the block that carries it by a safe margin below the governed limit, milliseconds.
const TICKET_MARGIN_MS: u64 = 5_000;

/// Counts derivations per account and minute.
pub(crate) struct RateLimiter {
    per_minute: u32,
    counts: BTreeMap<AccountId, (u64, u32)>,
}

impl RateLimiter {
    pub(super) fn new(per_minute: u32) -> Self {
        Self { per_minute, counts: BTreeMap::new() }
    }
    fn allow(&mut self, account: AccountId, now: Timestamp) -> bool {
        let minute = now.get() / 60_000;
        if self.counts.len() >= ACCOUNTS_MAX {
            self.counts.retain(|_, (m, _)| *m == minute);
        }
        let entry = self.counts.entry(account).or_insert((minute, 0));
        if entry.0 != minute {
            *entry = (minute, 0);
        }
        entry.1 += 1;
        entry.1 <= self.per_minute
    }
}

pub(super) fn derive(context: &Context, caller: &Caller, request: DeriveRequest) -> Result<Derived, ErrorObjectOwned> {
    let applicant = caller.party()?;
    if applicant.home != context.member.index {
        return Err(errors::forbidden("tickets are signed by the applicant's own branch: ask its node"));
    }
    let allowed = context.derives.lock().expect("no holder of this lock panics").allow(applicant.id, now());
    if !allowed {
        return Err(errors::busy("too many derivations in this minute"));
    }
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
