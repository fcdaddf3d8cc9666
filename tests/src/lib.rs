//! Cross-crate tests: simulator, real processes, tidy rules.
