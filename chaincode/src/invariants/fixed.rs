//! INV-15: state holds no text and no float, and a commitment is 32 bytes. The types say so.
//!
//! A type is [`Fixed`] when everything in it has a fixed width or is a list of such things. Text and floats are not, and no list of
//! bytes is, which could hide text. Every record of the ledger is taken apart below, field by field, so that a field of another
//! sort does not compile, and neither does one that nobody has looked at:
//!
//! ```
//! # use landsea_chaincode::invariants::Fixed;
//! fn may_be_state<T: Fixed>() {}
//! may_be_state::<landsea_types::record::Doc>();
//! ```
//! ```compile_fail
//! # use landsea_chaincode::invariants::Fixed;
//! fn may_be_state<T: Fixed>() {}
//! may_be_state::<String>();
//! ```
//! ```compile_fail
//! # use landsea_chaincode::invariants::Fixed;
//! fn may_be_state<T: Fixed>() {}
//! may_be_state::<f64>();
//! ```
//! ```compile_fail
//! # use landsea_chaincode::invariants::Fixed;
//! fn may_be_state<T: Fixed>() {}
//! may_be_state::<Vec<u8>>();
//! ```

use super::{Broken, Holds, WholeState, ensure};
use crate::waybill::fingerprints::ContentEntry;
use borsh::BorshDeserialize;
use landsea_types::crypto::Signature;
use landsea_types::operation::authenticity::FieldTags;
use landsea_types::operation::cargo::{FlowReport, HandOver};
use landsea_types::operation::party::NewKey;
use landsea_types::operation::pledge::{Collateral, Create};
use landsea_types::record::doc::Surrendered;
use landsea_types::record::pledge::{Assigned, Enforcement, Joined};
use landsea_types::record::*;
use landsea_types::role::*;
use landsea_types::state::{Family, Table};
use landsea_types::ticket::{ClassedKey, DeriveTicket, DeriveTicketBody};
use landsea_types::*;

/// A type of which nothing has a width of its own but lists.
pub trait Fixed {}

/// A [`Fixed`] type that may stand in a list; a byte may not.
pub trait Item: Fixed {}

impl Fixed for u8 {}
impl<const N: usize> Fixed for [u8; N] {}
impl<T: Fixed> Fixed for Option<T> {}
impl<T: Item> Fixed for Vec<T> {}
impl<T: Item, const N: usize> Fixed for [T; N] {}
impl<A: Fixed, B: Fixed> Fixed for (A, B) {}

const fn is_fixed<T: Fixed>(_: &T) {}

macro_rules! atoms {
    ($($atom:ty),+ $(,)?) => { $(impl Fixed for $atom {} impl Item for $atom {})+ };
}

macro_rules! records {
    ($($record:ident { $($field:ident),+ $(,)? })+) => {$(
        impl Fixed for $record {}
        impl Item for $record {}
        const _: fn(&$record) = |record| {
            let $record { $($field),+ } = record;
            $(is_fixed($field);)+
        };
    )+};
}

atoms! {
    (), bool, u16, u32, u64,
    AccountId, ChainId, Commit, DocId, EventId, Fp, GoodsKey, Hash, HoldId, LotId, OfferId, PledgeId, ProofId,
    Height, Member, Qty, Timestamp, Uom, Code, PublicKey, Signature,
    Roles, Role, DocKind, MemberStatus, AttestResult, CellStatus, ChainAction, DocState, FlowAction, FlowStep, HoldKind, HoldState,
    KeyPurpose, LegMode, LegRegime, LegalBasis, LicenceKind, LotKind, LotStatus, Medium, OfferState, OrderType, PartyStatus,
    PledgeState, ProofState, ReleaseReason, SecuredKind, TemplateCode, TerminateReason, UsePurpose,
}

records! {
    Doc {
        id, ver, kind, legal_basis, fp1, fp2, near, fp_epoch, content_root, issuer, issue_date, home, order_type, beneficiary,
        holder, first_holder, nominee, previous, lots, note_keys, legs, base_docs, adopted_by, control_agreement, state,
        replaced_by, replaces, children, medium, enc, expires, surrendered, receipt, sale, chain_len, chain_root,
    }
    Leg { mode, regime, note_fp, from, to, carrier }
    ReceiptPart {
        negotiable, mandatory_fields, site, depositor, storage_from, storage_until, loss_standard_bps, lien, charges, quality,
        standard_warrant, bonded, supervisor,
    }
    Surrendered { by, holder, beneficiary }
    SaleNotice { reason, sold_from }
    ChainEntry { n, action, actor, recipient, represented, time, height }
    PublicFp { doc }
    ContentEntry { doc, terminal_since }
    MemberRecord { index, code, gb2260, branch, validator_key, network_key, status, since }
    FeatureGrant { feature, member, from_height }
    FieldRule { field, sources, matching, required }
    QuorumRule { any_of, min }
    Template { id, ver, code, docs, fields, quorum, ttl_ms }
    Hold {
        id, ver, kind, placed_on, targets, by, by_member, on_behalf, basis, placed, from, until, state, filed, countersigned,
        order,
    }
    Standing { kind, until, hold }
    Standings { holds }
    ClassedKey { class, key }
    Lot {
        id, ver, home, kind, uom, qty, packages, goods_class, keys, paper_keys, custodian, supervisor, place, title, enc,
        parents, origin_doc, status, deficit, missing, seal,
    }
    Occupancy { lots }
    Cell { key, ver, site, keeper, home, uom, counted, away, counted_at, supervisor, evidence, receipts_sum, status }
    KeyRecord { public_key, from_height, to_height, purpose }
    Licence { kind, site, cells_root, from, to, by }
    Tag { tag, by, from, to }
    Delegation { to, operations, until }
    NewKey { public_key, purpose }
    Recovery { keys, effective }
    Party {
        id, ver, roles, home, kyc, fingerprint, institution_public, keys, group, status, licences, tags, delegations, recovery,
    }
    Priority { height, index }
    Joined { doc, priority }
    Amount { uom, qty }
    Mirror { registration, at, expires }
    Enforcement { notice, since }
    Assigned { from, height }
    Pledge {
        id, ver, pledgor, pledgee, docs, lots, rank, priority, state, created, reg_until, grace_until, extend_agreed, claim,
        secured_kind, cover_min_bps, finance_ref, proof_min_level, proof, supervisor, home_pledgee, home_pledgor,
        release_reason, joined, initial, cover_low, conditions, mirror, mirror_due, mirror_overdue, assigned_from,
        encumbered_claim, enforcement,
    }
    DeriveTicketBody {
        chain_id, member, applicant, kind, rules, fp1, fp2, near, goods_keys, arrival_keys, epoch, not_after,
    }
    DeriveTicket { body, public_key, signature }
    Collateral { doc, expect_ver, ticket }
    Create {
        docs, pledgor, claim, secured_kind, reg_until, extend_agreed, cover_min_bps, finance_ref, proof_min_level, proof,
        supervisor, ack_near, conditions,
    }
    Offer { id, ver, bank, terms, until, accepted, state }
    Encumbrance { pledge, pledgee, priority, member }
    Reservation { doc, bank, pledgor, until, member }
    Cooldown { until }
    Attempt { n, time, height, by, pledgor, target, code, consented, existing_home, attempt_home }
    FieldTags { field, tags }
    Attestation { attester, roles, group, doc_kind, doc_fp, result, at, until, evidence, fields }
    Proof {
        id, ver, template, template_ver, subject, applicant, applicant_group, owner, owner_group, financing_bank, linked, case,
        attestations, level, state, contradiction, opened, valid_until, due,
    }
    UseMark { n, purpose, by, bps, reference, at, released }
    UseMarks { evidence, ver, marks }
    HandOver { from, to }
    FlowReport { lots, step, node, at, custody, seal, qty, condition, payload }
    CargoEvent {
        id, report, action, reporter, recorded, height, corrects, moved, corrected_by, custody_confirmed, custody_due,
    }
    Flow { events, last, step, node, at, recorded, silent_from, seen, custody }
    PublicDoc { id, ver, kind, fp1, state, lots, replaced_by, content_root, issuer, home }
    PublicHold { kind, until }
    PublicLot { status, title, custodian, place }
    PublicGoodsKey { lot }
    PublicParty { id, ver, roles, home, status }
    PublicEncumbrance { pledge, since_height, index, member }
    PublicReservation { until, member }
    PublicProof { id, ver, template, subject, level, state, valid_until }
    PublicUse { evidence, used_bps }
}

impl Fixed for HoldTarget {}
impl Item for HoldTarget {}
const _: fn(&HoldTarget) = |target| match target {
    HoldTarget::Doc(id) => is_fixed(id),
    HoldTarget::Lot(id) => is_fixed(id),
    HoldTarget::Pledge(id) => is_fixed(id),
    HoldTarget::Party(id) => is_fixed(id),
    HoldTarget::Cell(id) => is_fixed(id),
};

impl Fixed for FieldMatch {}
const _: fn(&FieldMatch) = |matching| match matching {
    FieldMatch::Eq | FieldMatch::SetEq | FieldMatch::Subset => {}
    FieldMatch::Bucket { step, tolerance } => {
        is_fixed(step);
        is_fixed(tolerance);
    }
    FieldMatch::Order { days, earlier, grace } => [days, earlier, grace].into_iter().for_each(is_fixed),
};

const _: () = assert!(size_of::<Commit>() == 32, "a commitment is 32 bytes");

/// INV-15: every leaf and row is of the [`Fixed`] type of its family or table.
///
/// # Errors
/// The first that is of another type.
pub fn state_is_of_fixed_types(state: &dyn WholeState) -> Holds {
    for family in Family::ALL {
        let (record, public) = leaf_readers(family);
        let mut result = Ok(());
        state.each_leaf(family, &mut |_, leaf| {
            let fits = record(&leaf.record) && public(&leaf.public);
            if !fits {
                result = Err(Broken::new("INV-15", format!("a leaf of {family:?} is of another type")));
            }
        });
        result?;
    }
    Table::ALL.into_iter().try_for_each(|table| rows_are_fixed(state, table))
}

fn rows_are_fixed(state: &dyn WholeState, table: Table) -> Holds {
    let read = row_reader(table);
    let mut stray = None;
    state.each_row(table, &mut |key, value| {
        if !read(value) {
            stray = Some(key.to_vec());
        }
    });
    ensure(stray.is_none(), "INV-15", || format!("a row of {table:?} is of another type: {stray:02x?}"))
}

type Reader = fn(&[u8]) -> bool;

fn is<T: Fixed + BorshDeserialize>(bytes: &[u8]) -> bool {
    borsh::from_slice::<T>(bytes).is_ok()
}

/// Record and public part of a family.
fn leaf_readers(family: Family) -> (Reader, Reader) {
    match family {
        Family::Doc => (is::<Doc>, is::<PublicDoc>),
        Family::Lot => (is::<Lot>, is::<PublicLot>),
        Family::GoodsKey => (is::<Occupancy>, is::<PublicGoodsKey>),
        Family::Fp => (is::<PublicFp>, is::<PublicFp>),
        Family::Encumbrance => (is::<Encumbrance>, is::<PublicEncumbrance>),
        Family::Reservation => (is::<Reservation>, is::<PublicReservation>),
        Family::Hold => (is::<Standings>, is::<PublicHold>),
        Family::Party => (is::<Party>, is::<PublicParty>),
        Family::Proof => (is::<Proof>, is::<PublicProof>),
        Family::Mark => (is::<UseMarks>, is::<PublicUse>),
    }
}

fn row_reader(table: Table) -> Reader {
    match table {
        Table::Transaction => is::<(Height, u32)>,
        Table::Consent => is::<Timestamp>,
        Table::PartyFingerprint | Table::Site => is::<AccountId>,
        Table::Content => is::<Vec<ContentEntry>>,
        Table::Near
        | Table::Holder
        | Table::PledgeByParty
        | Table::HoldByTarget
        | Table::CellLot
        | Table::Stake
        | Table::ProofByDoc => is::<()>,
        Table::Expiry => is_payload,
        Table::Cooldown => is::<Cooldown>,
        Table::Attempt => is::<Attempt>,
        Table::Param | Table::Counter | Table::Travel => is::<u64>,
        Table::Member => is::<MemberRecord>,
        Table::Feature => is::<FeatureGrant>,
        Table::Template => is::<Template>,
        Table::Pledge => is::<Pledge>,
        Table::Chain => is::<ChainEntry>,
        Table::History => is::<Height>,
        Table::Hold => is::<Hold>,
        Table::Cell => is::<Cell>,
        Table::Offer => is::<Offer>,
        Table::CargoEvent => is::<CargoEvent>,
        Table::Timeline => is::<EventId>,
        Table::Flow => is::<Flow>,
    }
}

/// An entry of the queue carries nothing, or the key of the cooldown that ends: lot and bank.
fn is_payload(bytes: &[u8]) -> bool {
    borsh::from_slice::<Vec<u8>>(bytes).is_ok_and(|key| key.is_empty() || key.len() == 64)
}
