//! Why a step could not be prepared or answered.

use landsea_client::paper::PaperError;
use landsea_client::rpc::RpcError;

/// What stood in the way.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// A node did not answer as it should.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// A document cannot be used.
    #[error(transparent)]
    Paper(#[from] PaperError),
    /// Something the step refers to is not there.
    #[error("{0}")]
    Cannot(String),
}

impl Trouble {
    pub(crate) fn cannot(what: impl Into<String>) -> Self {
        Self::Cannot(what.into())
    }
    /// Whether the network is to blame.
    pub(crate) fn is_network(&self) -> bool {
        matches!(
            self,
            Self::Rpc(
                RpcError::Transport { .. }
                    | RpcError::WaitTimeout { .. }
                    | RpcError::Busy { .. }
                    | RpcError::QuotaExceeded { .. }
            )
        )
    }
}
