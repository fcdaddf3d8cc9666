//! Peers that authenticate and then misbehave: one test per behaviour.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{io::AsyncWriteExt, time::timeout};

use crate::{
    Class, Limits, Network, NetworkConfig, NetworkEvent, PeerConfig, PerClass,
    events::EventReceiver,
    lanes::{self, Lanes},
    public_key_of,
    transport::{Connection, Dialer, Directory},
};

const HONEST: u8 = 5;
const ROGUE: u8 = 2;
const PATIENCE: Duration = Duration::from_secs(60);

fn secret(member: u8) -> [u8; 32] {
    [member + 1; 32]
}

fn config(own: u8, other: u8, other_address: SocketAddr, limits: Limits) -> NetworkConfig {
    let peer = PeerConfig { member: other, public_key: public_key_of(secret(other)), address: other_address };
    NetworkConfig {
        member: Some(own),
        secret_key: secret(own),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        peers: vec![peer],
        limits,
    }
}

fn limits() -> Limits {
    Limits { fault_ban_min_ms: 1, fault_ban_max_ms: 2, ..Limits::default() }
}

async fn honest(limits: Limits) -> (Network, EventReceiver) {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    Network::start(config(HONEST, ROGUE, nowhere, limits)).await.expect("it starts")
}

/// Connects as a peer on the allow-list and stops before the first stream.
async fn rogue(honest: &Network) -> Connection {
    let config = config(ROGUE, HONEST, honest.local_address(), limits());
    let directory = Arc::new(Directory::new(&config).expect("the key is one"));
    let dialer = Dialer::new(secret(ROGUE), directory);
    let admitted = dialer.dial(honest.local_address()).await.expect("the honest node answers");
    assert_eq!(admitted.member, HONEST);
    admitted.connection
}

async fn next(events: &mut EventReceiver) -> NetworkEvent {
    timeout(PATIENCE, events.recv()).await.expect("an event in time").expect("the network runs")
}

async fn until(what: &str, condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("never happened: {what}"));
}

/// Keeps a connection moving while something else is awaited.
async fn drive(mut connection: Connection) {
    while connection.accept().await.is_ok() {}
}

async fn expect_fault(network: &Network, connection: Connection, reason: &'static str) {
    let status = || network.peers()[0];
    tokio::select! {
        () = until(reason, || status().last_fault == Some(reason)) => {}
        () = async { drive(connection).await; std::future::pending().await } => {}
    }
    assert_eq!(network.counters().faults, 1);
    assert!(!status().connected);
}

/// Opens the streams of [`Class::ALL`] with the given first bytes.
async fn open_with(connection: &mut Connection, prefaces: &[&[u8]]) -> Vec<impl Sized + use<>> {
    let mut streams = Vec::new();
    for preface in prefaces {
        let mut stream = connection.open().await.expect("a stream");
        stream.write_all(preface).await.expect("it is buffered");
        streams.push(stream);
    }
    streams
}

async fn connected(events: &mut EventReceiver, connection: &mut Connection) -> Lanes {
    let lanes = lanes::set_up(connection).await.expect("the honest node answers");
    let event = tokio::select! {
        event = next(events) => event,
        end = lanes::broken(connection) => panic!("connection ended: {end:?}"),
    };
    assert_eq!(event, NetworkEvent::Connected { peer: ROGUE });
    lanes
}

#[tokio::test]
async fn a_peer_with_another_protocol_is_disconnected_and_counted() {
    let (network, mut events) = honest(limits()).await;
    let mut connection = rogue(&network).await;
    let prefaces: [&[u8]; 4] = [b"landsea2c", b"landsea2h", b"landsea2f", b"landsea2b"];
    let _streams = open_with(&mut connection, &prefaces).await;
    expect_fault(&network, connection, "wrong protocol").await;
    assert_eq!(events.try_recv(), None);
}

#[tokio::test]
async fn a_peer_with_two_streams_for_a_class_is_disconnected_and_counted() {
    let (network, mut events) = honest(limits()).await;
    let mut connection = rogue(&network).await;
    let prefaces: [&[u8]; 4] = [b"landsea1c", b"landsea1c", b"landsea1f", b"landsea1b"];
    let _streams = open_with(&mut connection, &prefaces).await;
    expect_fault(&network, connection, "two streams for one class").await;
    assert_eq!(events.try_recv(), None);
}

#[tokio::test]
async fn a_peer_with_a_fifth_stream_is_disconnected_and_counted() {
    let (network, mut events) = honest(limits()).await;
    let mut connection = rogue(&network).await;
    let _lanes = connected(&mut events, &mut connection).await;
    let _fifth = open_with(&mut connection, &[b"landsea1c"]).await;
    expect_fault(&network, connection, "more than one stream per class").await;
    assert_eq!(next(&mut events).await, NetworkEvent::Disconnected { peer: ROGUE });
}

#[tokio::test]
async fn garbage_on_a_stream_is_disconnected_and_counted() {
    let (network, mut events) = honest(limits()).await;
    let mut connection = rogue(&network).await;
    let mut lanes = connected(&mut events, &mut connection).await;
    lanes.outbound.header.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("it is buffered");
    expect_fault(&network, connection, "frame over the bound").await;
    assert_eq!(next(&mut events).await, NetworkEvent::Disconnected { peer: ROGUE });
}

#[tokio::test]
async fn a_peer_that_leaves_its_streams_out_is_given_up() {
    let limits = Limits { handshake_timeout_ms: 500, ..limits() };
    let (network, mut events) = honest(limits).await;
    let connection = rogue(&network).await;
    timeout(PATIENCE, drive(connection)).await.expect("the honest node hangs up");
    assert_eq!(events.try_recv(), None);
    assert_eq!(network.counters().faults, 0);
}

#[tokio::test]
async fn a_silent_peer_is_disconnected_without_a_fault() {
    let limits = Limits { keep_alive_ms: 20, keep_alive_misses: 3, ..limits() };
    let (network, mut events) = honest(limits).await;
    let mut connection = rogue(&network).await;
    let _lanes = connected(&mut events, &mut connection).await;
    timeout(PATIENCE, drive(connection)).await.expect("the honest node hangs up");
    assert_eq!(next(&mut events).await, NetworkEvent::Disconnected { peer: ROGUE });
    assert_eq!(network.counters().faults, 0);
}

#[tokio::test]
async fn a_newer_connection_replaces_the_older_one() {
    let (network, mut events) = honest(limits()).await;
    let mut older = rogue(&network).await;
    let _older_lanes = connected(&mut events, &mut older).await;
    let mut newer = rogue(&network).await;
    let set_up = tokio::spawn(async move {
        let lanes = lanes::set_up(&mut newer).await.expect("the honest node answers");
        drive(newer).await;
        drop(lanes);
    });
    assert_eq!(next(&mut events).await, NetworkEvent::Disconnected { peer: ROGUE });
    assert_eq!(next(&mut events).await, NetworkEvent::Connected { peer: ROGUE });
    timeout(PATIENCE, drive(older)).await.expect("the older connection is closed");
    assert!(network.peers()[0].connected);
    set_up.abort();
    assert_eq!(next(&mut events).await, NetworkEvent::Disconnected { peer: ROGUE });
}

#[tokio::test]
async fn a_peer_that_dials_out_of_turn_is_refused() {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 1));
    let lower = config(ROGUE - 1, ROGUE, nowhere, limits());
    let (network, mut events) = Network::start(lower).await.expect("it starts");
    let rogue = config(ROGUE, ROGUE - 1, network.local_address(), limits());
    let directory = Arc::new(Directory::new(&rogue).expect("the key is one"));
    let dialer = Dialer::new(secret(ROGUE), directory);
    let admitted = dialer.dial(network.local_address()).await.expect("the node answers");
    timeout(PATIENCE, drive(admitted.connection)).await.expect("the node hangs up");
    assert_eq!(network.counters().refused, 1);
    assert_eq!(events.try_recv(), None);
}

/// The consumer pauses with room for one message; the rest waits in the windows of the streams
/// when the connection closes.
#[tokio::test]
async fn what_arrived_before_the_end_is_delivered() {
    const MESSAGES: u8 = 100;
    let one = PerClass::from_fn(|_| 1);
    let limits = Limits { incoming_messages_max: one, drain_ms: 60_000, ..limits() };
    let (network, mut events) = honest(limits).await;
    let mut connection = rogue(&network).await;
    let mut lanes = connected(&mut events, &mut connection).await;
    let wire: Vec<u8> = (0..MESSAGES).flat_map(|byte| [1, 0, 0, 0x80, byte]).collect();
    lanes.outbound.consensus.write_all(&wire).await.expect("it is buffered");
    tokio::select! {
        biased;
        end = lanes::broken(&mut connection) => panic!("connection ended: {end:?}"),
        () = tokio::task::yield_now() => {}
    }
    lanes.outbound.header.write_all(&[1, 0, 0, 0x80, 7]).await.expect("it is buffered");
    tokio::select! {
        () = until("two votes and the header are read", || network.counters().bytes_in == 3) => {}
        end = lanes::broken(&mut connection) => panic!("connection ended: {end:?}"),
    }
    drop(connection);
    let mut votes = Vec::new();
    let mut collect = |event| match event {
        NetworkEvent::Message { class: Class::Consensus, bytes, .. } => votes.extend(bytes),
        NetworkEvent::Message { .. } | NetworkEvent::Disconnected { .. } => {}
        NetworkEvent::Connected { peer } => panic!("{peer} connected twice"),
    };
    loop {
        match next(&mut events).await {
            NetworkEvent::Disconnected { .. } => break,
            event => collect(event),
        }
    }
    while let Some(event) = events.try_recv() {
        collect(event);
    }
    assert!(votes.into_iter().eq(0..MESSAGES));
}

#[tokio::test]
async fn a_message_over_its_class_bound_is_refused_before_it_is_sent() {
    let limits =
        Limits { message_bytes_max: PerClass { batch: 10, ..Limits::default().message_bytes_max }, ..limits() };
    let (network, _events) = honest(limits).await;
    for bytes in [0, 11] {
        let refused = network.send(ROGUE, Class::Batch, vec![0; bytes].into());
        assert_eq!(refused, Err(crate::SendError::Size { bytes, bytes_max: 10 }));
        assert!(network.broadcast(Class::Batch, vec![0; bytes].into()).is_err());
    }
    let unknown = network.send(77, Class::Batch, vec![0; 1].into());
    assert_eq!(unknown, Err(crate::SendError::UnknownPeer { peer: 77 }));
    let absent = network.send(ROGUE, Class::Batch, vec![0; 1].into());
    assert_eq!(absent, Err(crate::SendError::Disconnected { peer: ROGUE }));
}
