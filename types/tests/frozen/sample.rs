//! Deterministic samples of every type.

use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::*;

/// Whether options and lists are filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Full,
    Empty,
}

/// Counts up: each primitive of a sample gets the next number.
pub(crate) struct Sampler {
    kind: Kind,
    count: u64,
}

impl Sampler {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, count: 0 }
    }
    pub(crate) fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
    pub(crate) fn choose<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.next() as usize % all.len()]
    }
}

/// A type with a sample.
pub(crate) trait Sample {
    fn sample(s: &mut Sampler) -> Self;
}

/// A frozen type: its name and the encoding of its sample.
pub(crate) type Frozen = (&'static str, fn(&mut Sampler) -> Vec<u8>);

/// Encodes a sample, and checks that it decodes to itself.
pub(crate) fn encoding<T>(s: &mut Sampler) -> Vec<u8>
where
    T: Sample + BorshSerialize + BorshDeserialize + PartialEq + std::fmt::Debug,
{
    let value = T::sample(s);
    let bytes = borsh::to_vec(&value).expect("writing to a vector cannot fail");
    assert_eq!(borsh::from_slice::<T>(&bytes).expect("an encoding decodes"), value);
    bytes
}

/// Encodes every value of an enumeration in order.
pub(crate) fn every<T: BorshSerialize>(all: &[T]) -> Vec<u8> {
    all.iter().flat_map(|value| borsh::to_vec(value).expect("writing to a vector cannot fail")).collect()
}

/// Samples a struct field by field. A field that is missing here does not compile.
macro_rules! sample_struct {
    ($($(<$generic:ty>)? $name:path { $($field:ident),+ $(,)? })+) => {$(
        impl Sample for $name {
            fn sample(s: &mut Sampler) -> Self {
                Self { $($field: Sample::sample(s)),+ }
            }
        }
    )+};
}
pub(crate) use sample_struct;

/// Samples an enumeration by counting through its values.
macro_rules! sample_enum {
    ($($name:path),+ $(,)?) => {$(
        impl Sample for $name {
            fn sample(s: &mut Sampler) -> Self {
                s.choose(&<$name>::ALL)
            }
        }
    )+};
}
pub(crate) use sample_enum;

macro_rules! sample_number {
    ($($name:ty),+) => {$(
        impl Sample for $name {
            fn sample(s: &mut Sampler) -> Self {
                s.next() as $name
            }
        }
    )+};
}
sample_number!(u8, u16, u32, u64);

macro_rules! sample_newtype {
    ($($name:ty = $inner:ty),+ $(,)?) => {$(
        impl Sample for $name {
            fn sample(s: &mut Sampler) -> Self {
                <$name>::new(<$inner>::sample(s))
            }
        }
    )+};
}
sample_newtype!(Member = u8, Height = u64, Timestamp = u64, Qty = u64);

macro_rules! sample_bytes {
    ($($name:path),+ $(,)?) => {$(
        impl Sample for $name {
            fn sample(s: &mut Sampler) -> Self {
                $name(bytes(s))
            }
        }
    )+};
}
sample_bytes!(
    ChainId, AccountId, TxId, LotId, DocId, PledgeId, HoldId, ProofId, OfferId, EventId, Fp, GoodsKey, Commit, Hash,
    BlockId, BatchId, PublicKey, Signature,
);

/// Bytes that begin with a number of their own.
fn bytes<const N: usize>(s: &mut Sampler) -> [u8; N] {
    let number = s.next().to_le_bytes();
    std::array::from_fn(|i| number.get(i).copied().unwrap_or(i as u8))
}

impl Sample for bool {
    fn sample(s: &mut Sampler) -> Self {
        s.next();
        s.kind == Kind::Full
    }
}
impl Sample for String {
    fn sample(s: &mut Sampler) -> Self {
        format!("text {} 渝", s.next())
    }
}
impl<T: Sample> Sample for Option<T> {
    fn sample(s: &mut Sampler) -> Self {
        (s.kind == Kind::Full).then(|| T::sample(s))
    }
}
impl<T: Sample> Sample for Vec<T> {
    fn sample(s: &mut Sampler) -> Self {
        if s.kind == Kind::Full { vec![T::sample(s), T::sample(s)] } else { Vec::new() }
    }
}
impl<T: Sample, const N: usize> Sample for [T; N] {
    fn sample(s: &mut Sampler) -> Self {
        std::array::from_fn(|_| T::sample(s))
    }
}
impl<A: Sample, B: Sample> Sample for (A, B) {
    fn sample(s: &mut Sampler) -> Self {
        (A::sample(s), B::sample(s))
    }
}
