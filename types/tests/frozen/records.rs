//! Samples of the records in state and their public parts.

use super::sample::{Frozen, Sample, Sampler, encoding, every, sample_enum, sample_struct};
use landsea_types::record::doc::Surrendered;
use landsea_types::record::pledge::Cooldown;
use landsea_types::record::*;
use landsea_types::role::*;
use landsea_types::state::{Family, Leaf};
use landsea_types::{Code, Uom};

pub(crate) const TYPES: &[Frozen] = &[
    ("record Doc", encoding::<Doc>),
    ("record ChainEntry", encoding::<ChainEntry>),
    ("record Lot", encoding::<Lot>),
    ("record Party", encoding::<Party>),
    ("record Pledge", encoding::<Pledge>),
    ("record Encumbrance", encoding::<Encumbrance>),
    ("record Reservation", encoding::<Reservation>),
    ("record Cooldown", encoding::<Cooldown>),
    ("record Attempt", encoding::<Attempt>),
    ("record Proof", encoding::<Proof>),
    ("record MemberRecord", encoding::<MemberRecord>),
    ("record FeatureGrant", encoding::<FeatureGrant>),
    ("record Template", encoding::<Template>),
    ("record Cell", encoding::<Cell>),
    ("record Occupancy", encoding::<Occupancy>),
    ("record Hold", encoding::<Hold>),
    ("record Standings", encoding::<Standings>),
    ("record Offer", encoding::<Offer>),
    ("record CargoEvent", encoding::<CargoEvent>),
    ("record Flow", encoding::<Flow>),
    ("record UseMarks", encoding::<UseMarks>),
    ("public Use", encoding::<PublicUse>),
    ("public Doc", encoding::<PublicDoc>),
    ("public Fp", encoding::<PublicFp>),
    ("public Lot", encoding::<PublicLot>),
    ("public GoodsKey", encoding::<PublicGoodsKey>),
    ("public Party", encoding::<PublicParty>),
    ("public Encumbrance", encoding::<PublicEncumbrance>),
    ("public Reservation", encoding::<PublicReservation>),
    ("public Hold", encoding::<PublicHold>),
    ("public Proof", encoding::<PublicProof>),
    ("state Leaf", encoding::<Leaf>),
    ("every value of Code", |_| every(Code::ALL)),
    ("every value of Family", |_| every(&Family::ALL)),
    ("every value of DocKind", |_| every(DocKind::ALL)),
    ("every value of Role", |_| every(&Role::ALL)),
    ("every value of PartyStatus", |_| every(PartyStatus::ALL)),
    ("every value of KeyPurpose", |_| every(KeyPurpose::ALL)),
    ("every value of LicenceKind", |_| every(LicenceKind::ALL)),
    ("every value of OrderType", |_| every(OrderType::ALL)),
    ("every value of LegalBasis", |_| every(LegalBasis::ALL)),
    ("every value of Medium", |_| every(Medium::ALL)),
    ("every value of DocState", |_| every(DocState::ALL)),
    ("every value of LotStatus", |_| every(LotStatus::ALL)),
    ("every value of LotKind", |_| every(LotKind::ALL)),
    ("every value of SecuredKind", |_| every(SecuredKind::ALL)),
    ("every value of PledgeState", |_| every(PledgeState::ALL)),
    ("every value of ReleaseReason", |_| every(ReleaseReason::ALL)),
    ("every value of LegMode", |_| every(LegMode::ALL)),
    ("every value of LegRegime", |_| every(LegRegime::ALL)),
    ("every value of AttestResult", |_| every(AttestResult::ALL)),
    ("every value of ProofState", |_| every(ProofState::ALL)),
    ("every value of TemplateCode", |_| every(TemplateCode::ALL)),
    ("every value of HoldKind", |_| every(HoldKind::ALL)),
    ("every value of ChainAction", |_| every(ChainAction::ALL)),
    ("every value of OfferState", |_| every(OfferState::ALL)),
    ("every value of RealiseMode", |_| every(RealiseMode::ALL)),
    ("every value of InstructionKind", |_| every(InstructionKind::ALL)),
    ("every value of TerminateReason", |_| every(TerminateReason::ALL)),
    ("every value of CellStatus", |_| every(CellStatus::ALL)),
    ("every value of HoldState", |_| every(HoldState::ALL)),
    ("every value of UsePurpose", |_| every(UsePurpose::ALL)),
    ("every value of FlowStep", |_| every(FlowStep::ALL)),
    ("every value of FlowAction", |_| every(FlowAction::ALL)),
    ("every value of FlowAlertKind", |_| every(FlowAlertKind::ALL)),
    ("every value of MemberStatus", |_| every(MEMBER_STATUSES)),
    ("every value of FieldMatch", |_| every(FIELD_MATCHES)),
];

const MEMBER_STATUSES: &[MemberStatus] = &[MemberStatus::Active, MemberStatus::Leaving, MemberStatus::Suspended];
const FIELD_MATCHES: &[FieldMatch] = &[
    FieldMatch::Eq,
    FieldMatch::SetEq,
    FieldMatch::Subset,
    FieldMatch::Bucket { step: 100_000, tolerance: 1 },
    FieldMatch::Order { days: 7, earlier: 1, grace: 2 },
];

sample_enum!(
    Code,
    Family,
    DocKind,
    Role,
    PartyStatus,
    KeyPurpose,
    LicenceKind,
    OrderType,
    LegalBasis,
    Medium,
    DocState,
    LotStatus,
    LotKind,
    SecuredKind,
    PledgeState,
    ReleaseReason,
    LegMode,
    LegRegime,
    AttestResult,
    ProofState,
    TemplateCode,
    HoldKind,
    ChainAction,
    OfferState,
    RealiseMode,
    InstructionKind,
    TerminateReason,
    CellStatus,
    HoldState,
    UsePurpose,
    FlowStep,
    FlowAction,
    FlowAlertKind,
);

impl Sample for MemberStatus {
    fn sample(s: &mut Sampler) -> Self {
        s.choose(MEMBER_STATUSES)
    }
}
impl Sample for FieldMatch {
    fn sample(s: &mut Sampler) -> Self {
        s.choose(FIELD_MATCHES)
    }
}
impl Sample for HoldTarget {
    fn sample(s: &mut Sampler) -> Self {
        match s.next() % 5 {
            0 => HoldTarget::Doc(Sample::sample(s)),
            1 => HoldTarget::Lot(Sample::sample(s)),
            2 => HoldTarget::Pledge(Sample::sample(s)),
            3 => HoldTarget::Party(Sample::sample(s)),
            _ => HoldTarget::Cell(Sample::sample(s)),
        }
    }
}
impl Sample for Roles {
    fn sample(s: &mut Sampler) -> Self {
        Roles(u16::sample(s))
    }
}
impl Sample for Uom {
    fn sample(s: &mut Sampler) -> Self {
        Uom(Sample::sample(s))
    }
}

sample_struct! {
    Leg { mode, regime, note_fp, from, to, carrier }
    ReceiptPart {
        negotiable, mandatory_fields, site, depositor, storage_from, storage_until, loss_standard_bps, lien, charges, quality,
        standard_warrant, bonded, supervisor,
    }
    Surrendered { by, holder, beneficiary }
    Doc { id, ver, kind, legal_basis, fp1, fp2, near, fp_epoch, content_root, issuer, issue_date, home, order_type, beneficiary, holder, first_holder, nominee, previous, lots, note_keys, legs, base_docs, adopted_by, control_agreement, state, replaced_by, replaces, children, medium, enc, expires, surrendered, receipt, sale, chain_len, chain_root }
    ChainEntry { n, action, actor, recipient, represented, time, height }
    PublicDoc { id, ver, kind, fp1, state, lots, replaced_by, content_root, issuer, home }
    PublicFp { doc }
    Lot { id, ver, home, kind, uom, qty, packages, goods_class, keys, paper_keys, custodian, supervisor, place, title, enc, parents, origin_doc, status, deficit, missing, seal }
    PublicLot { status, title, custodian, place }
    PublicGoodsKey { lot }
    KeyRecord { public_key, from_height, to_height, purpose }
    Licence { kind, site, cells_root, from, to, by }
    Tag { tag, by, from, to }
    Party { id, ver, roles, home, kyc, fingerprint, institution_public, keys, group, status, licences, tags, delegations, recovery }
    PublicParty { id, ver, roles, home, status }
    Priority { height, index }
    Pledge { id, ver, pledgor, pledgee, docs, lots, rank, priority, state, created, reg_until, grace_until, extend_agreed, claim, secured_kind, cover_min_bps, finance_ref, proof_min_level, proof, supervisor, home_pledgee, home_pledgor, release_reason, joined, initial, cover_low, conditions, mirror, mirror_due, mirror_overdue, assigned_from, encumbered_claim, enforcement }
    Encumbrance { pledge, pledgee, priority, member }
    PublicEncumbrance { pledge, since_height, index, member }
    Reservation { doc, bank, pledgor, until, member }
    PublicReservation { until, member }
    Cooldown { until }
    Attempt { n, time, height, by, pledgor, target, code, consented, existing_home, attempt_home }
    Attestation { attester, roles, group, doc_kind, doc_fp, result, at, until, evidence, fields }
    Proof { id, ver, template, template_ver, subject, applicant, applicant_group, owner, owner_group, financing_bank, linked, case, attestations, level, state, contradiction, opened, valid_until, due }
    PublicProof { id, ver, template, subject, level, state, valid_until }
    PublicHold { kind, until }
    MemberRecord { index, code, gb2260, branch, validator_key, network_key, status, since }
    FeatureGrant { feature, member, from_height }
    FieldRule { field, sources, matching, required }
    QuorumRule { any_of, min }
    Travel { from, to, min_ms }
    Template { id, ver, code, docs, fields, quorum, ttl_ms }
    SaleNotice { reason, sold_from }
    Cell { key, ver, site, keeper, home, uom, counted, away, counted_at, supervisor, evidence, receipts_sum, status }
    Occupancy { lots }
    Delegation { to, operations, until }
    Recovery { keys, effective }
    Joined { doc, priority }
    Amount { uom, qty }
    Mirror { registration, at, expires }
    Enforcement { notice, since }
    Assigned { from, height }
    Offer { id, ver, bank, terms, until, accepted, state }
    UseMark { n, purpose, by, bps, reference, at, released }
    UseMarks { evidence, ver, marks }
    PublicUse { evidence, used_bps }
    Hold { id, ver, kind, placed_on, targets, by, by_member, on_behalf, basis, placed, from, until, state, filed, countersigned, order }
    Standing { kind, until, hold }
    Standings { holds }
    CargoEvent { id, report, action, reporter, recorded, height, corrects, moved, corrected_by, custody_confirmed, custody_due }
    Flow { events, last, step, node, at, recorded, silent_from, seen, custody }
    Leaf { public, record, salt }
}
