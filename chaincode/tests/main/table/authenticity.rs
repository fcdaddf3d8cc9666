//! Cases of the `authenticity` operations.

use super::Case;

pub const CASES: &[Case] = &[];
