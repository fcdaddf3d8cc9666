//! The expiry sweep at the end of a block.

use crate::context::BlockContext;
use crate::view::View;
use landsea_types::Outcome;

/// Applies what is due.
pub fn run(_view: &mut View<'_>, _block: BlockContext) -> Option<Outcome> {
    None
}
