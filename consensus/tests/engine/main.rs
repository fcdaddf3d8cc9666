//! Tests of the engine over its public interface, most of them on a small deterministic network.

mod byzantine;
mod chaos;
mod disk;
mod golden;
mod guard;
mod liveness;
mod messages;
mod net;
mod rng;
mod solo;
