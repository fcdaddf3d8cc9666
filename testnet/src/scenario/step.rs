//! One step of a scenario: who does what, and what is expected.

use super::args::OpSpec;
use super::values::{Span, When};
use landsea_types::Code;
use landsea_types::event::EventName;
use landsea_types::role::Role;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use toml::Spanned;

/// A checked step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Line in the file.
    pub line: usize,
    /// Name of the step, printed and referred to.
    pub id: String,
    /// What happens, for people.
    pub text: String,
    /// Who acts: a member of the cast or a branch; `None` for anybody.
    pub actor: Option<String>,
    /// Through which node: a member's code, or `*1`, `*2`, ... for different nodes drawn anew each time.
    pub via: Option<String>,
    /// What is done.
    pub act: Act,
    /// What is expected.
    pub expect: Expectation,
    /// Name under which the answer is kept besides the id.
    pub save: Option<String>,
    /// Neighbouring steps of one label are submitted at the same moment.
    pub together: Option<String>,
    /// Neighbouring steps of one label are repeated as a block.
    pub block: Option<String>,
    /// How often the block is played; said by its first step.
    pub repeat: u32,
    /// How long the answer may take.
    pub timeout: Option<Span>,
}

impl Step {
    /// What is expected when the file says nothing.
    pub fn usual_answer(&self) -> &'static str {
        match &self.act {
            Act::Transact(Transact { mode: Mode::Accept, .. }) => "ACCEPTED",
            Act::Transact(_) => "OK",
            Act::Query { .. } => "ANSWER",
            Act::Certificate { .. } | Act::Verify(_) => "a verdict",
            Act::Control { control: Control::SameRoot } => "SAME",
            Act::Control { .. } => "DONE",
        }
    }

    /// The code with which the ledger is expected to refuse the step's transaction.
    pub fn refusal(&self) -> Option<Code> {
        match (&self.act, &self.expect.answers[..]) {
            (Act::Transact(_), [Answer::Code { code }]) if *code != Code::Ok => Some(*code),
            _ => None,
        }
    }

    /// The operation, query, question or control, in a word.
    pub fn act_name(&self) -> String {
        match &self.act {
            Act::Transact(t) => match (&t.hostile, t.operations.first()) {
                (Some(hostile), Some(op)) => format!("{} ({hostile})", op.name()),
                (Some(hostile), None) => hostile.to_string(),
                (None, Some(op)) => op.name().into(),
                (None, None) => "nothing".into(),
            },
            Act::Query { method, .. } => format!("query {method}"),
            Act::Certificate { question, .. } => format!("certificate {question}"),
            Act::Verify { .. } => "verify".into(),
            Act::Control { control } => control.to_string(),
        }
    }
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends a transaction.
    Transact(Transact),
    /// Asks a node.
    Query {
        /// Method name, or `events`.
        method: String,
        /// Arguments with names in them.
        args: Value,
    },
    /// Gets a certificate and verifies it with the genesis.
    Certificate {
        /// Which question.
        question: QuestionName,
        /// What it is about.
        about: About,
    },
    /// Verifies a saved certificate without any node.
    Verify(Verify),
    /// Does something to the network.
    Control {
        /// What.
        control: Control,
    },
}

/// A transaction to be sent.
#[derive(Clone, Debug)]
pub struct Transact {
    /// All apply or none.
    pub operations: Vec<OpSpec>,
    /// Consents to all of them.
    pub consents: Vec<ConsentSpec>,
    /// How the bytes are spoilt.
    pub hostile: Option<Hostile>,
    /// The step whose bytes or operation are sent again.
    pub again: Option<String>,
    /// Whom the actor acts for, by delegation.
    pub represents: Option<String>,
    /// How it is sent.
    pub mode: Mode,
    /// Heights for which it stays valid.
    pub valid_for: u64,
    /// Whether every running node must give the same outcome.
    pub on_all_nodes: bool,
}

/// How a transaction is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Submitted; the step waits for the commit.
    #[default]
    Commit,
    /// Submitted; the step does not wait.
    Accept,
    /// Only tried out.
    Simulate,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl $name {
            /// Every word.
            pub const WORDS: &'static [&'static str] = &[$($word),+];
            /// The value of a word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$variant => $word),+ })
            }
        }
    };
}

words! {
    /// How a transaction's bytes are spoilt before they are sent.
    Hostile {
        /// Cut in the middle.
        Truncated = "truncated",
        /// Random bytes.
        Garbage = "garbage",
        /// Longer than any transaction may be.
        Oversized = "oversized",
        /// With a format version of another release.
        UnknownVersion = "unknown_version",
        /// With an operation number that does not exist.
        UnknownOperation = "unknown_operation",
        /// Without any operation.
        NoOperation = "no_operation",
        /// Signed for another chain.
        WrongChain = "wrong_chain",
        /// With one bit of the signature turned.
        BadSignature = "bad_signature",
        /// Rightly signed with a key that is not the sender's.
        OtherKey = "other_key",
        /// Valid until a height that has passed.
        Expired = "expired",
        /// Valid until a height too far ahead.
        TooFarAhead = "too_far_ahead",
        /// The same bytes as an earlier step's.
        Replayed = "replayed",
        /// A new transaction with the operations and consents of an earlier step.
        ReusedConsents = "reused_consents",
    }
}

words! {
    /// What is wrong with a consent.
    ConsentFlaw {
        /// It has expired.
        Expired = "expired",
        /// It is valid for longer than allowed.
        TooLong = "too_long",
        /// One bit of the signature is turned.
        Forged = "forged",
        /// Signed with a key that is not the party's.
        OtherKey = "other_key",
        /// Made for another sender.
        OtherSender = "other_sender",
        /// Made for another chain.
        OtherChain = "other_chain",
    }
}

words! {
    /// What a certificate is asked.
    QuestionName {
        /// Q1.
        DocStatus = "doc_status",
        /// Q2.
        NotPledged = "not_pledged",
        /// Q3.
        Unknown = "unknown",
        /// Q4.
        GoodsKeys = "goods_keys",
        /// Q5.
        Pledge = "pledge",
        /// Q6.
        ProofLevel = "proof_level",
        /// Q7.
        Custody = "custody",
    }
}

words! {
    /// How a certificate is spoilt before it is verified.
    Spoil {
        /// One signature fewer than a quorum.
        OneSignatureShort = "one_signature_short",
        /// One bit of a signature is turned.
        Signature = "signature",
        /// Another state root in the header.
        Header = "header",
        /// One bit of a proof is turned.
        ProofByte = "proof_byte",
        /// One leaf is left out.
        LeafLeftOut = "leaf_left_out",
        /// Verified against the genesis of another chain.
        OtherGenesis = "other_genesis",
    }
}

/// A party's consent to every operation of a step.
#[derive(Clone, Debug)]
pub struct ConsentSpec {
    /// Who consents.
    pub party: String,
    /// In which capacity; every role of the party when absent.
    pub role: Option<Role>,
    /// What is wrong with it.
    pub flaw: Option<ConsentFlaw>,
}

/// What a certificate is about.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// A document, for all questions but `proof_level`; for `goods_keys` its goods.
    #[serde(default)]
    pub paper: Option<String>,
    /// A case, for `proof_level`.
    #[serde(default)]
    pub proof: Option<String>,
    /// An earlier step at whose height it is asked; the newest height when absent.
    #[serde(default)]
    pub at: Option<Spanned<String>>,
}

/// How a saved certificate is verified.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// The step that got it.
    pub certificate: String,
    /// Largest age accepted.
    #[serde(default)]
    pub max_age: Option<Span>,
    /// The verifier's clock; this computer's when absent.
    #[serde(default)]
    pub at: Option<When>,
    /// The paper in hand.
    #[serde(default)]
    pub paper: Option<String>,
    /// Whose branch signed the query ticket that came with the paper; the asker of the certificate when absent.
    #[serde(default)]
    pub shown_by: Option<String>,
    /// The step that got an earlier certificate of the same question: together they are its history.
    #[serde(default)]
    pub since: Option<String>,
    /// How the certificate is spoilt first.
    #[serde(default)]
    pub spoil: Option<String>,
}

/// Something done to the network.
#[derive(Clone, Debug)]
pub enum Control {
    /// SIGTERM.
    Stop {
        /// Codes of the nodes.
        nodes: Vec<String>,
    },
    /// SIGKILL.
    Kill {
        /// Codes of the nodes.
        nodes: Vec<String>,
    },
    /// Starts stopped nodes and waits until they have caught up.
    Start {
        /// Codes of the nodes.
        nodes: Vec<String>,
    },
    /// Waits.
    Wait {
        /// For what.
        wait: Wait,
    },
    /// Waits until all running nodes are at one height and compares their state roots.
    SameRoot,
    /// Sends random bytes to a port.
    Junk {
        /// Code of the node.
        node: String,
        /// Which port.
        port: Port,
        /// How many.
        bytes: usize,
    },
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Control::Stop { nodes } => write!(f, "node.stop {}", nodes.join(" ")),
            Control::Kill { nodes } => write!(f, "node.kill {}", nodes.join(" ")),
            Control::Start { nodes } => write!(f, "node.start {}", nodes.join(" ")),
            Control::Wait { .. } => f.write_str("wait"),
            Control::SameRoot => f.write_str("same_root_on_all_nodes"),
            Control::Junk { node, port: Port::Rpc, .. } => write!(f, "junk to the RPC port of {node}"),
            Control::Junk { node, port: Port::P2p, .. } => write!(f, "junk to the p2p port of {node}"),
        }
    }
}

/// The ports of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Port {
    /// Clients.
    Rpc,
    /// Peers.
    P2p,
}

/// What is waited for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wait {
    /// Until the block time has passed this.
    #[serde(default)]
    pub until: Option<When>,
    /// For so many blocks.
    #[serde(default)]
    pub heights: Option<u64>,
}

/// What a step expects.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Any of these; empty means OK.
    pub answers: Vec<Answer>,
    /// For the whole group: these answers in any order.
    pub set: Vec<Answer>,
    /// Events that must be in the outcome.
    pub events: Vec<EventSpec>,
    /// The outcome's first arguments, with references.
    pub args: Vec<Value>,
    /// Values at paths of the answer.
    pub fields: BTreeMap<String, Value>,
}

/// One answer: an outcome code, or a word such as a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An outcome or refusal by the ledger.
    Code {
        /// Which.
        code: Code,
    },
    /// A code's name, a verdict, `NULL`, `FORBIDDEN`, `UNREACHABLE` and the like.
    Word {
        /// Which.
        word: String,
    },
}

impl Answer {
    /// Whether the node does not understand the question.
    pub(crate) fn is_bad_request(&self) -> bool {
        matches!(self, Answer::Word { word } if word == "BAD_REQUEST")
    }

    /// Reads an answer as files write it.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                let code = u16::try_from(number.as_u64()?).ok().and_then(|n| Code::try_from(n).ok())?;
                Some(Answer::Code { code })
            }
            Value::String(word) if word == "OK" => Some(Answer::Code { code: Code::Ok }),
            // A name such as HELD is a code's and a verdict's, so it stays a word.
            Value::String(word) => Some(Answer::Word { word: word.clone() }),
            _ => None,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Code { code } => write!(f, "{code}"),
            Answer::Word { word } => f.write_str(word),
        }
    }
}

/// An event that is expected.
#[derive(Clone, Debug)]
pub struct EventSpec {
    /// Its name.
    pub name: EventName,
    /// The members notified, if they matter: codes, in any order.
    pub members: Option<Vec<String>>,
    /// Its arguments, if they matter.
    pub args: Option<Vec<Value>>,
    /// How many of them; at least one when absent.
    pub count: Option<usize>,
}
