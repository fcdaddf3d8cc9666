//! Cases of the `pledge` operations.

use super::Case;

pub const CASES: &[Case] = &[];
