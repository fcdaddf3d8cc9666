//! The registry of document fingerprints: identity (fp1), content (fp2) and near-match combinations.
//!
//! fp1 is unique for ever; within one chain of amendments its leaf points at the newest document. fp2 is unique among live
//! documents and those terminal for less than `fp2_memory`. Near-match combinations remember live documents only.

use crate::context::{Cx, event};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure};
use crate::view::{Due, View, chain_key};
use borsh::{BorshDeserialize, BorshSerialize};
use landsea_types::event::EventName;
use landsea_types::genesis::ParamKey;
use landsea_types::record::{ChainEntry, Doc};
use landsea_types::state::Table;
use landsea_types::ticket::DeriveTicketBody;
use landsea_types::{AccountId, Code, DocId, Fp, Hash, Timestamp, bounds::NEAR_DOCS_MAX};
use std::collections::BTreeMap;

/// A document remembered under its content fingerprint; the row holds one entry per chain of amendments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ContentEntry {
    pub doc: DocId,
    /// When the document became terminal; `None` while it is live.
    pub terminal_since: Option<Timestamp>,
}

impl ContentEntry {
    fn counts_at(&self, now: Timestamp, memory_ms: u64) -> bool {
        self.terminal_since.is_none_or(|since| now.since(since) < memory_ms)
    }
}

/// Check step 8: neither the identity nor the content is known.
///
/// # Errors
/// 3001 and 3002 with the home of the existing document, journalled; both branches are alerted.
pub fn check_unseen(cx: &Cx<'_, '_>, ticket: &DeriveTicketBody, named: Option<&AccountId>) -> Refused {
    check_identity_unseen(cx, ticket, named)?;
    check_content_unseen(cx, ticket, named)
}

/// Check step 8 for a converted, split or merged document, whose content may equal that of another.
///
/// # Errors
/// 3001, as [`check_unseen`].
pub fn check_identity_unseen(cx: &Cx<'_, '_>, ticket: &DeriveTicketBody, named: Option<&AccountId>) -> Refused {
    match cx.view.doc_by_fp(&ticket.fp1) {
        Some(existing) => Err(duplicate(cx, Code::DuplicateDocument, &existing, named)),
        None => Ok(()),
    }
}

/// Check step 8 for an amendment: the identity stays that of the chain, the content is no other document's.
///
/// # Errors
/// 3001 for the identity of another chain, 3003 for a new identity, 3002 for a known content.
pub fn check_same_chain(cx: &Cx<'_, '_>, old: &Doc, ticket: &DeriveTicketBody, named: &AccountId) -> Refused {
    if ticket.fp1 != old.fp1 {
        check_identity_unseen(cx, ticket, Some(named))?;
        return Err(Refusal::new(Code::TicketInvalid));
    }
    // A child of a split may share its content with another, and keeps it.
    if ticket.fp2 == old.fp2 { Ok(()) } else { check_content_unseen(cx, ticket, Some(named)) }
}

fn check_content_unseen(cx: &Cx<'_, '_>, ticket: &DeriveTicketBody, named: Option<&AccountId>) -> Refused {
    let memory_ms = cx.param(ParamKey::Fp2MemoryMs);
    for entry in content_row(cx.view, &ticket.fp2) {
        let same_chain = cx.view.doc(&entry.doc).is_some_and(|doc| doc.fp1 == ticket.fp1);
        if !same_chain && entry.counts_at(cx.now(), memory_ms) {
            return Err(duplicate(cx, Code::DuplicateContent, &entry.doc, named));
        }
    }
    Ok(())
}

fn duplicate(cx: &Cx<'_, '_>, code: Code, existing: &DocId, named: Option<&AccountId>) -> Box<Refusal> {
    let home = cx.view.doc(existing).map_or(cx.sender.home, |doc| doc.home);
    let members = [home, cx.sender.home];
    let args = [u64::from(code.number())];
    let alarm = event(EventName::DuplicateDocument, &existing.0, &[], &members, &[cx.sender.id], &args);
    let attempt = AttemptDraft {
        by: cx.sender.id,
        pledgor: named.and_then(|id| cx.view.party(id)).map(|p| p.fingerprint).unwrap_or_default(),
        target: Hash(existing.0),
        consented: named.is_some_and(|id| cx.has_valid_consent(id)),
        existing_home: home,
        attempt_home: cx.sender.home,
        alarm,
    };
    Refusal::with_attempt(code, &[u64::from(home.get())], attempt)
}

/// Enters a new document.
pub fn register(view: &mut View<'_>, doc: &Doc) {
    view.put_fp(&doc.fp1, doc.id);
    let mut row = content_row(view, &doc.fp2);
    // Earlier versions of the document are remembered through it, so that a row has one entry per chain.
    row.retain(|entry| view.doc(&entry.doc).is_none_or(|other| other.fp1 != doc.fp1));
    row.push(ContentEntry { doc: doc.id, terminal_since: None });
    view.put_row(Table::Content, &doc.fp2.0, &row);
    for key in near_keys(view, doc) {
        view.put_row(Table::Near, &key, &());
    }
}

/// Notes that a document has become terminal: its content is remembered for a while, its combinations no longer.
pub fn retire(cx: &mut Cx<'_, '_>, doc: &Doc) {
    let now = cx.now();
    let mut row = content_row(cx.view, &doc.fp2);
    for entry in row.iter_mut().filter(|entry| entry.doc == doc.id) {
        entry.terminal_since = Some(now);
    }
    cx.view.put_row(Table::Content, &doc.fp2.0, &row);
    let forget_at = now.saturating_add(cx.param(ParamKey::Fp2MemoryMs));
    cx.view.schedule(forget_at, Due::Content, &doc.fp2.0, &[]);
    for key in near_keys(cx.view, doc) {
        cx.view.remove_row(Table::Near, &key);
    }
}

/// Forgets the terminal documents of a content fingerprint whose memory has passed; the sweep calls it when due.
pub fn forget_content(view: &mut View<'_>, fp2: &Fp, now: Timestamp) {
    let memory_ms = view.param(ParamKey::Fp2MemoryMs);
    let mut row = content_row(view, fp2);
    row.retain(|entry| entry.counts_at(now, memory_ms));
    if row.is_empty() { view.remove_row(Table::Content, &fp2.0) } else { view.put_row(Table::Content, &fp2.0, &row) }
}

/// The documents remembered under a content fingerprint.
pub fn content_row(view: &View<'_>, fp2: &Fp) -> Vec<ContentEntry> {
    view.get(Table::Content, &fp2.0).unwrap_or_default()
}

/// Live documents other than `except` that share at least `near_match_k` combinations with the given ones, in id order. Of
/// each combination the newest [`NEAR_DOCS_MAX`] documents count.
pub fn near_matches(view: &View<'_>, near: &[Fp; 8], except: &DocId) -> Vec<DocId> {
    let mut shared: BTreeMap<DocId, u64> = BTreeMap::new();
    for combination in combinations(near) {
        for doc in near_docs(view, &combination).into_iter().filter(|doc| doc != except) {
            let n = shared.entry(doc).or_default();
            *n = n.saturating_add(1);
        }
    }
    let k = view.param(ParamKey::NearMatchK);
    shared.into_iter().filter(|(_, n)| *n >= k).map(|(doc, _)| doc).collect()
}

/// Live documents of a combination, the newest first.
fn near_docs(view: &View<'_>, combination: &[u8]) -> Vec<DocId> {
    let until = [combination, &[u8::MAX; NEAR_TAIL]].concat();
    let rows = view.scan(Table::Near, combination, &until, NEAR_DOCS_MAX);
    rows.iter().filter_map(|(key, _)| key.last_chunk().map(|id| DocId(*id))).collect()
}

/// Number and fingerprint of each combination; a zero stands for one whose fields are missing.
fn combinations(near: &[Fp; 8]) -> Vec<Vec<u8>> {
    let stated = near.iter().zip(1u8..).filter(|(fp, _)| !fp.is_zero());
    stated.map(|(fp, number)| std::iter::once(number).chain(fp.0).collect()).collect()
}

/// Bytes of a row's key after its combination.
const NEAR_TAIL: usize = 8 + 32;

/// The rows of a document: combination ‖ complement of the height that registered it ‖ document, so that the newest comes first and
/// none need be read to add another.
fn near_keys(view: &View<'_>, doc: &Doc) -> Vec<Vec<u8>> {
    let first: Option<ChainEntry> = view.get(Table::Chain, &chain_key(&doc.id, 1));
    let age = !first.map_or(0, |entry| entry.height.get());
    let key = |combination: Vec<u8>| [combination.as_slice(), &age.to_be_bytes(), &doc.id.0].concat();
    combinations(&doc.near).into_iter().map(key).collect()
}

/// Check step 8 for receipts: the paper says how the goods came in.
///
/// # Errors
/// 3003 otherwise.
pub fn require_arrival(ticket: &DeriveTicketBody) -> Refused {
    ensure(!ticket.arrival_keys.is_empty(), Code::TicketInvalid)
}

/// Check step 8 for receipts: goods come in containers, wagons or vehicles, or are of local origin.
///
/// # Errors
/// 3008 for another class.
pub fn check_arrival_classes(ticket: &DeriveTicketBody) -> Refused {
    let known = |class| matches!(class, b'C' | b'W' | b'V' | b'L');
    ensure(ticket.arrival_keys.iter().all(|key| known(key.class)), Code::UnknownKindOrRules)
}
