//! The committed state held against the model's records.

use super::{Book, Lien, Mismatch, Model, Sheet, Stop};
use landsea_chaincode::invariants::WholeState;
use landsea_types::record::{
    Attempt, Doc, Encumbrance, Hold, Lot, Occupancy, Party, Pledge, Proof, PublicFp, Reservation, Standings,
};
use landsea_types::role::{HoldState, LotStatus};
use landsea_types::state::{Family, Leaf, Table};
use landsea_types::{AccountId, DocId, Fp, GoodsKey, Hash, HoldId, LotId, PledgeId, ProofId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// A difference: the record, what the model expects, what the state has.
type Difference = (String, String, String);

impl Model {
    /// Checks every modelled record against the committed state, and that the state has no record that the model does not know.
    ///
    /// # Errors
    /// The first difference.
    pub fn compare(&self, state: &dyn WholeState) -> Result<(), Mismatch> {
        self.differences(state).map_err(|(about, expected, got)| Mismatch {
            height: self.book.height,
            about,
            expected,
            got,
        })
    }

    fn differences(&self, state: &dyn WholeState) -> Result<(), Difference> {
        self.book.one_live_pledge_per_lot()?;
        self.book.compare_docs(state)?;
        self.book.compare_goods(state)?;
        self.book.compare_charges(state)?;
        self.book.compare_pledges(state)?;
        self.book.compare_stops(state)?;
        self.book.compare_parties_and_cases(state)?;
        self.compare_attempts(state)
    }

    /// The journal holds every refused act that it must, and no other.
    fn compare_attempts(&self, state: &dyn WholeState) -> Result<(), Difference> {
        let rows: Vec<Attempt> = rows(state, Table::Attempt)?;
        let seen = rows.iter().map(|a| (a.height, a.by, a.code));
        let expected = self.tried.iter().map(|t| (t.height, t.by, t.code));
        same("the attempt journal", &expected.collect::<Vec<_>>(), &seen.collect::<Vec<_>>())
    }
}

impl Book {
    /// Recomputed from the pledges, not from the index that operations use.
    fn one_live_pledge_per_lot(&self) -> Result<(), Difference> {
        let mut covered: BTreeMap<LotId, PledgeId> = BTreeMap::new();
        for (id, lien) in self.liens.iter().filter(|(_, lien)| lien.state.is_live()) {
            for lot in &lien.lots {
                if let Some(other) = covered.insert(*lot, *id) {
                    return Err((format!("{lot:?}"), "one live pledge".into(), format!("{other:?} and {id:?}")));
                }
            }
        }
        same("the model's charged lots", &covered, &self.charged)
    }

    fn compare_docs(&self, state: &dyn WholeState) -> Result<(), Difference> {
        type Seen = (u32, String, AccountId, Option<AccountId>, Vec<LotId>, Option<PledgeId>, Option<DocId>, AccountId);
        let of_model = |id: &DocId, d: &Sheet| -> Seen {
            let enc = self.charged_docs.get(id).copied();
            (d.ver, d.state.to_string(), d.holder, d.beneficiary, d.lots.clone(), enc, d.replaced_by, d.issuer)
        };
        let of_state = |d: Doc| -> Seen {
            (d.ver, d.state.to_string(), d.holder, d.beneficiary, d.lots, d.enc, d.replaced_by, d.issuer)
        };
        let expected: BTreeMap<DocId, Seen> = self.docs.iter().map(|(id, d)| (*id, of_model(id, d))).collect();
        let seen = leaves(state, Family::Doc, |id, doc: Doc| (DocId(id), of_state(doc)))?;
        same_maps("document", &expected, &seen)?;
        let newest = leaves(state, Family::Fp, |fp, r: PublicFp| (Fp(fp), r.doc))?;
        same_maps("identity", &self.newest, &newest)
    }

    fn compare_goods(&self, state: &dyn WholeState) -> Result<(), Difference> {
        type Seen = (LotStatus, Option<DocId>, Option<PledgeId>, AccountId, Option<AccountId>, u64);
        let expected: BTreeMap<LotId, Seen> = self
            .lots
            .iter()
            .map(|(id, g)| {
                let enc = self.charged.get(id).copied();
                (*id, (g.status, g.title, enc, g.custodian, g.supervisor, g.stated.qty.get()))
            })
            .collect();
        let of_state = |l: Lot| (l.status, l.title, l.enc, l.custodian, l.supervisor, l.qty.get());
        let seen = leaves(state, Family::Lot, |id, lot: Lot| (LotId(id), of_state(lot)))?;
        same_maps("lot", &expected, &seen)?;
        let occupied = leaves(state, Family::GoodsKey, |key, r: Occupancy| (GoodsKey(key), r.lots))?;
        let expected = self.occupied.iter().map(|(key, lots)| (*key, lots.iter().copied().collect())).collect();
        same_maps("goods key", &expected, &occupied)
    }

    /// `enc/` and `res/` leaves stand on exactly the documents and lots that the model says.
    fn compare_charges(&self, state: &dyn WholeState) -> Result<(), Difference> {
        let mut charged: BTreeMap<Hash, PledgeId> = self.charged_docs.iter().map(|(d, p)| (Hash(d.0), *p)).collect();
        charged.extend(self.charged.iter().map(|(lot, id)| (Hash(lot.0), *id)));
        let mut expected = BTreeMap::new();
        for (target, id) in charged {
            let lien = self.liens.get(&id).map(|lien| (id, lien.pledgee, lien.priority));
            expected.extend(lien.map(|lien| (target, lien)));
        }
        let seen =
            leaves(state, Family::Encumbrance, |t, e: Encumbrance| (Hash(t), (e.pledge, e.pledgee, e.priority)))?;
        same_maps("encumbrance", &expected, &seen)?;
        let mut booked = BTreeMap::new();
        for (id, b) in &self.bookings {
            let lots = self.docs.get(id).into_iter().flat_map(|doc| doc.lots.iter().map(|lot| Hash(lot.0)));
            booked.extend(std::iter::once(Hash(id.0)).chain(lots).map(|t| (t, (*id, b.bank, b.pledgor, b.until))));
        }
        let seen =
            leaves(state, Family::Reservation, |t, r: Reservation| (Hash(t), (r.doc, r.bank, r.pledgor, r.until)))?;
        same_maps("reservation", &booked, &seen)
    }

    fn compare_pledges(&self, state: &dyn WholeState) -> Result<(), Difference> {
        let seen: BTreeMap<PledgeId, Lien> =
            rows::<Pledge>(state, Table::Pledge)?.into_iter().map(|p| (p.id, lien_of(p))).collect();
        same_maps("pledge", &self.liens, &seen)
    }

    /// Every hold is as the model has it, and a `hold/` leaf lists exactly those that are effective on its target.
    fn compare_stops(&self, state: &dyn WholeState) -> Result<(), Difference> {
        let seen: BTreeMap<HoldId, Stop> =
            rows::<Hold>(state, Table::Hold)?.into_iter().map(|h| (h.id, stop_of(h))).collect();
        same_maps("hold", &self.stops, &seen)?;
        let mut expected: BTreeMap<Hash, BTreeSet<HoldId>> = BTreeMap::new();
        for (id, stop) in self.stops.iter().filter(|(_, stop)| stop.state == HoldState::Effective) {
            for target in &stop.targets {
                expected.entry(*target).or_default().insert(*id);
            }
        }
        let ids = |s: Standings| s.holds.into_iter().filter_map(|standing| standing.hold).collect::<BTreeSet<HoldId>>();
        let seen = leaves(state, Family::Hold, |target, s: Standings| (Hash(target), ids(s)))?;
        same_maps("holds on", &expected, &seen)
    }

    fn compare_parties_and_cases(&self, state: &dyn WholeState) -> Result<(), Difference> {
        let expected: BTreeMap<_, _> =
            self.firms.iter().map(|(id, f)| (*id, (f.ver, f.roles, f.home, f.status))).collect();
        let seen = leaves(state, Family::Party, |id, p: Party| (AccountId(id), (p.ver, p.roles, p.home, p.status)))?;
        same_maps("party", &expected, &seen)?;
        let expected: BTreeMap<_, _> = self.cases.iter().map(|(id, c)| (*id, (c.ver, c.subject, c.owner))).collect();
        let seen = leaves(state, Family::Proof, |id, p: Proof| (ProofId(id), (p.ver, p.subject, p.owner)))?;
        same_maps("case", &expected, &seen)
    }
}

fn stop_of(h: Hold) -> Stop {
    Stop {
        ver: h.ver,
        kind: h.kind,
        targets: h.targets.iter().map(|target| Hash(target.id())).collect(),
        by: h.by,
        by_member: h.by_member,
        placed: h.placed,
        until: h.until,
        state: h.state,
    }
}

fn lien_of(p: Pledge) -> Lien {
    Lien {
        ver: p.ver,
        pledgor: p.pledgor,
        pledgee: p.pledgee,
        docs: p.docs,
        lots: p.lots.into_iter().collect::<BTreeSet<LotId>>(),
        priority: p.priority,
        state: p.state,
        reg_until: p.reg_until,
        grace_until: p.grace_until,
        extend_agreed: p.extend_agreed,
        supervisor: p.supervisor,
        mirror_due: p.mirror_due,
        mirror_overdue: p.mirror_overdue,
        enforced: p.enforcement.map(|enforcement| enforcement.since),
        assigned_by: p.assigned_from.into_iter().map(|assigned| assigned.from).collect(),
    }
}

fn same<T: PartialEq + Debug>(about: &str, expected: &T, got: &T) -> Result<(), Difference> {
    if expected == got { Ok(()) } else { Err((about.to_owned(), format!("{expected:?}"), format!("{got:?}"))) }
}

/// The first key at which two maps differ.
fn same_maps<K: Ord + Debug, V: PartialEq + Debug>(
    about: &str,
    expected: &BTreeMap<K, V>,
    got: &BTreeMap<K, V>,
) -> Result<(), Difference> {
    if expected == got {
        return Ok(());
    }
    let keys: BTreeSet<&K> = expected.keys().chain(got.keys()).collect();
    for key in keys {
        same(&format!("{about} {key:?}"), &expected.get(key), &got.get(key))?;
    }
    Ok(())
}

fn undecodable(place: impl Debug) -> Difference {
    (format!("{place:?}"), "a record".into(), "bytes that do not decode".into())
}

fn leaves<T: borsh::BorshDeserialize, K: Ord, V>(
    state: &dyn WholeState,
    family: Family,
    read: impl Fn([u8; 32], T) -> (K, V),
) -> Result<BTreeMap<K, V>, Difference> {
    let mut all = BTreeMap::new();
    let mut result = Ok(());
    state.each_leaf(family, &mut |id: &[u8; 32], leaf: &Leaf| match borsh::from_slice(&leaf.record) {
        Ok(record) => all.extend([read(*id, record)]),
        Err(_) => result = Err(undecodable(family)),
    });
    result.map(|()| all)
}

fn rows<T: borsh::BorshDeserialize>(state: &dyn WholeState, table: Table) -> Result<Vec<T>, Difference> {
    let mut all = Vec::new();
    let mut result = Ok(());
    state.each_row(table, &mut |_, value| match borsh::from_slice(value) {
        Ok(row) => all.push(row),
        Err(_) => result = Err(undecodable(table)),
    });
    result.map(|()| all)
}
