//! Transactions with anything in them, run by the chaincode.

use crate::fuzz::Check;
use crate::fuzz::fixture::fixture;
use landsea_chaincode::{BlockContext, SignatureOracle, execute_block, simulate};
use landsea_storage::Snapshot;
use landsea_types::crypto::SignatureCheck;
use landsea_types::{Code, Timestamp, Transaction};
use std::collections::BTreeMap;

/// Every signature holds, so that nothing that follows the signature checks stays out of reach.
struct AllHold;

impl SignatureOracle for AllHold {
    fn is_valid(&self, _: &SignatureCheck) -> bool {
        true
    }
}

/// Runs a transaction on the state before the block that held its original, at that block's time.
///
/// No code may be 1014 (an invariant broke): a client must not be able to get there.
pub(super) fn execution() -> Check {
    let (chain, states) = (fixture().chain(), fixture().states());
    let heights = heights_by_nonce();
    Box::new(move |bytes| {
        let Ok(transaction) = Transaction::decode(bytes, &chain) else { return "refused".into() };
        let height = heights.get(&transaction.nonce).copied().unwrap_or(states.len() - 1);
        let (before, time) = (&*states[height - 1], fixture().blocks[height - 1].block.header.time);
        let context = context_after(before, time);
        let outcome = simulate(before, context, bytes, &transaction, &AllHold);
        assert_ne!(outcome.code, Code::Internal, "an invariant broke: {outcome:?}");
        let executed = execute_block(before, context, [(bytes, &transaction)], &AllHold);
        assert_eq!(executed.outcomes[0].code, outcome.code, "a simulation differs from the execution");
        if outcome.code == Code::Ok {
            let json = serde_json::to_value(&transaction).expect("a transaction has a JSON form");
            let back: Transaction =
                serde_json::from_value(json).unwrap_or_else(|e| panic!("accepted, but unreadable: {e}"));
            assert_eq!(back, transaction, "the JSON form reads back as another transaction");
        }
        let number = usize::from(outcome.operation).min(transaction.ops.len() - 1);
        format!("{} {}", transaction.ops[number].name(), outcome.code)
    })
}

fn context_after(state: &dyn Snapshot, time: Timestamp) -> BlockContext {
    let tip = state.tip();
    BlockContext { chain: tip.chain, height: tip.height.next(), time }
}

/// Where each transaction of the chain was committed, by its random number.
fn heights_by_nonce() -> BTreeMap<u64, usize> {
    let chain = fixture().chain();
    let decode = |bytes: &[u8]| Transaction::decode(bytes, &chain).expect("a committed transaction decodes");
    fixture().transactions().map(|(height, bytes)| (decode(bytes).nonce, height)).collect()
}
