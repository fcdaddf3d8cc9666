//! The chart of a sweep: latency against throughput.

use super::report::{Measured, Report};
use crate::error::TestnetError;
use plotters::prelude::*;
use std::path::Path;

const SIZE: (u32, u32) = (900, 560);
/// Room above the highest point.
const HEADROOM: f64 = 1.1;

/// Draws p50, p90 and p99 over what was done in a second; latencies on a logarithmic scale.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn draw(report: &Report, path: &Path) -> Result<(), TestnetError> {
    let problem = |e: &dyn std::fmt::Display| TestnetError::local(format!("{}: {e}", path.display()));
    let mut text = String::new();
    render(report, &mut text).map_err(|e| problem(&e))?;
    std::fs::write(path, text).map_err(|e| TestnetError::file(path, &e))
}

fn render(report: &Report, text: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(text, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let fastest = report.points.iter().map(|p| p.tally.per_second()).fold(1.0, f64::max) * HEADROOM;
    let slowest = report.points.iter().map(|p| p.tally.latencies.percentile_ms(99.0)).fold(10.0, f64::max) * HEADROOM;
    // Whole powers of ten: only those get a number on the axis.
    let slowest = 10f64.powf(slowest.log10().ceil());
    let quickest = report.points.iter().map(|p| p.tally.latencies.percentile_ms(50.0)).fold(slowest, f64::min);
    let c = &report.config;
    let title = format!("{}, {} validators, {} documents before", c.mix, c.validators, c.fill);
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 20))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..fastest, (10f64.powf(quickest.max(0.1).log10().floor())..slowest).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("done per second")
        .y_desc("latency from the intended time, ms")
        .x_label_formatter(&|x| format!("{x:.0}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .draw()?;
    for (percentile, colour) in [(50.0, BLUE), (90.0, GREEN), (99.0, RED)] {
        let place = |p: &Measured| (p.tally.per_second(), p.tally.latencies.percentile_ms(percentile));
        let line: Vec<(f64, f64)> = report.points.iter().map(place).collect();
        let marks = line.iter().map(|place| Circle::new(*place, 4, colour.filled())).collect::<Vec<_>>();
        chart
            .draw_series(LineSeries::new(line, colour.stroke_width(2)))?
            .label(format!("p{percentile}"))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
        chart.draw_series(marks)?;
    }
    chart.configure_series_labels().position(SeriesLabelPosition::UpperLeft).border_style(BLACK).draw()?;
    root.present()?;
    drop(chart);
    drop(root);
    Ok(())
}
