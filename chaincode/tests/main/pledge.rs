//! Tests of `pledge`.
