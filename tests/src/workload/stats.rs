//! Counts by label and code.

use landsea_types::Code;
use std::collections::BTreeMap;

/// How often each kind of transaction got each code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats(BTreeMap<(&'static str, Code), u64>);

impl Stats {
    /// Counts one outcome.
    pub fn count(&mut self, label: &'static str, code: Code) {
        *self.0.entry((label, code)).or_default() += 1;
    }
    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Stats) {
        for (key, n) in &other.0 {
            *self.0.entry(*key).or_default() += n;
        }
    }
    /// Every label and code with its count.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Code, u64)> + '_ {
        self.0.iter().map(|((label, code), n)| (*label, *code, *n))
    }
    /// How often a label got a code.
    pub fn of(&self, label: &'static str, code: Code) -> u64 {
        self.0.get(&(label, code)).copied().unwrap_or_default()
    }
    /// How often a code was met, under any label.
    pub fn of_code(&self, code: Code) -> u64 {
        self.iter().filter(|(_, met, _)| *met == code).map(|(_, _, n)| n).sum()
    }
    /// All outcomes.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

impl std::fmt::Display for Stats {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut last = "";
        for (label, code, n) in self.iter() {
            if label != last {
                write!(f, "{}{label}:", if last.is_empty() { "" } else { "\n" })?;
                last = label;
            }
            write!(f, " {code} x{n};")?;
        }
        Ok(())
    }
}
