//! Writes what one peer's outbox holds, higher classes first.
//!
//! The unit is a frame. After each frame of a lower class the higher ones are asked again, and a
//! class whose stream is blocked (the remote does not read it) does not hold up the others.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;

use crate::{
    class::{Class, PerClass},
    counters::SharedCounters,
    frame,
    limits::FRAMES_PER_TURN_MAX,
    outbox::{Outbox, Outgoing},
};

/// The writing half of a connection.
#[derive(Debug)]
pub(crate) struct Writer<'a, W> {
    lanes: PerClass<Lane<'a, W>>,
    counters: &'a SharedCounters,
}

/// One class on its way out.
///
/// Invariant: `frame` is empty exactly when nothing is being written.
#[derive(Debug)]
struct Lane<'a, W> {
    class: Class,
    stream: W,
    outbox: &'a Outbox,
    message: Option<Arc<[u8]>>,
    offset: usize,
    frame: Vec<u8>,
    frame_payload: usize,
    frame_written: usize,
}

impl<'a, W: AsyncWrite + Unpin> Writer<'a, W> {
    pub(crate) fn new(streams: PerClass<W>, outbox: &'a Outbox, counters: &'a SharedCounters) -> Self {
        let PerClass { consensus, header, fetch, batch } = streams;
        let lanes = PerClass {
            consensus: Lane::new(Class::Consensus, consensus, outbox),
            header: Lane::new(Class::Header, header, outbox),
            fetch: Lane::new(Class::Fetch, fetch, outbox),
            batch: Lane::new(Class::Batch, batch, outbox),
        };
        Self { lanes, counters }
    }

    /// Writes for ever; ready only with the error that ends the connection.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        for _ in 0..FRAMES_PER_TURN_MAX {
            match self.poll_frame(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(error),
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Finishes one frame of the highest class that has one and can write it.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        for class in Class::ALL {
            if let Poll::Ready(written) = self.lanes.get_mut(class).poll_frame(cx) {
                self.counters.add_frame_out(written?);
                return Poll::Ready(Ok(()));
            }
        }
        Poll::Pending
    }
}

impl<'a, W: AsyncWrite + Unpin> Lane<'a, W> {
    fn new(class: Class, stream: W, outbox: &'a Outbox) -> Self {
        Self { class, stream, outbox, message: None, offset: 0, frame: Vec::new(), frame_payload: 0, frame_written: 0 }
    }

    /// Writes out one frame; returns its payload length.
    fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.frame.is_empty() {
            std::task::ready!(self.poll_fill(cx));
        }
        while self.frame_written < self.frame.len() {
            let rest = &self.frame[self.frame_written..];
            match std::task::ready!(Pin::new(&mut self.stream).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                bytes => self.frame_written += bytes,
            }
        }
        Poll::Ready(Ok(self.finish_frame()))
    }

    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.message.is_none() {
            match std::task::ready!(self.outbox.poll_pop(self.class, cx)) {
                Outgoing::Message(message) => self.message = Some(message),
                Outgoing::KeepAlive => {
                    self.frame.extend_from_slice(&frame::KEEP_ALIVE);
                    return Poll::Ready(());
                }
            }
        }
        if let Some(message) = &self.message {
            self.frame_payload = frame::encode_frame(message, self.offset, &mut self.frame);
        }
        Poll::Ready(())
    }

    /// Gives the memory of the frame back, so that a quiet lane holds none.
    fn finish_frame(&mut self) -> usize {
        self.frame = Vec::new();
        self.frame_written = 0;
        self.offset += self.frame_payload;
        if self.message.as_ref().is_some_and(|message| self.offset == message.len()) {
            self.message = None;
            self.offset = 0;
        }
        std::mem::take(&mut self.frame_payload)
    }
}

impl<W> Drop for Lane<'_, W> {
    fn drop(&mut self) {
        if self.message.is_some() {
            self.outbox.count_lost(self.class);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Waker};

    use tokio::io::{AsyncReadExt, DuplexStream, duplex};

    use super::*;
    use crate::{
        frame::{Received, read_message},
        limits::{FRAME_BYTES_MAX, Limits},
    };

    const PIPE_BYTES: usize = 4 * FRAME_BYTES_MAX;

    fn pipes() -> (PerClass<DuplexStream>, Vec<DuplexStream>) {
        let mut far = Vec::new();
        let near = PerClass::from_fn(|_| {
            let (near, end) = duplex(PIPE_BYTES);
            far.push(end);
            near
        });
        (near, far)
    }

    fn poll_once<W: AsyncWrite + Unpin>(writer: &mut Writer<'_, W>) {
        let polled = writer.poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending(), "{polled:?}");
    }

    #[tokio::test]
    async fn consensus_is_written_before_batches_queued_earlier() {
        let outbox = Outbox::new(&Limits::default());
        let _open = outbox.open();
        let counters = SharedCounters::default();
        let (near, mut far) = pipes();
        let mut writer = Writer::new(near, &outbox, &counters);
        let batch: Arc<[u8]> = vec![1; 20 * FRAME_BYTES_MAX].into();
        outbox.push(0, Class::Batch, batch).expect("room");
        outbox.push(0, Class::Consensus, vec![2; 100].into()).expect("room");
        let first = poll_fn(|cx| writer.poll_frame(cx)).await;
        first.expect("a frame is written");
        assert_eq!(counters.snapshot().bytes_out, 100);
        let vote = read_message(&mut far[Class::Consensus.index()], 100, |_| {}).await;
        assert_eq!(vote, Ok(Received::Message(vec![2; 100])));
    }

    #[tokio::test]
    async fn a_vote_waits_for_at_most_one_batch_frame() {
        let outbox = Outbox::new(&Limits::default());
        let _open = outbox.open();
        let counters = SharedCounters::default();
        let (near, _far) = pipes();
        let mut writer = Writer::new(near, &outbox, &counters);
        outbox.push(0, Class::Batch, vec![1; 20 * FRAME_BYTES_MAX].into()).expect("room");
        let first = poll_fn(|cx| writer.poll_frame(cx)).await;
        first.expect("the first frame of the batch");
        outbox.push(0, Class::Consensus, vec![2; 100].into()).expect("room");
        let second = poll_fn(|cx| writer.poll_frame(cx)).await;
        second.expect("the vote");
        assert_eq!(counters.snapshot().bytes_out, FRAME_BYTES_MAX as u64 + 100);
    }

    #[tokio::test]
    async fn a_blocked_batch_stream_does_not_hold_up_consensus() {
        let outbox = Outbox::new(&Limits::default());
        let _open = outbox.open();
        let counters = SharedCounters::default();
        let (near, mut far) = pipes();
        let mut writer = Writer::new(near, &outbox, &counters);
        outbox.push(0, Class::Batch, vec![1; 20 * FRAME_BYTES_MAX].into()).expect("room");
        poll_once(&mut writer);
        outbox.push(0, Class::Consensus, vec![2; 100].into()).expect("room");
        poll_once(&mut writer);
        let mut vote = [0; 104];
        far[Class::Consensus.index()].read_exact(&mut vote).await.expect("the vote is there");
        assert_eq!(vote[4..], [2; 100]);
    }

    #[test]
    fn a_message_cut_off_by_the_end_of_the_connection_is_counted() {
        let outbox = Outbox::new(&Limits::default());
        let _open = outbox.open();
        let counters = SharedCounters::default();
        let (near, _far) = pipes();
        let mut writer = Writer::new(near, &outbox, &counters);
        outbox.push(0, Class::Batch, vec![1; 20 * FRAME_BYTES_MAX].into()).expect("room");
        poll_once(&mut writer);
        drop(writer);
        assert_eq!(outbox.status().batch.dropped, 1);
    }
}
