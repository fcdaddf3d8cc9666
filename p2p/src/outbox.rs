//! What waits to be written to one peer.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard},
    task::{Context, Poll, Waker},
};

use crate::{
    class::{Class, PerClass},
    limits::Limits,
    status::QueueStatus,
};

/// Why a message was not queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// No such peer on the allow-list.
    #[error("member {peer} is not a peer")]
    UnknownPeer {
        /// The index asked for.
        peer: u8,
    },
    /// The peer is not connected now. Send again after [`NetworkEvent::Connected`].
    ///
    /// [`NetworkEvent::Connected`]: crate::NetworkEvent::Connected
    #[error("member {peer} is not connected")]
    Disconnected {
        /// The index asked for.
        peer: u8,
    },
    /// The queue has no room, and this class does not drop older messages ([`Class::Fetch`]).
    #[error("the queue is full")]
    Full,
    /// The message is empty or longer than its class allows.
    #[error("a message of {bytes} bytes is not between 1 and {bytes_max}")]
    Size {
        /// Length of the message.
        bytes: usize,
        /// Bound of the class.
        bytes_max: usize,
    },
}

/// Bounded queues of one peer, one per class.
///
/// Invariants:
/// - a closed outbox is empty;
/// - no queue exceeds its bound in messages or bytes;
/// - every message accepted is either handed to the writer or counted as dropped.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    open: bool,
    queues: PerClass<Queue>,
    keep_alive_due: bool,
    writer: Option<Waker>,
}

#[derive(Debug)]
struct Queue {
    messages: VecDeque<Arc<[u8]>>,
    bytes: usize,
    messages_max: usize,
    bytes_max: usize,
    dropped: u64,
}

/// What the writer puts on a stream next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outgoing {
    /// A message of the consumer.
    Message(Arc<[u8]>),
    /// A frame without content.
    KeepAlive,
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        let queues = PerClass::from_fn(|class| Queue {
            messages: VecDeque::new(),
            bytes: 0,
            messages_max: *limits.queue_messages_max.get(class),
            bytes_max: *limits.queue_bytes_max.get(class),
            dropped: 0,
        });
        Self { state: Mutex::new(State { open: false, queues, keep_alive_due: false, writer: None }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while holding the outbox")
    }

    /// Accepts messages until the guard is dropped; then drops, and counts, what was not written.
    pub(crate) fn open(&self) -> OpenOutbox<'_> {
        self.state().open = true;
        OpenOutbox(self)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state().open
    }

    /// Queues a message, dropping older ones of its class if that class allows it.
    pub(crate) fn push(&self, peer: u8, class: Class, message: Arc<[u8]>) -> Result<(), SendError> {
        let mut state = self.state();
        if !state.open {
            return Err(SendError::Disconnected { peer });
        }
        let queue = state.queues.get_mut(class);
        if !queue.has_room(message.len()) && class == Class::Fetch {
            return Err(SendError::Full);
        }
        queue.push_dropping_oldest(message);
        let writer = state.writer.take();
        drop(state);
        if let Some(writer) = writer {
            writer.wake();
        }
        Ok(())
    }

    /// Asks the writer for a keep-alive frame.
    pub(crate) fn request_keep_alive(&self) {
        let mut state = self.state();
        state.keep_alive_due = true;
        if let Some(writer) = state.writer.take() {
            writer.wake();
        }
    }

    /// Takes the oldest message of a class. Keep-alives travel with the consensus class.
    pub(crate) fn poll_pop(&self, class: Class, cx: &mut Context<'_>) -> Poll<Outgoing> {
        let mut state = self.state();
        if let Some(message) = state.queues.get_mut(class).pop() {
            return Poll::Ready(Outgoing::Message(message));
        }
        if class == Class::Consensus && std::mem::take(&mut state.keep_alive_due) {
            return Poll::Ready(Outgoing::KeepAlive);
        }
        state.writer = Some(cx.waker().clone());
        Poll::Pending
    }

    /// Counts a message that was taken and then lost with the connection.
    pub(crate) fn count_lost(&self, class: Class) {
        self.state().queues.get_mut(class).dropped += 1;
    }

    pub(crate) fn status(&self) -> PerClass<QueueStatus> {
        let state = self.state();
        PerClass::from_fn(|class| {
            let queue = state.queues.get(class);
            QueueStatus { messages: queue.messages.len(), bytes: queue.bytes, dropped: queue.dropped }
        })
    }
}

impl Queue {
    fn has_room(&self, bytes: usize) -> bool {
        self.messages.len() < self.messages_max && self.bytes + bytes <= self.bytes_max
    }

    fn push_dropping_oldest(&mut self, message: Arc<[u8]>) {
        while !self.has_room(message.len()) && self.pop().is_some() {
            self.dropped += 1;
        }
        self.bytes += message.len();
        self.messages.push_back(message);
        assert!(self.bytes <= self.bytes_max, "{} bytes exceed {}", self.bytes, self.bytes_max);
    }

    fn pop(&mut self) -> Option<Arc<[u8]>> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    fn clear(&mut self) {
        self.dropped += self.messages.len() as u64;
        self.messages = VecDeque::new();
        self.bytes = 0;
    }
}

/// Keeps an [`Outbox`] open for the life of one connection.
#[derive(Debug)]
pub(crate) struct OpenOutbox<'a>(&'a Outbox);

impl Drop for OpenOutbox<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.open = false;
        state.keep_alive_due = false;
        state.writer = None;
        for class in Class::ALL {
            state.queues.get_mut(class).clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            queue_messages_max: PerClass::from_fn(|_| 3),
            queue_bytes_max: PerClass::from_fn(|_| 10),
            ..Limits::default()
        }
    }

    fn message(byte: u8, bytes: usize) -> Arc<[u8]> {
        vec![byte; bytes].into()
    }

    fn pop(outbox: &Outbox, class: Class) -> Option<Outgoing> {
        match outbox.poll_pop(class, &mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outgoing) => Some(outgoing),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_closed_outbox_refuses_messages() {
        let outbox = Outbox::new(&limits());
        let refused = outbox.push(4, Class::Batch, message(1, 1));
        assert_eq!(refused, Err(SendError::Disconnected { peer: 4 }));
    }

    #[test]
    fn a_full_batch_queue_drops_the_oldest_and_counts() {
        let outbox = Outbox::new(&limits());
        let _open = outbox.open();
        for byte in 0..5 {
            outbox.push(0, Class::Batch, message(byte, 1)).expect("batches never fill up");
        }
        assert_eq!(outbox.status().batch, QueueStatus { messages: 3, bytes: 3, dropped: 2 });
        assert_eq!(pop(&outbox, Class::Batch), Some(Outgoing::Message(message(2, 1))));
    }

    #[test]
    fn the_byte_bound_drops_as_many_as_needed() {
        let outbox = Outbox::new(&limits());
        let _open = outbox.open();
        for bytes in [4, 4, 9] {
            outbox.push(0, Class::Header, message(7, bytes)).expect("headers never fill up");
        }
        assert_eq!(outbox.status().header, QueueStatus { messages: 1, bytes: 9, dropped: 2 });
    }

    #[test]
    fn a_full_fetch_queue_refuses_and_keeps_what_it_has() {
        let outbox = Outbox::new(&limits());
        let _open = outbox.open();
        for byte in 0..3 {
            outbox.push(0, Class::Fetch, message(byte, 1)).expect("there is room");
        }
        assert_eq!(outbox.push(0, Class::Fetch, message(3, 1)), Err(SendError::Full));
        assert_eq!(outbox.status().fetch, QueueStatus { messages: 3, bytes: 3, dropped: 0 });
    }

    #[test]
    fn closing_counts_what_was_not_written() {
        let outbox = Outbox::new(&limits());
        let open = outbox.open();
        outbox.push(0, Class::Consensus, message(1, 2)).expect("it is open");
        drop(open);
        let empty = QueueStatus { messages: 0, bytes: 0, dropped: 1 };
        assert_eq!(outbox.status().consensus, empty);
        assert!(!outbox.is_open());
    }

    #[test]
    fn a_keep_alive_waits_behind_consensus_messages_and_is_sent_once() {
        let outbox = Outbox::new(&limits());
        let _open = outbox.open();
        outbox.request_keep_alive();
        outbox.push(0, Class::Consensus, message(1, 2)).expect("it is open");
        assert_eq!(pop(&outbox, Class::Batch), None);
        assert_eq!(pop(&outbox, Class::Consensus), Some(Outgoing::Message(message(1, 2))));
        assert_eq!(pop(&outbox, Class::Consensus), Some(Outgoing::KeepAlive));
        assert_eq!(pop(&outbox, Class::Consensus), None);
    }
}
