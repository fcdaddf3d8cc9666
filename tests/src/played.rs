//! Scenarios and packs played by the program on a network of its own, whose folder is kept for the test.

use crate::processes::landsea;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Validators of such a network.
pub const VALIDATORS: usize = 4;

/// A network's folder that goes with the test.
pub struct Kept(PathBuf);

impl Kept {
    /// Takes a folder into care.
    pub fn new(folder: PathBuf) -> Self {
        Self(folder)
    }
    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed is left for the system to clean.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the program on a fresh network, which is kept and at rest afterwards, and gives what was printed.
///
/// # Panics
/// Unless every expectation held.
pub fn play(args: &[&str], seed: &str) -> (String, Kept) {
    let mut command = Command::new(landsea());
    let validators = VALIDATORS.to_string();
    command.args(args).args(["--validators", &validators, "--seed", seed, "--keep"]);
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let (said, beside) = (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr).into_owned());
    let folder = beside.lines().find_map(|line| line.strip_prefix("the network is kept in "));
    let kept = Kept::new(Path::new(folder.unwrap_or_else(|| panic!("no network was made: {said}{beside}"))).into());
    assert!(status.success(), "{said}{beside}");
    (said, kept)
}
