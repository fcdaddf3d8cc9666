//! What an operation can see and do.

use crate::refusal::{Refusal, Refused};
use crate::view::View;
use landsea_types::crypto::SignatureCheck;
use landsea_types::event::{Event, EventName};
use landsea_types::genesis::ParamKey;
use landsea_types::record::Party;
use landsea_types::role::{PartyStatus, Role};
use landsea_types::{AccountId, ChainId, Code, Consent, Hash, Height, Member, Timestamp, Transaction, TxId, derive_id};

/// The block under execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockContext {
    pub chain: ChainId,
    pub height: Height,
    pub time: Timestamp,
}

/// Answers whether a client signature is valid: a function of the bytes alone, so a cache may stand behind it.
pub trait SignatureOracle {
    /// The ZIP-215 answer for one signature.
    fn is_valid(&self, check: &SignatureCheck) -> bool;
}

/// Checks each signature when asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct CheckEach;

impl SignatureOracle for CheckEach {
    fn is_valid(&self, check: &SignatureCheck) -> bool {
        check.key.verify(&check.message, &check.signature)
    }
}

/// One operation under execution: state, sender, block, and what it leaves behind.
pub struct Cx<'v, 's> {
    pub view: &'v mut View<'s>,
    pub block: BlockContext,
    pub tx: &'v Transaction,
    pub tx_id: TxId,
    /// Position of the transaction in the block.
    pub tx_index: u32,
    /// The operation's hash, which consents sign; zero where the transaction holds none.
    pub op_hash: Hash,
    /// Hashes of all operations of the transaction, likewise.
    pub op_hashes: &'v [Hash],
    /// The operation's number, which delegations name.
    pub op_number: u16,
    /// Who acts: the signer, or the party that it represents.
    pub sender: Party,
    /// The party for which the signer acts; an entry of a document's chain names it.
    pub represented: Option<AccountId>,
    /// Whose consent needs no signature of its own: the party that acts, and who accepted an offer before.
    pub given: Vec<AccountId>,
    pub signatures: &'v dyn SignatureOracle,
    /// Consents that this operation has checked and used; one serves every capacity its role allows.
    pub used: Vec<Consent>,
    /// Objects created so far by this transaction; numbers the ids.
    pub created: &'v mut u32,
    pub events: &'v mut Vec<Event>,
    pub touched: &'v mut Vec<Hash>,
}

impl Cx<'_, '_> {
    /// The block time.
    pub fn now(&self) -> Timestamp {
        self.block.time
    }
    /// The block height.
    pub fn height(&self) -> Height {
        self.block.height
    }
    /// A parameter's value.
    pub fn param(&self, key: ParamKey) -> u64 {
        self.view.param(key)
    }
    /// A fresh id for an object of a kind.
    pub fn new_id(&mut self, domain: &str) -> [u8; 32] {
        let id = derive_id(domain, &self.tx_id, *self.created);
        *self.created = self.created.saturating_add(1);
        id
    }
    /// Notes that an object changed.
    pub fn touch(&mut self, id: &[u8; 32]) {
        let id = Hash(*id);
        if !self.touched.contains(&id) {
            self.touched.push(id);
        }
    }
    /// Emits an event.
    pub fn emit(
        &mut self,
        name: EventName,
        subject: &[u8; 32],
        members: &[Member],
        parties: &[AccountId],
        args: &[u64],
    ) {
        self.emit_related(name, subject, &[], members, parties, args);
    }
    /// Emits an event that names further objects.
    pub fn emit_related(
        &mut self,
        name: EventName,
        subject: &[u8; 32],
        related: &[Hash],
        members: &[Member],
        parties: &[AccountId],
        args: &[u64],
    ) {
        self.touch(subject);
        self.events.push(event(name, subject, related, members, parties, args));
    }

    /// Check step 3: the sender is active and has one of the roles.
    ///
    /// # Errors
    /// 1005 for the role, 1006 for a sender that is not active.
    pub fn require_role(&self, roles: &[Role]) -> Refused {
        if !self.sender.roles.has_any(roles) {
            return Err(Refusal::new(Code::RoleNotPermitted));
        }
        self.require_active()
    }
    /// Check step 3 for operations any party may call.
    ///
    /// # Errors
    /// 1006 when the sender is suspended or gone.
    pub fn require_active(&self) -> Refused {
        if self.sender.status == PartyStatus::Active { Ok(()) } else { Err(Refusal::new(Code::PartySuspended)) }
    }
    /// Check step 4: the object exists; `which` is its position among the operation's objects.
    ///
    /// # Errors
    /// 1012 with `which`.
    pub fn known<T>(object: Option<T>, which: u64) -> Refused<T> {
        object.ok_or_else(|| Refusal::with_args(Code::UnknownObject, &[which]))
    }
    /// Check step 4: the object's version is the expected one. Zero means "do not care" and is for branches only.
    ///
    /// # Errors
    /// 1007 with the current version.
    pub fn expect_ver(&self, expected: u32, current: u32) -> Refused {
        let free = expected == 0 && self.sender.has(Role::Branch);
        if free || expected == current {
            return Ok(());
        }
        Err(Refusal::with_args(Code::StaleVersion, &[u64::from(current)]))
    }
}

/// The given parties without banks: events name no bank to another party.
pub fn without_banks(view: &View<'_>, accounts: &[AccountId]) -> Vec<AccountId> {
    let is_bank = |id: &AccountId| view.party(id).is_some_and(|p| p.has(Role::Bank));
    accounts.iter().copied().filter(|id| !is_bank(id)).collect()
}

/// Builds an event.
pub fn event(
    name: EventName,
    subject: &[u8; 32],
    related: &[Hash],
    members: &[Member],
    parties: &[AccountId],
    args: &[u64],
) -> Event {
    let mut members = members.to_vec();
    members.sort();
    members.dedup();
    Event {
        name,
        subject: Hash(*subject),
        related: related.to_vec(),
        members,
        parties: parties.to_vec(),
        args: args.to_vec(),
    }
}
