//! Bringing the cast onto the ledger, or finding it there.
//!
//! Keys follow from the network's seed and the firm's code, so a firm that an earlier run has onboarded is recognised.

use super::trouble::Trouble;
use super::world::{Actor, World};
use crate::error::TestnetError;
use crate::network::Network;
use crate::scenario::file::{CastMember, LicenceSpec};
use landsea_client::builder::{Draft, VALID_HEIGHTS};
use landsea_client::keys::{Identity, KeyFile, KeyKind};
use landsea_client::paper::{party_request, site_request};
use landsea_client::rpc::{RpcClient, now};
use landsea_types::fingerprint::{keyed, party_raw, site_raw};
use landsea_types::operation::party::{AddRole, GrantLicence, NewKey, Onboard};
use landsea_types::record::Party;
use landsea_types::role::{KeyPurpose, Roles};
use landsea_types::{AccountId, Code, Commit, Fp, Hash, Height, Operation, SecretKey, Timestamp};
use std::sync::Arc;
use tokio::task::JoinSet;

/// Keys of one firm that are looked for, the first and those rotated to.
const KEYS_TRIED: u16 = 16;
/// Term of a licence when the file names none, milliseconds.
const LICENCE_MS: u64 = 3650 * 86_400_000;

/// The key of a firm; `index` counts its rotations.
pub(crate) fn party_key(network: &Network, code: &str, index: u16) -> Result<SecretKey, Trouble> {
    let raw = party_raw(code).map_err(|e| Trouble::cannot(e.to_string()))?;
    Ok(network.seed.key(&format!("party {} {index}", hex::encode(raw))))
}

/// The network's fingerprint of a warehouse site.
pub(crate) fn site_fingerprint(network: &Network, code: &str) -> Result<Fp, Trouble> {
    let raw = site_raw(code).map_err(|e| Trouble::cannot(e.to_string()))?;
    Ok(Fp(keyed(&network.seed.fingerprint_key(), &raw)))
}

/// How the cast came to be there.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gathered {
    /// Onboarded now.
    pub(crate) new: usize,
    /// Found on the ledger.
    pub(crate) known: usize,
}

/// One firm's way onto the ledger, through its home branch; runs beside the others'.
struct Enlisting {
    client: Arc<RpcClient>,
    branch: Identity,
    network: Network,
    tag: String,
    member: CastMember,
    code: String,
    group: Option<Commit>,
}

/// What came of it.
struct Enlisted {
    tag: String,
    identity: Option<Identity>,
    is_new: bool,
    height: Height,
}

impl World {
    /// Declares every firm of the file and onboards those that are to be onboarded, all at once.
    pub(crate) async fn gather_cast(&mut self) -> Result<Gathered, Trouble> {
        let scenario = self.scenario.clone();
        let mut running = JoinSet::new();
        for (tag, member) in &scenario.cast {
            self.declare(tag, member)?;
            if let Some(task) = self.enlisting(tag, member)? {
                running.spawn(task.run());
            }
        }
        let mut gathered = Gathered::default();
        while let Some(done) = running.join_next().await {
            let enlisted = done.map_err(|e| Trouble::cannot(e.to_string()))??;
            self.saw(Some(enlisted.height));
            match (&enlisted.identity, enlisted.is_new) {
                (Some(_), true) => gathered.new += 1,
                (Some(_), false) => gathered.known += 1,
                (None, _) => {}
            }
            if let Some(identity) = enlisted.identity {
                self.now_acts(&enlisted.tag, identity)?;
            }
        }
        Ok(gathered)
    }

    fn declare(&mut self, tag: &str, member: &CastMember) -> Result<(), Trouble> {
        let home = match &member.home {
            Some(code) => self.member(code)?,
            None => self.codes.first().cloned().unwrap_or_default(),
        };
        let (code, roles) = (member.code.clone(), member.roles.clone());
        let actor = Actor { identity: None, code, home, roles };
        self.actors.insert(tag.into(), actor);
        Ok(())
    }

    /// `None` for somebody outside the ledger.
    fn enlisting(&mut self, tag: &str, member: &CastMember) -> Result<Option<Enlisting>, Trouble> {
        let Some(code) = member.code.clone().filter(|_| !member.roles.is_empty()) else { return Ok(None) };
        let home = self.actor(tag)?.home.clone();
        let group = member.group.as_ref().map(|g| self.network.seed.commit(&format!("group {g}")));
        Ok(Some(Enlisting {
            client: self.branch_client(&home)?,
            branch: self.identity(&home)?,
            network: self.network.clone(),
            tag: tag.into(),
            member: member.clone(),
            code,
            group,
        }))
    }

    /// Lets a party act with a key, and keeps the key for people.
    pub(crate) fn now_acts(&mut self, tag: &str, identity: Identity) -> Result<(), Trouble> {
        keep_key(&self.network, tag, &identity).map_err(|e| Trouble::cannot(e.what))?;
        if let Some(actor) = self.actors.get_mut(tag) {
            actor.identity = Some(identity);
        }
        self.forget_clients();
        Ok(())
    }
}

/// Writes `keys/<tag>.key`, replacing an older one.
fn keep_key(network: &Network, tag: &str, identity: &Identity) -> Result<(), TestnetError> {
    let name: String = tag.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let path = network.dir.join("keys").join(format!("{name}.key"));
    let mut file = KeyFile::from_secret(KeyKind::Ledger, identity.secret.clone());
    file.account = Some(identity.account);
    file.index = identity.key;
    if path.exists() {
        file.replace(&path)?
    } else {
        file.create(&path)?
    }
    Ok(())
}

impl Enlisting {
    async fn run(self) -> Result<Enlisted, Trouble> {
        let fingerprint = Fp(keyed(
            &self.network.seed.fingerprint_key(),
            &party_raw(&self.code).map_err(|e| Trouble::cannot(e.to_string()))?,
        ));
        let known = self.client.party_by_fingerprint(&fingerprint).await?;
        let (mut height, is_new) = (Height::ZERO, known.is_none());
        let account = match known {
            Some(account) => account,
            None if !self.member.onboard => return Ok(self.done(None, false, height)),
            None => {
                let (account, at) = self.onboard().await?;
                height = at;
                account
            }
        };
        let identity = self.recognise(account).await?;
        if self.member.onboard {
            height = height.max(self.complete_roles(account).await?);
            for licence in &self.member.licences {
                height = height.max(self.license(account, licence).await?);
            }
        }
        Ok(self.done(Some(identity), is_new, height))
    }

    fn done(&self, identity: Option<Identity>, is_new: bool, height: Height) -> Enlisted {
        Enlisted { tag: self.tag.clone(), identity, is_new, height }
    }

    async fn onboard(&self) -> Result<(AccountId, Height), Trouble> {
        let ticket = self.client.fingerprint_derive(&party_request(&self.code)?).await?.ticket;
        let public_key = party_key(&self.network, &self.code, 0)?.public();
        let body = Onboard {
            roles: Roles::of(&self.member.roles),
            kyc: self.network.seed.commit(&self.code),
            ticket,
            institution_public: false,
            keys: vec![NewKey { public_key, purpose: KeyPurpose::Sign }],
            group: self.group,
        };
        let (height, subject) = self.submit(Operation::PartyOnboard(body)).await?;
        let account = subject.ok_or_else(|| Trouble::cannot(format!("{}: onboarding named no party", self.tag)))?;
        Ok((AccountId(account.0), height))
    }

    async fn record(&self, account: AccountId) -> Result<Party, Trouble> {
        let view = self.client.party(&account).await?;
        let record = view.and_then(|v| v.record);
        record.ok_or_else(|| Trouble::cannot(format!("{}: the home branch does not see the party", self.tag)))
    }

    /// The newest key in the record that follows from this network's seed.
    async fn recognise(&self, account: AccountId) -> Result<Identity, Trouble> {
        let record = self.record(account).await?;
        for index in (0..KEYS_TRIED).rev() {
            let secret = party_key(&self.network, &self.code, index)?;
            let place = record.keys.iter().position(|k| k.public_key == secret.public() && k.to_height.is_none());
            if let Some(key) = place.and_then(|p| u16::try_from(p).ok()) {
                return Ok(Identity { account, key, secret });
            }
        }
        Err(Trouble::cannot(format!(
            "{} is on the ledger with a key that does not follow from this network's seed",
            self.tag
        )))
    }

    async fn complete_roles(&self, account: AccountId) -> Result<Height, Trouble> {
        let mut height = Height::ZERO;
        for role in &self.member.roles {
            let record = self.record(account).await?;
            if !record.has(*role) {
                let body = AddRole { party: account, expect_ver: record.ver, role: *role };
                height = self.submit(Operation::PartyAddRole(body)).await?.0;
            }
        }
        Ok(height)
    }

    async fn license(&self, account: AccountId, spec: &LicenceSpec) -> Result<Height, Trouble> {
        let record = self.record(account).await?;
        let site = site_fingerprint(&self.network, &spec.site)?;
        let time = self.client.status().await?.block_time;
        if record.licence(spec.kind, &site, time).is_some() {
            return Ok(Height::ZERO);
        }
        let ticket = self.client.fingerprint_derive(&site_request(&spec.site)?).await?.ticket;
        let term = |when: &Option<crate::scenario::values::When>, ms: u64| match when {
            None => Ok(time.saturating_add(ms)),
            Some(when) => plain_time(when, time.max(now())),
        };
        let body = GrantLicence {
            party: account,
            expect_ver: record.ver,
            kind: spec.kind,
            ticket,
            cells_root: Hash::default(),
            from: term(&spec.from, 0)?,
            to: term(&spec.until, LICENCE_MS)?,
        };
        Ok(self.submit(Operation::PartyGrantLicence(body)).await?.0)
    }

    /// Has the branch send an operation that must succeed; gives the height and the first event's subject.
    async fn submit(&self, operation: Operation) -> Result<(Height, Option<Hash>), Trouble> {
        let status = self.client.status().await?;
        let draft = Draft::new(self.network.genesis.chain_id(), self.branch.account).operation(operation);
        let signed = draft.valid_for(&status, VALID_HEIGHTS).sign(&self.branch);
        let tx = signed.map_err(|e| Trouble::cannot(e.to_string()))?;
        let view = self.client.submit_and_wait(&tx).await?;
        if view.code != Code::Ok {
            return Err(Trouble::cannot(format!("{} was not brought onto the ledger: {}", self.tag, view.code)));
        }
        Ok((view.height, view.events.first().map(|e| e.subject)))
    }
}

fn plain_time(when: &crate::scenario::values::When, base: Timestamp) -> Result<Timestamp, Trouble> {
    use crate::scenario::values::When;
    Ok(match when {
        When::After { ms } => base.saturating_add(*ms),
        When::Before { ms } => Timestamp::new(base.get().saturating_sub(*ms)),
        When::At { time } => *time,
        When::Reference { text } => return Err(Trouble::cannot(format!("{text}: no step has been played yet"))),
    })
}
