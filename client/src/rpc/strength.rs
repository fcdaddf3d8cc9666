//! How strong an answer is: one node's word, the same word of so many that one of them is honest, or a proof.

use super::{RpcClient, RpcError};
use crate::api::method;
use landsea_types::certificate::{Question, StatusCertificate, Trust, Verification};
use landsea_types::genesis::Genesis;
use landsea_types::{ChainId, Member, Timestamp};
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

    /// Obtains a certificate and verifies it here: its verdict needs no trust in the node.
    ///
    /// # Errors
    /// As [`RpcClient::certificate`]; an invalid certificate is no error here, see the verification.
    pub async fn proven(
        &self,
        question: &Question,
        genesis: &Genesis,
        now: Timestamp,
        max_age_ms: Option<u64>,
    ) -> Result<(StatusCertificate, Verification), RpcError> {
        let certificate: StatusCertificate =
            self.call_here(method::CERTIFICATE, serde_json::json!({ "question": question })).await?;
        let verification = certificate.verify(&Trust { genesis, pinned: None, now, max_age_ms }, None);
        Ok((certificate, verification))
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
    use serde_json::json;

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
