//! What a run consists of.

use super::disturb::{Disturbance, Weights};
use crate::byzantine;
use crate::cluster::Faults;
use crate::rng::Rng;
use crate::suite::FastSuite;
use landsea_types::consensus::faults_tolerated;
use landsea_types::crypto::Ed25519;
use landsea_types::{Member, Suite};
use std::sync::Arc;

/// Of 1000 runs, those with real signatures.
const REAL_PERMILLE: u64 = 100;
/// Of 1000 runs, those without Byzantine members.
const HONEST_PERMILLE: u64 = 300;

/// The signatures of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signatures {
    /// [`FastSuite`].
    Fast,
    /// Ed25519, as in production.
    Real,
}

/// A run, fixed by its seed and changeable before it starts.
#[derive(Clone)]
pub struct Plan {
    pub seed: u64,
    pub validators: usize,
    /// Heights to commit while things fail.
    pub heights: u64,
    pub signatures: Signatures,
    /// The network while things fail.
    pub network: Faults,
    /// Byzantine members with what they do.
    pub byzantine: Vec<(Member, &'static byzantine::Kind)>,
    /// Members whose disks may be wiped or damaged: together with the Byzantine ones no more than may fail, because a lost disk is lost
    /// memory.
    pub frail: Vec<Member>,
    /// What the disturber does, by weight.
    pub weights: Weights,
    /// Shortest and longest pause between two disturbances, milliseconds.
    pub pause_ms: (u64, u64),
    /// Shortest and longest pause between two submissions, milliseconds.
    pub traffic_ms: (u64, u64),
}

impl Plan {
    /// The plan of a seed. Every run has its own mix: most kinds of faults are absent from any one of them, so that rare
    /// combinations are not drowned by common ones.
    pub fn draw(seed: u64, validators: usize, heights: u64) -> Self {
        let rng = &mut Rng::new(seed ^ 0x706c_616e);
        let mut members: Vec<Member> = (1..=validators).map(|i| Member::new(i as u8)).collect();
        rng.shuffle(&mut members);
        let faulty = faults_tolerated(validators);
        let liars = if rng.chance(HONEST_PERMILLE) { 0 } else { rng.between(1, faulty.max(1) as u64) as usize };
        let liars = liars.min(faulty);
        let byzantine = members.iter().take(liars).map(|m| (*m, draw_kind(rng))).collect();
        let frail = members.iter().skip(liars).take(faulty - liars).copied().collect();
        Self {
            seed,
            validators,
            heights,
            signatures: if rng.chance(REAL_PERMILLE) { Signatures::Real } else { Signatures::Fast },
            network: draw_network(rng),
            byzantine,
            frail,
            weights: draw_weights(rng),
            pause_ms: [(100, 1_000), (500, 4_000), (2_000, 12_000)][rng.between(0, 2) as usize],
            traffic_ms: [(5, 50), (50, 500), (500, 3_000)][rng.between(0, 2) as usize],
        }
    }

    /// The suite of this run, new.
    pub fn suite(&self) -> Arc<dyn Suite> {
        match self.signatures {
            Signatures::Fast => Arc::new(FastSuite::new()),
            Signatures::Real => Arc::new(Ed25519),
        }
    }
}

fn draw_kind(rng: &mut Rng) -> &'static byzantine::Kind {
    rng.pick(byzantine::KINDS).expect("there are kinds")
}

fn draw_network(rng: &mut Rng) -> Faults {
    let delay_ms = [(1, 5), (1, 40), (20, 120), (1, 400)][rng.between(0, 3) as usize];
    Faults {
        delay_ms,
        loss_permille: [0, 0, 10, 50, 150][rng.between(0, 4) as usize],
        duplicate_permille: [0, 5, 50][rng.between(0, 2) as usize],
        is_ordered: rng.chance(500),
        loss_disconnects: rng.chance(500),
    }
}

fn draw_weights(rng: &mut Rng) -> Weights {
    let mut weights = Weights::default();
    for kind in Disturbance::ALL {
        if rng.chance(350) {
            weights.set(kind, rng.between(1, 10));
        }
    }
    weights
}
