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
pub fn execute_block<'t>(
    base: &dyn StateRead,
    block: BlockContext,
    transactions: impl IntoIterator<Item = (&'t [u8], &'t Transaction)>,
    signatures: &dyn SignatureOracle,
) -> Executed {
    let mut view = View::new(base);
    let mut outcomes = Vec::new();
    for ((bytes, tx), index) in transactions.into_iter().zip(0u32..) {
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
    let key_ok = |p: &Party| {
        let party = party::with_due_keys(p.clone(), block);
        party.key_is_valid(tx.key, &tx.public_key, KeyPurpose::Sign, block.height)
    };
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
    // Only consents name operations by their hashes.
    let hash = |op: &Operation| if tx.consents.is_empty() { Hash::default() } else { op.hash(&tx.sender) };
    let op_hashes: Vec<Hash> = tx.ops.iter().map(hash).collect();
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

/// Runs one of a list of operations by its module's function.
macro_rules! run {
    ($op:ident on $cx:ident: $($module:ident { $($variant:ident => $function:ident),+ $(,)? })+) => {
        match $op { $($(Operation::$variant(body) => $module::$function($cx, body),)+)+ }
    };
}

fn dispatch(cx: &mut Cx<'_, '_>, op: &Operation) -> Refused {
    run!(op on cx:
        party {
            PartyOnboard => onboard, PartyAddRole => add_role, PartySuspend => suspend, PartyResume => resume,
            PartyRotateKey => rotate_key, PartyGrantLicence => grant_licence, PartyRevokeLicence => revoke_licence,
            PartyRecoverKey => recover_key, PartyTag => set_tag, PartyUntag => untag, PartyDelegate => delegate,
            PartyRevokeDelegation => revoke_delegation, PartyExit => exit,
        }
        goods {
            GoodsCellOpen => cell_open, GoodsCellCount => cell_count, GoodsCellBlock => cell_block,
            GoodsCellUnblock => cell_unblock, GoodsUnstuff => unstuff, GoodsReseal => reseal,
            GoodsDeclareLoss => declare_loss, GoodsForceVacate => force_vacate,
        }
        waybill {
            WaybillAnchor => anchor, WaybillIssue => issue, WaybillAdopt => adopt, WaybillEndorse => endorse,
            WaybillTransfer => transfer, WaybillSurrenderForDelivery => surrender_for_delivery,
            WaybillSurrenderForAmendment => surrender_for_amendment, WaybillAnswerSurrender => answer_surrender,
            WaybillAmend => amend, WaybillConvert => convert, WaybillCloseAnchor => close_anchor,
            WaybillNominate => nominate, WaybillRejectBack => reject_back, WaybillInstruct => instruct,
            WaybillSplit => split, WaybillMerge => merge, WaybillVoid => void_doc,
        }
        warehouse {
            WarehouseIssue => issue, WarehouseEndorseTransfer => endorse_transfer,
            WarehouseDeliverFull => deliver_full, WarehouseDeliverPartial => deliver_partial, WarehouseSplit => split,
            WarehouseMerge => merge, WarehouseConvertOut => convert_out, WarehouseRelocate => relocate,
            WarehouseExtendStorage => extend_storage, WarehouseSetLien => set_lien, WarehouseTerminate => terminate,
            WarehouseVoid => void_doc,
        }
        pledge {
            PledgeReserve => reserve, PledgeCancelReservation => cancel_reservation, PledgeCreate => create,
            PledgeExtend => extend, PledgeRelease => release, PledgeOffer => offer, PledgeAccept => accept,
            PledgeWithdrawOffer => withdraw_offer, PledgeAddCollateral => add_collateral,
            PledgeSubstitute => substitute, PledgeReleasePartial => release_partial, PledgeAssign => assign,
            PledgeDeclareDefault => declare_default, PledgeCure => cure, PledgeRealise => realise,
            PledgeMirror => mirror, PledgeVoidByOrder => void_by_order,
        }
        hold {
            HoldDispute => dispute, HoldFileCase => file_case, HoldWithdrawDispute => withdraw_dispute,
            HoldCourtFreeze => court_freeze, HoldRenewFreeze => renew_freeze, HoldLift => lift,
            HoldRegulatorFreeze => regulator_freeze, HoldCountersignFreeze => countersign_freeze,
            HoldCustomsHold => customs_hold, HoldCustomsRelease => customs_release,
        }
        authenticity {
            AuthenticityOpen => open, AuthenticityAttest => attest, AuthenticityRefuse => refuse,
            AuthenticityWithdrawAttestation => withdraw_attestation, AuthenticityLink => link,
            AuthenticityClose => close, AuthenticityMarkUse => mark_use, AuthenticityReleaseMark => release_mark,
        }
        cargo {
            CargoReport => report, CargoConfirmCustody => confirm_custody, CargoCorrect => correct,
        }
    )
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
