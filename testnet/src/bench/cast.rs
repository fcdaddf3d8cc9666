//! Who acts in a bench: carriers, exporters, warehouses and banks, spread over all branches.

use super::drive::{self, Pace};
use super::forge::{Forge, made};
use super::link::Link;
use super::work::{Job, Kind, Task};
use crate::error::TestnetError;
use crate::network::Network;
use landsea_client::keys::Identity;
use landsea_client::rpc::now;
use landsea_types::bounds::OPERATIONS_MAX;
use landsea_types::operation::party::{GrantLicence, NewKey, Onboard};
use landsea_types::role::{DocKind, KeyPurpose, LicenceKind, Role, Roles};
use landsea_types::{AccountId, Commit, Fp, Hash, Operation};
use std::sync::Arc;

/// Firms of each kind: as many signers as a batch check has to tell apart.
pub(crate) const FIRMS: usize = 64;
/// A licence's term, milliseconds.
const LICENCE_MS: u64 = 10 * 365 * 86_400_000;

/// A firm with its key, its home and, for a warehouse, its site.
pub(crate) struct Firm {
    pub(crate) identity: Identity,
    /// Number of its home's node.
    pub(crate) home: usize,
    pub(crate) site: Fp,
}

/// Everybody.
pub(crate) struct Cast {
    pub(crate) carriers: Vec<Arc<Firm>>,
    pub(crate) exporters: Vec<Arc<Firm>>,
    pub(crate) warehouses: Vec<Arc<Firm>>,
    pub(crate) banks: Vec<Arc<Firm>>,
}

impl Cast {
    /// Onboards everybody and licenses the warehouses.
    ///
    /// # Errors
    /// When the network does not take them.
    pub(crate) async fn gather(network: &Network, forge: &Forge, link: &mut Link) -> Result<Self, TestnetError> {
        let branches: Vec<Arc<Firm>> =
            network.nodes.iter().zip(0..).map(|(n, i)| branch(network, &n.code, i)).collect();
        let mut jobs = Vec::new();
        let mut onboard = |role: Role| {
            let per_branch = branches.iter().map(|b| onboard(forge, b, role, branches.len(), link.height(), &mut jobs));
            per_branch.flatten().map(Arc::new).collect::<Vec<_>>()
        };
        let cast = Self {
            carriers: onboard(Role::Mto),
            exporters: onboard(Role::Enterprise),
            warehouses: onboard(Role::Warehouse),
            banks: onboard(Role::Bank),
        };
        must_commit("onboarding", link, jobs).await?;
        let mut jobs = Vec::new();
        for branch in &branches {
            let home = cast.warehouses.iter().filter(|w| w.home == branch.home);
            let grants: Vec<Operation> = home.map(|w| licence(forge, branch, w)).collect();
            for ops in grants.chunks(OPERATIONS_MAX) {
                jobs.push(job(forge, branch, ops.to_vec(), link));
            }
        }
        must_commit("licences", link, jobs).await?;
        Ok(cast)
    }
}

fn branch(network: &Network, code: &str, node: usize) -> Arc<Firm> {
    let identity = network.branch(code).expect("every node belongs to a member");
    Arc::new(Firm { identity, home: node, site: Fp::default() })
}

/// The firms of a role at one branch, with the transactions that onboard them.
fn onboard(
    forge: &Forge,
    branch: &Arc<Firm>,
    role: Role,
    branches: usize,
    height: landsea_types::Height,
    jobs: &mut Vec<Job>,
) -> Vec<Firm> {
    let count = FIRMS / branches + usize::from(branch.home < FIRMS % branches);
    let mut firms = Vec::with_capacity(count);
    let secrets: Vec<_> = (0..count).map(|_| forge.secret()).collect();
    for secrets in secrets.chunks(OPERATIONS_MAX) {
        let one = |secret: &landsea_types::SecretKey| {
            let fingerprint = Fp(forge.bytes("party", forge.number()));
            let ticket = forge.plain_ticket(DocKind::PARTY, fingerprint, branch.identity.account, branch.home);
            Operation::PartyOnboard(Onboard {
                roles: Roles::of(&[role]),
                kyc: Commit(forge.bytes("kyc", forge.number())),
                ticket,
                institution_public: false,
                keys: vec![NewKey { public_key: secret.public(), purpose: KeyPurpose::Sign }],
                group: None,
            })
        };
        let job = signed(forge, branch, secrets.iter().map(one).collect(), height);
        let Task::Write { tx, .. } = &job.task else { unreachable!("an onboarding is written") };
        let id = tx.id();
        for (secret, index) in secrets.iter().zip(0u32..) {
            let account = AccountId(made("party", &id, index));
            let identity = Identity { account, key: 0, secret: secret.clone() };
            let site = Fp(forge.bytes("site", forge.number()));
            firms.push(Firm { identity, home: branch.home, site });
        }
        jobs.push(job);
    }
    firms
}

fn licence(forge: &Forge, branch: &Firm, keeper: &Firm) -> Operation {
    let ticket = forge.plain_ticket(DocKind::SITE, keeper.site, branch.identity.account, branch.home);
    let from = now();
    Operation::PartyGrantLicence(GrantLicence {
        party: keeper.identity.account,
        expect_ver: 1,
        kind: LicenceKind::WarehouseSite,
        ticket,
        cells_root: Hash::default(),
        from,
        to: from.saturating_add(LICENCE_MS),
    })
}

fn job(forge: &Forge, by: &Arc<Firm>, ops: Vec<Operation>, link: &Link) -> Job {
    signed(forge, by, ops, link.height())
}

fn signed(forge: &Forge, by: &Arc<Firm>, ops: Vec<Operation>, height: landsea_types::Height) -> Job {
    let tx = forge.sign(by, ops, &[], height.saturating_add(drive::VALID_HEIGHTS));
    Job { kind: Kind::Other, group: 0, node: Some(by.home), task: Task::Write { tx: Box::new(tx), by: Arc::clone(by) } }
}

/// Has transactions committed, all of them successfully.
///
/// # Errors
/// With the first codes of those that were not.
pub(crate) async fn must_commit(what: &str, link: &mut Link, jobs: Vec<Job>) -> Result<(), TestnetError> {
    let tally = drive::run(link, jobs.into_iter(), Pace::Closed { outstanding: 256, until: None }, &mut |_| {}).await?;
    match tally.troubles().first() {
        None => Ok(()),
        Some(trouble) => Err(TestnetError::local(format!("{what}: {trouble}"))),
    }
}
