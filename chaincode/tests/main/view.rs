//! A view behaves as a plain map of which each transaction works on a copy.

use landsea_chaincode::View;
use landsea_chaincode::memory::MemoryState;
use landsea_types::state::{Family, StateRead as _, Table};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// One act of a transaction on one of eight rows.
#[derive(Clone, Debug)]
enum Act {
    Read(u8),
    Put(u8, u64),
    Remove(u8),
    Scan(u8, u8, usize),
}

fn act() -> impl Strategy<Value = Act> {
    let key = 0..8u8;
    prop_oneof![
        key.clone().prop_map(Act::Read),
        (key.clone(), any::<u64>()).prop_map(|(key, value)| Act::Put(key, value)),
        key.clone().prop_map(Act::Remove),
        (key.clone(), key, 0..9usize).prop_map(|(a, b, limit)| Act::Scan(a.min(b), a.max(b), limit)),
    ]
}

type Model = BTreeMap<u8, u64>;

fn play(view: &mut View<'_>, model: &mut Model, act: &Act) {
    match *act {
        Act::Read(key) => {
            assert_eq!(view.get::<u64>(Table::Near, &[key]), model.get(&key).copied());
            assert_eq!(view.leaf(Family::Fp, &[key; 32]).is_some(), model.contains_key(&key));
        }
        Act::Put(key, value) => {
            view.put_row(Table::Near, &[key], &value);
            view.put_leaf(Family::Fp, &[key; 32], &value, &value);
            model.insert(key, value);
        }
        Act::Remove(key) => {
            view.remove_row(Table::Near, &[key]);
            view.remove_leaf(Family::Fp, &[key; 32]);
            model.remove(&key);
        }
        Act::Scan(from, until, limit) => {
            let rows = view.scan(Table::Near, &[from], &[until], limit);
            let keys: Vec<u8> = rows.iter().map(|(key, _)| key[0]).collect();
            assert_eq!(keys, model.range(from..until).take(limit).map(|(key, _)| *key).collect::<Vec<_>>());
        }
    }
}

proptest! {
    #[test]
    fn transactions_are_kept_or_taken_back_whole(
        before in prop::collection::btree_map(0..8u8, any::<u64>(), 0..8),
        transactions in prop::collection::vec((prop::collection::vec(act(), 0..12), any::<bool>()), 0..8),
    ) {
        let mut state = MemoryState::default();
        let mut first = View::new(&state);
        first.begin(b"before");
        before.iter().for_each(|(key, value)| play(&mut first, &mut Model::new(), &Act::Put(*key, *value)));
        first.keep();
        let writes = first.into_writes();
        state.apply(&writes);

        let (mut view, mut model) = (View::new(&state), before);
        for (acts, is_kept) in &transactions {
            let mut tried = model.clone();
            view.begin(b"transaction");
            acts.iter().for_each(|act| play(&mut view, &mut tried, act));
            if *is_kept {
                view.keep();
                model = tried;
            } else {
                view.roll_back();
            }
        }
        let writes = view.into_writes();
        prop_assert!(writes.is_sorted_by_key(|write| borsh::to_vec(write).expect("memory").first().copied()));
        let mut after = state.clone();
        after.apply(&writes);
        let rows: Model = after.table::<u64>(Table::Near).into_iter().map(|(key, value)| (key[0], value)).collect();
        prop_assert_eq!(&rows, &model);
        for key in 0..8u8 {
            prop_assert_eq!(after.leaf(Family::Fp, &[key; 32]).is_some(), model.contains_key(&key));
        }
    }
}
