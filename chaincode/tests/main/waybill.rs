//! Waybills: notes, titles and the acts on them.

pub(crate) mod acts;
mod amend;
mod anchor;
mod convert;
mod convert_out;
mod endorse;
mod instruct;
mod issue;
mod merge;
mod nominate;
mod reject;
mod reshaping;
mod split;
mod surrender;
mod void;
mod walk;
