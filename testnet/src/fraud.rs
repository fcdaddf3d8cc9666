//! The fraud pack: attempts that the ledger must refuse, each with the code that it must give.
//!
//! The attempts are scenario files, so what prepares them and what spoils them is written as in any other. This module plays them one
//! after the other on one network and counts the codes.

use crate::commands::{block_on, node_binary};
use crate::error::{TestnetError, exit};
use crate::network::{DEFAULT_SEED, Network, NetworkOptions};
use crate::scenario::built_in;
use crate::scenario::file::Scenario;
use crate::scenario::play::report::Report;
use crate::scenario::play::world::World;
use crate::scenario::play::{ended, interruptible, parsed, play_into, runs, suits, with_fresh_network};
use landsea_types::Code;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Validators of a fresh network when no number is named.
pub const FRAUD_VALIDATORS: usize = 4;

/// Codes that no attempt can get yet, and why.
const OUT_OF_REACH: &[(Code, &str)] = &[
    (Code::Internal, "an invariant is broken: must never happen"),
    (Code::PaperIsOut, "change of medium comes with part 3"),
    (Code::Hashlock, "hash-locked release comes with part 3"),
    (Code::NotMemberOrThreshold, "governance votes come with part 3"),
    (Code::ActivationHeight, "governance votes come with part 3"),
    (Code::TooManyValidatorChanges, "governance votes come with part 3"),
];

/// How the fraud pack is played.
#[derive(Clone, Debug, Default)]
pub struct FraudOptions {
    /// Folder of a running network to play against.
    pub dir: Option<PathBuf>,
    /// Validators of a fresh network.
    pub validators: Option<usize>,
    /// Seed of a fresh network.
    pub seed: Option<String>,
    /// Keep the fresh network's folder.
    pub keep: bool,
    /// Print a JSON line per attempt.
    pub json: bool,
    /// The program that runs a node; this one when absent.
    pub binary: Option<PathBuf>,
}

/// Plays every attempt, against a running network or a fresh one.
///
/// Exits with 0 only if every attempt got its code, and every code that can be got was got; with 3 if only the network was to blame. A
/// running network with other parameters than the attempts need is played as far as it goes, which is not enough for 0.
///
/// # Errors
/// A network that cannot be made or does not run.
pub fn fraud_pack(options: &FraudOptions) -> Result<ExitCode, TestnetError> {
    let pack = pack()?;
    let binary = node_binary(options.binary.as_deref())?;
    match &options.dir {
        Some(_) if options.validators.is_some() => {
            let what = "--dir plays against a network that is there; --validators makes a fresh one";
            Err(TestnetError::usage(what).next("Leave one of them out."))
        }
        Some(dir) => {
            let network = Network::load(dir)?;
            runs(&network)?;
            let tag = format!("{:05}", landsea_client::random::number() % 100_000);
            block_on(interruptible(play(network, &pack, &binary, Some(tag), options.json)))
        }
        None => {
            let mut wanted = NetworkOptions {
                validators: options.validators.unwrap_or(FRAUD_VALIDATORS),
                seed: options.seed.clone().unwrap_or_else(|| DEFAULT_SEED.into()),
                ..NetworkOptions::default()
            };
            for scenario in &pack {
                wanted.changes.parameters.extend(&scenario.network.changes.parameters);
            }
            block_on(with_fresh_network(&wanted, options.keep, &binary, async |network| {
                play(network, &pack, &binary, None, options.json).await
            }))
        }
    }
}

fn pack() -> Result<Vec<Arc<Scenario>>, TestnetError> {
    built_in::fraud_pack().iter().map(|source| parsed(source).map(Arc::new)).collect()
}

/// Codes that an attempt can get.
fn in_reach() -> impl Iterator<Item = Code> {
    let out = |code: &Code| OUT_OF_REACH.iter().any(|(other, _)| other == code);
    Code::ALL.iter().copied().filter(move |code| *code != Code::Ok && !out(code))
}

async fn play(
    network: Network,
    pack: &[Arc<Scenario>],
    binary: &Path,
    tag: Option<String>,
    as_json: bool,
) -> Result<ExitCode, TestnetError> {
    let mut report = Report::of_attempts(as_json);
    let mut left_out = 0;
    for scenario in pack {
        if let Err(unsuitable) = suits(&network, scenario) {
            left_out += 1;
            let text = format!("left out: {} ({})", scenario.name, unsuitable.what);
            report.say(&text, json!({"left_out": scenario.name, "reason": unsuitable.what}));
            continue;
        }
        play_into(World::new(network.clone(), binary.into(), scenario.clone(), tag.clone()), &mut report).await?;
    }
    let is_complete = summary(&report);
    if left_out > 0 {
        report.say(&advice(pack), json!({"event": "incomplete", "left_out": left_out, "next": advice(pack)}));
    }
    Ok(if !is_complete && report.failed == 0 { ExitCode::from(exit::FAILED) } else { ended(&report) })
}

/// How to get a network on which every attempt can be made.
fn advice(pack: &[Arc<Scenario>]) -> String {
    let wanted = pack.iter().flat_map(|scenario| &scenario.network.changes.parameters);
    let wanted: BTreeMap<_, _> = wanted.collect();
    let options: Vec<String> = wanted.iter().map(|(key, value)| format!("--param {key}={value}")).collect();
    format!(
        "This network does not suit every attempt. To make them all: `landsea fraud-pack --validators {FRAUD_VALIDATORS}`, or start the \
         network with `landsea testnet up --dir DIR {}`.",
        options.join(" ")
    )
}

/// Says how many codes were reached, which were not, and which cannot be. Answers whether all that can be were.
fn summary(report: &Report) -> bool {
    let attempts = report.attempts.clone().unwrap_or_default();
    let missing: Vec<Code> = in_reach().filter(|code| !attempts.reached.contains(code)).collect();
    let (reached, all) = (attempts.reached.len(), in_reach().count());
    let out: Vec<String> = OUT_OF_REACH.iter().map(|(code, why)| format!("{code}: {why}")).collect();
    let text = format!("{} attempts, {} missed; codes reached {reached} of {all}", attempts.made, attempts.missed);
    let said = json!({
        "event": "end", "attempts": attempts.made, "missed": attempts.missed, "codes_reached": reached, "codes": all,
        "not_reached": missing, "out_of_reach": OUT_OF_REACH.iter().map(|(code, why)| json!({"code": code, "reason": why})).collect::<Vec<_>>(),
        "ok": report.failed == 0,
    });
    let mut lines = vec![text];
    lines.extend(missing.iter().map(|code| format!("not reached: {code}")));
    lines.extend(out.iter().map(|line| format!("out of reach: {line}")));
    report.say(&lines.join("\n"), said);
    missing.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_network_that_does_not_suit_is_told_every_parameter_that_would() {
        let pack = pack().expect("the files are well formed");
        let advice = advice(&pack);
        for (key, value) in pack.iter().flat_map(|scenario| &scenario.network.changes.parameters) {
            assert!(advice.contains(&format!("--param {key}={value}")), "{key}: {advice}");
        }
        assert!(advice.contains("dispute_file_ms"), "{advice}");
    }

    #[test]
    fn every_code_in_reach_has_an_attempt_and_no_other() {
        let pack = pack().expect("the files are well formed");
        let expected: BTreeSet<Code> = pack.iter().flat_map(|s| &s.steps).filter_map(|step| step.refusal()).collect();
        assert_eq!(expected, in_reach().collect());
    }
}
