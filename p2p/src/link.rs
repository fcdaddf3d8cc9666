//! What outlives a connection: queues, faults and the place where a new connection waits.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    backoff::doubled, config::PeerConfig, limits::Limits, outbox::Outbox, status::PeerStatus, transport::Connection,
};

/// One peer on the allow-list.
#[derive(Debug)]
pub(crate) struct PeerLink {
    pub(crate) member: u8,
    pub(crate) address: SocketAddr,
    pub(crate) dials: bool,
    pub(crate) outbox: Outbox,
    /// Authenticated incoming connections, handed over by the listener.
    pub(crate) incoming: Slot,
    faults: watch::Sender<FaultRecord>,
    ban_min_ms: u64,
    ban_max_ms: u64,
}

/// The faults of one peer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FaultRecord {
    count: u64,
    streak: u32,
    banned_until: Option<Instant>,
    last: Option<&'static str>,
}

impl PeerLink {
    pub(crate) fn new(config: &PeerConfig, dials: bool, limits: &Limits) -> Self {
        Self {
            member: config.member,
            address: config.address,
            dials,
            outbox: Outbox::new(limits),
            incoming: Slot::default(),
            faults: watch::Sender::new(FaultRecord::default()),
            ban_min_ms: limits.fault_ban_min_ms,
            ban_max_ms: limits.fault_ban_max_ms,
        }
    }

    /// Counts a fault, ends the current connection and bans the peer for a while.
    ///
    /// Each ban is twice as long as the one before. Faults during a ban are counted only: they are
    /// the tail of the connection that earned it.
    pub(crate) fn record_fault(&self, reason: &'static str, now: Instant) {
        self.faults.send_modify(|record| {
            record.count += 1;
            record.last = Some(reason);
            if record.banned_until.is_none_or(|until| until <= now) {
                let ban_ms = doubled(self.ban_min_ms, record.streak, self.ban_max_ms);
                record.banned_until = Some(now + Duration::from_millis(ban_ms));
                record.streak = record.streak.saturating_add(1);
            }
        });
    }

    /// Forgives, but does not uncount, past faults after a connection that lasted.
    pub(crate) fn forgive(&self, lasted: Duration) {
        if lasted >= Duration::from_millis(self.ban_max_ms) {
            self.faults.send_if_modified(|record| {
                record.streak = 0;
                false
            });
        }
    }

    /// Observes faults recorded from now on.
    pub(crate) fn subscribe_faults(&self) -> watch::Receiver<FaultRecord> {
        self.faults.subscribe()
    }

    /// Returns when the ban ends, if one is in force.
    pub(crate) fn banned_until(&self, now: Instant) -> Option<Instant> {
        self.faults.borrow().banned_until.filter(|until| *until > now)
    }

    pub(crate) fn status(&self, now: Instant) -> PeerStatus {
        let record = *self.faults.borrow();
        PeerStatus {
            member: self.member,
            connected: self.outbox.is_open(),
            dialled: self.dials,
            faults: record.count,
            last_fault: record.last,
            banned: self.banned_until(now).is_some(),
            queues: self.outbox.status(),
        }
    }
}

/// Holds at most one connection; a newer one replaces, and thereby closes, the one waiting.
#[derive(Debug, Default)]
pub(crate) struct Slot {
    connection: Mutex<Option<Connection>>,
    filled: Notify,
}

impl Slot {
    pub(crate) fn put(&self, connection: Connection) {
        let older = self.lock().replace(connection);
        drop(older);
        self.filled.notify_one();
    }

    pub(crate) async fn take(&self) -> Connection {
        loop {
            if let Some(connection) = self.lock().take() {
                return connection;
            }
            self.filled.notified().await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Connection>> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> PeerLink {
        let address = SocketAddr::from(([127, 0, 0, 1], 1));
        let config = PeerConfig { member: 9, public_key: [0; 32], address };
        PeerLink::new(&config, true, &Limits::default())
    }

    #[test]
    fn each_ban_is_twice_as_long_up_to_the_bound() {
        let link = link();
        let mut now = Instant::now();
        for expected_ms in [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
            link.record_fault("junk", now);
            let until = link.banned_until(now).expect("a fault bans");
            assert_eq!(until - now, Duration::from_millis(expected_ms));
            now = until;
            assert_eq!(link.banned_until(now), None);
        }
        assert_eq!(link.status(now).faults, 8);
    }

    #[test]
    fn faults_during_a_ban_are_counted_and_do_not_lengthen_it() {
        let link = link();
        let now = Instant::now();
        link.record_fault("junk", now);
        let until = link.banned_until(now);
        link.record_fault("more junk", now);
        assert_eq!(link.banned_until(now), until);
        assert_eq!(link.status(now).faults, 2);
        assert_eq!(link.status(now).last_fault, Some("more junk"));
    }

    #[test]
    fn a_long_connection_clears_the_streak_and_not_the_count() {
        let link = link();
        let now = Instant::now();
        link.record_fault("junk", now);
        link.forgive(Duration::from_secs(1));
        link.forgive(Duration::from_secs(60));
        let later = now + Duration::from_secs(100);
        link.record_fault("junk", later);
        let until = link.banned_until(later).expect("a fault bans");
        assert_eq!(until - later, Duration::from_secs(1));
        assert_eq!(link.status(later).faults, 2);
    }
}
