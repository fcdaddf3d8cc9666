//! **Certificate quorum:** whatever a correct member commits, it keeps a certificate for exactly that block, with valid signatures of a
//! quorum of distinct members.

use super::Occurrence;
use super::seen::Seen;

pub(super) fn holds(seen: &Seen, occurrence: &Occurrence<'_>) -> Result<(), String> {
    let Occurrence::Committed { member, committed, store } = occurrence else { return Ok(()) };
    if !seen.is_correct(*member) {
        return Ok(());
    }
    let height = committed.height;
    let certificate = store.reader().snapshot().certificate(height);
    let Some(certificate) = certificate else {
        return Err(format!("member {member} keeps no certificate of height {height}"));
    };
    if certificate.block != committed.header.id() || certificate.height != height {
        return Err(format!("member {member} keeps a certificate of another block at height {height}"));
    }
    certificate
        .verify_under(&seen.chain, &seen.validators, &*seen.suite)
        .map_err(|error| format!("the certificate of height {height} on member {member} does not hold: {error}"))
}
