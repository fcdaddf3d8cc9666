//! The frame format, frozen.
//!
//! A message is cut into frames of at most [`FRAME_BYTES_MAX`] payload bytes. A frame is a
//! little-endian `u32` and the payload; bit 31 marks the last frame of a message and the other bits
//! are the payload length. A last frame without payload, between two messages, is a keep-alive.
//! Every other empty frame, and every length over a bound, is junk.

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::limits::{FRAME_BYTES_MAX, FRAME_HEADER_BYTES};

const LAST: u32 = 1 << 31;

const _: () = assert!(FRAME_BYTES_MAX < LAST as usize);

/// A keep-alive on the wire.
pub(crate) const KEEP_ALIVE: [u8; FRAME_HEADER_BYTES] = LAST.to_le_bytes();

/// Why no further message can be read from a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadEnd {
    /// The stream ended.
    Closed,
    /// The remote broke the format.
    Junk {
        /// What was wrong.
        reason: &'static str,
    },
}

/// What a stream carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Received {
    /// A whole message.
    Message(Vec<u8>),
    /// A sign of life.
    KeepAlive,
}

/// Appends the frame of `message` that starts at `offset`; returns its payload length.
pub(crate) fn encode_frame(message: &[u8], offset: usize, into: &mut Vec<u8>) -> usize {
    let rest = &message[offset..];
    let bytes = rest.len().min(FRAME_BYTES_MAX);
    let mark = if bytes == rest.len() { LAST } else { 0 };
    into.reserve_exact(FRAME_HEADER_BYTES + bytes);
    into.extend_from_slice(&(bytes as u32 | mark).to_le_bytes());
    into.extend_from_slice(&rest[..bytes]);
    bytes
}

/// Reads one message of at most `bytes_max` bytes; calls `on_frame` with each payload length.
///
/// Memory grows with what has arrived, never with what was announced, up to `bytes_max`.
///
/// # Errors
/// [`ReadEnd`] when the stream ends or breaks the format.
pub async fn read_message<R: AsyncRead + Unpin>(
    stream: &mut R,
    bytes_max: usize,
    mut on_frame: impl FnMut(usize),
) -> Result<Received, ReadEnd> {
    let mut message = Vec::new();
    loop {
        let (bytes, last) = read_header(stream).await?;
        check_length(bytes, last, message.len(), bytes_max)?;
        read_payload(stream, bytes, bytes_max, &mut message).await?;
        on_frame(bytes);
        if last && message.is_empty() {
            return Ok(Received::KeepAlive);
        }
        if last {
            return Ok(Received::Message(message));
        }
    }
}

async fn read_header<R: AsyncRead + Unpin>(stream: &mut R) -> Result<(usize, bool), ReadEnd> {
    let header = stream.read_u32_le().await.map_err(|_| ReadEnd::Closed)?;
    Ok(((header & !LAST) as usize, header & LAST != 0))
}

fn check_length(bytes: usize, last: bool, so_far: usize, bytes_max: usize) -> Result<(), ReadEnd> {
    if bytes > FRAME_BYTES_MAX {
        return Err(ReadEnd::Junk { reason: "frame over the bound" });
    }
    if so_far + bytes > bytes_max {
        return Err(ReadEnd::Junk { reason: "message over the bound of its class" });
    }
    if bytes == 0 && (!last || so_far > 0) {
        return Err(ReadEnd::Junk { reason: "empty frame inside a message" });
    }
    Ok(())
}

async fn read_payload<R: AsyncRead + Unpin>(
    stream: &mut R,
    bytes: usize,
    bytes_max: usize,
    message: &mut Vec<u8>,
) -> Result<(), ReadEnd> {
    let start = message.len();
    let end = start + bytes;
    if end > message.capacity() {
        let capacity = if start == 0 { end } else { (2 * end).min(bytes_max) };
        message.reserve_exact(capacity - start);
    }
    message.resize(end, 0);
    stream.read_exact(&mut message[start..]).await.map_err(|_| ReadEnd::Closed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encode(message: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        let mut offset = 0;
        while offset < message.len() {
            offset += encode_frame(message, offset, &mut wire);
        }
        wire
    }

    fn read(wire: &[u8], bytes_max: usize) -> (Result<Received, ReadEnd>, Vec<usize>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut frames = Vec::new();
        let mut stream = wire;
        let received = runtime.block_on(read_message(&mut stream, bytes_max, |n| frames.push(n)));
        (received, frames)
    }

    fn junk(wire: &[u8], bytes_max: usize) -> &'static str {
        match read(wire, bytes_max).0 {
            Err(ReadEnd::Junk { reason }) => reason,
            other => panic!("expected junk, read {other:?}"),
        }
    }

    #[test]
    fn the_format_is_frozen() {
        assert_eq!(encode(b"ab"), [2, 0, 0, 0x80, b'a', b'b']);
        assert_eq!(KEEP_ALIVE, [0, 0, 0, 0x80]);
        let long = encode(&vec![9; FRAME_BYTES_MAX + 1]);
        assert_eq!(long[..4], [0, 0, 1, 0]);
        assert_eq!(long[4 + FRAME_BYTES_MAX..], [1, 0, 0, 0x80, 9]);
    }

    #[test]
    fn a_long_message_travels_in_frames_of_64_kib() {
        let message = vec![5; 2 * FRAME_BYTES_MAX + 17];
        let (received, frames) = read(&encode(&message), message.len());
        assert_eq!(received, Ok(Received::Message(message)));
        assert_eq!(frames, [FRAME_BYTES_MAX, FRAME_BYTES_MAX, 17]);
    }

    #[test]
    fn a_keep_alive_is_not_a_message() {
        assert_eq!(read(&KEEP_ALIVE, 10).0, Ok(Received::KeepAlive));
    }

    #[test]
    fn over_long_frames_and_messages_are_junk() {
        let frame = ((FRAME_BYTES_MAX as u32 + 1) | LAST).to_le_bytes();
        assert_eq!(junk(&frame, usize::MAX), "frame over the bound");
        assert_eq!(junk(&encode(&[1; 11]), 10), "message over the bound of its class");
        let long = vec![1; 3 * FRAME_BYTES_MAX];
        assert_eq!(junk(&encode(&long), 2 * FRAME_BYTES_MAX), "message over the bound of its class");
    }

    #[test]
    fn empty_frames_inside_a_message_are_junk() {
        assert_eq!(junk(&[0, 0, 0, 0], 10), "empty frame inside a message");
        assert_eq!(junk(&[1, 0, 0, 0, 7, 0, 0, 0, 0x80], 10), "empty frame inside a message");
    }

    #[test]
    fn a_stream_that_ends_inside_a_message_is_closed_not_junk() {
        let wire = encode(b"abcdef");
        for cut in 0..wire.len() {
            assert_eq!(read(&wire[..cut], 10).0, Err(ReadEnd::Closed));
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_a_keep_alive_or_an_error(wire: Vec<u8>) {
            let (received, _) = read(&wire, 64);
            if let Ok(Received::Message(message)) = received {
                prop_assert!((1..=64).contains(&message.len()));
            }
        }

        #[test]
        fn a_message_survives_the_wire(bytes in 1usize..300_000, byte: u8) {
            let message = vec![byte; bytes];
            prop_assert_eq!(read(&encode(&message), bytes).0, Ok(Received::Message(message)));
        }
    }
}
