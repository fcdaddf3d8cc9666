//! Finding accounts and documents by what people know: a company code, a paper.

use landsea_types::{AccountId, DocId};

use crate::api::{Derived, DocumentRequest, DocumentView};
use crate::paper::{Paper, PaperError, party_request};
use crate::rpc::{RpcClient, RpcError};

/// Why something could not be found.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The code or document is not well formed.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// The node did not answer the question.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The ledger does not know it.
    #[error("the ledger knows no {what}")]
    Unknown {
        /// What was looked for.
        what: String,
    },
}

/// The account of a firm by USCC or LEI. Only a branch may ask.
///
/// # Errors
/// [`ResolveError::Unknown`] when no firm with the code is onboarded; [`RpcError::Forbidden`] for callers other than branches.
pub async fn account_by_code(client: &RpcClient, code: &str) -> Result<AccountId, ResolveError> {
    let derived = client.fingerprint_derive(&party_request(code)?).await?;
    let account = client.party_by_fingerprint(&derived.ticket.body.fp1).await?;
    account.ok_or_else(|| ResolveError::Unknown { what: "firm with this code".into() })
}

/// The ticket for a paper in hand.
///
/// # Errors
/// [`RpcError::Forbidden`] when the node is not the caller's own branch's.
pub async fn derive(client: &RpcClient, paper: &Paper) -> Result<Derived, ResolveError> {
    Ok(client.fingerprint_derive(&paper.derive_request()).await?)
}

/// The registered document that a paper in hand is, with the ticket that shows it.
///
/// # Errors
/// [`ResolveError::Unknown`] when the document is not registered.
pub async fn document_by_paper(client: &RpcClient, paper: &Paper) -> Result<(DocumentView, Derived), ResolveError> {
    let derived = derive(client, paper).await?;
    let request = DocumentRequest { doc: None, fingerprint: Some(derived.ticket.body.fp1) };
    let found = client.document(&request).await?;
    let view = found.ok_or_else(|| ResolveError::Unknown { what: "document with this fingerprint".into() })?;
    Ok((view, derived))
}

/// The version that an operation on a document must expect.
///
/// # Errors
/// [`ResolveError::Unknown`].
pub async fn document_version(client: &RpcClient, doc: DocId) -> Result<u32, ResolveError> {
    let found = client.document(&DocumentRequest { doc: Some(doc), fingerprint: None }).await?;
    Ok(found.ok_or_else(|| ResolveError::Unknown { what: format!("document {doc}") })?.public.ver)
}
