//! Cases of the `waybill` operations.

use super::Case;

pub const CASES: &[Case] = &[];
