//! Block sync: a commit certificate decides without the core.

use super::{Engine, Host};
use crate::output::Output;
use landsea_types::consensus::CommitCertificate;

impl Engine {
    /// Decides the next height by a certificate. Lower heights are known, higher ones come too early: both are ignored.
    ///
    /// # Panics
    /// When this node found the certified block invalid: its state or its program differs from the others'.
    pub(super) fn on_certified(&mut self, certificate: CommitCertificate, host: &mut Host<'_>) {
        if certificate.height != self.decided.next() {
            return;
        }
        match self.shell.checker.commit(&certificate, host.suite) {
            Ok(()) => self.decide_by(certificate),
            Err(error) => {
                self.shell.outputs.push(Output::CertificateRefused { height: certificate.height, error });
            }
        }
    }

    pub(super) fn decide_by(&mut self, certificate: CommitCertificate) {
        let judged = self.shell.verdicts.get(&certificate.block);
        assert!(
            certificate.height != self.shell.height || judged != Some(&false),
            "block {} of height {} is certified by a quorum, but this node found it invalid: its program or state differs; \
             compare versions, then run `landsea node verify`",
            certificate.block,
            certificate.height
        );
        self.shell.conclude(certificate);
    }
}
