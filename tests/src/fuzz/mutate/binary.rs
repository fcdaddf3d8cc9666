//! Changes of bytes.

use super::{INPUT_BYTES_MAX, range};
use crate::rng::Rng;

/// Widths of the fields that the wire types are made of: numbers, hashes and keys, signatures.
const WIDTHS: [usize; 7] = [1, 2, 4, 8, 32, 33, 64];

/// Numbers at which something may break.
const EXTREMES: [u64; 17] = [
    0,
    1,
    2,
    16,
    64,
    65,
    127,
    128,
    255,
    256,
    u16::MAX as u64,
    i32::MAX as u64,
    u32::MAX as u64,
    u32::MAX as u64 + 1,
    i64::MAX as u64,
    u64::MAX - 1,
    u64::MAX,
];

/// Makes one change; `other` gives foreign parts.
pub(super) fn change(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    match rng.between(0, 13) {
        0 | 1 => flip(bytes, rng),
        2 => overwrite_byte(bytes, rng),
        3 | 4 => overwrite_number(bytes, rng),
        5 => nudge(bytes, rng),
        6 | 7 => falsify_length(bytes, rng),
        8 => bytes.truncate(rng.between(0, bytes.len() as u64) as usize),
        9 => extend(bytes, rng),
        10 => remove(bytes, rng),
        11 => repeat(bytes, rng),
        12 => swap_fields(bytes, rng),
        _ => graft(bytes, other, rng),
    }
}

fn flip(bytes: &mut [u8], rng: &mut Rng) {
    let at = range(bytes.len(), 1, rng);
    for byte in &mut bytes[at] {
        *byte ^= 1 << rng.between(0, 7);
    }
}

fn overwrite_byte(bytes: &mut [u8], rng: &mut Rng) {
    let at = range(bytes.len(), 1, rng);
    let value = if rng.chance(500) { rng.bits() as u8 } else { rng.between(0, 8) as u8 };
    bytes[at].fill(value);
}

/// Writes an extreme number over a field of two, four or eight bytes.
fn overwrite_number(bytes: &mut [u8], rng: &mut Rng) {
    let width = *rng.pick(&[2, 4, 8]).expect("there are widths");
    let number = *rng.pick(&EXTREMES).expect("there are extremes");
    write(bytes, width, number, rng);
}

fn write(bytes: &mut [u8], width: usize, number: u64, rng: &mut Rng) {
    let Some(last) = bytes.len().checked_sub(width) else { return };
    let from = rng.between(0, last as u64) as usize;
    bytes[from..from + width].copy_from_slice(&number.to_le_bytes()[..width]);
}

/// Adds to or takes a little from a number.
fn nudge(bytes: &mut [u8], rng: &mut Rng) {
    let Some(last) = bytes.len().checked_sub(8) else { return };
    let from = rng.between(0, last as u64) as usize;
    let field: [u8; 8] = bytes[from..from + 8].try_into().expect("eight bytes");
    let (number, by) = (u64::from_le_bytes(field), rng.between(1, 16));
    let changed = if rng.chance(500) { number.wrapping_add(by) } else { number.wrapping_sub(by) };
    bytes[from..from + 8].copy_from_slice(&changed.to_le_bytes());
}

/// Finds something that looks like a length, four little-endian bytes no greater than what follows, and falsifies it: with or without
/// the content that would go with it.
fn falsify_length(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let lengths: Vec<(usize, u32)> = bytes
        .windows(4)
        .enumerate()
        .map(|(at, w)| (at, u32::from_le_bytes(w.try_into().expect("four bytes"))))
        .filter(|(at, length)| *length > 0 && *length as usize <= bytes.len() - at - 4)
        .collect();
    let Some((at, length)) = rng.pick(&lengths).copied() else { return };
    let rest = (bytes.len() - at - 4) as u32;
    let lies = [0, 1, length - 1, length + 1, length.saturating_mul(2), rest, rest + 1, 65_536, 1 << 24, u32::MAX];
    let lie = *rng.pick(&lies).expect("there are lies");
    bytes[at..at + 4].copy_from_slice(&lie.to_le_bytes());
    let wanted = lie as usize;
    if rng.chance(500) && wanted > length as usize && bytes.len() + wanted < INPUT_BYTES_MAX {
        let content = bytes[at + 4..at + 4 + length as usize].to_vec();
        let more: Vec<u8> = content.iter().copied().cycle().take(wanted - length as usize).collect();
        let behind = at + 4 + length as usize;
        bytes.splice(behind..behind, more);
    }
}

fn extend(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let count = *rng.pick(&[1, 4, 32, 100]).expect("there are counts");
    let tail = if rng.chance(300) { vec![0; count] } else { rng.bytes(count) };
    bytes.extend(tail);
}

fn remove(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let width = *rng.pick(&WIDTHS).expect("there are widths");
    let gone = range(bytes.len(), width, rng);
    bytes.drain(gone);
}

/// Repeats a range in place: once as a rule, seldom very often.
fn repeat(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let part = range(bytes.len(), 128, rng);
    let times = if rng.chance(30) { rng.between(100, 2_000) } else { 1 };
    let room = INPUT_BYTES_MAX.saturating_sub(bytes.len());
    let copy = bytes[part.clone()].to_vec();
    let more: Vec<u8> = copy.iter().copied().cycle().take((copy.len() * times as usize).min(room)).collect();
    bytes.splice(part.end..part.end, more);
}

/// Exchanges two fields of one width.
fn swap_fields(bytes: &mut [u8], rng: &mut Rng) {
    let width = *rng.pick(&WIDTHS).expect("there are widths");
    let (a, b) = (range(bytes.len(), width, rng), range(bytes.len(), width, rng));
    let width = a.len().min(b.len());
    for i in 0..width {
        bytes.swap(a.start + i, b.start + i);
    }
}

/// Takes a field, or everything from some place on, from another input.
fn graft(bytes: &mut Vec<u8>, other: &[u8], rng: &mut Rng) {
    if rng.chance(300) {
        let (head, tail) = (range(bytes.len(), 1, rng), range(other.len(), 1, rng));
        bytes.truncate(head.start);
        bytes.extend_from_slice(&other[tail.start..]);
        return;
    }
    let width = *rng.pick(&WIDTHS).expect("there are widths");
    // Fields stand at the same place in two inputs of one type more often than not.
    let to = range(bytes.len(), width, rng);
    let from = if rng.chance(500) && to.end <= other.len() { to.clone() } else { range(other.len(), width, rng) };
    let width = to.len().min(from.len());
    bytes[to.start..to.start + width].copy_from_slice(&other[from.start..from.start + width]);
}
