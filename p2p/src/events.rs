//! What the network tells its consumer, and how it waits for a slow one.

use std::{
    future::poll_fn,
    task::{Context, Poll},
};

use tokio::sync::mpsc;

use crate::{
    class::{Class, PerClass},
    limits::{Limits, PRIORITY_RUN_MAX},
};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkEvent {
    /// A connection is up and messages can be queued. The consumer sends again what the peer needs
    /// of the current height: whatever an earlier connection did not deliver is gone.
    Connected {
        /// Index of the peer.
        peer: u8,
    },
    /// The connection is gone. Follows every `Connected` exactly once, unless the network stops.
    /// Messages that arrived before may still come after it.
    Disconnected {
        /// Index of the peer.
        peer: u8,
    },
    /// A message arrived. The peer is authenticated; the bytes are not checked.
    Message {
        /// Index of the peer.
        peer: u8,
        /// Stream it came on.
        class: Class,
        /// The message, as the peer sent it.
        bytes: Vec<u8>,
    },
}

#[derive(Debug)]
struct Incoming {
    peer: u8,
    bytes: Vec<u8>,
}

/// The sending halves, held by the tasks of the network only.
#[derive(Clone, Debug)]
pub(crate) struct EventSender {
    control: mpsc::Sender<NetworkEvent>,
    classes: PerClass<mpsc::Sender<Incoming>>,
}

/// Receives events. Dropping it stops the network.
///
/// Connections come first, then messages by class: consensus, header, fetch, batch. Once in
/// [`PRIORITY_RUN_MAX`] messages the order of the classes is turned round, so that none starves.
/// A consumer that stops receiving stops the reading of the streams; nothing is dropped.
#[derive(Debug)]
pub struct EventReceiver {
    control: mpsc::Receiver<NetworkEvent>,
    classes: PerClass<mpsc::Receiver<Incoming>>,
    held: Option<NetworkEvent>,
    served: u32,
}

/// Creates the bounded channels between the network and its consumer.
pub(crate) fn channel(limits: &Limits, peers: usize) -> (EventSender, EventReceiver) {
    let (control, control_receiver) = mpsc::channel(2 * peers.max(1));
    let mut receivers = Vec::new();
    let classes = PerClass::from_fn(|class| {
        let (sender, receiver) = mpsc::channel(*limits.incoming_messages_max.get(class));
        receivers.push(receiver);
        sender
    });
    let mut receivers = receivers.into_iter();
    let class_receivers = PerClass::from_fn(|_| receivers.next().expect("one was made per class"));
    let receiver = EventReceiver { control: control_receiver, classes: class_receivers, held: None, served: 0 };
    (EventSender { control, classes }, receiver)
}

/// The consumer dropped its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ConsumerGone;

impl EventSender {
    /// Waits for room, then reports the connection and sets `announced`, both or neither.
    pub(crate) async fn connected(&self, peer: u8, announced: &mut bool) -> Result<(), ConsumerGone> {
        let room = self.control.reserve().await.map_err(|_| ConsumerGone)?;
        *announced = true;
        room.send(NetworkEvent::Connected { peer });
        Ok(())
    }

    pub(crate) async fn disconnected(&self, peer: u8) -> Result<(), ConsumerGone> {
        let event = NetworkEvent::Disconnected { peer };
        self.control.send(event).await.map_err(|_| ConsumerGone)
    }

    pub(crate) async fn message(&self, peer: u8, class: Class, bytes: Vec<u8>) -> Result<(), ConsumerGone> {
        let sender = self.classes.get(class);
        sender.send(Incoming { peer, bytes }).await.map_err(|_| ConsumerGone)
    }

    /// Waits until the consumer drops its receiver.
    pub(crate) async fn closed(&self) {
        self.control.closed().await;
    }
}

impl EventReceiver {
    /// Waits for the next event; `None` once the network has stopped and everything was taken.
    ///
    /// Cancelling the wait loses nothing.
    pub async fn recv(&mut self) -> Option<NetworkEvent> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Returns the next event if one is there already.
    pub fn try_recv(&mut self) -> Option<NetworkEvent> {
        if let Ok(event) = self.control.try_recv() {
            return Some(event);
        }
        if let Some(event) = self.held.take() {
            return Some(event);
        }
        let order = self.order();
        let (class, incoming) =
            order.into_iter().find_map(|class| Some((class, self.classes.get_mut(class).try_recv().ok()?)))?;
        Some(self.after_connections(class, incoming))
    }

    fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Option<NetworkEvent>> {
        let mut open = false;
        match self.control.poll_recv(cx) {
            Poll::Ready(Some(event)) => return Poll::Ready(Some(event)),
            Poll::Ready(None) => {}
            Poll::Pending => open = true,
        }
        if let Some(event) = self.held.take() {
            return Poll::Ready(Some(event));
        }
        for class in self.order() {
            match self.classes.get_mut(class).poll_recv(cx) {
                Poll::Ready(Some(incoming)) => {
                    return Poll::Ready(Some(self.after_connections(class, incoming)));
                }
                Poll::Ready(None) => {}
                Poll::Pending => open = true,
            }
        }
        if open { Poll::Pending } else { Poll::Ready(None) }
    }

    /// Hands a message out, unless a connection was reported since the control channel was asked:
    /// then that comes first, so that no message ever precedes its `Connected`.
    fn after_connections(&mut self, class: Class, incoming: Incoming) -> NetworkEvent {
        self.served = self.served.wrapping_add(1);
        let message = NetworkEvent::Message { peer: incoming.peer, class, bytes: incoming.bytes };
        match self.control.try_recv() {
            Ok(event) => {
                self.held = Some(message);
                event
            }
            Err(_) => message,
        }
    }

    fn order(&self) -> [Class; 4] {
        let mut order = Class::ALL;
        if self.served % PRIORITY_RUN_MAX == PRIORITY_RUN_MAX - 1 {
            order.reverse();
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class_of(event: Option<NetworkEvent>) -> Option<Class> {
        match event {
            Some(NetworkEvent::Message { class, .. }) => Some(class),
            _ => None,
        }
    }

    #[tokio::test]
    async fn events_come_in_order_of_priority() {
        let (sender, mut receiver) = channel(&Limits::default(), 1);
        for class in [Class::Batch, Class::Fetch, Class::Header, Class::Consensus] {
            sender.message(3, class, vec![1]).await.expect("the receiver lives");
        }
        let mut announced = false;
        sender.connected(3, &mut announced).await.expect("the receiver lives");
        assert!(announced);
        assert_eq!(receiver.recv().await, Some(NetworkEvent::Connected { peer: 3 }));
        for class in Class::ALL {
            assert_eq!(class_of(receiver.recv().await), Some(class));
        }
    }

    #[tokio::test]
    async fn a_flood_of_consensus_messages_does_not_starve_batches() {
        let (sender, mut receiver) = channel(&Limits::default(), 1);
        sender.message(1, Class::Batch, vec![1]).await.expect("the receiver lives");
        for _ in 0..2 * PRIORITY_RUN_MAX {
            sender.message(1, Class::Consensus, vec![1]).await.expect("the receiver lives");
        }
        let served: Vec<_> = (0..PRIORITY_RUN_MAX).map(|_| class_of(receiver.try_recv())).collect();
        assert!(served.contains(&Some(Class::Batch)));
    }

    #[tokio::test]
    async fn a_full_class_does_not_block_another() {
        let (sender, mut receiver) = channel(&Limits::default(), 1);
        for _ in 0..Limits::default().incoming_messages_max.batch {
            sender.message(1, Class::Batch, vec![1]).await.expect("there is room");
        }
        sender.message(1, Class::Consensus, vec![2]).await.expect("another channel");
        assert_eq!(class_of(receiver.recv().await), Some(Class::Consensus));
    }

    #[tokio::test]
    async fn the_receiver_ends_after_the_last_message_of_a_stopped_network() {
        let (sender, mut receiver) = channel(&Limits::default(), 1);
        sender.message(1, Class::Batch, vec![1]).await.expect("the receiver lives");
        drop(sender);
        assert_eq!(class_of(receiver.recv().await), Some(Class::Batch));
        assert_eq!(receiver.recv().await, None);
        assert_eq!(receiver.try_recv(), None);
    }
}
