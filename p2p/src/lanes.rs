//! Opening the streams of a fresh connection.
//!
//! Each side opens one stream per class and starts it with a preface of nine bytes: the protocol
//! name with its version, and the class. Anything else, a repeated class and a fifth stream are
//! junk. Both sides do this at once, so a connection is ready after one round trip.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    class::{Class, PerClass},
    session::End,
    transport::{ByteStream, Connection, ConnectionEnd},
};

/// Name and version of the protocol on every stream. Frozen; the class follows.
const PROTOCOL: [u8; 8] = *b"landsea1";

const PREFACE_BYTES: usize = PROTOCOL.len() + 1;

/// The eight streams of a connection.
#[derive(Debug)]
pub(crate) struct Lanes {
    /// Streams the local node writes.
    pub(crate) outbound: PerClass<ByteStream>,
    /// Streams the remote writes.
    pub(crate) inbound: PerClass<ByteStream>,
}

/// Opens the local streams and waits for those of the remote.
pub(crate) async fn set_up(connection: &mut Connection) -> Result<Lanes, End> {
    let outbound = open_all(connection).await?;
    let accepted = accept_all(connection).await?;
    let inbound = tokio::select! {
        biased;
        end = broken(connection) => return Err(end),
        inbound = sort_by_preface(accepted) => inbound?,
    };
    Ok(Lanes { outbound, inbound })
}

/// Drives the connection until it ends. A further stream is a fault.
pub(crate) async fn broken(connection: &mut Connection) -> End {
    match connection.accept().await {
        Ok(_) => End::Fault { reason: "more than one stream per class" },
        Err(end) => End::from(end),
    }
}

impl From<ConnectionEnd> for End {
    fn from(end: ConnectionEnd) -> Self {
        match end {
            ConnectionEnd::Closed(error) => Self::Closed { reason: error.to_string() },
            ConnectionEnd::Junk => Self::Fault { reason: "multiplexing protocol broken" },
        }
    }
}

/// Opens four streams. The prefaces fit in the buffers of the multiplexer, so that nothing waits.
async fn open_all(connection: &mut Connection) -> Result<PerClass<ByteStream>, End> {
    let mut streams = Vec::with_capacity(Class::ALL.len());
    for class in Class::ALL {
        let mut stream = connection.open().await?;
        stream.write_all(&preface(class)).await.map_err(|error| closed(&error))?;
        streams.push(stream);
    }
    let mut streams = streams.into_iter();
    Ok(PerClass::from_fn(|_| streams.next().expect("one was opened per class")))
}

async fn accept_all(connection: &mut Connection) -> Result<Vec<ByteStream>, End> {
    let mut streams = Vec::with_capacity(Class::ALL.len());
    while streams.len() < Class::ALL.len() {
        streams.push(connection.accept().await?);
    }
    Ok(streams)
}

async fn sort_by_preface(streams: Vec<ByteStream>) -> Result<PerClass<ByteStream>, End> {
    let mut sorted = PerClass::<Option<ByteStream>>::default();
    for mut stream in streams {
        let class = read_preface(&mut stream).await?;
        if sorted.get_mut(class).replace(stream).is_some() {
            return Err(End::Fault { reason: "two streams for one class" });
        }
    }
    let mut take = |class| sorted.get_mut(class).take().expect("four different classes are all");
    Ok(PerClass::from_fn(&mut take))
}

fn preface(class: Class) -> [u8; PREFACE_BYTES] {
    let mut preface = [class.tag(); PREFACE_BYTES];
    preface[..PROTOCOL.len()].copy_from_slice(&PROTOCOL);
    preface
}

async fn read_preface(stream: &mut ByteStream) -> Result<Class, End> {
    let mut preface = [0; PREFACE_BYTES];
    stream.read_exact(&mut preface).await.map_err(|error| closed(&error))?;
    let (protocol, tag) = preface.split_at(PROTOCOL.len());
    let class = Class::from_tag(tag[0]).filter(|_| protocol == PROTOCOL);
    class.ok_or(End::Fault { reason: "wrong protocol" })
}

fn closed(error: &std::io::Error) -> End {
    End::Closed { reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preface_is_frozen() {
        assert_eq!(&preface(Class::Consensus), b"landsea1c");
        assert_eq!(&preface(Class::Header), b"landsea1h");
        assert_eq!(&preface(Class::Fetch), b"landsea1f");
        assert_eq!(&preface(Class::Batch), b"landsea1b");
    }
}
