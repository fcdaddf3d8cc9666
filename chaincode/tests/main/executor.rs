//! Tests of `executor`.
