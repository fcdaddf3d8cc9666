//! Runs a target over its corpus and over mutations of it.

use super::caught::caught;
use super::{Answer, Check, Target, corpus, mutate};
use crate::rng::Rng;
use std::collections::BTreeSet;
use std::fmt;

/// Inputs kept for mutation, at most; when it is full a new one takes the place of a random one that is not of the corpus.
const POOL_MAX: usize = 2_000;

/// An input that broke something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub target: &'static str,
    pub seed: u64,
    /// Number of the execution; the corpus comes first.
    pub execution: u64,
    /// What did not hold.
    pub problem: String,
    pub input: Vec<u8>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { target, seed, execution, problem, input } = self;
        let shown = String::from_utf8_lossy(&input[..input.len().min(200)]);
        write!(f, "{target}: seed {seed}, execution {execution}: {problem}\n{} bytes: {shown:?}", input.len())
    }
}

/// Sees every input before it is run.
type BeforeEach = Box<dyn FnMut(&[u8])>;

/// A target at work. The seed fixes every input.
pub struct Runner {
    target: &'static Target,
    check: Check,
    rng: Rng,
    seed: u64,
    pool: Vec<Vec<u8>>,
    /// How many inputs of the pool are of the corpus.
    given: usize,
    answers: BTreeSet<Answer>,
    executions: u64,
    before_each: Option<BeforeEach>,
}

impl Runner {
    /// Prepares a target over its checked-in corpus.
    pub fn new(target: &'static Target, seed: u64) -> Self {
        Self::over(target, corpus::load(target.name).into_iter().map(|e| e.bytes).collect(), seed)
    }

    /// Prepares a target over given inputs.
    pub fn over(target: &'static Target, pool: Vec<Vec<u8>>, seed: u64) -> Self {
        assert!(!pool.is_empty(), "{}: nothing to mutate", target.name);
        let (check, given) = ((target.open)(), pool.len());
        // Targets of one run must not all see the same random numbers.
        let rng = Rng::new(seed ^ u64::from_le_bytes(first_eight(target.name)));
        Self { target, check, rng, seed, pool, given, answers: BTreeSet::new(), executions: 0, before_each: None }
    }

    /// Has something done with every input before it is run: an input that ends the process leaves a trace that way.
    #[must_use]
    pub fn before_each(mut self, action: impl FnMut(&[u8]) + 'static) -> Self {
        self.before_each = Some(Box::new(action));
        self
    }

    /// Executions so far.
    pub fn executions(&self) -> u64 {
        self.executions
    }
    /// Different answers so far.
    pub fn answers(&self) -> &BTreeSet<Answer> {
        &self.answers
    }

    /// Runs every entry of the corpus as it is.
    ///
    /// # Errors
    /// The first input that breaks something.
    pub fn run_corpus(&mut self) -> Result<(), Box<Failure>> {
        for number in 0..self.given {
            let input = self.pool[number].clone();
            self.execute(&input)?;
        }
        Ok(())
    }

    /// Runs so many mutations.
    ///
    /// # Errors
    /// The first input that breaks something.
    pub fn run(&mut self, mutations: u64) -> Result<(), Box<Failure>> {
        for _ in 0..mutations {
            let input = self.next_input();
            if self.execute(&input)? {
                self.keep(input);
            }
        }
        Ok(())
    }

    fn next_input(&mut self) -> Vec<u8> {
        // The corpus is valid and found inputs seldom are: half of all mutations start from the corpus.
        let from = if self.rng.chance(500) { &self.pool[..self.given] } else { &self.pool[..] };
        let from = self.rng.pick(from).expect("a runner has inputs").clone();
        let other = self.rng.pick(&self.pool).expect("a runner has inputs").clone();
        mutate::mutated(self.target.syntax, &from, &other, &mut self.rng)
    }

    fn keep(&mut self, input: Vec<u8>) {
        if self.pool.len() < POOL_MAX.max(self.given + 1) {
            self.pool.push(input);
        } else {
            let place = self.rng.between(self.given as u64, self.pool.len() as u64 - 1) as usize;
            self.pool[place] = input;
        }
    }

    /// Runs one input; returns whether its answer is new.
    ///
    /// # Errors
    /// When it breaks something.
    pub fn execute(&mut self, input: &[u8]) -> Result<bool, Box<Failure>> {
        if let Some(action) = &mut self.before_each {
            action(input);
        }
        self.executions += 1;
        let mut outcome = Err("it did not run".into());
        let cost = allocation_counter::measure(|| outcome = caught(|| (self.check)(input)));
        let answer = outcome.and_then(|answer| self.affordable(input.len(), &cost).map(|()| answer));
        let answer = answer.map_err(|problem| self.failure(input, problem))?;
        Ok(self.answers.insert(answer))
    }

    fn affordable(&self, bytes: usize, cost: &allocation_counter::AllocationInfo) -> Result<(), String> {
        let bounds = &self.target.bounds;
        for (what, got, most) in [
            ("held at once", cost.bytes_max, bounds.held(bytes)),
            ("allocated in all", cost.bytes_total, bounds.allocated(bytes)),
        ] {
            if got > most {
                return Err(format!("{got} bytes {what} for an input of {bytes} bytes, at most {most} are allowed"));
            }
        }
        Ok(())
    }

    fn failure(&self, input: &[u8], problem: String) -> Box<Failure> {
        let (target, seed, execution) = (self.target.name, self.seed, self.executions);
        Box::new(Failure { target, seed, execution, problem, input: input.to_vec() })
    }
}

fn first_eight(name: &str) -> [u8; 8] {
    let hash = blake3::hash(name.as_bytes());
    std::array::from_fn(|i| hash.as_bytes()[i])
}
