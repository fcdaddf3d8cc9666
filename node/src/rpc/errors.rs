//! Errors of the RPC interface: ledger codes as they are, and a few of the node's own. Each carries its [`Explanation`] as `data`.

use super::bounds::REQUEST_BYTES_MAX;
use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use landsea_client::api::{TransactionView, error};
use landsea_client::explain::{self, Explanation};
use landsea_types::Code;
use serde::Serialize;
use std::time::Duration;

/// The `data` of an error: what its code means, for 1002 what became of the transaction the first time, for a spent quota when to ask again.
#[derive(Serialize)]
struct Data {
    #[serde(flatten)]
    explanation: Explanation,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<TransactionView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<u64>,
}

impl From<Explanation> for Data {
    fn from(explanation: Explanation) -> Self {
        Self { explanation, outcome: None, retry_after_ms: None }
    }
}

fn explained(code: i32, message: impl Into<String>) -> ErrorObjectOwned {
    let data = explain::of_number(code).map(Data::from);
    ErrorObjectOwned::owned(code, message, data)
}

/// The error with an explanation where it has no data of its own; the server's errors come without.
pub(super) fn with_explanation(error: ErrorObject<'_>) -> ErrorObjectOwned {
    let data = error.data().map(|data| data.get());
    let is_explained = data.is_some_and(|data| serde_json::from_str::<Explanation>(data).is_ok());
    match data {
        _ if is_explained => error.into_owned(),
        None => explained(error.code(), error.message()),
        Some(detail) => explained(error.code(), format!("{}: {detail}", error.message())),
    }
}

/// A refusal with a ledger code.
pub(super) fn ledger(code: Code, detail: impl std::fmt::Display) -> ErrorObjectOwned {
    explained(i32::from(code.number()), format!("{code}: {detail}"))
}

/// The transaction was committed before, with this outcome.
pub(super) fn already_committed(outcome: Option<TransactionView>, id: impl std::fmt::Display) -> ErrorObjectOwned {
    let code = Code::AlreadyCommitted;
    let data = explain::of(code).map(|explanation| Data { outcome, ..explanation.into() });
    let text = format!("{code}: ask `transaction` for the outcome of {id}");
    ErrorObjectOwned::owned(i32::from(code.number()), text, data)
}

/// A list was asked for about something that is not there: no entries would say that it is there and has none.
pub(super) fn unknown(what: &str, id: impl std::fmt::Display) -> ErrorObjectOwned {
    ledger(Code::UnknownObject, format!("the ledger knows no {what} {id}"))
}

pub(super) fn unauthenticated(detail: &str) -> ErrorObjectOwned {
    let text = format!("{detail}; send a fresh token signed with your ledger key in the Authorization header");
    explained(error::UNAUTHENTICATED, text)
}

pub(super) fn forbidden(detail: &str) -> ErrorObjectOwned {
    explained(error::FORBIDDEN, detail)
}

pub(super) fn busy(detail: &str) -> ErrorObjectOwned {
    explained(error::BUSY, format!("{detail}; try again in a moment"))
}

/// The party has asked for too much lately.
pub(super) fn quota_exceeded(what: &str, wait: Duration) -> ErrorObjectOwned {
    let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    let code = error::QUOTA_EXCEEDED;
    let data = explain::of_number(code).map(|e| Data { retry_after_ms: Some(wait_ms), ..e.into() });
    ErrorObjectOwned::owned(code, format!("too many {what}; ask again in {wait_ms} ms"), data)
}

pub(super) fn time_over() -> ErrorObjectOwned {
    explained(error::TIME_OVER, "the answer took too long; what was submitted may still be committed")
}

/// The request's body is larger than any sound one.
pub(super) fn request_too_large() -> ErrorObjectOwned {
    let text = format!("the request is larger than {REQUEST_BYTES_MAX} bytes");
    explained(jsonrpsee::types::error::OVERSIZED_REQUEST_CODE, text)
}

pub(super) fn wait_timeout() -> ErrorObjectOwned {
    let text = "not committed yet; the transaction may still be: ask `transaction` with its id";
    explained(error::WAIT_TIMEOUT, text)
}

pub(super) fn height(detail: impl std::fmt::Display) -> ErrorObjectOwned {
    explained(error::HEIGHT, detail.to_string())
}

pub(super) fn invalid_request(detail: &str) -> ErrorObjectOwned {
    explained(jsonrpsee::types::error::INVALID_REQUEST_CODE, detail)
}

pub(super) fn invalid_params(detail: impl std::fmt::Display) -> ErrorObjectOwned {
    explained(jsonrpsee::types::error::INVALID_PARAMS_CODE, detail.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explanation(error: &ErrorObjectOwned) -> Explanation {
        serde_json::from_str(error.data().expect("data").get()).expect("an explanation")
    }

    #[test]
    fn every_error_of_the_node_says_what_it_means_and_what_to_do() {
        let errors = [
            ledger(Code::AlreadyPledged, "words"),
            already_committed(None, "id"),
            unknown("document", "id"),
            unauthenticated("words"),
            forbidden("words"),
            busy("words"),
            quota_exceeded("words", Duration::from_secs(1)),
            time_over(),
            request_too_large(),
            wait_timeout(),
            height("words"),
            invalid_request("words"),
            invalid_params("words"),
        ];
        for error in errors {
            let told = explanation(&error);
            assert_eq!((told.code, told.next_en.ends_with('.')), (error.code(), true), "{error:?}");
        }
    }

    #[test]
    fn an_error_of_the_server_gets_an_explanation_and_keeps_its_words() {
        let bare = ErrorObject::owned(-32601, "Method not found", None::<()>);
        assert_eq!(explanation(&with_explanation(bare)).name, "METHOD_NOT_FOUND");
        let worded = with_explanation(ErrorObject::owned(-32010, "The batch request was too large", Some("limit 64")));
        assert_eq!(explanation(&worded).name, "BATCH_TOO_LARGE");
        assert!(worded.message().contains("limit 64"), "{worded:?}");
        let own = ledger(Code::Held, "words");
        assert_eq!(with_explanation(own.clone()), own);
    }
}
