//! Certificates: proofs that need no node to be checked.

use super::auth::Caller;
use super::{Context, errors};
use crate::shell::now;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_client::api::{CertificateAnswer, CertificateQuestion};
use landsea_storage::Snapshot;
use landsea_types::Height;
use landsea_types::certificate::{Committed, StatusCertificate};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateParams {
    question: CertificateQuestion,
}

pub(super) fn certificate(
    context: &Context,
    _: &Caller,
    params: CertificateParams,
) -> Result<CertificateAnswer, ErrorObjectOwned> {
    if !params.question.is_well_formed() {
        return Err(errors::invalid_params("the question is out of bounds: ask for 1 to 64 goods keys"));
    }
    let snapshot = context.snapshot();
    let height = snapshot.tip().height;
    let committed = committed(&*snapshot, height)
        .ok_or_else(|| errors::height("no block is committed yet; ask again after the first one"))?;
    let prove = |key: &[u8; 32]| snapshot.prove(height, key).expect("the tip is always provable");
    StatusCertificate::assemble(params.question, committed, now(), |family, id| snapshot.leaf(family, id), prove)
        .map_err(|e| errors::invalid_params(e.to_string()))
}

fn committed(snapshot: &dyn Snapshot, height: Height) -> Option<Committed> {
    let header = snapshot.header_at(height)?;
    let commit = snapshot.certificate(height)?;
    // The genesis set stands for as long as governance cannot change it.
    Some(Committed { header, commit, valset_proof: Vec::new() })
}
