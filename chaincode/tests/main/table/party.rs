//! Cases of the `party` operations.

use super::Case;

pub const CASES: &[Case] = &[];
