//! How far it is: a bar on a terminal, a line now and then elsewhere, nothing with `--json`.

use crate::output;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal as _;

/// Lines of progress over a whole file, where there is no terminal.
const LINES: u64 = 10;

/// Told on the standard error.
pub(crate) enum Progress {
    Bar(ProgressBar),
    Lines { total: u64, done: u64, told: u64 },
    Silent,
}

impl Progress {
    pub(crate) fn new(total: u64, json: bool) -> Self {
        if json {
            return Self::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines { total, done: 0, told: 0 };
        }
        let bar = ProgressBar::new(total);
        let style = "{bar:30} {pos}/{len} documents  {per_sec}  {eta} left  {msg}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is sound"));
        Self::Bar(bar)
    }

    /// So many more rows have ended.
    pub(crate) fn add(&mut self, rows: u64) {
        match self {
            Self::Bar(bar) => bar.inc(rows),
            Self::Lines { total, done, told } => {
                *done += rows;
                let step = (*total / LINES).max(1);
                if *done / step > *told {
                    *told = *done / step;
                    output::note(&format!("{done} of {total} documents"));
                }
            }
            Self::Silent => {}
        }
    }

    /// Why it does not go on at the moment; empty when it does.
    pub(crate) fn say(&self, text: &'static str) {
        match self {
            Self::Bar(bar) => bar.set_message(text),
            Self::Lines { .. } if !text.is_empty() => output::note(text),
            Self::Lines { .. } | Self::Silent => {}
        }
    }

    pub(crate) fn end(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
