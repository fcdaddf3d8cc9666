//! What is printed of a run: a line per step.

use super::answer::Got;
use super::attempts::Attempts;
use crate::display::line;
use crate::scenario::step::{Answer, Step};
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

/// Columns at which the parts of a line begin.
const ACT_WIDTH: usize = 48;
const EXPECTED_WIDTH: usize = 48;

/// Counts and prints.
pub(crate) struct Report {
    as_json: bool,
    /// Of a fraud pack: only attempts are printed, and what went wrong.
    pub(crate) attempts: Option<Attempts>,
    /// Steps played.
    pub(crate) played: usize,
    /// Steps whose expectation did not hold.
    pub(crate) failed: usize,
    /// Failed steps in which the network was to blame.
    pub(crate) troubled: usize,
}

/// A step that has been played.
pub(crate) struct Played<'s> {
    pub(crate) step: &'s Step,
    /// Which repetition, from 1; `None` when the step is played once.
    pub(crate) iteration: Option<u32>,
    pub(crate) node: String,
    pub(crate) got: &'s Got,
    pub(crate) problems: &'s [String],
    /// What the whole group expects.
    pub(crate) set: &'s [Answer],
}

impl Report {
    pub(crate) fn new(as_json: bool) -> Self {
        Self { as_json, attempts: None, played: 0, failed: 0, troubled: 0 }
    }

    /// Prints attempts and counts their codes.
    pub(crate) fn of_attempts(as_json: bool) -> Self {
        Self { attempts: Some(Attempts::default()), ..Self::new(as_json) }
    }

    /// Says something about a run whose every step is printed.
    pub(crate) fn comment(&self, text: &str, json: Value) {
        if self.attempts.is_none() {
            self.say(text, json);
        }
    }

    /// Says something that is no step.
    pub(crate) fn say(&self, text: &str, json: Value) {
        line(if self.as_json { json.to_string() } else { text.to_owned() });
    }

    /// Counts and prints a step.
    pub(crate) fn step(&mut self, played: &Played<'_>) {
        let ok = played.problems.is_empty();
        self.played += 1;
        if !ok {
            self.failed += 1;
            self.troubled += usize::from(played.got.is_trouble);
        }
        if let Some(attempts) = &mut self.attempts {
            attempts.step(played, ok, self.as_json);
        } else if self.as_json {
            line(json_line(played, ok).to_string());
        } else {
            print(played, ok);
        }
    }

    /// Says how it went.
    pub(crate) fn end(&self) {
        let held = self.played - self.failed;
        let text = match self.failed {
            0 => format!("all {held} steps answered as expected"),
            failed => format!("{held} steps answered as expected, {failed} did not"),
        };
        let json = json!({"event": "end", "steps": self.played, "failed": self.failed, "ok": self.failed == 0});
        self.comment(&text, json);
    }
}

fn expected(played: &Played<'_>) -> String {
    played.step.expect.in_words(played.set, played.step.usual_answer())
}

fn json_line(played: &Played<'_>, ok: bool) -> Value {
    json!({
        "step": played.step.id,
        "iteration": played.iteration,
        "act": played.step.act_name(),
        "actor": played.step.actor,
        "node": played.node,
        "expected": expected(played),
        "got": played.got.word,
        "height": played.got.height,
        "args": played.got.args,
        "took_ms": played.got.took.map(|t| t.as_secs_f64() * 1_000.0),
        "ok": ok,
        "problems": played.problems,
    })
}

fn print(played: &Played<'_>, ok: bool) {
    let step = played.step;
    if played.iteration.is_none_or(|n| n == 1) && !step.text.is_empty() {
        line(format!("\n{:>4}  {}", step.id, step.text));
    }
    let by = step.actor.as_deref().map(|a| format!(" by {a}")).unwrap_or_default();
    let turn = played.iteration.map(|n| format!("#{n} ")).unwrap_or_default();
    let act = pad(&format!("{turn}{}{by} via {}", step.act_name(), played.node), ACT_WIDTH);
    let expected = pad(&format!("expected {}", expected(played)), EXPECTED_WIDTH);
    let height = played.got.height.map(|h| format!("  height {h}")).unwrap_or_default();
    let args = if played.got.args.is_empty() { String::new() } else { format!(" {:?}", played.got.args) };
    let mark = if ok { "ok  " } else { "FAIL" };
    line(format!("{mark}  {act} {expected} got {}{args}{height}", played.got.word));
    for problem in played.problems {
        line(format!("      {problem} (line {})", step.line));
    }
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}
