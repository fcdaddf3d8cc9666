//! Waybills: notes, titles and the acts on them.

mod acts;
mod amend;
mod anchor;
mod convert;
mod endorse;
mod issue;
mod surrender;
mod walk;
