//! Tests of the contract modules on an in-memory state, through the executor only.

#![allow(
    unreachable_pub,
    dead_code,
    unused_imports,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a test may stop; the kit serves every module's tests, so not each one uses all of it"
)]

mod kit;

mod audit;
mod audit2;
mod authenticity;
mod cargo;
mod executor;
mod goods;
mod hold;
mod invariants;
mod party;
mod pledge;
mod s1;
mod sequences;
mod sweep;
mod table;
mod view;
mod warehouse;
mod waybill;
