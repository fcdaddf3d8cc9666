//! What is printed of a fraud pack: a line per attempt, and what went wrong in preparing them.

use super::report::Played;
use crate::display::line;
use crate::scenario::step::Step;
use landsea_types::Code;
use serde_json::json;
use std::collections::BTreeSet;

/// Counts attempts and the codes that they got.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attempts {
    /// How many were made.
    pub(crate) made: usize,
    /// How many got another answer than they should.
    pub(crate) missed: usize,
    /// The codes that were expected and came.
    pub(crate) reached: BTreeSet<Code>,
}

impl Attempts {
    /// Counts and prints a step: an attempt, or a preparation that failed.
    pub(crate) fn step(&mut self, played: &Played<'_>, ok: bool, as_json: bool) {
        let Some(expected) = played.step.refusal() else {
            if !ok {
                say_unprepared(played, as_json);
            }
            return;
        };
        self.made += 1;
        match ok {
            true => drop(self.reached.insert(expected)),
            false => self.missed += 1,
        }
        let step = played.step;
        let text = if step.text.is_empty() { &step.id } else { &step.text };
        if as_json {
            let said = json!({
                "attempt": text, "act": step.act_name(), "actor": step.actor, "expected": expected, "got": played.got.word,
                "ok": ok, "problems": played.problems,
            });
            return line(said.to_string());
        }
        let mark = if ok { "ok  " } else { "FAIL" };
        let act = format!("{} by {}", step.act_name(), step.actor.as_deref().unwrap_or("anybody"));
        line(format!("{mark}  {text} ({act}): expected {expected}, got {}", played.got.word));
        played.problems.iter().for_each(|problem| line(format!("      {problem} (line {})", step.line)));
    }
}

fn say_unprepared(played: &Played<'_>, as_json: bool) {
    let step: &Step = played.step;
    if as_json {
        let said = json!({"preparation": step.id, "act": step.act_name(), "got": played.got.word, "ok": false, "problems": played.problems});
        return line(said.to_string());
    }
    line(format!("FAIL  preparation {} ({}): got {}", step.id, step.act_name(), played.got.word));
    played.problems.iter().for_each(|problem| line(format!("      {problem} (line {})", step.line)));
}
