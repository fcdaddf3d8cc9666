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
            Some(path) => builder.with_root_certificates(pem_roots(path).map_err(|e| of_file(path, e))?),
        };
        let config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| of_file(key, e))?;
                let shown = pem_certificates(certificate).map_err(|e| of_file(certificate, e))?;
                builder.with_client_auth_cert(shown, secret).map_err(|e| of_file(certificate, e))?
            }
        };
        Ok(Some(config))
    }
}

/// The certificates of a PEM file, one at least.
///
/// # Errors
/// What is wrong with the file.
pub fn pem_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
    match read {
        Ok(found) if found.is_empty() => Err("it holds no certificate".into()),
        Ok(found) => Ok(found),
        Err(error) => Err(error.to_string()),
    }
}

/// The certificates of a PEM file, to be trusted.
///
/// # Errors
/// As [`pem_certificates`], and for one that cannot be trusted.
pub fn pem_roots(path: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in pem_certificates(path)? {
        roots.add(certificate).map_err(|e| e.to_string())?;
    }
    Ok(roots)
}

fn of_file(path: &Path, problem: impl std::fmt::Display) -> RpcError {
    RpcError::Tls { problem: format!("{}: {problem}", path.display()) }
}
