//! Why a call gave no answer.

use crate::api;
use crate::explain::Explanation;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_types::{Code, Member};
use serde_json::value::RawValue;

/// Why a call gave no answer, split by who must do something about it.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The ledger refuses the transaction before it is queued; the sender must change it.
    #[error("refused: {code} ({}): {detail}", code.meaning())]
    Refused {
        /// Why.
        code: Code,
        /// What exactly.
        detail: String,
    },
    /// No token, or one the node does not accept.
    #[error("the node does not know who asks: {detail}")]
    Unauthenticated {
        /// The node's words.
        detail: String,
    },
    /// The caller may not ask this.
    #[error("the caller may not ask this: {detail}")]
    Forbidden {
        /// The node's words.
        detail: String,
    },
    /// The node has too much to do.
    #[error("the node is busy: {detail}")]
    Busy {
        /// The node's words.
        detail: String,
    },
    /// The caller has asked for more than its quota lately.
    #[error("the node's quota for this caller is spent: {detail}")]
    QuotaExceeded {
        /// The node's words.
        detail: String,
        /// When to ask again, milliseconds from the answer.
        retry_after_ms: u64,
    },
    /// The transaction was queued but not committed in time.
    #[error("the transaction is not committed yet: {detail}")]
    WaitTimeout {
        /// The node's words.
        detail: String,
    },
    /// The height is pruned or not reached.
    #[error("the node cannot answer for this height: {detail}")]
    Height {
        /// The node's words.
        detail: String,
    },
    /// The files for TLS cannot be used.
    #[error("TLS: {problem}")]
    Tls {
        /// What is wrong with which file.
        problem: String,
    },
    /// The node cannot be reached.
    #[error("cannot reach the node at {url}: {problem}")]
    Transport {
        /// Its address.
        url: String,
        /// What went wrong.
        problem: String,
    },
    /// Too few nodes give the same answer.
    #[error("the answer is not confirmed: {detail}")]
    Unconfirmed {
        /// Who answered what.
        detail: String,
    },
    /// A certificate that answers something else than what was asked: the node, or who stands between, lies or is broken.
    #[error("the node answers something else: {detail}")]
    OtherAnswer {
        /// What was asked, and what came.
        detail: String,
    },
    /// The node is not that of the member that is meant. No token was signed for it.
    #[error("{url} says that it is the node of member {said}, and member {meant} is meant")]
    OtherMember {
        /// Its address.
        url: String,
        /// What it says.
        said: Member,
        /// Whose node should answer there.
        meant: Member,
    },
    /// The node answers something that this client does not understand, or did not understand the request.
    #[error("{method}: {problem}")]
    Protocol {
        /// The method called.
        method: &'static str,
        /// What went wrong.
        problem: String,
    },
}

impl RpcError {
    /// What to do next, as a sentence.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Refused { code: Code::TransactionExpired, .. } => {
                "Build and sign it again, valid for as many heights as the chain allows: `landsea query params` shows valid_until_max."
            }
            Self::Refused { code: Code::AlreadyCommitted, .. } => {
                "It is done already: `landsea query transaction ID` shows how."
            }
            Self::Refused { code: Code::BadSignature, .. } => "Sign with the key that the draft names.",
            Self::Refused { code: Code::WrongChain, .. } => "Use the genesis file of the network this node belongs to.",
            Self::Refused { code: Code::UnknownObject, .. } => {
                "Check the id and its kind; a node that lags may not know a new object yet: `landsea query status`."
            }
            Self::Refused { code: Code::TooLarge, .. } => "Ask for less at once, or send it in smaller parts.",
            Self::Refused { .. } => "`landsea codes` explains every code; change the transaction and sign it again.",
            Self::Unauthenticated { .. } => {
                "Name the caller with --key FILE, ask the party's own branch, and check this computer's clock."
            }
            Self::Forbidden { .. } => "Ask as a party concerned or through the branch; --key FILE says who asks.",
            Self::Busy { .. } => "Send the same bytes again in a moment; a transaction is committed at most once.",
            Self::QuotaExceeded { .. } => {
                "Wait as long as the answer says and send the same again; if that stays too little, ask the branch for a larger quota."
            }
            Self::Tls { .. } => {
                "--ca names a PEM file of roots to trust, --client-cert and --client-key a PEM certificate and its key."
            }
            Self::WaitTimeout { .. } => {
                "`landsea query transaction ID` says what became of it; sending the same bytes again is safe."
            }
            Self::Height { .. } => "`landsea query status` shows the newest height; ask an archive node for old ones.",
            Self::Unconfirmed { .. } => {
                "Ask again in a moment, as nodes may differ by a block; if it stays so, ask for a certificate (--strength proven)."
            }
            Self::OtherAnswer { .. } => {
                "Do not use this answer; ask another member's node, and tell the operator of this one."
            }
            Self::OtherMember { .. } => {
                "Check the address, and the member named: a key's tokens go to the member that is meant."
            }
            Self::Transport { .. } => {
                "Check the address (network.json, `landsea testnet status`). Where the node speaks TLS: https://, --ca FILE for a private authority, --client-cert and --client-key if it wants one."
            }
            Self::Protocol { .. } => "Check that client and node have the same version: `landsea query status`.",
        }
    }
}

/// When to ask again where the node does not say, milliseconds.
const QUOTA_PAUSE_MS: u64 = 1_000;

fn retry_after_ms(object: &ErrorObjectOwned) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Data {
        retry_after_ms: u64,
    }
    serde_json::from_str::<Data>(object.data()?.get()).ok().map(|data| data.retry_after_ms)
}

pub(super) fn explain_call(method: &'static str, object: &ErrorObjectOwned) -> RpcError {
    // An explanation says what the code means, which the code itself tells this client.
    let own = |data: &&RawValue| serde_json::from_str::<Explanation>(data.get()).is_err();
    let detail = match object.data().filter(own) {
        Some(data) => format!("{} ({})", object.message(), data.get()),
        None => object.message().to_owned(),
    };
    let refused = u16::try_from(object.code()).ok().and_then(|number| Code::try_from(number).ok());
    match (refused, object.code()) {
        (Some(code), _) => {
            // The node puts the code before its words; here it has a field of its own.
            let words = detail.strip_prefix(&format!("{code}: ")).unwrap_or(&detail).to_owned();
            RpcError::Refused { code, detail: words }
        }
        (_, api::error::UNAUTHENTICATED) => RpcError::Unauthenticated { detail },
        (_, api::error::FORBIDDEN) => RpcError::Forbidden { detail },
        (_, api::error::BUSY) => RpcError::Busy { detail },
        (_, api::error::QUOTA_EXCEEDED) => {
            RpcError::QuotaExceeded { detail, retry_after_ms: retry_after_ms(object).unwrap_or(QUOTA_PAUSE_MS) }
        }
        (_, api::error::TIME_OVER) => RpcError::WaitTimeout { detail },
        (_, api::error::WAIT_TIMEOUT) => RpcError::WaitTimeout { detail },
        (_, api::error::HEIGHT) => RpcError::Height { detail },
        (_, number) => RpcError::Protocol { method, problem: format!("error {number}: {detail}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::method;

    fn answer(code: i32) -> RpcError {
        explain_call(method::SUBMIT, &ErrorObjectOwned::owned(code, "words", None::<()>))
    }

    #[test]
    fn errors_are_split_by_who_must_react() {
        assert!(matches!(answer(1001), RpcError::Refused { code: Code::BadSignature, .. }));
        assert!(matches!(answer(api::error::FORBIDDEN), RpcError::Forbidden { .. }));
        assert!(matches!(answer(api::error::WAIT_TIMEOUT), RpcError::WaitTimeout { .. }));
        assert!(matches!(answer(-32601), RpcError::Protocol { .. }));
        for code in [1001, 1003, api::error::BUSY, api::error::QUOTA_EXCEEDED, api::error::HEIGHT, -32601] {
            assert!(answer(code).next_step().ends_with('.'), "code {code} says what to do next");
        }
    }

    #[test]
    fn a_spent_quota_says_when_to_ask_again() {
        let data = serde_json::json!({ "retry_after_ms": 250 });
        let told = ErrorObjectOwned::owned(api::error::QUOTA_EXCEEDED, "words", Some(data));
        assert!(matches!(explain_call(method::STATUS, &told), RpcError::QuotaExceeded { retry_after_ms: 250, .. }));
        assert!(matches!(answer(api::error::QUOTA_EXCEEDED), RpcError::QuotaExceeded { retry_after_ms: 1_000, .. }));
    }

    #[test]
    fn too_much_at_once_and_an_unknown_object_are_refusals_that_say_what_to_do() {
        for (number, word) in [(1010, "less"), (1012, "id")] {
            let error = answer(number);
            assert!(matches!(error, RpcError::Refused { .. }));
            assert!(error.next_step().contains(word), "{}", error.next_step());
        }
    }

    #[test]
    fn an_explanation_is_not_repeated_in_the_words_and_other_data_is() {
        let told = |data| explain_call(method::SUBMIT, &ErrorObjectOwned::owned(5001, "words", Some(data))).to_string();
        let explanation = serde_json::to_value(crate::explain::of(Code::AlreadyPledged)).expect("it is plain data");
        assert!(told(explanation).ends_with("words"));
        assert!(told(serde_json::json!({ "field": 3 })).contains("field"));
    }
}
