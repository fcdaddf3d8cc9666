//! Warehouse receipts.
//!
//! | operation | caller | consents | effect |
//! |--|--|--|--|
//! | [`issue`] | warehouse with a licence for the site | depositor; the site's supervisor | lots and receipt ACTIVE, keys taken |
//! | [`endorse_transfer`] | who acts as holder | the warehouse; pledgee | holder and beneficiary; the beneficiary only while pledged |
//! | [`deliver_full`] | the warehouse | holder; pledgee | lots DELIVERED, keys vacated, a pledge RELEASED, receipt ends |
//!
//! Receipts share record, states and chain with [`crate::waybill`]; conversion of a waybill lives there. Events: DocIssued,
//! LotCreated, Transferred, Delivered.
//!
//! **Invariant (W1)** a receipt's quantity is the sum of its lots: it is stored nowhere else.
//! **Invariant (W3)** no receipt stands over goods whose transport title is operative: the keys under which the goods came in are
//! tested like the receipt's own, but not taken.
//! **Invariant (W4)** a negotiable receipt commits to every mandatory field.
//! **Invariant (W5)** a waybill operation on a receipt, or the reverse, answers 5007.

mod convert_out;
mod deliver;
mod issue;
mod merge;
pub(crate) mod partial;
pub(crate) mod receipt;
mod relocate;
mod split;
mod storage;
mod terminate;
mod transfer;
mod void;

pub use convert_out::convert_out;
pub use deliver::deliver_full;
pub use issue::issue;
pub use merge::merge;
pub use partial::deliver_partial;
pub use relocate::relocate;
pub use split::split;
pub use storage::{extend_storage, set_lien};
pub use terminate::terminate;
pub use transfer::endorse_transfer;
pub use void::void_doc;
