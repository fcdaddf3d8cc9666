//! Building transactions that several firms sign.
//!
//! A [`Draft`] is the file that passes between the parties: the sender states operations, every other party reads them, signs a
//! consent over exactly that operation of exactly that sender, and the sender attaches the consents and signs. Nothing in a draft
//! is secret from the parties, and no consent serves another sender.

use landsea_types::operation::Operation;
use landsea_types::role::Role;
use landsea_types::transaction::{Consent, ConsentTerms};
use landsea_types::{AccountId, ChainId, Hash, Height, Signature, Timestamp, Transaction, bounds};
use serde::{Deserialize, Serialize};

use crate::api::Status;
use crate::keys::Identity;

/// Heights for which a transaction stays valid unless the caller says otherwise.
pub const VALID_HEIGHTS: u64 = 200;

/// How long a consent stays valid unless the caller says otherwise, milliseconds.
pub const CONSENT_MS: u64 = 24 * 60 * 60 * 1000;

/// Why a draft cannot become a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The draft has no operation or too many.
    #[error("{found} operations; a transaction has 1 to {max}", max = bounds::OPERATIONS_MAX)]
    Operations {
        /// Operations in the draft.
        found: usize,
    },
    /// Too many consents.
    #[error("{found} consents; a transaction has at most {max}", max = bounds::CONSENTS_MAX)]
    Consents {
        /// Consents in the draft.
        found: usize,
    },
    /// The operation asked about is not in the draft.
    #[error("the draft has no operation {index} (it has {count}, counted from 0)")]
    NoSuchOperation {
        /// The index asked for.
        index: usize,
        /// Operations in the draft.
        count: usize,
    },
    /// The consent belongs to no operation of the draft.
    #[error("the consent of {party} is for another operation or another sender than this draft's")]
    ForeignConsent {
        /// Who signed it.
        party: AccountId,
    },
    /// The consent's signature does not verify on this chain.
    #[error("the consent of {party} is not signed by the key it names, or for another chain")]
    BadConsent {
        /// Who it claims to be from.
        party: AccountId,
    },
    /// No end of validity is set.
    #[error("the draft does not say until which height it is valid")]
    NoValidity,
    /// The encoded transaction is too large.
    #[error("the transaction has {bytes} bytes; at most {max} are accepted", max = bounds::TRANSACTION_BYTES_MAX)]
    TooLarge {
        /// Bytes when encoded.
        bytes: usize,
    },
    /// Another account tries to sign.
    #[error("the draft is for sender {sender}; the key belongs to {signer}")]
    OtherSender {
        /// Whom the draft names.
        sender: AccountId,
        /// Who tried to sign.
        signer: AccountId,
    },
}

/// A transaction in the making.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The chain for which everything is signed.
    pub chain_id: ChainId,
    /// Who will sign and send it.
    pub sender: AccountId,
    /// What is asked for; all apply or none.
    pub operations: Vec<Operation>,
    /// Consents collected so far.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// Last height at which it may be committed.
    #[serde(default)]
    pub valid_until: Option<Height>,
    /// Random number that makes two otherwise equal transactions differ.
    pub nonce: u64,
}

impl Draft {
    /// Starts an empty draft with a random nonce.
    pub fn new(chain_id: ChainId, sender: AccountId) -> Self {
        let nonce = crate::random::number();
        Self { chain_id, sender, operations: Vec::new(), consents: Vec::new(), valid_until: None, nonce }
    }

    /// Adds an operation.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.push(operation);
        self
    }

    /// Sets the last height at which the transaction may be committed.
    #[must_use]
    pub fn valid_until(mut self, height: Height) -> Self {
        self.valid_until = Some(height);
        self
    }

    /// Lets the transaction be committed within `heights` of a node's newest block.
    #[must_use]
    pub fn valid_for(self, status: &Status, heights: u64) -> Self {
        self.valid_until(status.height.saturating_add(heights))
    }

    /// What a party is asked to sign for operation `index`.
    ///
    /// # Errors
    /// [`BuildError::NoSuchOperation`].
    pub fn consent_request(
        &self,
        index: usize,
        party: AccountId,
        role: Role,
        not_after: Timestamp,
    ) -> Result<ConsentRequest, BuildError> {
        let missing = BuildError::NoSuchOperation { index, count: self.operations.len() };
        let operation = self.operations.get(index).ok_or(missing)?.clone();
        Ok(ConsentRequest { chain_id: self.chain_id, sender: self.sender, operation, party, role, not_after })
    }

    /// Has a party consent to every operation of the draft.
    pub fn consent_all(&mut self, identity: &Identity, role: Role, not_after: Timestamp) {
        let count = self.operations.len();
        for index in 0..count {
            let request = self
                .consent_request(index, identity.account, role, not_after)
                .expect("the index is below the number of operations");
            self.consents.push(request.sign(identity));
        }
    }

    /// Attaches a consent after checking that it is for one of the draft's operations and rightly signed.
    ///
    /// # Errors
    /// [`BuildError::ForeignConsent`], [`BuildError::BadConsent`].
    pub fn attach(&mut self, consent: Consent) -> Result<(), BuildError> {
        let party = consent.party;
        if !self.operations.iter().any(|op| op.hash(&self.sender) == consent.op_hash) {
            return Err(BuildError::ForeignConsent { party });
        }
        if !consent.public_key.verify(&consent.sign_bytes(&self.chain_id), &consent.signature) {
            return Err(BuildError::BadConsent { party });
        }
        if !self.consents.contains(&consent) {
            self.consents.push(consent);
        }
        Ok(())
    }

    /// Signs the draft.
    ///
    /// # Errors
    /// What makes the ledger refuse it whatever the state: counts, size, missing validity, another sender.
    pub fn sign(&self, identity: &Identity) -> Result<Transaction, BuildError> {
        self.check_counts()?;
        if identity.account != self.sender {
            return Err(BuildError::OtherSender { sender: self.sender, signer: identity.account });
        }
        let transaction = Transaction {
            version: Transaction::VERSION,
            chain_id: self.chain_id,
            sender: self.sender,
            represents: None,
            key: identity.key,
            public_key: identity.secret.public(),
            valid_until: self.valid_until.ok_or(BuildError::NoValidity)?,
            nonce: self.nonce,
            ops: self.operations.clone(),
            consents: self.consents.clone(),
            signature: Signature([0; 64]),
        };
        let transaction = transaction.sign(&identity.secret);
        let bytes = transaction.encode().len();
        if bytes > bounds::TRANSACTION_BYTES_MAX { Err(BuildError::TooLarge { bytes }) } else { Ok(transaction) }
    }

    fn check_counts(&self) -> Result<(), BuildError> {
        if self.operations.is_empty() || self.operations.len() > bounds::OPERATIONS_MAX {
            return Err(BuildError::Operations { found: self.operations.len() });
        }
        if self.consents.len() > bounds::CONSENTS_MAX {
            return Err(BuildError::Consents { found: self.consents.len() });
        }
        Ok(())
    }
}

/// What a party is asked to agree to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentRequest {
    /// The chain for which the consent counts.
    pub chain_id: ChainId,
    /// The only account that can use the consent.
    pub sender: AccountId,
    /// What is agreed to, with its object versions.
    pub operation: Operation,
    /// Who is asked.
    pub party: AccountId,
    /// In which capacity.
    pub role: Role,
    /// Block time after which the consent is void.
    pub not_after: Timestamp,
}

impl ConsentRequest {
    /// The hash that binds the consent to operation and sender.
    pub fn op_hash(&self) -> Hash {
        self.operation.hash(&self.sender)
    }

    /// The bytes that a signing device outside this process signs, for the given key index and nonce.
    pub fn bytes(&self, key: u16, nonce: u64) -> Vec<u8> {
        let unsigned = Consent {
            party: self.party,
            key,
            role: self.role,
            op_hash: self.op_hash(),
            not_after: self.not_after,
            nonce,
            public_key: landsea_types::PublicKey([0; 32]),
            signature: Signature([0; 64]),
        };
        unsigned.sign_bytes(&self.chain_id)
    }

    /// Signs with a random nonce.
    pub fn sign(&self, identity: &Identity) -> Consent {
        let terms = ConsentTerms {
            party: self.party,
            key: identity.key,
            role: self.role,
            op_hash: self.op_hash(),
            not_after: self.not_after,
            nonce: crate::random::number(),
        };
        Consent::new(terms, &self.chain_id, &identity.secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use landsea_types::operation::pledge::Reserve;
    use landsea_types::{DocId, SecretKey};

    fn identity(n: u8) -> Identity {
        Identity { account: AccountId([n; 32]), key: 0, secret: SecretKey::from_seed([n; 32]) }
    }

    fn draft() -> Draft {
        let reserve = Reserve { doc: DocId([3; 32]), expect_ver: 1, until: Timestamp::new(9) };
        Draft::new(ChainId([7; 32]), AccountId([1; 32]))
            .operation(Operation::PledgeReserve(reserve))
            .valid_until(Height::new(50))
    }

    fn consent(draft: &Draft) -> Consent {
        let request = draft.consent_request(0, AccountId([2; 32]), Role::Enterprise, Timestamp::new(99));
        request.expect("operation 0 is there").sign(&identity(2))
    }

    #[test]
    fn a_consented_draft_becomes_a_transaction_that_decodes() {
        let mut draft = draft();
        draft.attach(consent(&draft)).expect("made for this draft");
        let tx = draft.sign(&identity(1)).expect("complete");
        let again = Transaction::decode(&tx.encode(), &draft.chain_id).expect("decodes");
        assert_eq!(again, tx);
        assert!(tx.public_key.verify(&tx.sign_bytes(), &tx.signature));
        assert_eq!(again.consents.len(), 1);
    }

    #[test]
    fn a_consent_for_another_sender_chain_or_version_is_not_attached() {
        let given = consent(&draft());
        let mut other_sender = draft();
        other_sender.sender = AccountId([5; 32]);
        assert!(matches!(other_sender.attach(given.clone()), Err(BuildError::ForeignConsent { .. })));
        let mut other_chain = draft();
        other_chain.chain_id = ChainId([8; 32]);
        assert!(matches!(other_chain.attach(given.clone()), Err(BuildError::BadConsent { .. })));
        let mut forged = given;
        forged.signature.0[0] ^= 1;
        assert!(matches!(draft().attach(forged), Err(BuildError::BadConsent { .. })));
    }

    #[test]
    fn a_draft_file_reads_back_and_two_drafts_differ() {
        let first = draft();
        let text = serde_json::to_string(&first).expect("string keys only");
        assert_eq!(serde_json::from_str::<Draft>(&text).expect("reads back"), first);
        assert_ne!(first.nonce, draft().nonce);
    }

    #[test]
    fn an_incomplete_draft_is_refused_before_it_is_sent() {
        let empty = Draft::new(ChainId([7; 32]), AccountId([1; 32]));
        assert_eq!(empty.sign(&identity(1)), Err(BuildError::Operations { found: 0 }));
        let mut open = draft();
        open.valid_until = None;
        assert_eq!(open.sign(&identity(1)), Err(BuildError::NoValidity));
        assert!(matches!(draft().sign(&identity(4)), Err(BuildError::OtherSender { .. })));
    }
}
