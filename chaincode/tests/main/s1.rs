//! Tests of `s1`.
