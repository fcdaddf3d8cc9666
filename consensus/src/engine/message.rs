//! Messages from peers: checked here before the core sees them.

use super::{Engine, Host};
use crate::context::CoreInput;
use crate::convert;
use crate::guard::OwnMessage;
use crate::message::ConsensusMessage;
use crate::output::Output;
use landsea_types::consensus::{Proposal, Signed, Vote};
use landsea_types::{Height, Member};

impl Engine {
    /// Drops what is decided, checks the rest, feeds the height in progress and buffers later ones.
    pub(super) fn on_message(&mut self, from: Member, message: ConsensusMessage, host: &mut Host<'_>) {
        let height = message.height();
        if height <= self.decided || self.is_settled(height) {
            return;
        }
        let in_progress = self.is_in_progress() && height == self.shell.height;
        if let Err(reason) = self.check(&message, in_progress, host) {
            if let Some(reason) = reason {
                self.shell.outputs.push(Output::PeerFault { member: from, reason });
            }
            return;
        }
        if in_progress {
            self.admit(message, host);
        } else {
            self.note_ahead(&message);
            self.future.push(self.decided, from, normalised(message));
        }
    }

    /// Whether this very step has decided the height.
    fn is_settled(&self, height: Height) -> bool {
        self.shell.decision.as_ref().is_some_and(|d| height <= d.height)
    }

    /// Checks form and signatures. An error with a reason is a fault of the peer; without one the message is dropped. Messages of
    /// later heights may come from another validator set, so a mismatch there is nobody's fault.
    fn check(
        &mut self,
        message: &ConsensusMessage,
        current: bool,
        host: &Host<'_>,
    ) -> Result<(), Option<&'static str>> {
        let fault = |reason| if current { Some(reason) } else { None };
        let checker = &mut self.shell.checker;
        let valid = match message {
            ConsensusMessage::Vote { vote, .. } => checker.vote(vote, host.suite),
            ConsensusMessage::Polka { certificate } => checker.polka(certificate, host.suite).is_ok(),
            ConsensusMessage::Round { certificate } => checker.round(certificate, host.suite).is_ok(),
            ConsensusMessage::Proposal { proposal } => {
                let Proposal { height, round, pol_round, proposer, .. } = proposal.message;
                if checker.validators.proposer(height, round).member != proposer {
                    return Err(fault("a proposal by a member whose turn it is not"));
                }
                if pol_round.is_some_and(|pol| pol >= round) {
                    return Err(Some("a proposal that refers to a polka of its own or a later round"));
                }
                checker.proposal(proposal, host.suite)
            }
        };
        if valid { Ok(()) } else { Err(fault("a vote, proposal or certificate that does not verify")) }
    }

    /// Feeds a checked message of the height in progress.
    fn admit(&mut self, message: ConsensusMessage, host: &mut Host<'_>) {
        if self.is_strangers_own(&message) {
            self.observe();
        }
        let input = match &message {
            ConsensusMessage::Vote { vote, .. } => CoreInput::Vote(convert::signed_vote_to_core(vote)),
            ConsensusMessage::Proposal { proposal } => CoreInput::Proposal(convert::signed_proposal_to_core(proposal)),
            ConsensusMessage::Polka { certificate } => CoreInput::PolkaCertificate(convert::polka_to_core(certificate)),
            ConsensusMessage::Round { certificate } => CoreInput::RoundCertificate(convert::round_to_core(certificate)),
        };
        self.feed(input, host);
    }

    /// Whether the message carries a signature of this node's key that this node does not remember making.
    fn is_strangers_own(&self, message: &ConsensusMessage) -> bool {
        match message {
            ConsensusMessage::Vote { vote, .. } => self.is_unknown_vote(vote),
            ConsensusMessage::Proposal { proposal } => self.is_unknown_proposal(proposal),
            ConsensusMessage::Polka { certificate } => certificate.votes().any(|v| self.is_unknown_vote(&v)),
            ConsensusMessage::Round { certificate } => certificate.signed_votes().any(|v| self.is_unknown_vote(&v)),
        }
    }

    fn is_unknown_vote(&self, vote: &Signed<Vote>) -> bool {
        let guard = self.shell.guard.as_ref().filter(|g| g.me == vote.message.voter);
        guard.is_some_and(|g| !g.holds(&OwnMessage::Vote(vote.message.clone())))
    }

    fn is_unknown_proposal(&self, proposal: &Signed<Proposal>) -> bool {
        let guard = self.shell.guard.as_ref().filter(|g| g.me == proposal.message.proposer);
        guard.is_some_and(|g| !g.holds(&OwnMessage::Proposal(proposal.message.clone())))
    }

    /// Stops signing at this height: the key is used elsewhere, or the data folder is older than the key's last use.
    fn observe(&mut self) {
        if !self.observing {
            tracing::error!(height = %self.shell.height, "a message with this node's key that it does not remember; observing");
            self.observing = true;
            self.core.as_mut().expect("a message is admitted while a height is in progress").params.enabled = false;
        }
    }

    /// Tells the replica, once per member and height, that somebody is further.
    fn note_ahead(&mut self, message: &ConsensusMessage) {
        let member = match message {
            ConsensusMessage::Vote { vote, .. } => vote.message.voter,
            ConsensusMessage::Proposal { proposal } => proposal.message.proposer,
            ConsensusMessage::Polka { .. } | ConsensusMessage::Round { .. } => return,
        };
        let height = message.height();
        let known = self.ahead.entry(member).or_insert(Height::ZERO);
        if *known < height {
            *known = height;
            self.shell.outputs.push(Output::Ahead { member, height });
        }
    }
}

/// Two copies of a vote differ at most in the rebroadcast flag, which means nothing for a height that has not started.
fn normalised(message: ConsensusMessage) -> ConsensusMessage {
    match message {
        ConsensusMessage::Vote { vote, .. } => ConsensusMessage::Vote { vote, rebroadcast: false },
        other => other,
    }
}
