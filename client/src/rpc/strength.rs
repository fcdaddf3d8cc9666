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
    /// # Errors
    /// [`RpcError::Unconfirmed`] when there are too few nodes to confirm anything.
    pub fn with_witnesses(mut self, nodes: Vec<RpcClient>, genesis: &Genesis) -> Result<Self, RpcError> {
        let needed = faulty_max(genesis.members.len()) + 1;
        if nodes.len() + 1 < needed {
            let detail = format!("{} nodes are known, and {needed} must agree", nodes.len() + 1);
            return Err(RpcError::Unconfirmed { detail });
        }
        self.witnesses = Some(Witnesses { nodes, needed, chain: genesis.chain_id() });
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
            match tokio::time::timeout(PATIENCE, node.testify(witnesses.chain, method, params.clone())).await {
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
    async fn testify(&self, chain: ChainId, method: &'static str, params: Value) -> Result<(Member, Value), RpcError> {
        let home = self.home().await?;
        if home.chain != chain {
            let problem = format!("{} belongs to chain {}", self.url(), home.chain.short());
            return Err(RpcError::Protocol { method, problem });
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
