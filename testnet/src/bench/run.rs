//! The stages of a run: firms, fill, idle, one measurement after the other.

use super::cast::{Cast, FIRMS};
use super::drive::{self, Pace, Progress, VALID_HEIGHTS};
use super::forge::Forge;
use super::link::Link;
use super::meter::{own_cpu_seconds, sample};
use super::report::{Config, Fill, Idle, Measured, Report};
use super::work::{Mix, Stock, Wanted, anchor_job};
use super::{BenchOptions, Offer};
use crate::display::{bar, draw, line};
use crate::error::TestnetError;
use crate::network::Network;
use landsea_types::bounds::OPERATIONS_MAX;
use std::io::IsTerminal as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Documents under way while the ledger is filled.
const FILL_OUTSTANDING: usize = 4_096;
/// Single transactions of an idle measurement, and how many of them a second: each finds the network at rest.
const SINGLES: usize = 40;
const SINGLES_PER_SECOND: f64 = 4.0;
/// How often a plain line tells of progress.
const SAY_AGAIN: Duration = Duration::from_secs(10);

/// A network with its firms, ready for load.
struct Bench<'a> {
    options: &'a BenchOptions,
    network: Network,
    forge: Forge,
    cast: Cast,
    link: Link,
}

/// Runs all stages.
///
/// # Errors
/// When the network does not do as it should before the first measurement, or can no longer be reached.
pub(crate) async fn run(options: &BenchOptions, network: Network) -> Result<Report, TestnetError> {
    // On a network that is joined nothing may be made twice.
    let joined = options.join.is_some();
    let run = if joined { landsea_client::random::number() } else { 0 };
    let forge = Forge::new(&network, &format!("{} {run}", options.seed))?;
    let mut link = Link::open(&network).await?;
    let cast = Cast::gather(&network, &forge, &mut link).await?;
    let config = Config {
        validators: network.nodes.len(),
        mix: options.mix,
        seconds: options.seconds,
        fill: options.fill,
        seed: options.seed,
        banks: options.banks,
        joined,
    };
    let mut bench = Bench { options, network, forge, cast, link };
    bench.say(&format!("{} validators, {FIRMS} firms of each kind", config.validators));
    let fill = if options.fill > 0 { Some(bench.fill().await?) } else { None };
    let idle = match options.idle {
        Some(seconds) => Some(bench.idle(seconds).await?),
        None => None,
    };
    let points = bench.points().await?;
    Ok(Report { config, fill, points, idle })
}

impl Bench<'_> {
    fn say(&self, text: &str) {
        if !self.options.json {
            line(text);
        }
    }

    /// Notes on the ledger before anything is measured: many in one transaction, as fast as it goes.
    async fn fill(&mut self) -> Result<Fill, TestnetError> {
        let before = sample(&self.network).await?;
        let (forge, cast, height) = (&self.forge, &self.cast, self.link.height_cell());
        let wanted = self.options.fill;
        let jobs = (0..wanted.div_ceil(OPERATIONS_MAX)).map(|n| {
            let count = OPERATIONS_MAX.min(wanted - n * OPERATIONS_MAX);
            anchor_job(forge, cast, n, count, height.get().saturating_add(VALID_HEIGHTS))
        });
        let mut teller = Teller::new(self.options.json, "fill", wanted as u64);
        let pace = Pace::Closed { outstanding: FILL_OUTSTANDING, until: None };
        let tally = drive::run(&mut self.link, jobs, pace, &mut |p| teller.operations(p)).await?;
        teller.end();
        if let Some(trouble) = tally.troubles().first() {
            return Err(TestnetError::local(format!("filling the ledger: {trouble}")));
        }
        Ok(Fill { tally, before, after: sample(&self.network).await? })
    }

    async fn idle(&mut self, seconds: f64) -> Result<Idle, TestnetError> {
        self.say(&format!("no load for {seconds:.0} s"));
        let before = sample(&self.network).await?;
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let after = sample(&self.network).await?;
        let wanted = self.wanted(Mix::Anchor, SINGLES, SINGLES_PER_SECOND);
        let stock = Stock::lay_in(&self.forge, &self.cast, &mut self.link, &wanted).await?;
        let jobs = stock.jobs(&self.forge, &self.cast, &wanted, self.link.height(), self.network.nodes.len());
        let pace = Pace::Open { rate: SINGLES_PER_SECOND };
        let single = drive::run(&mut self.link, jobs.into_iter(), pace, &mut |_| {}).await?;
        Ok(Idle { before, after, single })
    }

    fn wanted(&self, mix: Mix, count: usize, rate: f64) -> Wanted {
        Wanted { mix, count, rate, banks: self.options.banks, seed: self.options.seed }
    }

    async fn points(&mut self) -> Result<Vec<Measured>, TestnetError> {
        let until = Duration::from_secs_f64(self.options.seconds);
        let offers: Vec<(Option<f64>, Pace)> = match &self.options.offer {
            Offer::Rate(rate) => vec![(Some(*rate), Pace::Open { rate: *rate })],
            Offer::Sweep(rates) => rates.iter().map(|rate| (Some(*rate), Pace::Open { rate: *rate })).collect(),
            Offer::Max { outstanding } => vec![(None, Pace::Closed { outstanding: *outstanding, until: Some(until) })],
        };
        let mut points = Vec::new();
        for (rate, pace) in offers {
            points.push(self.measure(rate, pace).await?);
        }
        Ok(points)
    }

    async fn measure(&mut self, rate: Option<f64>, pace: Pace) -> Result<Measured, TestnetError> {
        let per_second = rate.unwrap_or_else(|| self.options.mix.ready_per_second(self.network.nodes.len()));
        let count = ((per_second * self.options.seconds).round() as usize).max(1);
        let wanted = self.wanted(self.options.mix, count, per_second);
        let stock = if self.options.mix.needs_stock() { ", and what they need on the ledger" } else { "" };
        self.say(&format!("making {count} jobs ready{stock}"));
        let stock = Stock::lay_in(&self.forge, &self.cast, &mut self.link, &wanted).await?;
        let signing = own_cpu_seconds();
        let jobs = stock.jobs(&self.forge, &self.cast, &wanted, self.link.height(), self.network.nodes.len());
        let signing = own_cpu_seconds() - signing;
        let genesis = Arc::new(self.network.genesis.clone());
        let before = sample(&self.network).await?;
        let mut teller = Teller::new(
            self.options.json,
            &rate.map_or("as fast as it goes".into(), |rate| format!("{rate:.0}/s")),
            count as u64,
        );
        let tally =
            drive::run_with(&mut self.link, jobs.into_iter(), pace, Some(genesis), &mut |p| teller.sent(p)).await?;
        teller.end();
        let after = sample(&self.network).await?;
        Ok(Measured { rate, tally, before, after, signing })
    }
}

/// Says how far a stage is: a bar on a terminal, plain lines elsewhere.
struct Teller {
    quiet: bool,
    terminal: bool,
    what: String,
    all: u64,
    said: Instant,
}

impl Teller {
    fn new(quiet: bool, what: &str, all: u64) -> Self {
        let terminal = std::io::stdout().is_terminal();
        Self { quiet, terminal, what: what.into(), all, said: Instant::now() }
    }

    fn operations(&mut self, progress: Progress) {
        self.tell(progress, progress.operations);
    }

    fn sent(&mut self, progress: Progress) {
        self.tell(progress, progress.sent as u64);
    }

    fn tell(&mut self, progress: Progress, far: u64) {
        let share = far as f64 / self.all.max(1) as f64;
        let passed = progress.passed.as_secs_f64();
        let text = format!("{}: {far} of {}, {} done, {passed:.0} s", self.what, self.all, progress.operations);
        if self.quiet {
            return;
        }
        if self.terminal {
            draw(&format!("{} {text}", bar(share)));
        } else if self.said.elapsed() >= SAY_AGAIN {
            self.said = Instant::now();
            line(text);
        }
    }

    /// Leaves the bar's line, if there is one.
    fn end(&self) {
        if self.terminal && !self.quiet {
            line("");
        }
    }
}
