//! Runs the transactions of a block in order.

use crate::context::{BlockContext, Cx, SignatureOracle, event};
use crate::refusal::{AttemptDraft, Refusal, Refused, ensure};
use crate::view::View;
use crate::{authenticity, cargo, goods, hold, party, pledge, sweep, warehouse, waybill};
use landsea_types::event::Event;
use landsea_types::genesis::ParamKey;
use landsea_types::record::{Attempt, Party};
use landsea_types::role::{KeyPurpose, PartyStatus};
use landsea_types::state::{StateRead, Table, Write};
use landsea_types::{Code, Hash, Operation, Outcome, Transaction, TxId};

/// What a block does to the state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Every change, in key order.
    pub writes: Vec<Write>,
    /// One outcome per transaction, then one with the zero id for the sweep if it did anything.
    pub outcomes: Vec<Outcome>,
}

/// Executes the transactions of a block and its sweep over committed state.
///
/// `transactions` holds each transaction with its exact wire bytes, whose sender signatures have been checked.
pub fn execute_block(
    base: &dyn StateRead,
    block: BlockContext,
    transactions: &[(Vec<u8>, Transaction)],
    signatures: &dyn SignatureOracle,
) -> Executed {
    let mut view = View::new(base);
    let mut outcomes = Vec::with_capacity(transactions.len().saturating_add(1));
    for ((bytes, tx), index) in transactions.iter().zip(0u32..) {
        outcomes.push(execute_one(&mut view, block, bytes, tx, index, signatures));
    }
    if let Some(swept) = sweep::run(&mut view, block) {
        outcomes.push(swept);
    }
    Executed { writes: view.into_writes(), outcomes }
}

/// Runs one transaction on committed state and forgets it: the code it would get now.
pub fn simulate(
    base: &dyn StateRead,
    block: BlockContext,
    bytes: &[u8],
    tx: &Transaction,
    signatures: &dyn SignatureOracle,
) -> Outcome {
    execute_one(&mut View::new(base), block, bytes, tx, 0, signatures)
}

fn execute_one(
    view: &mut View<'_>,
    block: BlockContext,
    bytes: &[u8],
    tx: &Transaction,
    index: u32,
    signatures: &dyn SignatureOracle,
) -> Outcome {
    let id = tx.id();
    let is_repeat = view.row(Table::Transaction, &id.0).is_some();
    view.begin(bytes);
    let mut outcome = Outcome { tx: id, code: Code::Ok, operation: 0, args: vec![], events: vec![], touched: vec![] };
    let admitted = admit(view, block, tx, is_repeat);
    let result = match admitted {
        Ok(signer) => run_operations(view, block, tx, id, index, signer, signatures, &mut outcome),
        Err(refusal) => Err(refusal),
    };
    if let Err(refusal) = result {
        view.roll_back();
        view.begin(bytes);
        outcome.events.clear();
        outcome.touched.clear();
        note_refusal(view, block, *refusal, &mut outcome);
    }
    // A repeat keeps answering the first outcome, whatever it is refused for: its sender's key may have gone since.
    if !is_repeat {
        view.put_row(Table::Transaction, &id.0, &(block.height, index));
    }
    view.keep();
    outcome
}

/// Check step 2: key, replay, expiry. The signature itself was checked with the batch.
fn admit(view: &View<'_>, block: BlockContext, tx: &Transaction, is_repeat: bool) -> Refused<Party> {
    let signer = view.party(&tx.sender);
    let key_ok = |p: &Party| p.key_is_valid(tx.key, &tx.public_key, KeyPurpose::Sign, block.height);
    let signer = signer.filter(key_ok).ok_or_else(|| Refusal::new(Code::KeyNotValid))?;
    if is_repeat {
        return Err(Refusal::new(Code::AlreadyCommitted));
    }
    let latest = block.height.saturating_add(view.param(ParamKey::ValidUntilMax));
    if tx.valid_until < block.height || tx.valid_until > latest {
        return Err(Refusal::new(Code::TransactionExpired));
    }
    Ok(signer)
}

/// Who acts in an operation: the signer, or the party that it represents under a delegation of that operation.
///
/// # Errors
/// 1012 for an unknown party, 1006 for a signer that is not active, 1005 without a delegation.
fn actor(view: &View<'_>, block: BlockContext, tx: &Transaction, op: &Operation, signer: Party) -> Refused<Party> {
    // The signer may have changed itself (a rotated key, a suspension) in an earlier operation.
    let signer = view.party(&signer.id).unwrap_or(signer);
    let Some(id) = tx.represents else { return Ok(signer) };
    let party = view.party(&id).ok_or_else(|| Refusal::new(Code::UnknownObject))?;
    ensure(party.delegates(&signer.id, op.number(), block.time), Code::RoleNotPermitted)?;
    ensure(signer.status == PartyStatus::Active, Code::PartySuspended)?;
    Ok(party)
}

#[expect(clippy::too_many_arguments, reason = "the one place where an operation's context is put together")]
fn run_operations(
    view: &mut View<'_>,
    block: BlockContext,
    tx: &Transaction,
    tx_id: TxId,
    tx_index: u32,
    signer: Party,
    signatures: &dyn SignatureOracle,
    outcome: &mut Outcome,
) -> Refused {
    let op_hashes: Vec<Hash> = tx.ops.iter().map(|op| op.hash(&tx.sender)).collect();
    let mut created = 0;
    for ((op, op_hash), position) in tx.ops.iter().zip(&op_hashes).zip(0u8..) {
        outcome.operation = position;
        let sender = actor(view, block, tx, op, signer.clone())?;
        let mut cx = Cx {
            view,
            block,
            tx,
            tx_id,
            tx_index,
            op_hash: *op_hash,
            op_hashes: &op_hashes,
            op_number: op.number(),
            represented: tx.represents,
            given: vec![sender.id],
            sender,
            signatures,
            used: Vec::new(),
            created: &mut created,
            events: &mut outcome.events,
            touched: &mut outcome.touched,
        };
        dispatch(&mut cx, op)?;
    }
    outcome.operation = 0;
    Ok(())
}

fn dispatch(cx: &mut Cx<'_, '_>, op: &Operation) -> Refused {
    match op {
        Operation::PartyOnboard(op) => party::onboard(cx, op),
        Operation::PartyAddRole(op) => party::add_role(cx, op),
        Operation::PartySuspend(op) => party::suspend(cx, op),
        Operation::PartyResume(op) => party::resume(cx, op),
        Operation::PartyRotateKey(op) => party::rotate_key(cx, op),
        Operation::PartyGrantLicence(op) => party::grant_licence(cx, op),
        Operation::PartyRevokeLicence(op) => party::revoke_licence(cx, op),
        Operation::PartyRecoverKey(op) => party::recover_key(cx, op),
        Operation::PartyTag(op) => party::set_tag(cx, op),
        Operation::PartyUntag(op) => party::untag(cx, op),
        Operation::PartyDelegate(op) => party::delegate(cx, op),
        Operation::PartyRevokeDelegation(op) => party::revoke_delegation(cx, op),
        Operation::PartyExit(op) => party::exit(cx, op),
        Operation::GoodsCellOpen(op) => goods::cell_open(cx, op),
        Operation::GoodsCellCount(op) => goods::cell_count(cx, op),
        Operation::GoodsCellBlock(op) => goods::cell_block(cx, op),
        Operation::GoodsCellUnblock(op) => goods::cell_unblock(cx, op),
        Operation::GoodsUnstuff(op) => goods::unstuff(cx, op),
        Operation::GoodsReseal(op) => goods::reseal(cx, op),
        Operation::GoodsDeclareLoss(op) => goods::declare_loss(cx, op),
        Operation::GoodsForceVacate(op) => goods::force_vacate(cx, op),
        Operation::WaybillAnchor(op) => waybill::anchor(cx, op),
        Operation::WaybillIssue(op) => waybill::issue(cx, op),
        Operation::WaybillAdopt(op) => waybill::adopt(cx, op),
        Operation::WaybillEndorse(op) => waybill::endorse(cx, op),
        Operation::WaybillTransfer(op) => waybill::transfer(cx, op),
        Operation::WaybillSurrenderForDelivery(op) => waybill::surrender_for_delivery(cx, op),
        Operation::WaybillSurrenderForAmendment(op) => waybill::surrender_for_amendment(cx, op),
        Operation::WaybillAnswerSurrender(op) => waybill::answer_surrender(cx, op),
        Operation::WaybillAmend(op) => waybill::amend(cx, op),
        Operation::WaybillConvert(op) => waybill::convert(cx, op),
        Operation::WaybillCloseAnchor(op) => waybill::close_anchor(cx, op),
        Operation::WaybillNominate(op) => waybill::nominate(cx, op),
        Operation::WaybillRejectBack(op) => waybill::reject_back(cx, op),
        Operation::WaybillInstruct(op) => waybill::instruct(cx, op),
        Operation::WaybillSplit(op) => waybill::split(cx, op),
        Operation::WaybillMerge(op) => waybill::merge(cx, op),
        Operation::WaybillVoid(op) => waybill::void_doc(cx, op),
        Operation::WarehouseIssue(op) => warehouse::issue(cx, op),
        Operation::WarehouseEndorseTransfer(op) => warehouse::endorse_transfer(cx, op),
        Operation::WarehouseDeliverFull(op) => warehouse::deliver_full(cx, op),
        Operation::WarehouseDeliverPartial(op) => warehouse::deliver_partial(cx, op),
        Operation::WarehouseSplit(op) => warehouse::split(cx, op),
        Operation::WarehouseMerge(op) => warehouse::merge(cx, op),
        Operation::WarehouseConvertOut(op) => warehouse::convert_out(cx, op),
        Operation::WarehouseRelocate(op) => warehouse::relocate(cx, op),
        Operation::WarehouseExtendStorage(op) => warehouse::extend_storage(cx, op),
        Operation::WarehouseSetLien(op) => warehouse::set_lien(cx, op),
        Operation::WarehouseTerminate(op) => warehouse::terminate(cx, op),
        Operation::WarehouseVoid(op) => warehouse::void_doc(cx, op),
        Operation::PledgeReserve(op) => pledge::reserve(cx, op),
        Operation::PledgeCancelReservation(op) => pledge::cancel_reservation(cx, op),
        Operation::PledgeCreate(op) => pledge::create(cx, op),
        Operation::PledgeExtend(op) => pledge::extend(cx, op),
        Operation::PledgeRelease(op) => pledge::release(cx, op),
        Operation::PledgeOffer(op) => pledge::offer(cx, op),
        Operation::PledgeAccept(op) => pledge::accept(cx, op),
        Operation::PledgeWithdrawOffer(op) => pledge::withdraw_offer(cx, op),
        Operation::PledgeAddCollateral(op) => pledge::add_collateral(cx, op),
        Operation::PledgeSubstitute(op) => pledge::substitute(cx, op),
        Operation::PledgeReleasePartial(op) => pledge::release_partial(cx, op),
        Operation::PledgeAssign(op) => pledge::assign(cx, op),
        Operation::PledgeDeclareDefault(op) => pledge::declare_default(cx, op),
        Operation::PledgeCure(op) => pledge::cure(cx, op),
        Operation::PledgeRealise(op) => pledge::realise(cx, op),
        Operation::PledgeMirror(op) => pledge::mirror(cx, op),
        Operation::PledgeVoidByOrder(op) => pledge::void_by_order(cx, op),
        Operation::HoldDispute(op) => hold::dispute(cx, op),
        Operation::HoldFileCase(op) => hold::file_case(cx, op),
        Operation::HoldWithdrawDispute(op) => hold::withdraw_dispute(cx, op),
        Operation::HoldCourtFreeze(op) => hold::court_freeze(cx, op),
        Operation::HoldRenewFreeze(op) => hold::renew_freeze(cx, op),
        Operation::HoldLift(op) => hold::lift(cx, op),
        Operation::HoldRegulatorFreeze(op) => hold::regulator_freeze(cx, op),
        Operation::HoldCountersignFreeze(op) => hold::countersign_freeze(cx, op),
        Operation::HoldCustomsHold(op) => hold::customs_hold(cx, op),
        Operation::HoldCustomsRelease(op) => hold::customs_release(cx, op),
        Operation::AuthenticityOpen(op) => authenticity::open(cx, op),
        Operation::AuthenticityAttest(op) => authenticity::attest(cx, op),
        Operation::AuthenticityRefuse(op) => authenticity::refuse(cx, op),
        Operation::AuthenticityWithdrawAttestation(op) => authenticity::withdraw_attestation(cx, op),
        Operation::AuthenticityLink(op) => authenticity::link(cx, op),
        Operation::AuthenticityClose(op) => authenticity::close(cx, op),
        Operation::AuthenticityMarkUse(op) => authenticity::mark_use(cx, op),
        Operation::AuthenticityReleaseMark(op) => authenticity::release_mark(cx, op),
        Operation::CargoReport(op) => cargo::report(cx, op),
        Operation::CargoConfirmCustody(op) => cargo::confirm_custody(cx, op),
        Operation::CargoCorrect(op) => cargo::correct(cx, op),
    }
}

fn note_refusal(view: &mut View<'_>, block: BlockContext, refusal: Refusal, outcome: &mut Outcome) {
    outcome.code = refusal.code;
    outcome.args = refusal.args;
    if let Some(draft) = refusal.attempt {
        outcome.events.push(journal(view, block, refusal.code, draft));
    }
}

/// Writes the attempt and returns the alarm, whose first argument is the attempt's number.
fn journal(view: &mut View<'_>, block: BlockContext, code: Code, draft: AttemptDraft) -> Event {
    let n = view.count("attempts");
    let AttemptDraft { by, pledgor, target, consented, existing_home, attempt_home, alarm } = draft;
    let attempt = Attempt {
        n,
        time: block.time,
        height: block.height,
        by,
        pledgor,
        target,
        code,
        consented,
        existing_home,
        attempt_home,
    };
    view.put_row(Table::Attempt, &n.to_be_bytes(), &attempt);
    let mut args = vec![n];
    args.extend(alarm.args);
    event(alarm.name, &alarm.subject.0, &alarm.related, &alarm.members, &alarm.parties, &args)
}
