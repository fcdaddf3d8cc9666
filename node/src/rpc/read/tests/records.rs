//! Records of a small ledger: a pledged bill over two lots, one of them made from a third.

use landsea_chaincode::memory::MemoryState;
use landsea_chaincode::view::{View, pair};
use landsea_types::operation::cargo::FlowReport;
use landsea_types::record::*;
use landsea_types::role::*;
use landsea_types::state::Table;
use landsea_types::ticket::ClassedKey;
use landsea_types::{
    AccountId, Commit, DocId, EventId, Fp, GoodsKey, Hash, Height, HoldId, LotId, Member, PledgeId, Qty, Timestamp, Uom,
};

pub(super) const CARRIER: AccountId = AccountId([1; 32]);
pub(super) const FIRM: AccountId = AccountId([2; 32]);
pub(super) const BANK: AccountId = AccountId([3; 32]);
pub(super) const KEEPER: AccountId = AccountId([4; 32]);
pub(super) const SELLER: AccountId = AccountId([5; 32]);
pub(super) const RIVAL: AccountId = AccountId([6; 32]);
pub(super) const BRANCH: AccountId = AccountId([7; 32]);

pub(super) const DOC: DocId = DocId([11; 32]);
pub(super) const PLEDGE: PledgeId = PledgeId([12; 32]);
pub(super) const CELL: GoodsKey = GoodsKey([13; 32]);
pub(super) const DISPUTE: HoldId = HoldId([14; 32]);

pub(super) fn lot_id(n: u8) -> LotId {
    LotId([20 + n; 32])
}

pub(super) fn event_id(n: u8) -> EventId {
    EventId([40 + n; 32])
}

pub(super) fn party(id: AccountId, role: Role) -> Party {
    Party {
        id,
        ver: 1,
        roles: Roles::of(&[role]),
        home: Member::new(1),
        kyc: Commit::default(),
        fingerprint: Fp(id.0),
        institution_public: false,
        keys: vec![],
        group: None,
        status: PartyStatus::Active,
        licences: vec![],
        tags: vec![],
        delegations: vec![],
        recovery: None,
    }
}

pub(super) fn doc() -> Doc {
    Doc {
        id: DOC,
        ver: 3,
        kind: DocKind::NCD,
        legal_basis: LegalBasis::Agreement,
        fp1: Fp([31; 32]),
        fp2: Fp([32; 32]),
        near: [Fp::default(); 8],
        fp_epoch: 0,
        content_root: Commit([33; 32]),
        issuer: CARRIER,
        issue_date: 20_260_304,
        home: Member::new(1),
        order_type: OrderType::ToOrder,
        beneficiary: Some(FIRM),
        holder: BANK,
        first_holder: SELLER,
        nominee: None,
        previous: (None, None),
        lots: vec![lot_id(1), lot_id(2)],
        note_keys: vec![],
        legs: vec![],
        base_docs: vec![],
        adopted_by: None,
        control_agreement: Commit([34; 32]),
        state: DocState::Active,
        replaced_by: None,
        replaces: None,
        children: vec![],
        medium: Medium::Ledger,
        enc: Some(PLEDGE),
        expires: None,
        surrendered: None,
        receipt: None,
        sale: None,
        chain_len: 0,
        chain_root: Hash::default(),
    }
}

pub(super) fn lot(n: u8, parents: Vec<LotId>) -> Lot {
    Lot {
        id: lot_id(n),
        ver: 1,
        home: Member::new(1),
        kind: LotKind::Unit,
        uom: Uom::KGM,
        qty: Qty::new(5_000),
        packages: 1,
        goods_class: *b"842952",
        keys: vec![ClassedKey { class: b'S', key: CELL }],
        paper_keys: vec![],
        custodian: KEEPER,
        supervisor: None,
        place: Member::new(2),
        title: Some(DOC),
        enc: Some(PLEDGE),
        parents,
        origin_doc: DOC,
        status: LotStatus::Active,
        deficit: false,
        missing: Qty::ZERO,
        seal: None,
    }
}

fn pledge() -> Pledge {
    Pledge {
        id: PLEDGE,
        ver: 1,
        pledgor: FIRM,
        pledgee: BANK,
        docs: vec![DOC],
        lots: vec![lot_id(1), lot_id(2)],
        rank: 1,
        priority: Priority { height: Height::new(5), index: 0 },
        state: PledgeState::Active,
        created: Timestamp::new(1),
        reg_until: Timestamp::new(2),
        grace_until: Timestamp::new(3),
        extend_agreed: false,
        claim: Commit::default(),
        secured_kind: SecuredKind::Loan,
        cover_min_bps: 0,
        finance_ref: Commit::default(),
        proof_min_level: 0,
        proof: None,
        supervisor: None,
        home_pledgee: Member::new(1),
        home_pledgor: Member::new(1),
        release_reason: None,
        joined: vec![],
        initial: vec![],
        cover_low: false,
        conditions: Commit::default(),
        mirror: None,
        mirror_due: Timestamp::MAX,
        mirror_overdue: false,
        assigned_from: vec![],
        encumbered_claim: false,
        enforcement: None,
    }
}

fn cell() -> Cell {
    Cell {
        key: CELL,
        ver: 1,
        site: Fp([35; 32]),
        keeper: KEEPER,
        home: Member::new(2),
        uom: Uom::KGM,
        counted: Qty::new(10_000),
        counted_at: Some(Timestamp::new(1)),
        supervisor: None,
        evidence: Commit::default(),
        receipts_sum: Qty::new(10_000),
        away: Default::default(),
        status: CellStatus::Open,
    }
}

pub(super) fn hold(id: HoldId, kind: HoldKind, by: AccountId, index: u32, state: HoldState) -> Hold {
    Hold {
        id,
        ver: 1,
        kind,
        placed_on: HoldTarget::Doc(DOC),
        targets: vec![HoldTarget::Doc(DOC)],
        by,
        by_member: Member::new(1),
        on_behalf: Commit([36; 32]),
        basis: Commit([37; 32]),
        placed: Priority { height: Height::new(6), index },
        from: Timestamp::new(1),
        until: Timestamp::new(9),
        state,
        filed: None,
        countersigned: None,
        order: None,
    }
}

/// An event at a place, said to have happened at a time and recorded a moment later, at the height of its number.
pub(super) fn seen(n: u8, of: LotId, step: FlowStep, node: &[u8; 8], at: u64) -> CargoEvent {
    let report = FlowReport {
        lots: vec![of],
        step,
        node: *node,
        at: Timestamp::new(at),
        custody: None,
        seal: None,
        qty: None,
        condition: None,
        payload: Commit([n; 32]),
    };
    CargoEvent {
        id: event_id(n),
        report,
        action: FlowAction::Add,
        reporter: KEEPER,
        recorded: Timestamp::new(at + 1),
        height: Height::new(u64::from(n)),
        corrects: None,
        moved: vec![],
        corrected_by: None,
        custody_confirmed: true,
        custody_due: None,
    }
}

/// Changes a state through the chaincode's own accessors, so that every index is right.
pub(super) fn change(state: &mut MemoryState, change: impl FnOnce(&mut View<'_>)) {
    let base = state.clone();
    let mut view = View::new(&base);
    view.begin(b"test");
    change(&mut view);
    view.keep();
    state.apply(&view.into_writes());
}

pub(super) fn ledger() -> MemoryState {
    let mut state = MemoryState::default();
    let roles = [
        (CARRIER, Role::Mto),
        (FIRM, Role::Enterprise),
        (BANK, Role::Bank),
        (KEEPER, Role::Warehouse),
        (SELLER, Role::Enterprise),
        (RIVAL, Role::Bank),
        (BRANCH, Role::Branch),
    ];
    change(&mut state, |view| {
        for (id, role) in roles {
            view.put_party(&party(id, role));
        }
        view.put_doc(&doc());
        view.put_pledge(&pledge());
        view.put_cell(&cell());
        let ended = Lot { status: LotStatus::Consumed, title: None, keys: vec![], ..lot(0, vec![]) };
        for lot in [ended, lot(1, vec![lot_id(0)]), lot(2, vec![])] {
            if lot.status == LotStatus::Active {
                view.put_row(Table::CellLot, &pair(&CELL.0, &lot.id.0), &());
            }
            view.put_lot(&lot);
        }
    });
    state
}

/// Appends events to the timeline of the lot that each names.
pub(super) fn report(state: &mut MemoryState, events: &[CargoEvent]) {
    change(state, |view| {
        for event in events {
            for lot in &event.report.lots {
                let n = (1..).find(|n| view.timeline(lot, *n).is_none()).expect("numbers do not end");
                view.put_timeline(lot, n, &event.id);
            }
            view.put_cargo_event(event);
        }
    });
}
