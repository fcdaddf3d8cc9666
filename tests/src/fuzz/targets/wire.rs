//! What peers and clients send.

use super::{canonical, kind, text};
use crate::fuzz::fixture::fixture;
use crate::fuzz::{Answer, Check};
use landsea_client::token::Token;
use landsea_consensus::ConsensusMessage;
use landsea_node::checked::CheckedBatch;
use landsea_node::message::{FetchMessage, decode_batch, decode_block};
use landsea_types::bounds::{BATCH_BYTES_MAX, CONSENSUS_MESSAGE_BYTES_MAX, MEMBERS_MAX, TRANSACTION_BYTES_MAX};
use landsea_types::crypto::Ed25519;
use landsea_types::{Batch, Transaction};

pub(super) fn consensus() -> Check {
    Box::new(|bytes| match ConsensusMessage::decode(bytes) {
        Err(error) => kind(&error),
        Ok(message) => {
            assert!(bytes.len() <= CONSENSUS_MESSAGE_BYTES_MAX);
            let message = canonical(bytes, message, ConsensusMessage::encode);
            let (name, votes) = parts(&message);
            assert!(votes <= MEMBERS_MAX, "{votes} votes in one message");
            format!("{name} {}", votes.min(5))
        }
    })
}

/// The kind of a message and how many signatures it carries.
fn parts(message: &ConsensusMessage) -> (&'static str, usize) {
    match message {
        ConsensusMessage::Vote { vote, .. } if vote.message.block.is_none() => ("vote for nil", 1),
        ConsensusMessage::Vote { .. } => ("vote", 1),
        ConsensusMessage::Proposal { .. } => ("proposal", 1),
        ConsensusMessage::Polka { certificate } => ("polka", certificate.votes().count()),
        ConsensusMessage::Round { certificate } => ("round", certificate.signed_votes().count()),
    }
}

pub(super) fn fetch() -> Check {
    Box::new(|bytes| match FetchMessage::decode(bytes) {
        None => "refused".into(),
        Some(message) => match canonical(bytes, message, FetchMessage::encode) {
            FetchMessage::Tip { .. } => "tip".into(),
            FetchMessage::WantBlock { .. } => "want block".into(),
            FetchMessage::Block { block } => format!("block {}", block.is_well_formed()),
            FetchMessage::WantBatches { batches } => format!("want batches {}", batches.len().min(3)),
            FetchMessage::Batch { batch } => format!("batch {}", batch.body().transactions.len().min(3)),
            FetchMessage::WantCommitted { .. } => "want committed".into(),
            FetchMessage::Committed { committed } => {
                let (chain, validators) = (fixture().chain(), &fixture().validators);
                let holds = committed.certificate.verify(&chain, validators);
                format!("committed {} {holds:?}", committed.block.is_well_formed()).chars().take(40).collect()
            }
            FetchMessage::About { about } => format!("about {}", about.voting),
        },
    })
}

pub(super) fn block() -> Check {
    Box::new(|bytes| match decode_block(bytes) {
        None => "refused".into(),
        Some(block) => {
            let block = canonical(bytes, block, |b| borsh::to_vec(b).expect("memory"));
            format!("block of {} batches, well formed {}", block.batches.len().min(3), block.is_well_formed())
        }
    })
}

/// A batch as it came, and the same body signed by the member whose it is said to be: so much may a bad member do.
pub(super) fn batch() -> Check {
    let traitor = fixture().traitor();
    let (key, public) = (fixture().key("validator", traitor), traitor.validator_key);
    Box::new(move |bytes| {
        let Some(batch) = decode_batch(bytes) else { return "refused".into() };
        let batch = canonical(bytes, batch, |b| borsh::to_vec(b).expect("memory"));
        let origin = fixture().genesis.member(batch.body().origin).map_or(public, |m| m.validator_key);
        let as_it_came = checked(batch.clone(), &origin);
        let signed = checked(Batch::new(batch.body().clone(), &key, &Ed25519), &public);
        format!("{as_it_came}; signed by a bad origin: {signed}")
    })
}

fn checked(batch: Batch, origin: &landsea_types::PublicKey) -> Answer {
    match CheckedBatch::check(batch, &fixture().chain(), origin, &Ed25519) {
        Err(fault) => fault.into(),
        Ok(checked) => {
            assert!(checked.batch.payload_bytes() <= BATCH_BYTES_MAX, "a batch over the bound passes");
            assert_eq!(checked.transactions.len(), checked.batch.body().transactions.len());
            for (bytes, transaction) in checked.wire() {
                assert_eq!(transaction.encode(), bytes, "a transaction has two encodings");
            }
            "passes".into()
        }
    }
}

/// A transaction, and the JSON in which the RPC server shows it and drafts hold it.
pub(super) fn transaction() -> Check {
    let chain = fixture().chain();
    Box::new(move |bytes| match Transaction::decode(bytes, &chain) {
        Err(error) => kind(&error),
        Ok(transaction) => {
            assert!(bytes.len() <= TRANSACTION_BYTES_MAX);
            let transaction = canonical(bytes, transaction, Transaction::encode);
            // Codes of fixed length may hold anything before the chaincode looks at them; their text then does not read back.
            let json = serde_json::to_value(&transaction).expect("a transaction has a JSON form");
            if let Ok(back) = serde_json::from_value::<Transaction>(json) {
                assert_eq!(back, transaction, "the JSON form reads back as another transaction");
            }
            let check = transaction.check();
            let signed = check.key.verify(&check.message, &check.signature);
            format!("{} signed {signed}", transaction.ops[0].name())
        }
    })
}

pub(super) fn token() -> Check {
    let chain = fixture().chain();
    Box::new(move |bytes| {
        let text = match text(bytes) {
            Ok(text) => text,
            Err(answer) => return answer,
        };
        let Some(token) = Token::decode(text) else { return "refused".into() };
        assert_eq!(token.encode(), text.to_ascii_lowercase(), "another encoding of the same token decodes");
        format!("token, signature holds {}", token.signature_holds(&chain))
    })
}
