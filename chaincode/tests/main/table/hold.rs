//! Cases of the `hold` operations.

use super::Case;

pub const CASES: &[Case] = &[];
