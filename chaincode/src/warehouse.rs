//! Warehouse receipts (section 6 of the ledger specification).
//!
//! | operation | caller | consents | effect |
//! |--|--|--|--|
//! | [`issue`] | warehouse with a licence for the site | depositor; the site's supervisor | lots and receipt ACTIVE, keys taken, cells filled |
//! | [`endorse_transfer`] | who acts as holder | the warehouse; pledgee | holder and beneficiary; the beneficiary only while pledged |
//! | [`deliver_full`] | the warehouse | holder; pledgee | lots DELIVERED, keys vacated, a pledge RELEASED, receipt ends |
//! | [`deliver_partial`] | the warehouse | holder; pledgee and supervisor if pledged | parts DELIVERED, the receipt goes on over the rest |
//! | [`split`], [`merge`] | the warehouse | holder; pledgee | several receipts for one, one for several |
//! | [`convert_out`] | carrier | the warehouse; holder; pledgee | a transport document over new lots, pledge carried |
//! | [`relocate`] | the warehouse | supervisor; pledgee | lots move between cells, counts with them |
//! | [`extend_storage`] | the warehouse | holder | a later end of storage |
//! | [`set_lien`] | the warehouse | | charges unpaid or paid |
//! | [`terminate`] | the warehouse | | notice, withdrawal or sale; the proceeds follow the pledge |
//! | [`void_doc`] | the warehouse; a branch by order | first holder | receipt VOID |
//!
//! ```text
//! ACTIVE --deliver_full--> ACCOMPLISHED*   --deliver_partial, relocate, extend_storage, set_lien--> ACTIVE (next version)
//! ACTIVE --split--> SPLIT*   --merge--> MERGED*   --convert_out--> CONVERTED*   --void--> VOID*
//! ACTIVE --terminate(notice)--> SALE_PENDING --terminate(sold), terminate_notice_ms later--> SOLD*    --terminate(withdraw)--> ACTIVE
//! ```
//!
//! Receipts share record, states and chain with [`crate::waybill`]; conversion of a waybill lives there. Events: DocIssued, LotCreated,
//! Transferred, Delivered, PartialDelivery \[quantity per unit\], Relocated, StorageExtended \[until\], LienSet \[lien\], SaleNoticed
//! \[from, reason\], SaleWithdrawn, Sold; PartialRelease and ProceedsToPledgee where goods leave a pledge.
//!
//! **Invariant (W1)** a receipt's quantity is the sum of its lots: it is stored nowhere else.
//! **Invariant (W2, L2)** what receipts stand over in a cell is at most what was counted there, or the cell is short and says so
//! ([`crate::goods`]).
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
