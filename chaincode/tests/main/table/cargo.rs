//! Cases of the `cargo` operations.

use super::Case;

pub const CASES: &[Case] = &[];
