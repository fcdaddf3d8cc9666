//! The `warehouse` module.
