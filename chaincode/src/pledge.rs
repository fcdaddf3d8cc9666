//! The `pledge` module.
