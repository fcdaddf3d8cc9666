//! Tests of the store: one program, because each one links RocksDB.

mod common;
mod contract;
mod crash;
mod damage;
mod proofs;
mod verify;
