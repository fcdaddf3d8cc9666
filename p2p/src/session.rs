//! One connection from its first stream to its end.

use std::{
    future::poll_fn,
    pin::pin,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use crate::{
    class::{Class, PerClass},
    counters::SharedCounters,
    events::EventSender,
    frame::{ReadEnd, Received, read_message},
    lanes,
    limits::Limits,
    link::PeerLink,
    outbox::Outbox,
    transport::{ByteStream, Connection},
    writer::Writer,
};

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The remote or the network closed it.
    Closed {
        /// For the log.
        reason: String,
    },
    /// The remote sent junk: count it and keep the peer out for a while.
    Fault {
        /// What the remote did.
        reason: &'static str,
    },
    /// Nothing was heard for too long.
    Silent,
    /// The consumer reported a fault of this peer, which is counted already.
    Reported,
    /// The consumer is gone; the network is about to stop.
    Stopped,
}

/// What a session needs of its surroundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) link: &'a PeerLink,
    pub(crate) limits: &'a Limits,
    pub(crate) counters: &'a SharedCounters,
    pub(crate) events: &'a EventSender,
}

/// Uses a connection until it is over or the consumer reports a fault of the peer.
///
/// `announced` tells whether `Connected` was reported, also if this future is dropped halfway.
pub(crate) async fn run(connection: Connection, around: Surroundings<'_>, announced: &mut bool) -> End {
    // Observing comes before asking, so that no fault falls between the two.
    let mut reported = around.link.subscribe_faults();
    if around.link.banned_until(Instant::now()).is_some() {
        around.counters.add_refused();
        return End::Closed { reason: "the peer is banned".to_owned() };
    }
    tokio::select! {
        biased;
        _ = reported.changed() => End::Reported,
        end = talk(connection, around, announced) => end,
    }
}

/// Opens the streams, announces the peer, then moves messages until the connection is over.
async fn talk(mut connection: Connection, around: Surroundings<'_>, announced: &mut bool) -> End {
    let set_up = lanes::set_up(&mut connection);
    let lanes = match timeout(around.limits.handshake_timeout(), set_up).await {
        Ok(Ok(lanes)) => lanes,
        Ok(Err(end)) => return end,
        Err(_) => return End::Silent,
    };
    let outbox = &around.link.outbox;
    let _open = outbox.open();
    if around.events.connected(around.link.member, announced).await.is_err() {
        return End::Stopped;
    }
    let pulse = Pulse::default();
    let mut writer = Writer::new(lanes.outbound, outbox, around.counters);
    let mut reading = pin!(read_all(lanes.inbound, around, &pulse));
    let end = tokio::select! {
        biased;
        end = lanes::broken(&mut connection) => end,
        end = &mut reading => return end,
        error = poll_fn(|cx| writer.poll(cx)) => return End::Closed { reason: error.to_string() },
        () = silence(&pulse, outbox, around.limits) => return End::Silent,
    };
    drain(end, timeout(around.limits.drain(), reading)).await
}

/// Delivers what had arrived before the connection closed; junk among it still is a fault.
async fn drain<F>(end: End, reading: F) -> End
where
    F: Future<Output = Result<End, tokio::time::error::Elapsed>>,
{
    if !matches!(end, End::Closed { .. }) {
        return end;
    }
    match reading.await {
        Ok(found @ (End::Fault { .. } | End::Stopped)) => found,
        Ok(_) | Err(_) => end,
    }
}

/// Reads all classes until every stream has ended, or one carries junk.
async fn read_all(streams: PerClass<ByteStream>, around: Surroundings<'_>, pulse: &Pulse) -> End {
    let PerClass { consensus, header, fetch, batch } = streams;
    let all = tokio::try_join!(
        read_lane(consensus, Class::Consensus, around, pulse),
        read_lane(header, Class::Header, around, pulse),
        read_lane(fetch, Class::Fetch, around, pulse),
        read_lane(batch, Class::Batch, around, pulse),
    );
    match all {
        Ok(_) => End::Closed { reason: "the remote ended its streams".to_owned() },
        Err(end) => end,
    }
}

/// Reads one class, no faster than the consumer takes it.
async fn read_lane(mut stream: ByteStream, class: Class, around: Surroundings<'_>, pulse: &Pulse) -> Result<(), End> {
    let bytes_max = *around.limits.message_bytes_max.get(class);
    loop {
        let on_frame = |bytes| {
            around.counters.add_frame_in(bytes);
            pulse.beat();
        };
        match read_message(&mut stream, bytes_max, on_frame).await {
            Ok(Received::KeepAlive) => {}
            Ok(Received::Message(bytes)) => {
                let _waiting = pulse.wait_for_consumer();
                let sent = around.events.message(around.link.member, class, bytes).await;
                sent.map_err(|_| End::Stopped)?;
            }
            Err(ReadEnd::Closed) => return Ok(()),
            Err(ReadEnd::Junk { reason }) => return Err(End::Fault { reason }),
        }
    }
}

/// Returns once nothing was heard for several keep-alive periods.
///
/// Time the consumer takes does not count, nor does a time this process did not run: a late tick
/// is one miss, however late it is.
async fn silence(pulse: &Pulse, outbox: &Outbox, limits: &Limits) {
    let mut ticks = interval(limits.keep_alive());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard = pulse.beats();
    let mut misses = 0;
    while misses < limits.keep_alive_misses {
        ticks.tick().await;
        outbox.request_keep_alive();
        let beats = pulse.beats();
        misses = if beats == heard && !pulse.is_waiting() { misses + 1 } else { 0 };
        heard = beats;
    }
}

/// Signs of life of the remote.
#[derive(Debug, Default)]
struct Pulse {
    beats: AtomicU64,
    waiting: AtomicU32,
}

impl Pulse {
    fn beat(&self) {
        self.beats.fetch_add(1, Relaxed);
    }

    fn beats(&self) -> u64 {
        self.beats.load(Relaxed)
    }

    fn is_waiting(&self) -> bool {
        self.waiting.load(Relaxed) > 0
    }

    fn wait_for_consumer(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Relaxed);
        Waiting(self)
    }
}

struct Waiting<'a>(&'a Pulse);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
    }
}
