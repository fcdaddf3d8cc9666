//! Saying how far a run is: a bar on a terminal, plain lines elsewhere.

use super::history::Recorder;
use super::nemesis::FaultLog;
use crate::display::line;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// How often a bar is drawn.
const REDRAW: Duration = Duration::from_millis(500);
/// How often a plain line is written.
const SAY_AGAIN: Duration = Duration::from_secs(10);
/// Characters of the bar.
const WIDTH: u32 = 24;

/// Draws until it is dropped.
pub(crate) async fn show(recorder: &Recorder, faults: &FaultLog, began: Duration, length: Duration) {
    let terminal = std::io::stdout().is_terminal();
    let mut ticks = tokio::time::interval(if terminal { REDRAW } else { SAY_AGAIN });
    // A machine that stood still is not told of all the lines it missed.
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let passed = recorder.now().saturating_sub(began);
        let text = format!(
            "{:.0} of {:.0} s, {} writes acknowledged, {} faults{}",
            passed.as_secs_f64(),
            length.as_secs_f64(),
            recorder.acknowledged(),
            faults.list().len(),
            at_work(faults)
        );
        if terminal {
            draw(&format!("{} {text}", bar(passed, length)));
        } else {
            line(text);
        }
    }
}

/// Leaves the bar's line, if there is one.
pub(crate) fn end() {
    if std::io::stdout().is_terminal() {
        line("");
    }
}

fn at_work(faults: &FaultLog) -> String {
    match faults.at_work() {
        none if none.is_empty() => none,
        some => format!("; now {some}"),
    }
}

fn bar(passed: Duration, length: Duration) -> String {
    let share = (passed.as_secs_f64() / length.as_secs_f64().max(0.001)).clamp(0.0, 1.0);
    let full = (0..WIDTH).filter(|n| f64::from(*n) < share * f64::from(WIDTH)).count();
    format!("[{}{}]", "#".repeat(full), ".".repeat(WIDTH as usize - full))
}

fn draw(text: &str) {
    let mut out = std::io::stdout();
    // A closed terminal is no reason to fail.
    let _ = write!(out, "\r\x1b[2K{text}").and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_with_time_and_no_further() {
        let second = Duration::from_secs(1);
        assert_eq!(bar(Duration::ZERO, second), format!("[{}]", ".".repeat(24)));
        assert_eq!(bar(second / 2, second), format!("[{}{}]", "#".repeat(12), ".".repeat(12)));
        assert_eq!(bar(second * 3, second), format!("[{}]", "#".repeat(24)));
    }
}
