//! Measures what the project promises about a network on one machine: `figures [--validators 4,15]`.
//!
//! Needs the `landsea` command beside it (the workspace build makes both). Latency and start-up are wall-clock times of this machine;
//! sizes, memory and CPU times carry over to others.

use landsea_client::rpc::now;
use landsea_node::process_stats::cpu_ms;
use landsea_types::certificate::{StatusCertificate, Trust};
use landsea_types::genesis::Genesis;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

const DEMO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios/s1.toml");
const PLEDGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../testnet/scenarios/figures.toml");
const VERIFICATIONS: u32 = 500;

type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let sizes = match (args.next().as_deref(), args.next()) {
        (None, _) => "4,15".to_string(),
        (Some("--validators"), Some(list)) => list,
        _ => return fail("usage: figures [--validators 4,15]"),
    };
    for size in sizes.split(',') {
        if let Err(problem) = measure(size.trim()) {
            return fail(&problem);
        }
    }
    ExitCode::SUCCESS
}

fn fail(problem: &str) -> ExitCode {
    eprintln!("figures: {problem}");
    ExitCode::from(2)
}

fn landsea() -> Outcome<PathBuf> {
    let own = std::env::current_exe().map_err(|e| e.to_string())?;
    let beside = own.with_file_name("landsea");
    if beside.exists() {
        Ok(beside)
    } else {
        Err(format!("{} is missing: build the workspace first", beside.display()))
    }
}

fn run(dir: &Path, args: &[&str]) -> Outcome<String> {
    let mut command = Command::new(landsea()?);
    command.args(args).arg("--dir").arg(dir);
    let output = command.output().map_err(|e| e.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("landsea {} failed: {text}{}", args.join(" "), String::from_utf8_lossy(&output.stderr)))
}

fn measure(validators: &str) -> Outcome<()> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let dir = folder.path().join("network");
    println!("{validators} validators");
    let started = Instant::now();
    run(&dir, &["testnet", "up", "--validators", validators, "--detach"])?;
    println!("  start to first commit              {:>9.2} s", started.elapsed().as_secs_f64());
    let measured = on_network(&dir);
    let stopped = run(&dir, &["testnet", "down"]).map(drop);
    measured.and(stopped)
}

fn on_network(dir: &Path) -> Outcome<()> {
    memory(dir)?;
    run(dir, &["scenario", "run", DEMO, "--json"])?;
    certificate(dir, "free_before.json", "certificate of the demo           ")?;
    latency(dir)?;
    certificate(dir, "free.json", "certificate, a hundred bills later")
}

fn memory(dir: &Path) -> Outcome<()> {
    let status = run(dir, &["testnet", "status", "--json"])?;
    let mut each: Vec<u64> = numbers(&status, "memory_bytes").into_iter().map(|n| n as u64).collect();
    each.sort_unstable();
    let mib = |bytes: Option<&u64>| bytes.map_or(f64::NAN, |b| *b as f64 / 1_048_576.0);
    println!(
        "  memory of an idle node, median/max {:>9.1} / {:.1} MiB",
        mib(each.get(each.len() / 2)),
        mib(each.last())
    );
    Ok(())
}

/// Every number under a key, wherever it stands in lines or documents of JSON.
fn numbers(text: &str, key: &str) -> Vec<f64> {
    let mut found = Vec::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>().flatten() {
        collect(&value, key, &mut found);
    }
    found
}

fn collect(value: &Value, key: &str, found: &mut Vec<f64>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get(key).and_then(Value::as_f64));
            map.values().for_each(|v| collect(v, key, found));
        }
        Value::Array(list) => list.iter().for_each(|v| collect(v, key, found)),
        _ => {}
    }
}

fn latency(dir: &Path) -> Outcome<()> {
    let lines = run(dir, &["scenario", "run", PLEDGES, "--json"])?;
    let steps = serde_json::Deserializer::from_str(&lines).into_iter::<Value>().flatten();
    let mut took: Vec<f64> = steps.filter(|s| s["step"] == "pledge").filter_map(|s| s["took_ms"].as_f64()).collect();
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took.get(((took.len() as f64 * share) as usize).min(took.len().saturating_sub(1)));
    let (p50, p99) = (at(0.50).ok_or("no pledge was timed")?, at(0.99).ok_or("no pledge was timed")?);
    println!("  pledge, submit to commit, p50/p99  {p50:>9.1} / {p99:.1} ms   ({} pledges)", took.len());
    Ok(())
}

/// A FREE certificate over one document and three lots.
fn certificate(dir: &Path, file: &str, what: &str) -> Outcome<()> {
    let read = |path: PathBuf| std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()));
    let genesis = Genesis::from_json(&read(dir.join("genesis.json"))?).map_err(|e| e.to_string())?;
    let text = read(dir.join("certificates").join(file))?;
    let certificate = StatusCertificate::from_json(&text).map_err(|e| e.to_string())?;
    println!("  {what} {:>9} bytes of borsh", certificate.to_bytes().len());
    let trust = Trust { genesis: &genesis, pinned: None, now: now(), max_age_ms: None };
    let before = cpu_ms();
    for _ in 0..VERIFICATIONS {
        assert_eq!(certificate.verify(&trust, None).exit_code(), 0, "a FREE certificate verifies");
    }
    let each = (cpu_ms() - before) as f64 / f64::from(VERIFICATIONS);
    println!("  its verification, CPU time         {each:>9.2} ms");
    Ok(())
}
