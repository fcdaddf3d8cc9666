//! The `sweep` module.
