//! CPU time of what every transaction pays for: the parts, the execution of each operation, and whole blocks on disk.
//! `micro [--keys N,N] [--write FILE | --compare FILE]`
//!
//! Times are CPU time of this process, background threads of RocksDB included, so that a busy machine disturbs them little. Each is also
//! given in units of one signature check measured in the same run, and only those ratios are compared: they carry over between machines.

#[path = "micro/blocks.rs"]
mod blocks;
#[path = "micro/execution.rs"]
mod execution;

/// The test kit of the chaincode: its firms, papers and operations.
#[allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "the kit serves the tests of the chaincode; not all of it is used here"
)]
#[path = "../../../chaincode/tests/main"]
mod shared {
    pub mod kit;
}

use landsea_storage::StoreConfig;
use landsea_storage::disk::{Changes, Disk, Durability, MemoryDisk, RocksDisk};
use landsea_storage::tree::{LeafChanges, StateTree};
use landsea_types::crypto::{SignatureCheck, verify_many};
use landsea_types::{Height, SecretKey};
use rustix::time::{ClockId, clock_gettime};
use std::collections::BTreeMap;
use std::process::ExitCode;

/// As in the `landsea` command.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Changed leaves in a batch.
const BATCH: u64 = 1_000;
/// Batches measured on each tree.
const ROUNDS: u64 = 200;
/// Leaves written at once while a tree is filled.
const FILL: u64 = 50_000;
/// How much slower than the baseline, in signature checks, counts as a regression: runs on busy machines differ by a third.
const WORSE: f64 = 1.5;

const USAGE: &str = "usage: micro [--keys 100000,1000000] [--write FILE | --compare FILE]";

/// Microseconds by name, in order.
type Figures = Vec<(String, f64)>;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match parse(&args).and_then(|plan| run(&plan)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("micro: {problem}");
            ExitCode::from(2)
        }
    }
}

struct Plan {
    keys: Vec<u64>,
    write: Option<String>,
    compare: Option<String>,
}

fn parse(args: &[String]) -> Result<Plan, String> {
    let mut plan = Plan { keys: vec![100_000, 1_000_000], write: None, compare: None };
    for pair in args.chunks(2) {
        match pair {
            [name, list] if name == "--keys" => {
                let keys: Result<Vec<u64>, _> = list.split(',').map(str::parse).collect();
                plan.keys = keys.map_err(|error| format!("--keys {list}: {error}"))?;
            }
            [name, file] if name == "--write" => plan.write = Some(file.clone()),
            [name, file] if name == "--compare" => plan.compare = Some(file.clone()),
            _ => return Err(USAGE.into()),
        }
    }
    Ok(plan)
}

fn run(plan: &Plan) -> Result<bool, String> {
    let mut figures = signatures();
    figures.extend(encoding());
    let (mut world, titles) = execution::filled();
    figures.extend(blocks::on_disk(&mut world)?);
    figures.extend(execution::operations(world, &titles));
    for keys in &plan.keys {
        figures.extend(tree_in_memory(*keys));
        figures.extend(tree_on_disk(*keys)?);
    }
    let unit = figures.first().map_or(1.0, |(_, us)| *us);
    let ratios: BTreeMap<&str, f64> = figures.iter().map(|(name, us)| (name.as_str(), rounded(us / unit))).collect();
    if let Some(file) = &plan.write {
        let text = serde_json::to_string_pretty(&ratios).expect("numbers are JSON");
        std::fs::write(file, text + "\n").map_err(|error| format!("{file}: {error}"))?;
    }
    plan.compare.as_ref().map_or(Ok(true), |file| compare(file, &ratios))
}

fn compare(file: &str, ratios: &BTreeMap<&str, f64>) -> Result<bool, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
    let baseline: BTreeMap<String, f64> = serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))?;
    let mut is_good = true;
    for (name, now) in ratios {
        let Some(then) = baseline.get(*name) else {
            println!("{name:52} not in the baseline");
            continue;
        };
        let is_worse = *now > then * WORSE;
        is_good &= !is_worse;
        println!("{name:52} {:6.2} times the baseline{}", now / then, if is_worse { "  WORSE" } else { "" });
    }
    for name in baseline.keys().filter(|name| !ratios.contains_key(name.as_str())) {
        println!("{name:52} not measured");
    }
    Ok(is_good)
}

/// Four places: more would be noise in the committed file.
fn rounded(ratio: f64) -> f64 {
    (ratio * 1e4).round() / 1e4
}

/// CPU seconds of this process.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Microseconds of CPU per item.
fn timed(name: impl Into<String>, items: u64, work: impl FnOnce()) -> (String, f64) {
    let before = cpu();
    work();
    figure(name, (cpu() - before) * 1e6 / items as f64)
}

fn figure(name: impl Into<String>, us: f64) -> (String, f64) {
    let name = name.into();
    println!("{name:52} {us:8.2} us");
    (name, us)
}

fn checks(signers: u64, count: u64) -> Vec<SignatureCheck> {
    let keys: Vec<SecretKey> = (0..signers).map(|n| SecretKey::derive(&[7; 32], &format!("signer {n}"))).collect();
    let check = |n: u64| {
        let key = &keys[(n % signers) as usize];
        let message = n.to_be_bytes().repeat(20);
        SignatureCheck { key: key.public(), signature: key.sign(&message), message }
    };
    (0..count).map(check).collect()
}

fn signatures() -> Figures {
    let (alone, many, few) = (checks(1_024, 1_024), checks(1_024, 1_024), checks(15, 1_024));
    let all = |checks: &[SignatureCheck]| assert!(verify_many(checks).iter().all(|good| *good), "all were signed");
    vec![
        timed("signature check, one by one", 1_024, || alone.chunks(1).for_each(all)),
        timed("signature check, 1024 of 1024 signers", 1_024, || all(&many)),
        timed("signature check, 1024 of 15 signers", 1_024, || all(&few)),
    ]
}

fn encoding() -> Figures {
    let items: Vec<Vec<u8>> = (0..100_000u64).map(|n| n.to_be_bytes().repeat(50)).collect();
    vec![timed("borsh and BLAKE3 of 400 bytes", items.len() as u64, || {
        for item in &items {
            let bytes = borsh::to_vec(item).expect("writing to a vector cannot fail");
            std::hint::black_box(blake3::hash(&bytes));
        }
    })]
}

fn key(n: u64) -> [u8; 32] {
    *blake3::hash(&n.to_be_bytes()).as_bytes()
}

/// A tree that was filled, and the disk it is on.
struct Filled<D> {
    tree: StateTree,
    disk: D,
    height: u64,
    keys: u64,
    does_write: bool,
}

impl<D: Disk> Filled<D> {
    fn new(disk: D, keys: u64, config: &StoreConfig, does_write: bool) -> Self {
        let mut filled = Self { tree: StateTree::empty(config), disk, height: 0, keys, does_write };
        for from in (0..keys).step_by(FILL as usize) {
            let changes = (from..keys.min(from + FILL)).map(|n| (key(n), Some([1; 32]))).collect();
            filled.commit(&changes);
        }
        filled
    }

    /// Returns how many nodes were hashed.
    fn commit(&mut self, changes: &LeafChanges) -> u64 {
        let staged = self.tree.stage(&self.disk, Height::new(self.height), changes);
        let hashes = staged.hashes();
        let mut batch = Changes::default();
        self.tree.commit(&self.disk, staged, &mut batch).expect("the disk takes it");
        if self.does_write {
            self.disk.write(batch, Durability::Synced).expect("the disk takes it");
        }
        self.height += 1;
        hashes
    }

    fn batch(&self, round: u64) -> LeafChanges {
        (0..BATCH).map(|n| (key((round * BATCH + n) * 7_919 % self.keys), Some([round as u8; 32]))).collect()
    }
}

/// Pages never written: hashing and the update of pages only.
fn tree_in_memory(keys: u64) -> Figures {
    let config = StoreConfig { tree_flush_leaves: usize::MAX, ..StoreConfig::default() };
    let mut filled = Filled::new(MemoryDisk::new().open(), keys, &config, false);
    let (mut spent, mut hashes) = (0.0, 0);
    for round in 0..ROUNDS {
        let batch = filled.batch(round);
        let before = cpu();
        let staged = filled.tree.stage(&filled.disk, Height::new(filled.height), &batch);
        spent += cpu() - before;
        hashes += staged.hashes();
        filled.tree.commit(&filled.disk, staged, &mut Changes::default()).expect("memory takes it");
        filled.height += 1;
    }
    println!(
        "{:52} {:8.2}",
        format!("tree of {keys}: hashes per changed key"),
        hashes as f64 / (ROUNDS * BATCH) as f64
    );
    vec![figure(format!("tree of {keys}: update of a key"), spent * 1e6 / (ROUNDS * BATCH) as f64)]
}

/// With everything that RocksDB does for it, its background work included.
fn tree_on_disk(keys: u64) -> Result<Figures, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let config = StoreConfig { tree_cache_bytes: 512 << 20, ..StoreConfig::default() };
    let disk = RocksDisk::open(folder.path(), &config).map_err(|error| error.to_string())?;
    let mut filled = Filled::new(disk, keys, &config, true);
    let rounds: Vec<LeafChanges> = (0..ROUNDS).map(|round| filled.batch(round)).collect();
    let update = timed(format!("tree of {keys}: update of a key, written"), ROUNDS * BATCH, || {
        for batch in &rounds {
            filled.commit(batch);
        }
    });
    Ok(vec![update, proofs(&filled)])
}

fn proofs<D: Disk>(filled: &Filled<D>) -> (String, f64) {
    let (versions, tip) = (filled.tree.versions(), Height::new(filled.height - 1));
    timed(format!("tree of {}: proof of a key", filled.keys), 10_000, || {
        for n in 0..10_000 {
            let proof = versions.prove(&filled.disk, tip, &key(n * 7_919 % filled.keys)).expect("the disk answers");
            std::hint::black_box(proof.expect("the tip is provable"));
        }
    })
}
