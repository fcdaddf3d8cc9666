//! The `party` module.
