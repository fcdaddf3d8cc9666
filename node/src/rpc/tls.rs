//! TLS of the public listener: rustls, with files that are read again when they change.
//!
//! A new certificate serves connections that begin after it was read. Files that cannot be used are logged once, and what was read before
//! stays in force: a half-finished renewal takes no node off the network.

use super::bounds::RELOAD_EVERY;
use crate::config::TlsConfig;
use landsea_client::rpc::{pem_certificates, pem_roots};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::WebPkiClientVerifier;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::SystemTime;
use tokio::signal::unix::{SignalKind, signal};
use tokio_rustls::TlsAcceptor;

/// Why the files of TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {problem}; `certificate` and `client_ca` hold PEM certificates, `key` a PEM private key")]
    File { path: PathBuf, problem: String },
    #[error("{path} may be read by everybody (mode {mode:04o}); run `chmod 600 {path}`")]
    ExposedKey { path: PathBuf, mode: u32 },
    #[error("certificate {certificate} and key {key} cannot be used together: {problem}")]
    Pair { certificate: PathBuf, key: PathBuf, problem: String },
}

/// What tells one version of a file from another.
type Stamp = Option<(SystemTime, u64)>;

/// See the module documentation.
pub(crate) struct Tls {
    files: TlsConfig,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    pub(crate) fn load(files: &TlsConfig) -> Result<Arc<Self>, TlsError> {
        let current = RwLock::new(Arc::new(read(files)?));
        Ok(Arc::new(Self { files: files.clone(), current }))
    }

    /// Accepts a connection with the certificate now in force.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.read().expect("no holder of this lock panics")))
    }

    /// Reads the files again when they change, or when told to by SIGHUP; never returns.
    pub(super) async fn watch(self: Arc<Self>) {
        let mut told = signal(SignalKind::hangup()).expect("a signal handler can be installed");
        let mut seen = self.stamps();
        loop {
            let is_told = tokio::select! {
                _ = told.recv() => true,
                () = tokio::time::sleep(RELOAD_EVERY) => false,
            };
            let now = self.stamps();
            if is_told || now != seen {
                seen = now;
                self.reload();
            }
        }
    }

    fn stamps(&self) -> Vec<Stamp> {
        let TlsConfig { certificate, key, client_ca } = &self.files;
        let stamp = |path: &PathBuf| {
            let meta = std::fs::metadata(path).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        };
        [certificate, key].into_iter().chain(client_ca).map(stamp).collect()
    }

    fn reload(&self) {
        match read(&self.files) {
            Ok(config) => {
                *self.current.write().expect("no holder of this lock panics") = Arc::new(config);
                tracing::info!(certificate = %self.files.certificate.display(), "TLS certificate read again");
            }
            Err(error) => {
                tracing::warn!(%error, "the new TLS files are not used, the old ones stay in force; put the files right");
            }
        }
    }
}

fn read(files: &TlsConfig) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let pair = |problem: rustls::Error| TlsError::Pair {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        problem: problem.to_string(),
    };
    require_private(&files.key)?;
    let certificates = pem_certificates(&files.certificate).map_err(|e| file(&files.certificate, e))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| file(&files.key, e))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(pair)?;
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let roots = pem_roots(path).map_err(|e| file(path, e))?;
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().map_err(|e| file(path, e))?)
        }
    };
    let mut config = builder.with_single_cert(certificates, key).map_err(pair)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn file(path: &Path, problem: impl std::fmt::Display) -> TlsError {
    TlsError::File { path: path.into(), problem: problem.to_string() }
}

fn require_private(path: &Path) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt as _;
    let meta = std::fs::metadata(path).map_err(|e| file(path, e))?;
    let mode = meta.permissions().mode() & 0o777;
    match mode & 0o007 {
        0 => Ok(()),
        _ => Err(TlsError::ExposedKey { path: path.into(), mode }),
    }
}
