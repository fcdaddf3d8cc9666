//! What the verifier prints: the lines of a certificate, and of two that make a history.

use crate::context::Context;
use crate::error::exit::INVALID;
use crate::{output, when};
use landsea_types::Member;
use landsea_types::certificate::{
    HistoryCertificate, HistoryVerification, Integrity, Kept, PaperLine, StatusCertificate, Verdict, Verification,
};
use landsea_types::genesis::Genesis;
use landsea_types::record::{PublicEncumbrance, PublicHold, PublicLot, PublicReservation};
use landsea_types::state::Family;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::process::ExitCode;

/// A file that is no certificate proves nothing: that is a verdict.
pub(super) fn garbage(context: &Context, problem: &str) -> ExitCode {
    if context.json() {
        let status = json!({ "verdict": "INVALID" });
        let integrity = json!({ "integrity": "INVALID", "reason": problem });
        output::json_value(&json!({ "integrity": integrity, "status": status, "issuer": null, "exit": INVALID }));
    } else {
        output::line(format!("INTEGRITY  INVALID ({problem})\nSTATUS     INVALID\nISSUER     NOT SHOWN"));
    }
    ExitCode::from(INVALID)
}

/// Prints the answer of one certificate.
pub(super) fn one(
    context: &Context,
    genesis: &Genesis,
    certificate: &StatusCertificate,
    answer: &Verification,
    covers: Option<&str>,
) {
    if context.json() {
        return output::json_value(&as_json(certificate, answer));
    }
    lines(genesis, answer, covers);
}

/// Prints the answers of both halves of a history, and what changed between them.
pub(super) fn two(
    context: &Context,
    genesis: &Genesis,
    history: &HistoryCertificate,
    answer: &HistoryVerification,
    covers: Option<&str>,
) {
    if context.json() {
        let (then, now) = answer.outcomes_roots;
        return output::json_value(&json!({
            "earlier": as_json(&history.earlier, &answer.earlier), "later": as_json(&history.later, &answer.later),
            "change": answer.change, "outcomes_roots": [then, now], "exit": answer.exit_code(),
        }));
    }
    let halves = [("EARLIER", &history.earlier, &answer.earlier), ("LATER", &history.later, &answer.later)];
    for (word, half, verification) in halves {
        output::line(format!("{word:<10} block {}, {}", half.height, when::text(half.header.time)));
        lines(genesis, verification, covers);
    }
    let change = answer.change.as_ref().map_or_else(|| "NOT SHOWN".to_owned(), ToString::to_string);
    output::line(format!("CHANGE     {change}"));
}

fn as_json(certificate: &StatusCertificate, answer: &Verification) -> Value {
    let mut value = serde_json::to_value(answer).expect("only string keys");
    if let Some(map) = value.as_object_mut() {
        map.insert("exit".into(), json!(answer.exit_code()));
        map.insert("question".into(), json!(certificate.question));
        map.insert("height".into(), json!(certificate.height));
        map.insert("items".into(), shown_items(certificate));
    }
    value
}

/// `covers`: what a valid paper line says, where a paper was shown.
fn lines(genesis: &Genesis, answer: &Verification, covers: Option<&str>) {
    output::line(format!("INTEGRITY  {}", integrity(&answer.integrity)));
    output::line(format!("STATUS     {}", status(&answer.status, genesis)));
    if let Verdict::Custody { lots } = &answer.status {
        lots.iter().for_each(|kept| output::line(custody(kept, genesis)));
    }
    let issuer = answer.issuer.as_ref().map(|i| format!("{} registered by {}", i.issuer, member(i.home, genesis)));
    output::line(format!("ISSUER     {}", issuer.unwrap_or_else(|| "NOT SHOWN".into())));
    if let Some(covers) = covers {
        let paper = match &answer.paper {
            PaperLine::Valid => format!("VALID ({covers})"),
            not_shown @ PaperLine::NotShown { .. } => not_shown.to_string(),
        };
        output::line(format!("PAPER      {paper}"));
    }
}

fn custody(kept: &Kept, genesis: &Genesis) -> String {
    let Kept { lot, status, custodian, place } = kept;
    format!("           lot {lot} {status}, kept by {custodian} in {}", member(*place, genesis))
}

fn integrity(line: &Integrity) -> String {
    match line {
        Integrity::Valid { signers, validators, height, time } => {
            format!("VALID ({signers} of {validators} members signed block {height}, {})", when::text(*time))
        }
        Integrity::Invalid { reason } => format!("INVALID ({reason})"),
    }
}

fn status(verdict: &Verdict, genesis: &Genesis) -> String {
    match verdict {
        Verdict::Reserved { until, member: home } => {
            format!("RESERVED until {}; contact {}", when::text(*until), member(*home, genesis))
        }
        Verdict::Encumbered { since, index, member: home } => {
            format!("ENCUMBERED since height {since} index {index}; contact {}", member(*home, genesis))
        }
        Verdict::Stale { age_ms, max_age_ms } => {
            format!("STALE ({} s old, at most {} s)", age_ms / 1000, max_age_ms / 1000)
        }
        Verdict::Custody { lots } => format!("CUSTODY of {} lots", lots.len()),
        Verdict::NoGoods => "NO_GOODS (the document stands, but all its goods are lost)".into(),
        Verdict::Unknown => "UNKNOWN (never registered on this ledger; this does not mean free)".into(),
        other => other.to_string(),
    }
}

fn member(member: Member, genesis: &Genesis) -> String {
    match genesis.member(member) {
        Some(entry) => format!("{} {} ({})", entry.code, entry.name_zh, entry.name_en),
        None => format!("member {member}"),
    }
}

/// The burdens that a certificate shows, decoded for programs.
fn shown_items(certificate: &StatusCertificate) -> Value {
    let items = certificate.items.iter().filter_map(|item| {
        let public = &item.opening.as_ref()?.public;
        match item.family {
            Family::Encumbrance => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicEncumbrance>(public) }))
            }
            Family::Reservation => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicReservation>(public) }))
            }
            Family::Hold => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicHold>(public) }))
            }
            Family::Lot => {
                Some(json!({ "family": item.family, "id": item.id, "public": decoded::<PublicLot>(public) }))
            }
            _ => None,
        }
    });
    Value::Array(items.collect())
}

fn decoded<T: DeserializeOwned + borsh::BorshDeserialize + serde::Serialize>(bytes: &[u8]) -> Value {
    borsh::from_slice::<T>(bytes).map_or(Value::Null, |public| json!(public))
}
