//! Skip the signature of consents: firms have others agree who never did.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::{trade, with_peer};
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::chain::Chain;
use crate::cluster::Mutation;
use crate::simulation::Plan;
use landsea_node::message::decode_batch;
use landsea_p2p::Class;
use landsea_types::{Batch, Member, PublicKey, SecretKey, Suite, Transaction};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) const CONTROL: Control = Control {
    name: "skip a consent's signature",
    caught_by: &["validity"],
    tolerates: &[],
    within: 3,
    plan: |seed| Plan { byzantine: with_peer(seed, 4, 1, &PEER).byzantine, ..trade(seed, 60) },
    mutation: |_| Box::new(Unchecked),
};

const NAME: &str = "forged consents";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Colluder { firms: BTreeMap::new() }) };

/// Carriers and warehouses, which need the word of whoever is to hold their papers.
const ISSUERS: [&str; 5] = ["MTO", "RAIL", "OCEAN", "COLD", "BOND"];

/// Works with issuers at its branch: what they send through it carries consents that nobody signed.
struct Colluder {
    firms: BTreeMap<PublicKey, SecretKey>,
}

impl Colluder {
    fn meet_firms(&mut self, chain: &Chain) {
        if self.firms.is_empty() {
            let keys = ISSUERS.iter().map(|name| chain.firm_key(name));
            self.firms = keys.map(|key| (key.public(), key)).collect();
        }
    }

    /// The transaction with forged consents, signed by its sender, if that is a firm that takes part.
    fn forge(&self, me: &Puppeteer<'_>, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut forged = Transaction::decode(bytes, &me.chain.id()).ok().filter(|tx| !tx.consents.is_empty())?;
        let key = self.firms.get(&forged.public_key)?;
        forged.consents.iter_mut().for_each(|consent| consent.signature = FORGED);
        let signature = me.suite.sign(key, &forged.sign_bytes());
        Some(Transaction { signature, ..forged }.encode())
    }

    fn forge_batch(&self, me: &Puppeteer<'_>, batch: &Batch) -> Batch {
        let transactions = batch.body().transactions.iter();
        let forged = transactions.map(|bytes| self.forge(me, bytes).unwrap_or_else(|| bytes.clone()));
        me.batch(batch.body().sequence, forged.collect())
    }
}

impl Behaviour for Colluder {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let Some(batch) = decode_batch(bytes).filter(|_| class == Class::Batch) else { return true };
        self.meet_firms(me.chain);
        let forged = self.forge_batch(me, &batch);
        me.send(to, class, borsh::to_vec(&forged).expect("writing to a vector cannot fail"));
        false
    }
}

struct Unchecked;

/// How the bytes under a consent's signature begin.
const CONSENT: &[u8] = b"landsea/sign/v1/consent\0";

impl Mutation for Unchecked {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_clients(suite, |check| check.message.starts_with(CONSENT))
    }
}
