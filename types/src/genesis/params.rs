//! Governed parameters, their defaults and limits.

use crate::bounds::{SWEEP_ITEMS_MAX, VALID_UNTIL_HEIGHTS_MAX};
use borsh::{BorshDeserialize, BorshSchema, BorshSerialize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A governed parameter's key. Times end in `Ms` (milliseconds), ratios in `Bps` (basis points).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    BorshSchema,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[borsh(use_discriminant = true)]
#[serde(rename_all = "snake_case")]
#[repr(u16)]
pub enum ParamKey {
    ReserveMaxMs = 1,
    RegMinMs = 2,
    RegMaxMs = 3,
    CountMaxAgeMs = 4,
    Fp2MemoryMs = 5,
    IdleBlockMs = 6,
    ReserveCooldownMs = 7,
    DisputeFileMs = 8,
    MaturedGraceMs = 9,
    TicketTtlMs = 10,
    EmergencyFreezeMs = 11,
    MaxRank = 12,
    WeightToleranceBps = 13,
    ShortageToleranceBps = 14,
    MirrorDueMs = 15,
    NearMatchK = 16,
    ConsentMaxMs = 17,
    ValidUntilMax = 18,
    FingerprintEpoch = 19,
    SweepItemsMax = 20,
    ClockDriftMs = 21,
    CourtFreezeMaxMs = 22,
    RegulatorFreezeMs = 23,
    EnforceWaitMs = 24,
    KeyRecoveryMs = 25,
    RejectBackMs = 26,
    CustodyConfirmMs = 27,
    PhysicalConfirmMs = 28,
    TerminateNoticeMs = 29,
    OfferMaxMs = 30,
    SilenceMs = 31,
    MinTravelMs = 32,
    AssignNeedsPledgor = 33,
}

/// Key, default, smallest and largest value.
const TABLE: &[(ParamKey, &str, u64, u64, u64)] = &[
    (ParamKey::ReserveMaxMs, "reserve_max_ms", 72 * HOUR, SECOND, 30 * DAY),
    (ParamKey::RegMinMs, "reg_min_ms", 30 * DAY, SECOND, 365 * DAY),
    (ParamKey::RegMaxMs, "reg_max_ms", 30 * 365 * DAY, SECOND, 100 * 365 * DAY),
    (ParamKey::CountMaxAgeMs, "count_max_age_ms", 7 * DAY, SECOND, 365 * DAY),
    (ParamKey::Fp2MemoryMs, "fp2_memory_ms", 180 * DAY, SECOND, 3650 * DAY),
    (ParamKey::IdleBlockMs, "idle_block_ms", 5 * SECOND, 100, 60 * MINUTE),
    (ParamKey::ReserveCooldownMs, "reserve_cooldown_ms", 24 * HOUR, 0, 30 * DAY),
    (ParamKey::DisputeFileMs, "dispute_file_ms", 30 * DAY, SECOND, 365 * DAY),
    (ParamKey::MaturedGraceMs, "matured_grace_ms", 15 * DAY, 0, 365 * DAY),
    (ParamKey::TicketTtlMs, "ticket_ttl_ms", 24 * HOUR, SECOND, 30 * DAY),
    (ParamKey::EmergencyFreezeMs, "emergency_freeze_ms", 7 * DAY, SECOND, 30 * DAY),
    (ParamKey::MaxRank, "max_rank", 1, 1, 1),
    (ParamKey::WeightToleranceBps, "weight_tolerance_bps", 50, 0, 10_000),
    (ParamKey::ShortageToleranceBps, "shortage_tolerance_bps", 30, 0, 10_000),
    (ParamKey::MirrorDueMs, "mirror_due_ms", 10 * DAY, SECOND, 365 * DAY),
    (ParamKey::NearMatchK, "near_match_k", 3, 1, 8),
    (ParamKey::ConsentMaxMs, "consent_max_ms", 30 * DAY, SECOND, 365 * DAY),
    (ParamKey::ValidUntilMax, "valid_until_max", 1_000, 1, VALID_UNTIL_HEIGHTS_MAX),
    (ParamKey::FingerprintEpoch, "fingerprint_epoch", 1, 1, 65_535),
    (ParamKey::SweepItemsMax, "sweep_items_max", SWEEP_ITEMS_MAX as u64, 1, 100_000),
    (ParamKey::ClockDriftMs, "clock_drift_ms", 10 * SECOND, 100, HOUR),
    (ParamKey::CourtFreezeMaxMs, "court_freeze_max_ms", 730 * DAY, SECOND, 3650 * DAY),
    (ParamKey::RegulatorFreezeMs, "regulator_freeze_ms", 90 * DAY, SECOND, 365 * DAY),
    (ParamKey::EnforceWaitMs, "enforce_wait_ms", 7 * DAY, 0, 365 * DAY),
    (ParamKey::KeyRecoveryMs, "key_recovery_ms", 48 * HOUR, SECOND, 30 * DAY),
    (ParamKey::RejectBackMs, "reject_back_ms", 24 * HOUR, SECOND, 30 * DAY),
    (ParamKey::CustodyConfirmMs, "custody_confirm_ms", 24 * HOUR, SECOND, 30 * DAY),
    (ParamKey::PhysicalConfirmMs, "physical_confirm_ms", 72 * HOUR, SECOND, 365 * DAY),
    (ParamKey::TerminateNoticeMs, "terminate_notice_ms", 30 * DAY, SECOND, 365 * DAY),
    (ParamKey::OfferMaxMs, "offer_max_ms", 72 * HOUR, SECOND, 30 * DAY),
    (ParamKey::SilenceMs, "silence_ms", 72 * HOUR, SECOND, 365 * DAY),
    (ParamKey::MinTravelMs, "min_travel_ms", 10 * MINUTE, 0, DAY),
    (ParamKey::AssignNeedsPledgor, "assign_needs_pledgor", 0, 0, 1),
];

impl ParamKey {
    /// Every key, in number order.
    pub fn all() -> impl Iterator<Item = ParamKey> {
        TABLE.iter().map(|row| row.0)
    }
    /// The stable number.
    pub const fn number(self) -> u16 {
        self as u16
    }
    fn row(self) -> &'static (ParamKey, &'static str, u64, u64, u64) {
        TABLE.iter().find(|row| row.0 == self).expect("every key has a row")
    }
    /// The name used in files.
    pub fn name(self) -> &'static str {
        self.row().1
    }
    /// The value when the genesis names none.
    pub fn default_value(self) -> u64 {
        self.row().2
    }
    /// Checks a value against the key's limits.
    ///
    /// # Errors
    /// A message that names the limits.
    pub fn check(self, value: u64) -> Result<(), String> {
        let (_, _, _, min, max) = *self.row();
        if (min..=max).contains(&value) { Ok(()) } else { Err(format!("{value} is outside {min}..={max}")) }
    }
}

impl std::fmt::Display for ParamKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of every parameter at one height.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params(BTreeMap<ParamKey, u64>);

impl Params {
    /// The defaults, with some values replaced.
    pub fn with(changed: &BTreeMap<ParamKey, u64>) -> Self {
        let value = |key: ParamKey| changed.get(&key).copied().unwrap_or(key.default_value());
        Self(ParamKey::all().map(|key| (key, value(key))).collect())
    }
    /// The value of a parameter.
    pub fn get(&self, key: ParamKey) -> u64 {
        self.0.get(&key).copied().unwrap_or(key.default_value())
    }
    /// Every key with its value.
    pub fn iter(&self) -> impl Iterator<Item = (ParamKey, u64)> + '_ {
        self.0.iter().map(|(k, v)| (*k, *v))
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::with(&BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_row_within_its_own_limits() {
        for key in ParamKey::all() {
            assert_eq!(key.check(key.default_value()), Ok(()), "{key}");
            let json = serde_json::to_value(key).expect("a key is a string");
            assert_eq!(json, key.name());
        }
    }
}
