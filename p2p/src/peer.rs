//! The task of one peer: get a connection, use it, get the next.
//!
//! All that happens to a peer happens in this order in one task, so that `Connected` and
//! `Disconnected` alternate by construction. The lower index dials and backs off; the higher waits
//! for the listener. A newer incoming connection wins: its dialler holds at most one, so the older
//! one is dead even if this side has not noticed.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until, timeout};

use crate::{
    backoff::{Backoff, mix},
    events::{ConsumerGone, EventSender},
    link::PeerLink,
    network::Shared,
    session::{self, End, Surroundings},
    transport::{Connection, Dialer, HandshakeError},
};

/// Everything the task of one peer owns.
pub(crate) struct PeerTask {
    link: Arc<PeerLink>,
    shared: Arc<Shared>,
    dialer: Arc<Dialer>,
    events: EventSender,
    backoff: Backoff,
}

/// How the use of a connection ended.
enum Outcome {
    Over(End),
    Replaced(Connection),
}

impl PeerTask {
    pub(crate) fn new(link: Arc<PeerLink>, shared: Arc<Shared>, dialer: Arc<Dialer>, events: EventSender) -> Self {
        let limits = &shared.limits;
        let seed = mix(shared.jitter_seed ^ u64::from(link.member));
        let backoff = Backoff::new(seed, limits.reconnect_min_ms, limits.reconnect_max_ms);
        Self { link, shared, dialer, events, backoff }
    }

    /// Runs until the consumer is gone or the task is aborted.
    pub(crate) async fn run(mut self) {
        let mut next = None;
        loop {
            let connection = match next.take() {
                Some(connection) => connection,
                None => self.obtain().await,
            };
            match self.converse(connection).await {
                Ok(Outcome::Replaced(newer)) => next = Some(newer),
                Ok(Outcome::Over(end)) => self.on_end(&end),
                Err(ConsumerGone) => return,
            }
        }
    }

    async fn obtain(&mut self) -> Connection {
        if self.link.dials { self.dial_until_answered().await } else { self.link.incoming.take().await }
    }

    async fn dial_until_answered(&mut self) -> Connection {
        loop {
            sleep_until(Instant::now() + self.backoff.next_pause()).await;
            while let Some(until) = self.link.banned_until(Instant::now()) {
                sleep_until(until).await;
            }
            if let Some(connection) = self.dial().await {
                return connection;
            }
        }
    }

    async fn dial(&self) -> Option<Connection> {
        let member = self.link.member;
        let dial = self.dialer.dial(self.link.address);
        match timeout(self.shared.limits.handshake_timeout(), dial).await {
            Ok(Ok(admitted)) if admitted.member == member => return Some(admitted.connection),
            Ok(Ok(admitted)) => {
                self.shared.counters.add_stranger();
                tracing::warn!(member, answered = admitted.member, "another member answered");
            }
            Ok(Err(error @ HandshakeError::Stranger { .. })) => {
                self.shared.counters.add_stranger();
                tracing::warn!(member, %error, "a stranger answered");
            }
            Ok(Err(HandshakeError::Failed(error))) => tracing::debug!(member, %error, "dial failed"),
            Err(_) => tracing::debug!(member, "dial timed out"),
        }
        None
    }

    /// Uses a connection to its end, or until a newer one arrives; reports both ends of its life.
    async fn converse(&mut self, connection: Connection) -> Result<Outcome, ConsumerGone> {
        let started = Instant::now();
        let mut announced = false;
        let around = Surroundings {
            link: &self.link,
            limits: &self.shared.limits,
            counters: &self.shared.counters,
            events: &self.events,
        };
        let outcome = tokio::select! {
            biased;
            newer = self.link.incoming.take() => Outcome::Replaced(newer),
            end = session::run(connection, around, &mut announced) => Outcome::Over(end),
        };
        if announced {
            self.on_lasted(started.elapsed());
            self.events.disconnected(self.link.member).await?;
        }
        Ok(outcome)
    }

    fn on_lasted(&mut self, lasted: Duration) {
        if lasted >= Duration::from_millis(self.shared.limits.reconnect_max_ms) {
            self.backoff.reset();
        }
        self.link.forgive(lasted);
    }

    fn on_end(&self, end: &End) {
        let member = self.link.member;
        match end {
            End::Fault { reason } => {
                self.link.record_fault(reason, Instant::now());
                tracing::warn!(member, reason, "peer fault");
            }
            End::Closed { reason } => tracing::debug!(member, reason, "connection closed"),
            End::Silent => tracing::info!(member, "connection silent"),
            End::Reported => tracing::debug!(member, "connection ended for a reported fault"),
            End::Stopped => {}
        }
    }
}
