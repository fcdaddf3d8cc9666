//! The long run of the fuzzers. See `docs/fuzzing.md`.

use landsea_tests::fuzz::{Failure, Runner, TARGETS, Target, samples};
use landsea_tests::stop::on_ctrl_c;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "\
usage: fuzz [--minutes M] [--seed S] [--target T]   run mutations, all targets in turn
       fuzz --replay FILE --target T                run one input
       fuzz --list                                  name the targets
       fuzz --write-corpus FOLDER                   write the corpus anew from a stopped network";

/// How long one target runs before the next one has its turn.
const TURN: Duration = Duration::from_secs(5);
/// Mutations between two looks at the clock.
const BETWEEN_LOOKS: u64 = 20;

struct Options {
    minutes: f64,
    seed: u64,
    target: Option<String>,
    replay: Option<PathBuf>,
    write_corpus: Option<PathBuf>,
    list: bool,
    help: bool,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => return refuse(&format!("{problem}\n{USAGE}")),
    };
    if options.help {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    if options.list {
        TARGETS.iter().for_each(|t| println!("{:<18} {}", t.name, t.about));
        return ExitCode::SUCCESS;
    }
    if let Some(folder) = &options.write_corpus {
        return samples::write(folder).map_or_else(|problem| refuse(&problem), |()| ExitCode::SUCCESS);
    }
    let chosen: Vec<&'static Target> =
        TARGETS.iter().filter(|t| options.target.as_ref().is_none_or(|name| name == t.name)).collect();
    match &options.replay {
        _ if chosen.is_empty() => refuse("no such target; `fuzz --list` names them"),
        Some(file) if chosen.len() == 1 => replay(chosen[0], file),
        Some(_) => refuse("--replay needs --target"),
        None => run(&chosen, &options),
    }
}

fn refuse(problem: &str) -> ExitCode {
    eprintln!("fuzz: {problem}");
    ExitCode::from(2)
}

fn parse(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options =
        Options { minutes: 1.0, seed: 1, target: None, replay: None, write_corpus: None, list: false, help: false };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} needs a value"));
        match arg.as_str() {
            "--minutes" => options.minutes = minutes(&value()?)?,
            "--seed" => options.seed = value()?.parse().map_err(|_| "--seed needs a number")?,
            "--target" => options.target = Some(value()?),
            "--replay" => options.replay = Some(value()?.into()),
            "--write-corpus" => options.write_corpus = Some(value()?.into()),
            "--list" => options.list = true,
            "--help" | "-h" => options.help = true,
            other => return Err(format!("unknown option {other}")),
        }
    }
    Ok(options)
}

fn minutes(text: &str) -> Result<f64, String> {
    let parsed = text.parse().ok().filter(|minutes| *minutes > 0.0 && *minutes <= 1e6);
    parsed.ok_or(format!("--minutes needs a number above 0, not {text:?}"))
}

fn replay(target: &'static Target, file: &Path) -> ExitCode {
    let input = match std::fs::read(file) {
        Ok(input) => input,
        Err(error) => return refuse(&format!("{}: {error}", file.display())),
    };
    let mut runner = Runner::over(target, vec![input.clone()], 0);
    match runner.execute(&input) {
        Ok(_) => {
            println!("nothing broke; answer: {}", runner.answers().iter().next().map_or("", String::as_str));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the targets in turn until the time is over. One that breaks is left out from then on; the others go on.
fn run(chosen: &[&'static Target], options: &Options) -> ExitCode {
    let end = Instant::now() + Duration::from_secs_f64(60.0 * options.minutes);
    println!("seed {}, {} targets, {} minutes", options.seed, chosen.len(), options.minutes);
    let full = TURN * chosen.len() as u32;
    if end < Instant::now() + full {
        println!("a turn of every target takes {} s: not all of them get one", full.as_secs());
    }
    let stop = on_ctrl_c("fuzz: stopping");
    let folder = std::env::temp_dir().join(format!("landsea-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    let mut runners = Vec::new();
    let mut failures = Vec::new();
    for target in chosen {
        let last = std::fs::File::create(folder.join(format!("{}.last", target.name))).expect("a new file");
        let mut runner = Runner::new(target, options.seed).before_each(move |input| keep_last(&last, input));
        let corpus = runner.run_corpus();
        failures.extend(corpus.as_ref().err().map(|f| report(f, &folder)));
        runners.push((*target, runner, corpus.is_ok()));
    }
    while Instant::now() < end && !stop.load(Ordering::Relaxed) && runners.iter().any(|(_, _, goes_on)| *goes_on) {
        for (_, runner, goes_on) in runners.iter_mut().filter(|(_, _, goes_on)| *goes_on) {
            if let Err(failure) = turn(runner, end, &stop) {
                failures.push(report(&failure, &folder));
                *goes_on = false;
            }
        }
    }
    println!("{:<18} {:>12} {:>8}", "target", "executions", "answers");
    for (target, runner, _) in &runners {
        println!("{:<18} {:>12} {:>8}", target.name, runner.executions(), runner.answers().len());
    }
    if failures.is_empty() {
        // The last inputs matter only to a process that did not come this far.
        let _ = std::fs::remove_dir_all(&folder);
    }
    println!("{} failures", failures.len());
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn turn(runner: &mut Runner, end: Instant, stop: &AtomicBool) -> Result<(), Box<Failure>> {
    let until = end.min(Instant::now() + TURN);
    while Instant::now() < until && !stop.load(Ordering::Relaxed) {
        runner.run(BETWEEN_LOOKS)?;
    }
    Ok(())
}

/// Keeps the input of an execution where it outlives the process: length, then bytes.
fn keep_last(file: &std::fs::File, input: &[u8]) {
    file.write_all_at(input, 0).expect("the temporary folder is writable");
    file.set_len(input.len() as u64).expect("the temporary folder is writable");
}

/// Writes a failing input to a file and says how to run it again.
fn report(failure: &Failure, folder: &Path) -> PathBuf {
    let name = format!("{}-{}-{}.bin", failure.target, failure.seed, failure.execution);
    let path = folder.join(name);
    std::fs::write(&path, &failure.input).expect("the temporary folder is writable");
    println!("{failure}\nreplay: ./landsea.sh fuzz --target {} --replay {}", failure.target, path.display());
    path
}
