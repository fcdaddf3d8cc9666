//! The `authenticity` module.
