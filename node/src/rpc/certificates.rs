//! Certificates: proofs that need no node to be checked.

use super::auth::Caller;
use super::{Context, errors};
use crate::shell::now;
use jsonrpsee::types::ErrorObjectOwned;
use landsea_client::api::{CertificateAnswer, CertificateQuestion, Verified, VerifyRequest};
use landsea_storage::Snapshot;
use landsea_types::bounds::GOODS_KEYS_MAX;
use landsea_types::certificate::{Committed, StatusCertificate};
use landsea_types::{Code, Height, Timestamp};
use serde::Deserialize;

#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateParams {
    question: CertificateQuestion,
    height: Option<Height>,
}

pub(super) fn certificate(
    context: &Context,
    _: &Caller,
    params: CertificateParams,
) -> Result<CertificateAnswer, ErrorObjectOwned> {
    certify(&*context.snapshot(), params.question, params.height, now())
}

/// The same code as a verification without a node, with the node's genesis and clock.
pub(super) fn verify(context: &Context, _: &Caller, request: VerifyRequest) -> Result<Verified, ErrorObjectOwned> {
    Ok(request.verify(&context.genesis, now()))
}

/// The certificate of a height, the newest when none is named: header, precommits, leaves and proofs of that height alone.
fn certify(
    snapshot: &dyn Snapshot,
    question: CertificateQuestion,
    height: Option<Height>,
    issued_at: Timestamp,
) -> Result<CertificateAnswer, ErrorObjectOwned> {
    if !question.is_well_formed() {
        let detail = format!("ask for 1 to {GOODS_KEYS_MAX} goods keys at once");
        return Err(errors::ledger(Code::TooLarge, detail));
    }
    let height = provable(snapshot, height)?;
    let committed = committed(snapshot, height)
        .ok_or_else(|| errors::height("no block is committed yet; ask again after the first one"))?;
    let prove = |key: &[u8; 32]| snapshot.prove(height, key).expect("the height lies inside the window of proofs");
    let leaf = |family, id: &[u8; 32]| snapshot.leaf_at(height, family, id);
    StatusCertificate::assemble(question, committed, issued_at, leaf, prove)
        .map_err(|e| errors::invalid_params(e.to_string()))
}

/// The height to be read or certified. A node keeps blocks and commits of all heights, but proofs only of the newest.
pub(super) fn provable(snapshot: &dyn Snapshot, height: Option<Height>) -> Result<Height, ErrorObjectOwned> {
    let tip = snapshot.tip().height;
    let Some(height) = height else { return Ok(tip) };
    // Nobody signed the genesis.
    let oldest = snapshot.oldest_provable().max(Height::new(1));
    if height > tip {
        return Err(errors::height(format!("height {height} is not reached; this node keeps {oldest} to {tip}")));
    }
    if height < oldest {
        let kept = format!("proofs of height {height} are not kept; this node keeps {oldest} to {tip}");
        return Err(errors::height(format!("{kept}, an archive node all of them")));
    }
    Ok(height)
}

fn committed(snapshot: &dyn Snapshot, height: Height) -> Option<Committed> {
    let header = snapshot.header_at(height)?;
    let commit = snapshot.certificate(height)?;
    // The genesis set stands for as long as governance cannot change it.
    Some(Committed { header, commit, valset_proof: Vec::new() })
}

#[cfg(test)]
pub(super) mod tests;
