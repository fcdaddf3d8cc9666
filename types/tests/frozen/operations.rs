//! Samples of the operations, each as it stands in a transaction: number, then body.

use super::sample::{Frozen, Sample, Sampler, sample_struct};
use landsea_types::Operation;
use landsea_types::operation::DocVersion;
use landsea_types::operation::authenticity::FieldTags;
use landsea_types::operation::party::NewKey;
use landsea_types::operation::pledge::Collateral;
use landsea_types::operation::warehouse::NewReceipt;
use landsea_types::operation::waybill::{Endorsement, NewLeg, NewLot, NewVersion, Shortage};
use landsea_types::operation::{authenticity, cargo, goods, hold, party, pledge, warehouse, waybill};

/// The encoding of an operation's sample, which must decode to itself.
macro_rules! operation {
    ($name:literal, $variant:ident) => {
        ($name, |s| {
            let operation = Operation::$variant(Sample::sample(s));
            assert_eq!(operation.name(), $name);
            let bytes = borsh::to_vec(&operation).expect("writing to a vector cannot fail");
            assert_eq!(borsh::from_slice::<Operation>(&bytes).expect("an encoding decodes"), operation);
            bytes
        })
    };
}

pub(crate) const TYPES: &[Frozen] = &[
    operation!("party.onboard", PartyOnboard),
    operation!("party.add_role", PartyAddRole),
    operation!("party.suspend", PartySuspend),
    operation!("party.resume", PartyResume),
    operation!("party.rotate_key", PartyRotateKey),
    operation!("party.grant_licence", PartyGrantLicence),
    operation!("party.revoke_licence", PartyRevokeLicence),
    operation!("party.recover_key", PartyRecoverKey),
    operation!("party.tag", PartyTag),
    operation!("party.untag", PartyUntag),
    operation!("party.delegate", PartyDelegate),
    operation!("party.revoke_delegation", PartyRevokeDelegation),
    operation!("party.exit", PartyExit),
    operation!("goods.cell_open", GoodsCellOpen),
    operation!("goods.cell_count", GoodsCellCount),
    operation!("goods.cell_block", GoodsCellBlock),
    operation!("goods.cell_unblock", GoodsCellUnblock),
    operation!("goods.unstuff", GoodsUnstuff),
    operation!("goods.reseal", GoodsReseal),
    operation!("goods.declare_loss", GoodsDeclareLoss),
    operation!("goods.force_vacate", GoodsForceVacate),
    operation!("waybill.anchor", WaybillAnchor),
    operation!("waybill.issue", WaybillIssue),
    operation!("waybill.adopt", WaybillAdopt),
    operation!("waybill.endorse", WaybillEndorse),
    operation!("waybill.transfer", WaybillTransfer),
    operation!("waybill.surrender_for_delivery", WaybillSurrenderForDelivery),
    operation!("waybill.surrender_for_amendment", WaybillSurrenderForAmendment),
    operation!("waybill.answer_surrender", WaybillAnswerSurrender),
    operation!("waybill.amend", WaybillAmend),
    operation!("waybill.convert", WaybillConvert),
    operation!("waybill.close_anchor", WaybillCloseAnchor),
    operation!("waybill.nominate", WaybillNominate),
    operation!("waybill.reject_back", WaybillRejectBack),
    operation!("waybill.instruct", WaybillInstruct),
    operation!("waybill.split", WaybillSplit),
    operation!("waybill.merge", WaybillMerge),
    operation!("waybill.void", WaybillVoid),
    operation!("warehouse.issue", WarehouseIssue),
    operation!("warehouse.endorse_transfer", WarehouseEndorseTransfer),
    operation!("warehouse.deliver_full", WarehouseDeliverFull),
    operation!("warehouse.deliver_partial", WarehouseDeliverPartial),
    operation!("warehouse.split", WarehouseSplit),
    operation!("warehouse.merge", WarehouseMerge),
    operation!("warehouse.convert_out", WarehouseConvertOut),
    operation!("warehouse.relocate", WarehouseRelocate),
    operation!("warehouse.extend_storage", WarehouseExtendStorage),
    operation!("warehouse.set_lien", WarehouseSetLien),
    operation!("warehouse.terminate", WarehouseTerminate),
    operation!("warehouse.void", WarehouseVoid),
    operation!("pledge.reserve", PledgeReserve),
    operation!("pledge.cancel_reservation", PledgeCancelReservation),
    operation!("pledge.create", PledgeCreate),
    operation!("pledge.extend", PledgeExtend),
    operation!("pledge.release", PledgeRelease),
    operation!("pledge.offer", PledgeOffer),
    operation!("pledge.accept", PledgeAccept),
    operation!("pledge.withdraw_offer", PledgeWithdrawOffer),
    operation!("pledge.add_collateral", PledgeAddCollateral),
    operation!("pledge.substitute", PledgeSubstitute),
    operation!("pledge.release_partial", PledgeReleasePartial),
    operation!("pledge.assign", PledgeAssign),
    operation!("pledge.declare_default", PledgeDeclareDefault),
    operation!("pledge.cure", PledgeCure),
    operation!("pledge.realise", PledgeRealise),
    operation!("pledge.mirror", PledgeMirror),
    operation!("pledge.void_by_order", PledgeVoidByOrder),
    operation!("hold.dispute", HoldDispute),
    operation!("hold.file_case", HoldFileCase),
    operation!("hold.withdraw_dispute", HoldWithdrawDispute),
    operation!("hold.court_freeze", HoldCourtFreeze),
    operation!("hold.renew_freeze", HoldRenewFreeze),
    operation!("hold.lift", HoldLift),
    operation!("hold.regulator_freeze", HoldRegulatorFreeze),
    operation!("hold.countersign_freeze", HoldCountersignFreeze),
    operation!("hold.customs_hold", HoldCustomsHold),
    operation!("hold.customs_release", HoldCustomsRelease),
    operation!("authenticity.open", AuthenticityOpen),
    operation!("authenticity.attest", AuthenticityAttest),
    operation!("authenticity.refuse", AuthenticityRefuse),
    operation!("authenticity.withdraw_attestation", AuthenticityWithdrawAttestation),
    operation!("authenticity.link", AuthenticityLink),
    operation!("authenticity.close", AuthenticityClose),
    operation!("authenticity.mark_use", AuthenticityMarkUse),
    operation!("authenticity.release_mark", AuthenticityReleaseMark),
    operation!("cargo.report", CargoReport),
    operation!("cargo.confirm_custody", CargoConfirmCustody),
    operation!("cargo.correct", CargoCorrect),
];

/// One of each operation.
pub(crate) fn all(s: &mut Sampler) -> Vec<Operation> {
    let decode = |bytes: Vec<u8>| borsh::from_slice(&bytes).expect("an encoding decodes");
    TYPES.iter().map(|(_, encode)| decode(encode(s))).collect()
}

sample_struct! {
    NewKey { public_key, purpose }
    party::Onboard { roles, kyc, ticket, institution_public, keys, group }
    party::AddRole { party, expect_ver, role }
    party::Suspend { party, expect_ver }
    party::Resume { party, expect_ver }
    party::RotateKey { party, expect_ver, old_key, new_key, from_height }
    party::GrantLicence { party, expect_ver, kind, ticket, cells_root, from, to }
    NewLot { kind, uom, qty, packages, goods_class, keys }
    NewLeg { mode, regime, from, to, carrier }
    waybill::Anchor { kind, ticket, content_root, issue_date, legal_basis }
    waybill::Issue { kind, legal_basis, ticket, content_root, issue_date, order_type, first_holder, lots, legs, base_docs, control_agreement, expires }
    waybill::Adopt { title, expect_ver, note, leg }
    waybill::Endorse { doc, expect_ver, endorsement }
    waybill::Transfer { doc, expect_ver, to }
    waybill::Surrender { doc, expect_ver }
    NewVersion { ticket, content_root, issue_date, changed_fields, control_agreement, lots }
    waybill::AnswerSurrender { doc, expect_ver, accept, version }
    waybill::Amend { doc, expect_ver, version }
    Shortage { uom, qty, packages }
    waybill::Convert { doc, expect_ver, receipt, shortages, accept_shortage }
    NewReceipt {
        legal_basis, ticket, content_root, issue_date, negotiable, mandatory_fields, site, lots, storage_from, storage_until,
        loss_standard_bps, charges, quality, standard_warrant, bonded,
    }
    warehouse::Issue { depositor, receipt }
    warehouse::EndorseTransfer { doc, expect_ver, to }
    warehouse::DeliverFull { doc, expect_ver }
    pledge::Reserve { doc, expect_ver, until }
    pledge::CancelReservation { doc, expect_ver }
    Collateral { doc, expect_ver, ticket }
    pledge::Create { docs, pledgor, claim, secured_kind, reg_until, extend_agreed, cover_min_bps, finance_ref, proof_min_level, proof, supervisor, ack_near, conditions }
    pledge::Extend { pledge, expect_ver, reg_until }
    pledge::Release { pledge, expect_ver, reason }
    authenticity::Open { doc, expect_ver, template, case, financing_bank }
    FieldTags { field, tags }
    authenticity::Attest { proof, expect_ver, doc_kind, ticket, result, fields, until, evidence }
    authenticity::Refuse { proof, expect_ver, doc_kind, evidence }
    authenticity::WithdrawAttestation { proof, expect_ver, doc_kind, evidence }
    DocVersion { doc, expect_ver }
    party::RevokeLicence { party, expect_ver, kind, site }
    party::RecoverKey { party, expect_ver, keys }
    party::SetTag { party, expect_ver, tag, from, to }
    party::Untag { party, expect_ver, tag }
    party::Delegate { party, expect_ver, to, operations, until }
    party::RevokeDelegation { party, expect_ver, to }
    party::Exit { party, expect_ver }
    goods::CellOpen { ticket, uom }
    goods::CellCount { cell, expect_ver, counted, supervisor, evidence }
    goods::CellBlock { cell, expect_ver, reason }
    goods::CellUnblock { cell, expect_ver, reason }
    goods::Unstuff { lot, expect_ver, keys, evidence }
    goods::Reseal { lot, expect_ver, old_seal, new_seal }
    goods::DeclareLoss { lot, expect_ver, evidence }
    goods::ForceVacate { key, reason }
    waybill::CloseAnchor { doc, expect_ver }
    waybill::Nominate { doc, expect_ver, nominee }
    waybill::RejectBack { doc, expect_ver }
    waybill::Instruct { doc, expect_ver, instruction, node, details }
    waybill::Split { doc, expect_ver, children, released }
    waybill::Merge { docs, ticket, content_root, issue_date }
    waybill::VoidDoc { doc, expect_ver, order }
    waybill::ChildLot { parent, lot }
    waybill::SplitChild { ticket, content_root, issue_date, lots }
    waybill::NewBill { kind, legal_basis, ticket, content_root, issue_date, order_type, lots, legs, control_agreement, expires }
    warehouse::DeliverPartial { doc, expect_ver, parts }
    warehouse::ConvertOut { doc, expect_ver, bill, shortages, accept_shortage }
    warehouse::Relocate { doc, expect_ver, moves }
    warehouse::ExtendStorage { doc, expect_ver, until }
    warehouse::SetLien { doc, expect_ver, lien, charges }
    warehouse::Terminate { doc, expect_ver, step }
    warehouse::Part { lot, qty, packages, keys }
    warehouse::Move { lot, from, to }
    pledge::MakeOffer { terms, until }
    pledge::Accept { offer, expect_ver }
    pledge::WithdrawOffer { offer, expect_ver }
    pledge::AddCollateral { pledge, expect_ver, docs, ack_near }
    pledge::Substitute { pledge, expect_ver, add, remove, ack_near }
    pledge::ReleasePartial { pledge, expect_ver, release }
    pledge::Assign { pledge, expect_ver, to, accept_enforcing, encumbered_claim }
    pledge::DeclareDefault { pledge, expect_ver, notice }
    pledge::Cure { pledge, expect_ver }
    pledge::Realise { pledge, expect_ver, mode, to, order }
    pledge::RegisterMirror { pledge, expect_ver, registration, expires }
    pledge::VoidByOrder { pledge, expect_ver, order }
    hold::Dispute { target, interest, basis }
    hold::FileCase { hold, expect_ver, notice }
    hold::WithdrawDispute { hold, expect_ver }
    hold::CourtFreeze { target, on_behalf, basis, until }
    hold::RenewFreeze { hold, expect_ver, basis, until }
    hold::Lift { hold, expect_ver, order }
    hold::RegulatorFreeze { target, basis }
    hold::CountersignFreeze { hold, expect_ver }
    hold::CustomsHold { target, basis }
    hold::CustomsRelease { hold, expect_ver }
    authenticity::Link { proof, expect_ver, pledge }
    authenticity::Close { proof, expect_ver }
    authenticity::MarkUse { ticket, purpose, bps, reference }
    authenticity::ReleaseMark { evidence, expect_ver, mark }
    cargo::Report { report }
    cargo::ConfirmCustody { event }
    cargo::Correct { event, replacement }
    cargo::HandOver { from, to }
    cargo::FlowReport { lots, step, node, at, custody, seal, qty, condition, payload }
}

impl Sample for Endorsement {
    fn sample(s: &mut Sampler) -> Self {
        match s.next() % 3 {
            0 => Endorsement::Named { to: Sample::sample(s) },
            1 => Endorsement::ToOrder { to: Sample::sample(s) },
            _ => Endorsement::Blank,
        }
    }
}
impl Sample for warehouse::Termination {
    fn sample(s: &mut Sampler) -> Self {
        match s.next() % 3 {
            0 => warehouse::Termination::Notice { reason: Sample::sample(s) },
            1 => warehouse::Termination::Withdraw,
            _ => warehouse::Termination::Sold { proceeds: Sample::sample(s) },
        }
    }
}
impl Sample for pledge::Partial {
    fn sample(s: &mut Sampler) -> Self {
        match s.next() % 3 {
            0 => pledge::Partial::Document(Sample::sample(s)),
            1 => pledge::Partial::Split(Sample::sample(s)),
            _ => pledge::Partial::Delivery(Sample::sample(s)),
        }
    }
}
