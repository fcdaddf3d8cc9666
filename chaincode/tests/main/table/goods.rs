//! Cases of the `goods` operations.

use super::Case;

pub const CASES: &[Case] = &[];
