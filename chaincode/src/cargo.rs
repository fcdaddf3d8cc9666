//! Cargo flow: what was seen of goods, and what looks wrong about it.

mod op;

pub use op::*;
