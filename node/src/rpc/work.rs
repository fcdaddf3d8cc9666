//! Reads that look at many heights or records: how many there may be at once, what they cost, and their end when nobody waits any more.
//!
//! A long read has its places before a thread is asked for, so that short ones never queue behind it: first the party's, then the node's. One
//! party thus keeps another waiting for one read at most.

use super::bounds::{HEIGHTS_PER_REQUEST, LONG_READ_WAIT, LONG_READS_MAX};
use super::quota::{Allowance, Kind};
use super::{Context, errors};
use jsonrpsee::Extensions;
use jsonrpsee::types::ErrorObjectOwned;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The node's places for long reads.
pub(super) struct LongReads(Arc<Semaphore>);

impl Default for LongReads {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LONG_READS_MAX)))
    }
}

/// A long read under way, as the reader sees it.
pub(super) struct Work {
    is_over: Arc<AtomicBool>,
    allowance: Arc<Allowance>,
}

impl Work {
    fn new(allowance: Arc<Allowance>) -> Self {
        Self { is_over: Arc::default(), allowance }
    }

    /// Counts heights that are about to be looked at, as so many requests.
    pub(super) fn pay(&self, heights: u64) -> Result<(), ErrorObjectOwned> {
        let requests = usize::try_from(heights / HEIGHTS_PER_REQUEST).unwrap_or(usize::MAX);
        self.allowance.take(Kind::Requests, requests)
    }

    /// Nobody waits for the answer any more.
    pub(super) fn go_on(&self) -> Result<(), ErrorObjectOwned> {
        match self.is_over.load(Ordering::Relaxed) {
            true => Err(errors::time_over()),
            false => Ok(()),
        }
    }

    /// Work that nobody bounds.
    #[cfg(test)]
    pub(super) fn free() -> Self {
        let limits = crate::config::LimitsConfig { requests_per_minute: 0, ..Default::default() };
        let quotas = super::quota::Quotas::new(&limits, Default::default());
        Self::new(quotas.of_address(std::net::Ipv4Addr::LOCALHOST.into()))
    }
}

/// Says that the read is over when its caller is gone.
struct Over(Arc<AtomicBool>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The places of a long read: kept by its thread, which may outlive whoever asked.
pub(super) struct Places {
    _party: OwnedSemaphorePermit,
    _node: OwnedSemaphorePermit,
}

/// Waits for the places of a long read.
pub(super) async fn places(node: &LongReads, allowance: &Allowance) -> Places {
    Places { _party: permit(allowance.long_reads()).await, _node: permit(&node.0).await }
}

async fn permit(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    Arc::clone(places).acquire_owned().await.expect("places are never closed")
}

/// Does a long read beside the workers, once there is a place for it.
pub(super) async fn long<R: Send + 'static>(
    context: Arc<Context>,
    extensions: &Extensions,
    read: impl FnOnce(&Context, &Work) -> Result<R, ErrorObjectOwned> + Send + 'static,
) -> Result<R, ErrorObjectOwned> {
    let allowance = context.quotas.of_request(&context, extensions);
    let waited = tokio::time::timeout(LONG_READ_WAIT, places(&context.long_reads, &allowance)).await;
    let Ok(places) = waited else { return Err(errors::busy("too many long reads are under way")) };
    let work = Work::new(allowance);
    let _over = Over(Arc::clone(&work.is_over));
    let reading = tokio::task::spawn_blocking(move || {
        let answer = read(&context, &work);
        drop(places);
        answer
    });
    reading.await.expect("reading committed state does not panic")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LimitsConfig;
    use crate::rpc::quota::Quotas;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    #[tokio::test]
    async fn a_party_has_one_long_read_and_the_node_its_number_whoever_asks() {
        let (node, quotas) = (LongReads::default(), Quotas::new(&LimitsConfig::default(), Default::default()));
        let party = |n| quotas.of_address(Ipv4Addr::from_bits(n).into());
        let (greedy, other, third) = (party(1), party(2), party(3));
        let first = places(&node, &greedy).await;
        let waits = tokio::time::timeout(Duration::ZERO, places(&node, &greedy)).await;
        assert!(waits.is_err(), "one of a party");
        let second = places(&node, &other).await;
        let waits = tokio::time::timeout(Duration::ZERO, places(&node, &third)).await;
        assert!(waits.is_err(), "{LONG_READS_MAX} in all");
        drop(first);
        let waits = tokio::time::timeout(Duration::ZERO, places(&node, &third)).await;
        assert!(waits.is_ok());
        drop(second);
    }

    #[test]
    fn work_ends_when_nobody_waits_and_costs_a_request_for_so_many_heights() {
        let limits = LimitsConfig { requests_per_minute: 10, ..Default::default() };
        let quotas = Quotas::new(&limits, Default::default());
        let work = Work::new(quotas.of_address(Ipv4Addr::LOCALHOST.into()));
        let over = Over(Arc::clone(&work.is_over));
        work.go_on().expect("somebody waits");
        work.pay(HEIGHTS_PER_REQUEST - 1).expect("a short read costs its call alone");
        work.pay(10 * HEIGHTS_PER_REQUEST).expect("all that there is");
        work.pay(HEIGHTS_PER_REQUEST).expect_err("it is spent");
        drop(over);
        work.go_on().expect_err("nobody waits");
    }
}
