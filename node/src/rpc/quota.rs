//! How much one party may ask for: requests, submitted transactions and derive tickets a minute.
//!
//! A party is the account behind a token whose signature this node has seen hold; everybody else is an address. A token that is new, or not
//! valid any more, counts on the address it comes from, so nobody spends another's quota by naming its account.

use super::auth::Bearer;
use super::bounds::QUOTAS_MAX;
use super::listen::Peer;
use super::{Context, errors};
use crate::config::LimitsConfig;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonrpsee::Extensions;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_types::{AccountId, Code};
use prometheus_client::metrics::counter::Counter;
use quick_cache::sync::Cache;
use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Semaphore;

/// Whose quota it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Holder {
    Account(AccountId),
    Address(IpAddr),
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Calls and notifications, those in a batch one by one, and HTTP requests that hold none.
    Requests,
    /// Transactions.
    Submissions,
    /// Derive tickets.
    Derives,
}

/// The price of one call, taken with the HTTP request that brought it.
#[derive(Clone, Default)]
pub(super) struct Prepaid(Arc<AtomicBool>);

impl Prepaid {
    /// The first to ask gets it.
    fn spend(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

/// What one party has left. A quota that is not set is `None`.
pub(super) struct Allowance {
    refusals: Counter,
    requests: Option<DefaultDirectRateLimiter>,
    submissions: Option<DefaultDirectRateLimiter>,
    derives: Option<DefaultDirectRateLimiter>,
    /// The party's place for a long read.
    long_reads: Arc<Semaphore>,
}

impl Allowance {
    fn new(limits: &LimitsConfig, refusals: Counter) -> Self {
        let limiter = |per_minute| NonZeroU32::new(per_minute).map(|n| RateLimiter::direct(Quota::per_minute(n)));
        Self {
            refusals,
            requests: limiter(limits.requests_per_minute),
            submissions: limiter(limits.submissions_per_minute),
            derives: limiter(limits.derives_per_minute),
            long_reads: Arc::new(Semaphore::new(1)),
        }
    }

    pub(super) fn long_reads(&self) -> &Arc<Semaphore> {
        &self.long_reads
    }

    /// Takes `count` from what is left, or nothing at all.
    pub(super) fn take(&self, kind: Kind, count: usize) -> Result<(), ErrorObjectOwned> {
        let (limiter, what) = match kind {
            Kind::Requests => (&self.requests, "requests"),
            Kind::Submissions => (&self.submissions, "submitted transactions"),
            Kind::Derives => (&self.derives, "derive tickets"),
        };
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let (Some(limiter), Some(count)) = (limiter, NonZeroU32::new(count)) else { return Ok(()) };
        match limiter.check_n(count) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => {
                self.refusals.inc();
                let wait = until.wait_time_from(governor::clock::Clock::now(limiter.clock()));
                Err(errors::quota_exceeded(what, wait))
            }
            Err(all) => Err(errors::ledger(Code::TooLarge, format!("this node takes {} {what} a minute", all.0))),
        }
    }
}

/// The quotas of everybody who asked lately.
pub(super) struct Quotas {
    limits: LimitsConfig,
    refusals: Counter,
    holders: Cache<Holder, Arc<Allowance>>,
}

impl Quotas {
    pub(super) fn new(limits: &LimitsConfig, refusals: Counter) -> Self {
        Self { limits: limits.clone(), refusals, holders: Cache::new(QUOTAS_MAX) }
    }
    pub(super) fn of_account(&self, account: AccountId) -> Arc<Allowance> {
        self.of(Holder::Account(account))
    }
    pub(super) fn of_address(&self, address: IpAddr) -> Arc<Allowance> {
        self.of(Holder::Address(address))
    }
    /// Who a request counts for.
    pub(super) fn of_request(&self, context: &Context, extensions: &Extensions) -> Arc<Allowance> {
        let known = extensions.get::<Bearer>().and_then(|bearer| context.tokens.account(bearer));
        let address = || extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), Peer::address);
        self.of(known.map_or_else(|| Holder::Address(address()), Holder::Account))
    }
    /// Takes the price of a call, unless it was paid with its request.
    pub(super) fn pay_call(&self, context: &Context, extensions: &Extensions) -> Result<(), ErrorObjectOwned> {
        match extensions.get::<Prepaid>().is_some_and(Prepaid::spend) {
            true => Ok(()),
            false => self.of_request(context, extensions).take(Kind::Requests, 1),
        }
    }
    fn of(&self, holder: Holder) -> Arc<Allowance> {
        if let Some(known) = self.holders.get(&holder) {
            return known;
        }
        let made = self.holders.get_or_insert_with(&holder, || {
            Ok::<_, std::convert::Infallible>(Arc::new(Allowance::new(&self.limits, self.refusals.clone())))
        });
        made.unwrap_or_else(|never| match never {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(requests_per_minute: u32, submissions_per_minute: u32) -> Quotas {
        let limits = LimitsConfig { requests_per_minute, submissions_per_minute, ..LimitsConfig::default() };
        Quotas::new(&limits, Counter::default())
    }

    fn address(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    fn name(error: &ErrorObjectOwned) -> serde_json::Value {
        serde_json::from_str::<serde_json::Value>(error.data().expect("data").get()).expect("JSON")["name"].clone()
    }

    #[test]
    fn one_party_that_has_spent_its_quota_leaves_the_others_theirs() {
        let quotas = quotas(3, 100);
        for _ in 0..3 {
            quotas.of_address(address(1)).take(Kind::Requests, 1).expect("three are allowed");
        }
        let refused = quotas.of_address(address(1)).take(Kind::Requests, 1).expect_err("the fourth is not");
        assert_eq!((name(&refused), quotas.refusals.get()), ("QUOTA_EXCEEDED".into(), 1));
        let data: serde_json::Value = serde_json::from_str(refused.data().expect("data").get()).expect("JSON");
        let wait = data["retry_after_ms"].as_u64().expect("a number");
        assert!((1..=60_000).contains(&wait), "{data}");
        quotas.of_address(address(2)).take(Kind::Requests, 3).expect("another address has its own");
        quotas.of_account(AccountId([1; 32])).take(Kind::Requests, 3).expect("an account has its own");
        quotas.of_address(address(1)).take(Kind::Submissions, 100).expect("another kind has its own");
    }

    #[test]
    fn what_is_too_much_at_once_is_refused_whole_and_never_met_by_waiting() {
        let quotas = quotas(10, 10);
        let party = quotas.of_address(address(1));
        assert_eq!(name(&party.take(Kind::Submissions, 11).expect_err("more than a minute's")), "TOO_LARGE");
        party.take(Kind::Submissions, 8).expect("the refused batch cost nothing");
        assert_eq!(name(&party.take(Kind::Submissions, 3).expect_err("two are left")), "QUOTA_EXCEEDED");
        party.take(Kind::Submissions, 2).expect("the refused batch cost nothing");
    }

    #[test]
    fn zero_is_no_quota_and_the_number_remembered_is_bounded() {
        let quotas = quotas(0, 1);
        quotas.of_address(address(1)).take(Kind::Requests, usize::MAX).expect("there is no quota");
        for n in 0..3 * QUOTAS_MAX as u32 {
            quotas.of_address(address(n)).take(Kind::Submissions, 1).expect("each has its own");
        }
        assert!(quotas.holders.len() <= QUOTAS_MAX, "{}", quotas.holders.len());
    }
}
