//! How strong an answer is: one node's word, the same word of so many that one of them is honest, or a proof.

use super::{RpcClient, RpcError, asking};
use crate::api::method;
use landsea_types::certificate::{Question, StatusCertificate, Trust, Verification};
use landsea_types::genesis::Genesis;
use landsea_types::{ChainId, Height, Member};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// How long one node among several may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What backs an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strength {
    /// What the node asked has committed: its word.
    #[default]
    Local,
    /// What f+1 members' nodes say alike: at most f of them lie, so one of them is honest.
    Confirmed,
    /// What a certificate shows, verified here from the genesis: no node is trusted.
    Proven,
}

/// Other nodes that must say the same.
pub(super) struct Witnesses {
    nodes: Vec<RpcClient>,
    /// Nodes that must agree, the first one included.
    needed: usize,
    chain: ChainId,
    members: BTreeSet<Member>,
    /// Members whose nodes are known by [`RpcClient::for_member`]: no other node speaks for them.
    bound: BTreeSet<Member>,
}

/// An answer and the members that gave it.
struct Said {
    answer: Value,
    by: BTreeSet<Member>,
}

impl RpcClient {
    /// Asks other nodes too: from here on an answer is one that more members give alike than may be faulty, or an error.
    ///
    /// Questions about one node (`status`, `members`) and about the moment are not answered alike.
    ///
    /// A node counts for the member of [`RpcClient::for_member`]; one without is taken at its word, so that whoever runs several such nodes
    /// has several voices. Of those the caller must know himself that different members run them.
    ///
    /// # Errors
    /// [`RpcError::Unconfirmed`] when there are too few nodes to confirm anything.
    pub fn with_witnesses(mut self, nodes: Vec<RpcClient>, genesis: &Genesis) -> Result<Self, RpcError> {
        let needed = faulty_max(genesis.members.len()) + 1;
        if nodes.len() + 1 < needed {
            let detail = format!("{} nodes are known, and {needed} must agree", nodes.len() + 1);
            return Err(RpcError::Unconfirmed { detail });
        }
        let members = genesis.members.iter().map(|member| member.index).collect();
        let bound = std::iter::once(&self).chain(&nodes).filter_map(|node| node.member).collect();
        self.witnesses = Some(Witnesses { nodes, needed, chain: genesis.chain_id(), members, bound });
        Ok(self)
    }

    pub(super) async fn confirmed<T: DeserializeOwned>(
        &self,
        witnesses: &Witnesses,
        method: &'static str,
        params: Value,
    ) -> Result<T, RpcError> {
        let (mut said, mut silent): (Vec<Said>, Vec<String>) = (Vec::new(), Vec::new());
        for node in std::iter::once(self).chain(&witnesses.nodes) {
            match tokio::time::timeout(PATIENCE, node.testify(witnesses, method, params.clone())).await {
                Ok(Ok((member, answer))) => {
                    let same = count(&mut said, member, answer);
                    if same.by.len() >= witnesses.needed {
                        let answer = same.answer.clone();
                        return serde_json::from_value(answer)
                            .map_err(|e| RpcError::Protocol { method, problem: e.to_string() });
                    }
                }
                Ok(Err(error)) => silent.push(format!("{}: {error}", node.url())),
                Err(_) => silent.push(format!("{}: no answer in time", node.url())),
            }
        }
        Err(RpcError::Unconfirmed { detail: disagreement(witnesses.needed, &said, &silent) })
    }

    /// This node's answer, and which member's node it is on the chain that is meant.
    async fn testify(
        &self,
        witnesses: &Witnesses,
        method: &'static str,
        params: Value,
    ) -> Result<(Member, Value), RpcError> {
        let home = self.home().await?;
        let unfit = |problem: String| Err(RpcError::Protocol { method, problem });
        if home.chain != witnesses.chain {
            return unfit(format!("{} belongs to chain {}", self.url(), home.chain.short()));
        }
        if !witnesses.members.contains(&home.member) {
            return unfit(format!(
                "{} says that it is member {}, whom the genesis does not name",
                self.url(),
                home.member
            ));
        }
        // Before a token is signed: its word alone would make it good at that member.
        if self.member.is_none() && witnesses.bound.contains(&home.member) {
            return unfit(format!("{} says that it is member {}, whose node is another", self.url(), home.member));
        }
        Ok((home.member, self.call_here(method, params).await?))
    }

    /// Obtains a certificate, of the newest height where none is named, and verifies it here: its verdict needs no trust in the node.
    ///
    /// The answer is about what was asked, or there is none. How old it may be is for [`Trust::max_age_ms`] to say: without it, and
    /// without a height, a node may answer with any old state that was once true.
    ///
    /// # Errors
    /// As [`RpcClient::certificate_at`]; an invalid certificate is no error here, see the verification.
    pub async fn proven(
        &self,
        question: &Question,
        height: Option<Height>,
        trust: &Trust<'_>,
    ) -> Result<(StatusCertificate, Verification), RpcError> {
        let certificate = self.call_here(method::CERTIFICATE, asking(question, height)).await?;
        let certificate = as_asked(certificate, question, height)?;
        let verification = certificate.verify(trust, None);
        Ok((certificate, verification))
    }
}

/// A certificate, if it speaks of what was asked. Its proofs hold for its own question and height, whichever those are.
pub(super) fn as_asked(
    certificate: StatusCertificate,
    question: &Question,
    height: Option<Height>,
) -> Result<StatusCertificate, RpcError> {
    if certificate.question != *question {
        let shown = |question: &Question| serde_json::to_string(question).expect("only string keys");
        let detail = format!("asked {}, answered {}", shown(question), shown(&certificate.question));
        return Err(RpcError::OtherAnswer { detail });
    }
    match height {
        Some(height) if certificate.height != height => {
            let detail = format!("asked for height {height}, answered for {}", certificate.height);
            Err(RpcError::OtherAnswer { detail })
        }
        _ => Ok(certificate),
    }
}

/// Members that may be faulty among so many.
fn faulty_max(members: usize) -> usize {
    members.saturating_sub(1) / 3
}

/// Adds an answer; a member counts once.
fn count(said: &mut Vec<Said>, member: Member, answer: Value) -> &Said {
    let place = said.iter().position(|s| s.answer == answer).unwrap_or_else(|| {
        said.push(Said { answer, by: BTreeSet::new() });
        said.len() - 1
    });
    let same = said.get_mut(place).expect("found or added above");
    same.by.insert(member);
    same
}

fn disagreement(needed: usize, said: &[Said], silent: &[String]) -> String {
    let groups = said.iter().map(|s| {
        let members: Vec<String> = s.by.iter().map(ToString::to_string).collect();
        format!("one answer by members {}", members.join(" "))
    });
    let all: Vec<String> = groups.chain(silent.iter().cloned()).collect();
    format!("{needed} members must answer alike; {}", all.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rpc::stand_in;
    use landsea_types::block::Header;
    use landsea_types::{BlockId, Fp, Hash, Timestamp};
    use serde_json::json;

    fn about(document: u8) -> Question {
        Question::NotPledged { fp1: Fp([document; 32]) }
    }

    /// A certificate as far as who asked for it can tell before verifying it.
    fn certificate(question: Question, height: u64) -> StatusCertificate {
        let height = Height::new(height);
        let header = Header {
            version: Header::VERSION,
            chain_id: ChainId::default(),
            height,
            time: Timestamp::new(9),
            parent: BlockId::default(),
            proposer: Member::new(1),
            batches_hash: Hash::default(),
            state_root: Hash::default(),
            outcomes_root: Hash::default(),
            writes_hash: Hash::default(),
            validators_hash: Hash::default(),
            next_validators_hash: Hash::default(),
            transactions: 0,
        };
        StatusCertificate {
            version: 1,
            chain_id: header.chain_id,
            height,
            header,
            round: 0,
            commit: vec![],
            valset_proof: vec![],
            question,
            items: vec![],
            hashes: vec![],
            issued_at: Timestamp::new(9),
        }
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(work)
    }

    /// What a node's certificate of height 7 about document 2 is taken for, by every way of asking.
    fn taken(question: &Question, height: Option<Height>) -> Vec<Result<StatusCertificate, RpcError>> {
        let (url, _) = stand_in::start(|_, _| json!(certificate(about(2), 7)));
        let client = RpcClient::new(&url).expect("an address");
        let genesis = stand_in::genesis();
        let trust = Trust { genesis: &genesis, pinned: None, now: Timestamp::new(9), max_age_ms: None };
        block_on(async {
            let plain = match height {
                Some(height) => client.certificate_at(question, height).await,
                None => client.certificate(question).await,
            };
            vec![plain, client.proven(question, height, &trust).await.map(|(certificate, _)| certificate)]
        })
    }

    #[test]
    fn a_certificate_about_another_document_or_of_another_height_is_no_answer() {
        let seven = Height::new(7);
        for (question, height) in [
            (about(1), None),
            (about(1), Some(seven)),
            (Question::Unknown { fp1: Fp([2; 32]) }, None),
            (about(2), Some(Height::new(8))),
        ] {
            for answer in taken(&question, height) {
                assert!(matches!(answer, Err(RpcError::OtherAnswer { .. })), "{question:?} {height:?}: {answer:?}");
            }
        }
        for height in [None, Some(seven)] {
            for answer in taken(&about(2), height) {
                assert_eq!(answer.expect("it is what was asked").height, seven);
            }
        }
    }

    /// A node that says that it is a member's, with its address and what it hears.
    fn node_of(member: u8) -> (String, stand_in::Log) {
        let chain = stand_in::genesis().chain_id();
        stand_in::start(move |method, _| match method {
            method::STATUS => stand_in::status(chain, Member::new(member)),
            _ => json!(null),
        })
    }

    fn named(url: &str) -> RpcClient {
        let secret = landsea_types::SecretKey::from_seed([4; 32]);
        let identity = crate::keys::Identity { account: landsea_types::AccountId([1; 32]), key: 0, secret };
        RpcClient::new(url).expect("an address").with_identity(identity)
    }

    fn audiences(log: &stand_in::Log) -> Vec<Member> {
        let heard = log.lock().expect("no panic while held");
        let tokens = heard.iter().filter_map(|call| call.token.as_deref());
        tokens.map(|token| crate::token::Token::decode(token).expect("its own encoding").body.audience).collect()
    }

    fn methods(log: &stand_in::Log) -> Vec<String> {
        log.lock().expect("no panic while held").iter().map(|call| call.method.clone()).collect()
    }

    #[test]
    fn a_node_that_calls_itself_another_members_gets_no_token() {
        let (url, log) = node_of(2);
        let asked = block_on(named(&url).for_member(Member::new(1)).document(&Default::default()));
        assert!(matches!(asked, Err(RpcError::OtherMember { .. })), "{asked:?}");
        assert_eq!((methods(&log), audiences(&log)), (vec![method::STATUS.to_owned()], vec![]));
        block_on(named(&url).for_member(Member::new(2)).document(&Default::default())).expect("it is the one meant");
        assert_eq!(audiences(&log), [Member::new(2)]);
    }

    #[test]
    fn a_node_of_which_nothing_is_known_stays_the_member_that_it_named_first() {
        let chain = stand_in::genesis().chain_id();
        let calls = std::sync::atomic::AtomicU8::new(0);
        let (url, log) = stand_in::start(move |method, _| match method {
            method::STATUS => {
                let next = 1 + calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                stand_in::status(chain, Member::new(next))
            }
            _ => json!(null),
        });
        let client = named(&url);
        block_on(async {
            for _ in 0..2 {
                *client.session.lock().expect("no panic while held") = None;
                client.document(&Default::default()).await.expect("it answers");
            }
        });
        assert_eq!(audiences(&log), [Member::new(1), Member::new(1)]);
    }

    #[test]
    fn nobody_speaks_for_a_member_whose_node_is_known_or_for_none_of_the_genesis() {
        let genesis = stand_in::genesis();
        let (own, _) = node_of(1);
        for (claimed, told) in [(1, "whose node is another"), (9, "the genesis does not name")] {
            let (liar, log) = node_of(claimed);
            let client = named(&own).for_member(Member::new(1)).with_witnesses(vec![named(&liar)], &genesis);
            let asked = block_on(client.expect("enough nodes").document(&Default::default()));
            let said = asked.expect_err("one voice is too few").to_string();
            assert!(said.contains(told), "{said}");
            assert_eq!(audiences(&log), []);
        }
        // The witness that the caller binds to a member is refused when it calls itself another's.
        let (other, log) = node_of(3);
        let witness = named(&other).for_member(Member::new(2));
        let client = named(&own).for_member(Member::new(1)).with_witnesses(vec![witness], &genesis);
        let asked = block_on(client.expect("enough nodes").document(&Default::default()));
        assert!(asked.expect_err("one voice is too few").to_string().contains("member 2 is meant"));
        assert_eq!(audiences(&log), []);
    }

    #[test]
    fn one_member_counts_once_however_many_nodes_it_has() {
        let mut said = Vec::new();
        assert_eq!(count(&mut said, Member::new(1), json!(1)).by.len(), 1);
        assert_eq!(count(&mut said, Member::new(1), json!(1)).by.len(), 1);
        assert_eq!(count(&mut said, Member::new(2), json!(2)).by.len(), 1);
        assert_eq!(count(&mut said, Member::new(3), json!(1)).by.len(), 2);
        let told = disagreement(3, &said, &["http://x: away".into()]);
        assert!(told.contains("members 1 3") && told.contains("members 2") && told.contains("away"), "{told}");
    }

    #[test]
    fn one_of_those_who_agree_is_honest() {
        for (members, faulty) in [(4, 1), (7, 2), (15, 4)] {
            assert_eq!(faulty_max(members), faulty);
            assert!(members > 3 * faulty);
        }
    }
}
