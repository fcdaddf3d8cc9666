//! Cases of the `warehouse` operations.

use super::Case;

pub const CASES: &[Case] = &[];
