//! Samples of the operations, each as it stands in a transaction: number, then body.

use super::sample::{Frozen, Sample, Sampler, sample_struct};
use landsea_types::Operation;
use landsea_types::operation::authenticity::FieldTags;
use landsea_types::operation::party::NewKey;
use landsea_types::operation::pledge::Collateral;
use landsea_types::operation::warehouse::NewReceipt;
use landsea_types::operation::waybill::{Endorsement, NewLeg, NewLot, NewVersion, Shortage};
use landsea_types::operation::{authenticity, party, pledge, warehouse, waybill};

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
    operation!("warehouse.issue", WarehouseIssue),
    operation!("warehouse.endorse_transfer", WarehouseEndorseTransfer),
    operation!("warehouse.deliver_full", WarehouseDeliverFull),
    operation!("pledge.reserve", PledgeReserve),
    operation!("pledge.cancel_reservation", PledgeCancelReservation),
    operation!("pledge.create", PledgeCreate),
    operation!("pledge.extend", PledgeExtend),
    operation!("pledge.release", PledgeRelease),
    operation!("authenticity.open", AuthenticityOpen),
    operation!("authenticity.attest", AuthenticityAttest),
    operation!("authenticity.refuse", AuthenticityRefuse),
    operation!("authenticity.withdraw_attestation", AuthenticityWithdrawAttestation),
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
    waybill::Issue {
        kind, legal_basis, ticket, content_root, issue_date, order_type, first_holder, lots, legs, base_docs,
        control_agreement, expires,
    }
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
    pledge::Create {
        docs, pledgor, claim, secured_kind, reg_until, extend_agreed, cover_min_bps, finance_ref, proof_min_level, proof,
        supervisor, ack_near,
    }
    pledge::Extend { pledge, expect_ver, reg_until }
    pledge::Release { pledge, expect_ver, reason }
    authenticity::Open { doc, expect_ver, template, case, financing_bank }
    FieldTags { field, tags }
    authenticity::Attest { proof, expect_ver, doc_kind, ticket, result, fields, until, evidence }
    authenticity::Refuse { proof, expect_ver, doc_kind, evidence }
    authenticity::WithdrawAttestation { proof, expect_ver, doc_kind, evidence }
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
