//! Saying how far a run is: a bar on a terminal, plain lines elsewhere.

use super::history::Recorder;
use super::nemesis::FaultLog;
use crate::display::{bar, draw, line};
use std::io::IsTerminal as _;
use std::time::Duration;

/// How often a bar is drawn.
const REDRAW: Duration = Duration::from_millis(500);
/// How often a plain line is written.
const SAY_AGAIN: Duration = Duration::from_secs(10);

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
            draw(&format!("{} {text}", bar(passed.as_secs_f64() / length.as_secs_f64().max(0.001))));
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
