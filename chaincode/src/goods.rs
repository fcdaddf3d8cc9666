//! The `goods` module.
