//! The blocking matrix of section 8, as data: which kind of hold bars which act.

use landsea_types::role::HoldKind::{self, *};

/// What an operation does, as far as holds are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// A new reservation, pledge or collateral.
    Pledge,
    /// A transfer or endorsement.
    Transfer,
    /// A split, merger, amendment or relocation.
    Reshape,
    /// A conversion on arrival or dispatch.
    Convert,
    /// A surrender, delivery or exit of all goods.
    Exit,
    /// An exit of some goods.
    PartialExit,
    /// A release by the pledgee.
    Release,
    /// An assignment of a pledge.
    Assign,
    /// A realisation of a pledge.
    Realise,
    /// Extension, mirror, cargo events, attestation, count.
    Record,
    /// The lapse of a pledge, which waits.
    Lapse,
}

impl Act {
    /// Every act, in the order of the matrix.
    pub const ALL: [Act; 11] = [
        Act::Pledge,
        Act::Transfer,
        Act::Reshape,
        Act::Convert,
        Act::Exit,
        Act::PartialExit,
        Act::Release,
        Act::Assign,
        Act::Realise,
        Act::Record,
        Act::Lapse,
    ];
}

/// How a hold bears on an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar {
    /// Not at all.
    Free,
    /// Bars it.
    Barred,
    /// Bars it unless the branch that placed the hold consents by order.
    ByOrder,
    /// Bars it only where the hold stands on the pledge itself.
    OnClaim,
}

/// The kinds in the order of the matrix' columns.
pub const KINDS: [HoldKind; 6] = [Dispute, CourtFreeze, RegulatorFreeze, CustomsHold, LossStop, Deficit];

use Bar::{Barred as X, ByOrder as O, Free as F, OnClaim as C};

/// One row per act, one column per kind of [`KINDS`]. A realisation passes the title on; what customs bars is the exit of the goods after
/// it, which is an act of its own.
#[rustfmt::skip]
pub const MATRIX: [(Act, [Bar; 6]); 11] = [
    //                 DISPUTE COURT REGULATOR CUSTOMS LOSS_STOP DEFICIT
    (Act::Pledge,      [X,     X,    X,        F,      X,        X]),
    (Act::Transfer,    [X,     X,    X,        F,      X,        X]),
    (Act::Reshape,     [X,     X,    X,        F,      X,        X]),
    (Act::Convert,     [F,     O,    X,        F,      X,        F]),
    (Act::Exit,        [X,     X,    X,        X,      X,        F]),
    (Act::PartialExit, [X,     X,    X,        X,      X,        X]),
    (Act::Release,     [F,     C,    X,        F,      F,        F]),
    (Act::Assign,      [C,     X,    X,        F,      F,        F]),
    (Act::Realise,     [X,     O,    X,        F,      F,        F]),
    (Act::Record,      [F,     F,    F,        F,      F,        F]),
    (Act::Lapse,       [X,     X,    X,        F,      X,        X]),
];

/// How a kind of hold bears on an act.
pub fn bar(act: Act, kind: HoldKind) -> Bar {
    let row = MATRIX.iter().find(|(a, _)| *a == act).map(|(_, row)| row);
    let column = KINDS.iter().position(|k| *k == kind);
    row.zip(column).and_then(|(row, column)| row.get(column)).copied().unwrap_or(Bar::Barred)
}
