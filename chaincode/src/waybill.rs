//! Transport documents: notes, titles and the acts on them.
//!
//! | operation | caller | consents | effect |
//! |--|--|--|--|
//! | [`anchor`] | carrier, forwarder | | a note with its keys: no lots, no key taken |
//! | [`issue`] | carrier; forwarder where granted | first holder | lots ACTIVE, document ACTIVE, keys taken |
//! | [`adopt`] | issuer of the title | | a note joins a through bill, which grows as the train departs |
//! | [`close_anchor`] | issuer | | a note ends |
//! | [`nominate`] | beneficiary | pledgee | who may be the next beneficiary |
//! | [`endorse`], [`transfer`] | who acts as holder | pledgee | holder and beneficiary; the beneficiary only while pledged |
//! | [`reject_back`] | who just received it | | back to whom it came from |
//! | [`instruct`] | who acts as holder | pledgee | the carrier hears; no right changes |
//! | [`surrender_for_delivery`], [`surrender_for_amendment`] | sole holder | pledgee | PEND_*, the issuer holds |
//! | [`answer_surrender`] | issuer | of a new version: who surrendered, pledgee | delivered, amended, or as before |
//! | [`amend`] | issuer | holder, pledgee | a new version over the same lots |
//! | [`split`] | issuer | holder, pledgee | two to 64 children over the same goods, each under the pledge unless released |
//! | [`merge`] | issuer | holder, pledgee | one document over the lots of several |
//! | [`convert`] | warehouse | carrier, who has the goods, holder, pledgee, supervisor | a receipt over new lots, pledge carried |
//! | [`void_doc`] | issuer; a branch by order | first holder; nobody | lots CONSUMED, keys free |
//!
//! ```text
//! ANCHORED (a note; adopted once) --close--> CLOSED*
//! ACTIVE --surrender--> PEND_DELIVERY | PEND_AMEND --accept--> ACCOMPLISHED* | REPLACED*   --reject--> ACTIVE
//! ACTIVE --amend--> REPLACED*     ACTIVE --convert--> CONVERTED*
//! ACTIVE --split--> SPLIT* (children ACTIVE)     ACTIVE (several) --merge--> MERGED* (one ACTIVE)
//! ACTIVE, as issued --void--> VOID*     any other than * --void by order--> VOID*
//! ```
//!
//! Key space: `doc/` and `fp/` leaves; rows of content, near matches, holders and the endorsement chain. Events: DocAnchored,
//! DocIssued, LegAdopted, AnchorClosed, Nominated, Endorsed, Transferred, TransferRejected, InstructionGiven, SurrenderRequested,
//! SurrenderAnswered, Accomplished, Amended, Split, Merged, Converted, CustodyChanged, Voided; DuplicateDocument and DuplicateGoods
//! as alarms.
//!
//! **Invariant (T1)** fp1 is unique for ever within one chain of amendments, fp2 among live and lately terminal documents.
//! **Invariant (T2)** an ACTIVE lot has exactly one operative title. **Invariant (T3)** an ACTIVE document has one holder.
//! **Invariant (T4)** terminal states absorb. **Invariant (T5)** `chain_root` is the fold of the chain's entries.
//! **Invariant (T6)** a note is adopted by at most one title document.
//!
//! Every operation lists its checks in the order of the specification; the number of the step stands beside each.

mod adopt;
mod amend;
mod anchor;
mod chain;
pub(crate) mod checks;
pub(crate) mod conversion;
mod convert;
pub(crate) mod draft;
pub(crate) mod endorse;
pub mod fingerprints;
mod instruct;
pub(crate) mod issue;
mod merge;
mod nominate;
mod reject;
pub(crate) mod reshape;
mod split;
pub(crate) mod surrender;
mod void;

pub use adopt::adopt;
pub use amend::amend;
pub use anchor::{anchor, close_anchor};
pub(crate) use chain::chain_by;
pub use chain::{chain, fold};
pub use convert::convert;
pub use endorse::{endorse, transfer};
pub use instruct::instruct;
pub use issue::issue;
pub use merge::merge;
pub use nominate::nominate;
pub use reject::reject_back;
pub use split::split;
pub use surrender::{answer_surrender, surrender_for_amendment, surrender_for_delivery};
pub use void::void_doc;
pub(crate) use void::void_on;
