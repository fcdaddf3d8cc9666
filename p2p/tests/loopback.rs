//! Whole networks over real loopback sockets, through the public interface only.

#[path = "loopback/support.rs"]
mod support;

use std::sync::Arc;

use landsea_p2p::{Class, Limits, NetworkEvent, PeerConfig, PerClass, SendError, StartError, public_key_of};
use support::{Node, config, mesh, nowhere, pair, secret, until};
use tokio::{io::AsyncWriteExt, net::TcpStream};

fn numbered(number: u32, bytes: usize) -> Arc<[u8]> {
    let mut message = vec![0; bytes];
    message[..4].copy_from_slice(&number.to_le_bytes());
    message.into()
}

fn number_of(bytes: &[u8]) -> u32 {
    u32::from_le_bytes(bytes[..4].try_into().expect("messages carry four bytes"))
}

fn quick() -> Limits {
    Limits {
        reconnect_min_ms: 5,
        reconnect_max_ms: 50,
        fault_ban_min_ms: 20,
        fault_ban_max_ms: 100,
        ..Limits::default()
    }
}

#[tokio::test]
async fn every_class_is_delivered_in_order_in_both_directions() {
    let (mut low, mut high) = pair(quick()).await;
    for class in Class::ALL {
        let bytes = *Limits::default().message_bytes_max.get(class);
        for number in 0..8 {
            let bytes = if number == 3 { bytes } else { 100 };
            low.network.send(1, class, numbered(number, bytes)).expect("room");
            high.network.send(0, class, numbered(number, bytes)).expect("room");
        }
        for node in [&mut low, &mut high] {
            for number in 0..8 {
                let (received_class, bytes) = node.message().await;
                assert_eq!((received_class, number_of(&bytes)), (class, number));
            }
        }
    }
    assert_eq!(low.network.counters().dropped, PerClass::default());
    assert_eq!(low.network.counters().faults, 0);
}

#[tokio::test]
async fn a_stranger_is_disconnected_and_counted() {
    let lone = Node::start(config(9, nowhere(), &[1], quick())).await;
    let mut foreign = config(2, lone.network.local_address(), &[9], quick());
    foreign.secret_key = [99; 32];
    let mut stranger = Node::start(foreign).await;
    until("the stranger is counted", || lone.network.counters().strangers >= 2).await;
    assert_eq!(stranger.events.try_recv(), None, "a stranger never sees a connection");
    assert!(!lone.network.peers()[0].connected);
}

#[tokio::test]
async fn somebody_else_at_the_address_of_a_peer_is_not_taken_for_it() {
    let other = Node::start(config(7, nowhere(), &[0], quick())).await;
    let mut dialler = Node::start(config(0, other.network.local_address(), &[8], quick())).await;
    until("the answer is refused", || dialler.network.counters().strangers >= 1).await;
    assert_eq!(dialler.events.try_recv(), None);
}

#[tokio::test]
async fn an_over_long_message_is_a_fault_and_the_peer_returns_later() {
    let mut high = Node::start(config(1, nowhere(), &[0], quick())).await;
    let mut generous = quick();
    generous.message_bytes_max.header = 1 << 20;
    let mut low = Node::start(config(0, high.network.local_address(), &[1], generous)).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
    low.network.send(1, Class::Header, numbered(0, 100_000)).expect("the sender allows it");
    high.expect_disconnected(0).await;
    low.expect_disconnected(1).await;
    let status = high.network.peers()[0];
    assert_eq!(status.faults, 1);
    assert_eq!(status.last_fault, Some("message over the bound of its class"));
    assert_eq!(high.network.counters().faults, 1);
    high.expect_connected(0).await;
    low.expect_connected(1).await;
    low.network.send(1, Class::Header, numbered(5, 10)).expect("room");
    assert_eq!(number_of(&high.message().await.1), 5);
}

#[tokio::test]
async fn a_reported_fault_disconnects_bans_and_ends() {
    let (mut low, mut high) = pair(quick()).await;
    for faults in 1..=3 {
        high.network.report_fault(0, "bad signature");
        assert_eq!(high.network.peers()[0].faults, faults);
        assert!(high.network.peers()[0].banned);
        high.expect_disconnected(0).await;
        low.expect_disconnected(1).await;
        high.expect_connected(0).await;
        low.expect_connected(1).await;
    }
    low.network.report_fault(1, "bad signature");
    low.expect_disconnected(1).await;
    high.expect_disconnected(0).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
    low.network.report_fault(77, "nobody");
    assert_eq!(low.network.counters().faults, 1);
}

#[tokio::test]
async fn a_slow_consumer_loses_no_message() {
    const MESSAGES: u32 = 120;
    let (low, mut high) = pair(quick()).await;
    let sender = low.network.clone();
    let mut refused = 0;
    let mut number = 0;
    while refused == 0 {
        match sender.send(1, Class::Fetch, numbered(number, 1 << 20)) {
            Ok(()) => number += 1,
            Err(SendError::Full) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        tokio::task::yield_now().await;
    }
    let rest = tokio::spawn(async move {
        while number < MESSAGES {
            match sender.send(1, Class::Fetch, numbered(number, 1 << 20)) {
                Ok(()) => number += 1,
                Err(SendError::Full) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    });
    for expected in 0..MESSAGES {
        let (class, bytes) = high.message().await;
        assert_eq!((class, number_of(&bytes), bytes.len()), (Class::Fetch, expected, 1 << 20));
    }
    rest.await.expect("the sender finishes");
    assert_eq!(low.network.counters().dropped.fetch, 0);
}

#[tokio::test]
async fn a_flood_of_batches_drops_the_oldest_and_does_not_delay_a_vote() {
    const BATCH_BYTES: usize = 1 << 20;
    let limits = Limits { keep_alive_ms: 3_600_000, ..quick() };
    let (low, mut high) = pair(limits).await;
    let mut sent = 0;
    while low.network.counters().dropped.batch < 10 {
        low.network.send(1, Class::Batch, numbered(sent, BATCH_BYTES)).expect("batches never fill");
        sent += 1;
        tokio::task::yield_now().await;
    }
    low.network.send(1, Class::Consensus, numbered(7, 7)).expect("room");
    let received = || high.network.counters().bytes_in;
    until("the vote passes the batches", || received() % (64 << 10) == 7).await;
    let (class, bytes) = high.message().await;
    assert_eq!((class, number_of(&bytes)), (Class::Consensus, 7), "the vote is first");
    let mut batches = Vec::new();
    while batches.last() != Some(&(sent - 1)) {
        batches.push(number_of(&high.message().await.1));
    }
    assert!(batches.is_sorted(), "{batches:?}");
    assert_eq!(low.network.counters().dropped.batch, u64::from(sent) - batches.len() as u64);
}

#[tokio::test]
async fn a_restarted_peer_on_the_same_port_is_connected_again() {
    let (mut low, high) = pair(quick()).await;
    let address = high.network.local_address();
    high.network.shutdown().await;
    low.expect_disconnected(1).await;
    let mut again = config(1, nowhere(), &[0], quick());
    again.listen = address;
    let mut high = Node::start(again).await;
    high.expect_connected(0).await;
    low.expect_connected(1).await;
    low.network.shutdown().await;
    high.expect_disconnected(0).await;
    let mut low = Node::start(config(0, address, &[1], quick())).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
    high.network.send(0, Class::Consensus, numbered(3, 4)).expect("room");
    assert_eq!(number_of(&low.message().await.1), 3);
}

#[tokio::test]
async fn a_peer_that_starts_late_is_found() {
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = reserved.local_addr().expect("it is bound");
    drop(reserved);
    let mut low = Node::start(config(0, address, &[1], quick())).await;
    let mut late = config(1, nowhere(), &[0], quick());
    late.listen = address;
    let mut high = Node::start(late).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
}

#[tokio::test]
async fn fifteen_members_form_a_full_mesh_and_hear_every_broadcast() {
    let mut nodes = mesh(15, quick()).await;
    for node in &mut nodes {
        for _ in 0..14 {
            assert!(matches!(node.next().await, NetworkEvent::Connected { .. }));
        }
    }
    for node in &nodes {
        let reached = node.network.broadcast(Class::Consensus, numbered(node.member.into(), 200));
        assert_eq!(reached, Ok(14));
    }
    for node in &mut nodes {
        let mut heard = Vec::new();
        for _ in 0..14 {
            heard.push(number_of(&node.message().await.1));
        }
        heard.sort_unstable();
        let others = (0..15).filter(|member| *member != u32::from(node.member));
        assert!(heard.iter().copied().eq(others), "{heard:?}");
        assert_eq!(node.events.try_recv(), None, "one connection per pair");
    }
}

#[tokio::test]
async fn garbage_from_a_caller_without_identity_is_counted_and_harmless() {
    let (mut low, high) = pair(quick()).await;
    let mut caller = TcpStream::connect(high.network.local_address()).await.expect("it listens");
    caller.write_all(&[0xff; 4096]).await.expect("the socket takes it");
    until("the garbage is counted", || high.network.counters().handshakes_failed == 1).await;
    high.network.send(0, Class::Consensus, numbered(1, 4)).expect("room");
    assert_eq!(low.message().await.0, Class::Consensus);
    assert_eq!(high.network.counters().faults, 0);
}

#[tokio::test]
async fn callers_that_say_nothing_do_not_keep_a_peer_out() {
    let limits = Limits { pending_handshakes_max: 4, ..quick() };
    let mut high = Node::start(config(1, nowhere(), &[0], limits)).await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        let caller = TcpStream::connect(high.network.local_address()).await;
        idle.push(caller.expect("the backlog has room"));
    }
    let mut low = Node::start(config(0, high.network.local_address(), &[1], quick())).await;
    low.expect_connected(1).await;
    high.expect_connected(0).await;
    assert!(high.network.counters().handshakes_failed >= 16);
}

#[tokio::test]
async fn a_stopped_network_ends_its_events_and_frees_its_port() {
    let (mut low, mut high) = pair(quick()).await;
    let address = low.network.local_address();
    low.network.shutdown().await;
    assert_eq!(low.events.recv().await, None);
    assert!(TcpStream::connect(address).await.is_err());
    high.expect_disconnected(0).await;
    assert_eq!(low.network.send(1, Class::Batch, numbered(0, 4)), Err(SendError::Disconnected { peer: 1 }));
}

#[tokio::test]
async fn dropping_the_receiver_stops_the_network() {
    let (low, mut high) = pair(quick()).await;
    drop(low.events);
    high.expect_disconnected(0).await;
    low.network.shutdown().await;
}

#[tokio::test]
async fn dropping_the_last_handle_stops_the_network() {
    let (low, mut high) = pair(quick()).await;
    drop(low.network);
    high.expect_disconnected(0).await;
}

#[tokio::test]
async fn a_contradictory_configuration_does_not_start() {
    let base = || config(4, nowhere(), &[1, 2], quick());
    let start = async |change: fn(&mut landsea_p2p::NetworkConfig)| {
        let mut config = base();
        change(&mut config);
        landsea_p2p::Network::start(config).await.map(drop).expect_err("it is refused")
    };
    let twice = start(|config| config.peers[1].member = 1).await;
    assert!(matches!(twice, StartError::DuplicatePeer { member: 1 }), "{twice}");
    let same_key = start(|config| config.peers[1].public_key = config.peers[0].public_key).await;
    assert!(matches!(same_key, StartError::DuplicateKey { member: 2 }), "{same_key}");
    let own = start(|config| config.peers[1].member = 4).await;
    assert!(matches!(own, StartError::OwnPeer { member: 4 }), "{own}");
    let own_key = start(|config| config.peers[1].public_key = public_key_of(secret(4))).await;
    assert!(matches!(own_key, StartError::OwnPeer { member: 2 }), "{own_key}");
    let bad_key = start(|config| config.peers[1] = not_a_key(2)).await;
    assert!(matches!(bad_key, StartError::BadKey { member: 2 }), "{bad_key}");
    let limits = start(|config| config.limits.keep_alive_misses = 0).await;
    assert!(matches!(limits, StartError::Limits { .. }), "{limits}");
}

/// Bytes that are no point of the curve.
fn not_a_key(member: u8) -> PeerConfig {
    let mut public_key = [0; 32];
    public_key[0] = 2;
    PeerConfig { member, public_key, address: nowhere() }
}

#[tokio::test]
async fn a_port_in_use_is_refused_even_between_two_networks() {
    let first = Node::start(config(1, nowhere(), &[0], quick())).await;
    let mut second = config(2, nowhere(), &[0], quick());
    second.listen = first.network.local_address();
    let refused = landsea_p2p::Network::start(second).await.map(drop);
    assert!(matches!(refused, Err(StartError::Listen { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_quiet_connection_stays_open() {
    let limits = Limits { keep_alive_ms: 20, keep_alive_misses: 100, ..quick() };
    let (mut low, mut high) = pair(limits).await;
    for node in [&mut low, &mut high] {
        until("keep-alives arrive", || node.network.counters().frames_in >= 20).await;
        assert_eq!(node.events.try_recv(), None);
        assert_eq!(node.network.counters().bytes_in, 0);
    }
}

#[tokio::test]
async fn a_consumer_that_pauses_is_not_taken_for_a_silent_peer() {
    let limits = Limits { keep_alive_ms: 20, keep_alive_misses: 25, ..quick() };
    let (mut low, mut high) = pair(limits).await;
    let mut sent = 0;
    while low.network.counters().dropped.consensus == 0 {
        low.network.send(1, Class::Consensus, numbered(sent, 1 << 10)).expect("votes never fill");
        sent += 1;
        tokio::task::yield_now().await;
    }
    until("many periods pass", || high.network.counters().frames_out >= 60).await;
    assert_eq!(low.events.try_recv(), None);
    let mut last = None;
    while last != Some(sent - 1) {
        last = Some(number_of(&high.message().await.1));
    }
}
