//! TLS towards a node: the roots that are trusted, and the client's own certificate where the node demands one.

use super::RpcError;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files in PEM for `https://` and `wss://`. Without any, the system's roots are trusted and no certificate is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// Roots to trust instead of the system's: a private authority, or the node's own certificate.
    pub ca: Option<PathBuf>,
    /// The client's certificate and its private key, for nodes that demand one.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// What the files say; `None` when there are none.
    pub(super) fn config(&self) -> Result<Option<ClientConfig>, RpcError> {
        if *self == Self::default() {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let unusable = |e: rustls::Error| RpcError::Tls { problem: e.to_string() };
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_safe_default_protocol_versions().map_err(unusable)?;
        let builder = match &self.ca {
            None => builder.with_platform_verifier(),
            Some(path) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates(path)? {
                    roots.add(certificate).map_err(|e| of_file(path, e))?;
                }
                builder.with_root_certificates(roots)
            }
        };
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| of_file(key, e))?;
                let shown = certificates(certificate)?;
                builder.with_client_auth_cert(shown, secret).map_err(|e| of_file(certificate, e))?
            }
        };
        Ok(Some(config))
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, RpcError> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match read {
        Ok(found) if found.is_empty() => Err(of_file(path, "it holds no certificate")),
        Ok(found) => Ok(found),
        Err(error) => Err(of_file(path, error)),
    }
}

fn of_file(path: &Path, problem: impl std::fmt::Display) -> RpcError {
    RpcError::Tls { problem: format!("{}: {problem}", path.display()) }
}
