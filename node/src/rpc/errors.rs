//! Errors of the RPC interface: ledger codes as they are, and a few of the node's own.

use jsonrpsee::types::ErrorObjectOwned;
use landsea_client::api::error;
use landsea_types::Code;

/// A refusal with a ledger code.
pub(super) fn ledger(code: Code, detail: impl std::fmt::Display) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(i32::from(code.number()), format!("{code}: {detail}"), None::<()>)
}

/// A list was asked for about something that is not there: no entries would say that it is there and has none.
pub(super) fn unknown(what: &str, id: impl std::fmt::Display) -> ErrorObjectOwned {
    ledger(Code::UnknownObject, format!("the ledger knows no {what} {id}"))
}

pub(super) fn unauthenticated(detail: &str) -> ErrorObjectOwned {
    let text = format!("{detail}; send a fresh token signed with your ledger key in the Authorization header");
    ErrorObjectOwned::owned(error::UNAUTHENTICATED, text, None::<()>)
}

pub(super) fn forbidden(detail: &str) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(error::FORBIDDEN, detail.to_string(), None::<()>)
}

pub(super) fn busy(detail: &str) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(error::BUSY, format!("{detail}; try again in a moment"), None::<()>)
}

pub(super) fn wait_timeout() -> ErrorObjectOwned {
    let text = "not committed yet; the transaction may still be: ask `transaction` with its id";
    ErrorObjectOwned::owned(error::WAIT_TIMEOUT, text, None::<()>)
}

pub(super) fn height(detail: impl std::fmt::Display) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(error::HEIGHT, detail.to_string(), None::<()>)
}

pub(super) fn invalid_params(detail: impl std::fmt::Display) -> ErrorObjectOwned {
    ErrorObjectOwned::owned(jsonrpsee::types::error::INVALID_PARAMS_CODE, detail.to_string(), None::<()>)
}
