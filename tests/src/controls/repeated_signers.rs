//! Accept a certificate with repeated signers: one member's signature, counted as often as a quorum needs it.

use super::Control;
use super::forged::{FORGED, Lenient};
use super::plans::with_peer;
use crate::byzantine::{Behaviour, Kind, Puppeteer};
use crate::cluster::Mutation;
use crate::simulation::Plan;
use crate::simulation::disturb::{Disturbance, Weights};
use landsea_node::message::FetchMessage;
use landsea_node::replica::Event;
use landsea_p2p::Class;
use landsea_types::{CommitCertificate, Member, Suite, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

const VALIDATORS: u8 = 4;

pub(super) const CONTROL: Control = Control {
    name: "accept a certificate with repeated signers",
    caught_by: &["certificate quorum"],
    tolerates: &[],
    within: 3,
    plan,
    mutation: |_| Box::new(CountsRepeats),
};

/// Members fall behind and fetch what they missed.
fn plan(seed: u64) -> Plan {
    let weights = Weights::only(&[Disturbance::Kill, Disturbance::Pause]);
    Plan { weights, ..with_peer(seed, usize::from(VALIDATORS), 20, &PEER) }
}

const NAME: &str = "certificates with repeated signers";
static PEER: Kind = Kind { name: NAME, make: |_| Box::new(Repeater) };

/// Answers block sync with its own precommit, as often as a quorum has members.
struct Repeater;

impl Behaviour for Repeater {
    fn name(&self) -> &'static str {
        NAME
    }
    fn on_send(&mut self, me: &mut Puppeteer<'_>, to: Member, class: Class, bytes: &Arc<[u8]>) -> bool {
        let Some(FetchMessage::Committed { mut committed }) = FetchMessage::decode(bytes) else { return true };
        if class != Class::Fetch {
            return true;
        }
        let certificate = &mut committed.certificate;
        let own = me.sign(&certificate.precommit(me.member).sign_bytes(&me.chain.id()));
        certificate.signatures.fill((me.member, own));
        me.send(to, class, FetchMessage::Committed { committed }.encode());
        false
    }
}

struct CountsRepeats;

/// Lets every repetition count for a member that has not signed.
fn tell_apart(certificate: &mut CommitCertificate) {
    let mut counted = BTreeSet::new();
    for (member, signature) in &mut certificate.signatures {
        if !counted.insert(*member) {
            let free = (1..=VALIDATORS).map(Member::new).find(|m| !counted.contains(m));
            *member = free.expect("a certificate has no more signatures than there are members");
            *signature = FORGED;
            counted.insert(*member);
        }
    }
    certificate.signatures.sort();
}

impl Mutation for CountsRepeats {
    fn suite(&mut self, _: Member, suite: Arc<dyn Suite>) -> Arc<dyn Suite> {
        Lenient::of_forged(suite)
    }
    fn patch(&mut self, _: Member, _: Timestamp, event: &mut Event, _: &mut Vec<Event>) {
        let Event::FetchBytes { bytes, .. } = event else { return };
        if let Some(FetchMessage::Committed { mut committed }) = FetchMessage::decode(bytes) {
            tell_apart(&mut committed.certificate);
            *bytes = FetchMessage::Committed { committed }.encode();
        }
    }
}
